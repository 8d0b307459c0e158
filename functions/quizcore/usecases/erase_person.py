"""Finds and erases what the documents hold about one person beside the sessions: `people/{uid}` and everything below,
and where else the person is named: classes, and the guests whose games the person keeps.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizcore import documents, people
from quizcore.documents import KeptDocument
from quizcore.domain.leaderboard.person import Rules
from quizcore.people import Change
from quizcore.ports import Clock, Delete, DocumentReader, DocumentStore, Ids, Snapshot, Write


@dataclass(frozen=True, slots=True, order=True)
class Game:
    """A session, and the player that the person is there: the person's uid, or a guest whose game the person keeps."""

    session_id: str
    player_id: str


def games_of(store: DocumentStore, uid: str) -> list[Game]:
    """Every session in which the person plays, as far as its documents are there. A player has a nickname from the join
    on, whether or not the worker has counted the join."""
    names = store.find("nicknames", [("player_id", "==", uid)])
    own = {Game(name.path.split("/")[1], uid) for name in names}
    kept = store.list(documents.kept_games_path(uid))
    return sorted(own | {Game(game.name, game.read_as(KeptDocument)["player_id"]) for game in kept})


def person_documents(reader: DocumentReader, uid: str) -> list[Snapshot]:
    """The person's own documents: the profile first, if it is there."""
    path = documents.person_path(uid)
    head = reader.get_many([path])
    below = (documents.months_path(uid), documents.kept_games_path(uid), documents.memberships_path(uid))
    return [*head.values(), *(snapshot for collection in below for snapshot in reader.list(collection))]


def naming(found: Iterable[Snapshot], uid: str) -> Iterator[str]:
    """The documents elsewhere that name the person, by the person's own documents."""
    for snapshot in found:
        collection = snapshot.path.split("/")[2:3]
        if collection == ["classes"]:
            yield documents.class_member_path(snapshot.name, uid)
        if collection == ["kept"]:
            yield documents.link_path(snapshot.name, snapshot.read_as(KeptDocument)["player_id"])


def erase_person(store: DocumentStore, clock: Clock, ids: Ids, uid: str, rules: Rules) -> list[str]:
    """Delete the person's documents in one commit, and those that name the person; the same commit takes the person off
    every leaderboard. Returns the paths that were deleted. Raises Conflict when one of the person's documents has
    changed since it was read."""
    erased: list[str] = []
    while found := store.at_one_moment(lambda reader: person_documents(reader, uid)):
        others = list(naming(found, uid))
        deletions = [*(Delete(each.path, each.version) for each in found), *map(Delete, others)]
        store.commit([*deletions, *_off_the_leaderboards(found, clock, ids, rules)])
        erased += [write.path for write in deletions]
    return erased


def _off_the_leaderboards(found: Sequence[Snapshot], clock: Clock, ids: Ids, rules: Rules) -> list[Write]:
    """The person's moves; none when the profile is gone already."""
    profile = [each for each in found if each.path.count("/") == 1]
    months = {each.name: each for each in found if each.path.split("/")[2:3] == ["months"]}
    known = [people.with_months(each, months) for each in profile]
    moves = [Change([], people.erased(person, rules).moves) for person in known]
    return people.writes_of(moves, clock, ids)
