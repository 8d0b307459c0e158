"""Everybody's rows on every board, in a database of this process that grows on disk and not in memory.

The boards show the people as they were before the pending moves. So a person with a pending move stands where the first
of these moves begins.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Self

from quizcore.documents.person import PersonDocument
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.moves import Move
from quizcore.usecases.boards_again.person import Place, Sum

Counted = tuple[int, int]  # points, and how many people have them

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE people(of_quiz, who, nickname, avatar, listed, created_at, PRIMARY KEY(of_quiz, who)) WITHOUT ROWID;
CREATE TABLE rows(board, period, who, points, reached_at, moving, PRIMARY KEY(board, period, who)) WITHOUT ROWID;
CREATE TABLE changes(board, period, points, people);
CREATE TABLE firsts(board, period, who, n, points, reached_at, PRIMARY KEY(board, period, who)) WITHOUT ROWID;
CREATE TABLE results(session, who, version, at, quiz, points, players, class, PRIMARY KEY(session, who)) WITHOUT ROWID;
"""

_SETTLE = """
INSERT INTO changes SELECT board, period, points, COUNT(*) FROM rows GROUP BY board, period, points;
CREATE TABLE scores AS
    SELECT board, period, points, SUM(people) AS people FROM changes GROUP BY board, period, points;
CREATE INDEX best_score ON scores(board, period, points DESC);
DELETE FROM rows WHERE (board, period, who) IN (SELECT board, period, who FROM firsts);
INSERT INTO rows SELECT board, period, who, points, reached_at, TRUE FROM firsts WHERE points IS NOT NULL;
CREATE INDEX best_row ON rows(board, period, points DESC, reached_at, who);
"""


class Row(NamedTuple):
    """A person as a board must show the person. With a pending move (`moving`) the name there may be an older one."""

    who: str
    points: int
    reached_at: int
    moving: bool
    nickname: str
    avatar: str
    listed: bool
    rank: int


class Result(NamedTuple):
    """The counted result of one session for a person."""

    who: str
    version: int
    at: int
    quiz: str
    points: int | None
    players: int
    class_id: str | None


class Books:
    """A context manager. Call `settle` after all people and moves, and before any read of rows and scores."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a file without a name, gone when it is closed
        self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add_person(
        self, who: str, document: PersonDocument, totals: Mapping[Place, Sum], entries: Iterable[Contribution]
    ) -> None:
        shown = (document["nickname"], document["avatar"], document["listed"], document["created_at"])
        self._db.execute("INSERT INTO people VALUES (FALSE, ?, ?, ?, ?, ?)", (who, *shown))
        self._add_rows(who, totals)
        results = (
            (e.session_id, who, e.version, e.at, e.quiz_id, e.points, e.of, e.class_id) for e in entries
        )  # a session that is counted twice is a difference of the person's document
        self._db.executemany("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", results)

    def add_quiz(self, quiz_id: str, title: str, totals: Mapping[Place, Sum]) -> None:
        """A quiz is an entry of the leaderboard of quizzes."""
        self._db.execute("INSERT INTO people VALUES (TRUE, ?, ?, '', TRUE, 0)", (quiz_id, title))
        self._add_rows(quiz_id, totals)

    def _add_rows(self, who: str, totals: Mapping[Place, Sum]) -> None:
        rows = ((*place, who, total.points, total.reached_at) for place, total in totals.items())
        self._db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, FALSE)", rows)

    def add_moves(self, board: str, moves: Iterable[Move]) -> None:
        for who, n, _, steps in moves:
            for period, before, after in steps:
                place = (board, period)
                self._db.executemany(
                    "INSERT INTO changes VALUES (?, ?, ?, ?)",
                    [(*place, at.points, people) for at, people in ((before, 1), (after, -1)) if at is not None],
                )
                self._db.execute(
                    "INSERT INTO firsts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n, "
                    "points = excluded.points, reached_at = excluded.reached_at WHERE excluded.n < n",
                    (*place, who, n, *(before or (None, None))),
                )

    def settle(self) -> None:
        self._db.executescript(_SETTLE)

    def boards(self) -> set[str]:
        """Those on which somebody stands, or moves."""
        found = self._db.execute("SELECT board FROM rows UNION SELECT board FROM firsts")
        return {board for (board,) in found}

    def periods(self, board: str) -> list[str]:
        """Those of a board in which somebody stands, sorted."""
        found = self._db.execute(
            "SELECT period FROM rows WHERE board = :board UNION "
            "SELECT period FROM scores WHERE board = :board AND people != 0 ORDER BY period",
            {"board": board},
        )
        return [period for (period,) in found]

    def scores(self, board: str, period: str) -> Iterator[Counted]:
        """The table that the board must have, best first."""
        return iter(
            self._db.execute(
                "SELECT points, people FROM scores WHERE board = ? AND period = ? AND people != 0 ORDER BY points DESC",
                (board, period),
            )
        )

    def people_on(self, board: str, period: str) -> int:
        found = self._db.execute("SELECT COUNT(*) FROM rows WHERE board = ? AND period = ?", (board, period))
        return int(found.fetchone()[0])

    def rows(self, board: str, period: str, most: int, skipped: int = 0) -> list[Row]:
        """The rows that the board must have, best first."""
        found = self._db.execute(
            "SELECT rows.who, points, reached_at, moving, COALESCE(nickname, ''), COALESCE(avatar, ''), "
            "COALESCE(listed, FALSE), (SELECT COUNT(*) + 1 FROM rows AS better WHERE better.board = rows.board "
            "AND better.period = rows.period AND better.points > rows.points) "
            "FROM rows LEFT JOIN people ON people.who = rows.who AND of_quiz = (board = 'quizzes') "
            "WHERE board = ? AND period = ? ORDER BY points DESC, reached_at, rows.who LIMIT ? OFFSET ?",
            (board, period, most, skipped),
        )
        return [Row._make((*of[:3], bool(of[3]), of[4], of[5], bool(of[6]), of[7])) for of in found]

    def stands(self, board: str, period: str, who: str) -> bool:
        place = (board, period, who)
        return bool(self._db.execute("SELECT 1 FROM rows WHERE (board, period, who) = (?, ?, ?)", place).fetchone())

    def created_at(self, who: str) -> int | None:
        """When the person's profile was made; None when there is no such person."""
        found = self._db.execute("SELECT created_at FROM people WHERE of_quiz = FALSE AND who = ?", (who,)).fetchone()
        return None if found is None else int(found[0])

    def results(self, session_id: str) -> Iterator[Result]:
        found = self._db.execute(
            "SELECT who, version, at, quiz, points, players, class FROM results WHERE session = ?", (session_id,)
        )
        return map(Result._make, found)
