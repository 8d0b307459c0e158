"""The results of a part of a final session, read at one moment, as contributions of people, and what these change.

The worker counts a session that has become final or has changed; the API counts a game that a person keeps of a session
that is final already. Both come here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from quizcore import documents, people
from quizcore.documents import PlayerDocument, RanksDocument, Result, SessionDocument
from quizcore.documents.link import LinkDocument, links_path
from quizcore.documents.person import person_path
from quizcore.documents.school_class import ClassDocument, class_member_path, class_path
from quizcore.domain.leaderboard.calendar import date_of
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.person import Rules
from quizcore.domain.ranks import histogram_of, rank_by
from quizcore.people import Change
from quizcore.ports import DocumentReader, DocumentStore, FinalSession, Snapshot
from quizcore.shards import SLOTS

PLAYERS_A_COMMIT = 200
HIDDEN = 0  # the rank in a session that shows no places


@dataclass(frozen=True, slots=True)
class Results:
    """`of_player` has every player of the part who has joined, also those who were removed."""

    of_player: Mapping[str, Contribution]
    links: Mapping[str, str]  # a guest -> the person who keeps the guest's game

    def by_person(self) -> dict[str, Contribution]:
        """By the id of the person, if the player is one. Of two players of one person the better result counts."""
        found: dict[str, Contribution] = {}
        for player_id, one in sorted(self.of_player.items()):
            who = self.links.get(player_id, player_id)
            if who not in found or (one.points or -1) > (found[who].points or -1):
                found[who] = one
        return found


def final_session(session_id: str, head: SessionDocument, result: Result) -> FinalSession:
    """No field changes while the session's document has this `result`, so a repetition is equal."""
    return FinalSession(
        session_id=session_id,
        seq=result["seq"],
        replaces=head.get("handed_seq", 0),
        quiz_id=head["quiz_id"],
        host_id=head["host_id"],
        language=head["language"],
        question_count=head["question_count"],
        created_at=head["created_at"],
        finished_at=result["finished_at"],
        final_at=result["as_of"],
        players=result["players"],
        answers=result["answers"],
        class_id=head.get("class_id"),
    )


def changes_of(  # noqa: PLR0913 (whose results, of which session, when, by which rules)
    store: DocumentStore, final: FinalSession, slots: range, now: int, rules: Rules, only: str | None = None
) -> list[Change]:
    """The changes of people by the results of the players in these slots; `only` limits them to one person. A result
    that is counted already changes nothing."""
    results = store.at_one_moment(lambda reader: read_results(reader, final, slots))
    by_person = results.by_person() if results else {}
    wanted = [uid for uid in by_person if only in (None, uid)]
    if not wanted:
        return []
    found = store.get_many([person_path(uid) for uid in wanted]).values()
    members = _members(store, final, [snapshot.name for snapshot in found])
    changes: list[Change] = []
    for snapshot in found:
        contribution = by_person[snapshot.name]
        if snapshot.name not in members:
            contribution = contribution._replace(class_id=None, class_day=None)
        person = people.known_for(store, snapshot, contribution, now)
        change = people.counted(person, contribution, now, rules)
        changes += [change] if change else []
    return changes


def _members(store: DocumentReader, final: FinalSession, uids: list[str]) -> set[str]:
    """The members of the session's class among these players. Other players play along, and are not on the class's
    board."""
    class_id = final.class_id
    if class_id is None or not uids:
        return set()
    found = store.get_many([class_member_path(class_id, uid) for uid in uids])
    return {snapshot.name for snapshot in found.values()}


def parts_of(players: int, most: int) -> list[range]:
    """Runs of slots with about `most` players each."""
    parts = min(SLOTS, max(1, -(-players // most)))
    bounds = [SLOTS * part // parts for part in range(parts + 1)]
    return [range(start, end) for start, end in pairwise(bounds)]


def read_results(store: DocumentReader, final: FinalSession, slots: range) -> Results | None:
    """None when this version is not the newest any more, or the session is deleted: there is nothing to count."""
    paths = [documents.session_path(final.session_id), documents.ranks_path(final.session_id)]
    found = store.get_many(paths)
    session, ranks = (found.get(path) for path in paths)
    if session is None or not documents.is_whole_session(session.data):
        return None
    head = session.read_as(SessionDocument)
    result = head.get("result")
    if result is None or result["seq"] != final.seq:
        return None
    where = [("slot", ">=", slots.start), ("slot", "<", slots.stop)]
    players = store.list(documents.players_path(final.session_id), where=where)
    links = store.list(links_path(final.session_id), where=where)
    of_player = dict(_contributions(final, head, ranks, players, _class_day(store, final)))
    return Results(of_player, {link.name: link.read_as(LinkDocument)["person"] for link in links})


def _class_day(store: DocumentReader, final: FinalSession) -> date | None:
    """The date of the end in the zone of the session's class; None without a class, or when it was deleted."""
    if final.class_id is None:
        return None
    path = class_path(final.class_id)
    found = store.get_many([path]).get(path)
    return date_of(final.finished_at, found.read_as(ClassDocument)["zone"]) if found else None


def _contributions(
    final: FinalSession,
    session: SessionDocument,
    ranks: Snapshot | None,
    players: Iterable[Snapshot],
    class_day: date | None,
) -> Iterable[tuple[str, Contribution]]:
    shows = documents.shows_places(documents.read_options(session["options"]))
    rank = rank_by(list(histogram_of(ranks.read_as(RanksDocument)["scores"])) if ranks else [])
    for snapshot in players:
        player = snapshot.read_as(PlayerDocument)
        if player["nickname"] is None:
            continue
        counts = player["admitted"] and not player["removed"]
        yield (
            snapshot.name,
            Contribution(
                session_id=final.session_id,
                version=final.seq,
                at=final.finished_at,
                quiz_id=final.quiz_id,
                title=session["title"],
                points=player["score"] if counts else None,
                rank=rank(player["score"]) if shows and counts else HIDDEN,
                of=final.players,
                class_id=final.class_id if class_day else None,
                class_day=class_day,
            ),
        )
