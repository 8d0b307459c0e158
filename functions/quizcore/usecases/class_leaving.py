"""People leave a class: the memberships, and what the people's results count on the class's board, go in one commit.

So nobody stands on the board of a class who is no member, and a result that is counted at the same moment conflicts.
"""

from collections.abc import Sequence

from quizcore import documents, people
from quizcore.ports import Conflict, Delete, Write
from quizcore.usecases.contention import tries
from quizcore.usecases.services import Services


def leave(services: Services, class_id: str, uids: Sequence[str]) -> None:
    """For a person who is not a member nothing changes. Raises Rejected `try_again`; StoreError."""
    memberships = {path: uid for uid in uids for path in _memberships(class_id, uid)}
    for _ in tries(services.sleep):
        found = services.store.get_many(list(memberships))
        if not found:
            return
        leaving = sorted({memberships[path] for path in found})
        try:
            services.store.commit([*map(Delete, found), *_off_the_board(services, class_id, leaving)])
        except Conflict:
            continue
        return
    raise AssertionError("unreachable: the last try raises")


def _memberships(class_id: str, uid: str) -> tuple[str, str]:
    return documents.class_member_path(class_id, uid), documents.membership_path(uid, class_id)


def _off_the_board(services: Services, class_id: str, uids: Sequence[str]) -> list[Write]:
    """The people's documents without the class, and one document of moves for its board."""
    now = services.clock.now_ms()
    found = services.store.get_many([documents.person_path(uid) for uid in uids])
    changes = [
        people.left(people.known(services.store, snapshot, now, whole=True), class_id, now, services.rules)
        for snapshot in found.values()
    ]
    return people.writes_of(changes, services.clock, services.ids)
