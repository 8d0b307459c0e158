"""The results of a part of a final session, read at one moment, as contributions of people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from quizcore import documents
from quizcore.documents import PlayerDocument, RanksDocument, SessionDocument
from quizcore.documents.link import LinkDocument, links_path
from quizcore.documents.school_class import ClassDocument, class_path
from quizcore.domain.leaderboard.calendar import date_of
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.ranks import rank_in
from quizcore.ports import DocumentReader, FinalSession, Snapshot
from quizcore.shards import SLOTS

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
    links = store.list(links_path(final.session_id))
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
    table = ranks.read_as(RanksDocument)["scores"] if ranks else b""
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
                rank=rank_in(table, player["score"]) if shows and counts else HIDDEN,
                of=final.players,
                class_id=final.class_id if class_day else None,
                class_day=class_day,
            ),
        )
