"""The documents of people and boards over time: Python writes them here, and `web/tests` reads the same files."""

import json
import os
from pathlib import Path
from typing import Any

from quizcore.documents.leaderboard import FoldStamps, period_fields
from quizcore.documents.person import PersonDocument, ProfileFields, new_person
from quizcore.documents.tallied import read_person, with_person
from quizcore.domain.leaderboard.calendar import ALL, Span, date_of, periods_of
from quizcore.domain.leaderboard.contribution import GLOBAL, Contribution
from quizcore.domain.leaderboard.fold import PeriodBoard, by_period, folded
from quizcore.domain.leaderboard.moves import batch, moved
from quizcore.domain.leaderboard.person import Person, Rules, counting, places_of, tidied
from quizcore.domain.leaderboard.table import ScoreTable, rank_from, score_table

GOLDEN = Path(__file__).parents[1] / "golden" / "people"
AT = 1_795_000_000_000
STAMPS: FoldStamps = {"seq": 7, "as_of": AT + 9_000}
SMALL_LEAF_BYTES = 40
MOMENTS = [
    ("2026-11-25T12:00:00Z", 1_795_608_000_000),
    ("2027-01-03T23:30:00Z", 1_799_019_000_000),
    ("2024-12-30T00:00:00Z", 1_735_516_800_000),
    ("2026-03-29T00:59:59Z", 1_774_745_999_000),
]
ZONES = ["UTC", "Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"]


def played(session_id: str, points: int, at: int = AT) -> Contribution:
    return Contribution(session_id, 3, at, "words", "Words", points, 1, 12)


def person(name: str, points: int, *, listed: bool) -> tuple[PersonDocument, Person]:
    profile: ProfileFields = {"nickname": name, "avatar": "owl", "listed": listed, "language": "vi"}
    new = new_person(profile, AT - 5)
    return new, counting(read_person(name.lower(), new), played("s1", points))


def people() -> dict[str, Any]:
    """Lia and Mai have played; only Lia is listed."""
    boards: dict[str, PeriodBoard] = {}
    written = {}
    for name, points, listed in (("Lia", 900, True), ("Mai", 700, False)):
        document, after = person(name, points, listed=listed)
        before = read_person(after.who, document)
        after, moves = moved(before, after, set(places_of(played("s1", points))), Rules())
        for period, steps in by_period([batch([moves[GLOBAL]])]).items():
            boards[period] = folded(boards.get(period, PeriodBoard()), steps)
        written[after.who] = with_person(document, after)
    shown = {period: _period(board, score_table(board.histogram)) for period, board in boards.items()}
    return {"people": written, "periods": shown}


def rested() -> dict[str, Any]:
    """Noa's results are all old: they have left `counted`, and the totals with them."""
    document, noa = person("Noa", 300, listed=False)
    for result in (
        played("s2", 100, AT + 1),
        played("s3", 200, AT + 2)._replace(quiz_id="verbs", class_id="c1", class_day=date_of(AT)),
        played("s4", 50, AT + 3)._replace(quiz_id="verbs", class_id="c1", class_day=date_of(AT)),
    ):
        noa = counting(noa, result)
    old = tidied(noa, AT + 48 * 86_400_000)
    boards = {GLOBAL, *(board for entry in noa.counted.values() for board, _ in places_of(entry))}
    totals = {board: old.total(board, ALL, Rules()) for board in sorted(boards)}
    return {"person": with_person(document, old), "totals": totals}


def large() -> dict[str, Any]:
    """A table that is cut into leaves, and the ranks of some points."""
    histogram = {points: 1 + points % 3 for points in range(5, 9_000, 71)}
    table = score_table(histogram, SMALL_LEAF_BYTES)
    asked = [9_999, *range(0, 9_000, 37)]
    return {
        "period": _period(PeriodBoard(people=sum(histogram.values())), table),
        "leaves": [leaf.data.hex() for leaf in table.leaves],
        "ranks": {str(points): rank_from(table, points) for points in asked},
    }


def calendar() -> list[dict[str, Any]]:
    return [
        {"at": at, "iso": iso, "zone": zone, **dict(zip(Span, periods_of(date_of(at, zone)), strict=True))}
        for iso, at in MOMENTS
        for zone in ZONES
    ]


def _period(board: PeriodBoard, table: ScoreTable) -> dict[str, Any]:
    fields = period_fields(GLOBAL, board, table, STAMPS)
    return {**fields, "scores": fields["scores"].hex()}


def test_people_and_boards_are_the_golden_ones() -> None:
    """After a change that is meant: WRITE_GOLDEN=1 pytest tests/unit/test_golden_people.py"""
    for name, content in {"people": people(), "rested": rested(), "large": large(), "calendar": calendar()}.items():
        file = GOLDEN / f"{name}.json"
        found = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        if os.environ.get("WRITE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(found)

        assert found == file.read_text()
