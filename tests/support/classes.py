"""Classes of hosts, as documents."""

from quizcore import documents
from quizcore.documents import ClassDocument
from quizcore.ports import Put
from tests.support.games import START
from tests.support.world import World


def put_class(world: World, class_id: str, owner_id: str = "host-1") -> str:
    found: ClassDocument = {
        "owner_id": owner_id,
        "title": "7b",
        "zone": "Europe/Berlin",
        "code": "BCDF23",
        "created_at": START,
    }
    world.store.commit([Put(documents.class_path(class_id), found)])
    return class_id
