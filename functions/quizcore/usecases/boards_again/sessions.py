"""Compares the counted results of people with the existing sessions: the newest final version of each, with the
players' own scores."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from quizcore import documents
from quizcore.documents import LinkDocument, PlayerDocument, SessionDocument
from quizcore.documents.session import Result as SessionResult
from quizcore.ports import DocumentReader, Snapshot
from quizcore.usecases.boards_again.books import Books, Result
from quizcore.usecases.boards_again.pages import pages
from quizcore.usecases.verify import Difference

SLACK_MS = 60_000  # clocks of a profile and of a board


class Expected(NamedTuple):
    at: int
    quiz: str
    points: int | None
    players: int


def session_differences(reader: DocumentReader, books: Books, now: int, board: str | None) -> Iterator[Difference]:
    """`board`: only the sessions of this board. Deletion by age takes documents one by one, so a session past its time
    says nothing any more."""
    for session in pages(reader, documents.SESSIONS):
        if not documents.is_whole_session(session.data):
            continue
        head = session.read_as(SessionDocument)
        if head["expires_at"] > documents.expiry(now) and (board is None or board in _boards(head)):
            yield from _of_session(reader, books, session)


def _boards(head: SessionDocument) -> set[str]:
    return {"global", f"quiz-{head['quiz_id']}", f"class-{head.get('class_id')}"}


def _of_session(reader: DocumentReader, books: Books, session: Snapshot) -> Iterator[Difference]:
    head, field = session.read_as(SessionDocument), f"counted.{session.name}"
    result = head.get("result")
    counted = {one.who: one for one in books.results(session.name)}
    if result is None:
        for who in sorted(counted):
            yield Difference(where=documents.person_path(who), field=field, says="counted", fold="not final")
        return
    handed = head.get("handed_seq", 0) >= result["seq"]
    links = list(pages(reader, documents.links_path(session.name)))
    kept = {link.name: link.read_as(LinkDocument)["person"] for link in links}
    expected = {
        who: Expected(result["finished_at"], head["quiz_id"], points, result["players"])
        for who, points in _points(reader, books, session.name, kept).items()
    }
    for who, one in sorted(counted.items()):
        wrong = _difference(one, expected.get(who), head, result, handed=handed)
        if wrong is not None:
            yield Difference(where=documents.person_path(who), field=field, says=wrong[0], fold=wrong[1])
    late = {
        link.read_as(LinkDocument)["person"] for link in links if not _before(link.read_as(LinkDocument)["at"], result)
    }
    for who in sorted(expected.keys() - counted.keys() - late) if handed else ():
        if _before(books.created_at(who) or 0, result):
            yield Difference(where=documents.person_path(who), field=field, says=None, fold=expected[who]._asdict())


def _before(at: int, result: SessionResult) -> bool:
    """Whether the count must have seen it. A game that is kept after the end counts when its person asks again."""
    return at + SLACK_MS <= result["as_of"]


def _difference(
    one: Result, expected: Expected | None, head: SessionDocument, result: SessionResult, *, handed: bool
) -> tuple[object, object] | None:
    """The counted and the expected results. An older version is right until the newest version is handed on."""
    if one.version != result["seq"] and (handed or one.version > result["seq"]):
        return f"version {one.version}", f"version {result['seq']}"
    if one.class_id not in {None, head.get("class_id")}:
        return f"class {one.class_id}", head.get("class_id")
    if one.version != result["seq"]:
        return None
    if expected is None:
        return "counted", "no such player in the session"
    says = Expected(one.at, one.quiz, one.points, one.players)
    return None if says == expected else (says._asdict(), expected._asdict())


def _points(reader: DocumentReader, books: Books, session_id: str, kept: Mapping[str, str]) -> dict[str, int | None]:
    """The result of each person in the session. A kept guest's game belongs to the person who keeps it; of two games
    the better one counts."""
    best: dict[str, int | None] = {}
    for snapshot in pages(reader, documents.players_path(session_id)):
        player, who = snapshot.read_as(PlayerDocument), kept.get(snapshot.name, snapshot.name)
        if player["nickname"] is None or books.created_at(who) is None:
            continue
        points = player["score"] if player["admitted"] and not player["removed"] else None
        known = best.get(who)
        best[who] = points if known is None or (points is not None and points > known) else known
    return best
