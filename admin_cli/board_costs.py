"""The cost that leaderboards over time add to a game: the count of its results, and the folds that follow.

The formula follows the reads and writes of `workers/leaderboard/`; tests compare it with the documents that count and
fold touch on the twin. docs/cost.md explains it. Pure.
"""

from dataclasses import dataclass, replace
from math import ceil

from quizcore.documents.leaderboard import PAGE_ROWS
from quizcore.domain.leaderboard.calendar import Span
from quizcore.results import PLAYERS_A_COMMIT
from quizcore.settings import WorkerSettings

COMMIT_S = 0.1  # of a part of the count, at most
CPU_S = 0.0003  # for each result, count and folds
HISTORY_GAMES = 8  # of a person who plays daily: one of so many moves old results to a document of the history
MOST_OF_CLASS = 2_000


@dataclass(frozen=True, slots=True)
class Spent:
    """Documents, and the CPU time of the worker. No request to the API is made for a board."""

    reads: int
    writes: int
    deletes: int
    cpu_s: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.reads + other.reads,
            self.writes + other.writes,
            self.deletes + other.deletes,
            self.cpu_s + other.cpu_s,
        )

    def documents_only(self) -> "Spent":
        return replace(self, cpu_s=0.0)


def count_spent(players: int, *, of_class: bool, public: bool) -> Spent:
    """The results of a game in which every player has a profile. `of_class`: all are members of the class that plays;
    `public`: the quiz stands on the leaderboard of quizzes."""
    parts = _parts(players)
    boards = 3 if of_class else 2
    own = 3 if of_class else 2  # a player, the person, the membership
    session = 4 if of_class else 3  # the session, its ranks, its links, its class
    people = Spent(own * players + session * parts, players + boards * parts, 0, CPU_S * players)
    plays = Spent(4, 3, 0) if public else Spent(4, 0, 0)
    return people + plays


def history_spent(players: int) -> Spent:
    return Spent(ceil(players / HISTORY_GAMES), ceil(players / HISTORY_GAMES), 0)


def fold_spent(players: int, *, of_class: bool, public: bool) -> Spent:
    """The folds of the boards on which the game counts, as if no other game were on them: boards of a busy product are
    folded once for many games."""
    parts = _parts(players)
    pages = len(Span) * ceil(players / PAGE_ROWS)
    spent = sum((_folds(parts, 0) for _ in ("global", "quiz")), _folds(parts, pages) if of_class else Spent(0, 0, 0))
    return spent + _folds(1, 0) if public else spent


def _folds(moves: int, pages: int) -> Spent:
    """Of one board: each fold reads and writes the head, and of each span the period with its candidates. A fold of a
    class also writes its pages, and looks for ranges of dates that are kept. The moves are read and deleted once."""
    interval_s = int(WorkerSettings.model_fields["leaderboard_interval_ms"].default) / 1_000
    folds = 1 if moves == 1 else 1 + ceil(moves * COMMIT_S / interval_s)
    documents = 1 + 2 * len(Span)
    return Spent(folds * (documents + bool(pages)) + moves, folds * (documents + pages), moves)


def _parts(players: int) -> int:
    return ceil(players / PLAYERS_A_COMMIT)


def boards_spent(players: int) -> Spent:
    """The most expensive case: everybody has a profile, and plays a public quiz; up to the size of a class as a
    class."""
    of_class = players <= MOST_OF_CLASS
    counted = count_spent(players, of_class=of_class, public=True) + history_spent(players)
    return counted + fold_spent(players, of_class=of_class, public=True)
