"""A person: a fold over the set of the person's contributions, of which each session gives one, the newest version.

`counted` holds the contributions of the last weeks. Older ones lie in the person's history, a document a month, and
count as one tally (`past`). So a person's document stays small, and what it adds up to is still a function of the set.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from quizcore.domain.leaderboard.calendar import ALL, dates_of, month_of, utc_moments_of
from quizcore.domain.leaderboard.contribution import (
    GLOBAL,
    Contribution,
    boards_of,
    class_board,
    class_of,
    quiz_board,
    quiz_of,
)
from quizcore.domain.leaderboard.tally import PointsRule, QuizTally, Tally, Total, tally_of, total_of

_DAY_MS = int(timedelta(days=1).total_seconds() * 1_000)
COUNTED_MS = 40 * _DAY_MS  # longer than the longest open period, and the days that a result may be late
STAYS_MS = 7 * _DAY_MS  # how long entries may stay after that, so that a history is written once a week
LATE_MS = 7 * _DAY_MS  # a result that is older needs the person's history
EVERYWHERE = "*"  # the scope of the global board and of the quizzes' boards

Place = tuple[str, str]  # a board, and one of its periods
Totals = Mapping[str, Mapping[str, Total]]  # by board and period
Contributions = Mapping[str, Contribution]  # by session
History = Mapping[str, Contributions]  # by UTC month


class Display(NamedTuple):
    """How boards show a person. A person who is not `listed` has no name on a public board."""

    nickname: str
    avatar: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """How each kind of board adds up."""

    everybody: PointsRule = PointsRule.BEST_PER_QUIZ
    of_quiz: PointsRule = PointsRule.BEST_PER_QUIZ
    of_class: PointsRule = PointsRule.SUM

    def of(self, board: str) -> PointsRule:
        if board == GLOBAL:
            return self.everybody
        return self.of_quiz if class_of(board) is None else self.of_class


@dataclass(frozen=True, slots=True)
class Person:
    """`n` counts the changes that became moves. `totals` are those of `kept_places`. `past` is by scope: a class, or
    EVERYWHERE. `history` is empty unless it was read: only a result that is late, and a change of everything, need
    it."""

    who: str
    display: Display
    n: int = 0
    counted: Contributions = field(default_factory=dict)
    totals: Totals = field(default_factory=dict)
    past: Mapping[str, Tally] = field(default_factory=dict)
    history: History = field(default_factory=dict)

    def contribution(self, session_id: str) -> Contribution | None:
        for contributions in (self.counted, *self.history.values()):
            if session_id in contributions:
                return contributions[session_id]
        return None

    def total(self, board: str, period: str, rules: Rules) -> Total | None:
        """The person's row, from the contributions. None when the person does not stand there."""
        if period == ALL:
            tally = tally_of(_on(board, period, self.counted.values()), _of_board(board, self.past))
        else:
            tally = tally_of(_on(board, period, self._all()))
        return total_of(tally, rules.of(board))

    def total_between(self, board: str, first: date, last: date, rules: Rules) -> Total | None:
        """The row in any range of dates, the last one included. The months of the range must have been read."""
        entries = _between(board, first, last, self._all())
        return total_of(tally_of(entries), rules.of(board))

    def known_total(self, board: str, period: str, rules: Rules) -> Total | None:
        """The same, without a look at the contributions when the total is kept."""
        known = self.totals.get(board, {}).get(period)
        return known or self.total(board, period, rules)

    def places(self) -> set[Place]:
        """Every board and period on which the person may stand, as far as the history was read."""
        found = {place for contribution in self._all() for place in places_of(contribution)}
        for scope, tally in self.past.items():
            boards = [GLOBAL, *map(quiz_board, tally)] if scope == EVERYWHERE else [class_board(scope)]
            found.update((board, ALL) for board in boards)
        return found

    def _all(self) -> Iterator[Contribution]:
        for contributions in (self.counted, *self.history.values()):
            yield from contributions.values()


def needs_history(contribution: Contribution, now: int) -> bool:
    """Whether the contribution may concern a period of which a part has left `counted`."""
    return contribution.at < now - LATE_MS


def counting(person: Person, contribution: Contribution) -> Person:
    """The person with this contribution; the same person when this or a later version is counted already.

    Also a contribution that does not count is kept when no other is known: an older version may still be in flight.
    """
    known = person.contribution(contribution.session_id)
    if known is not None and known.version >= contribution.version:
        return person
    month = month_of(contribution.at)
    if contribution.session_id in person.history.get(month, {}):
        entries = {**person.history[month], contribution.session_id: contribution}
        return _with_history(person, {**person.history, month: entries})
    return replace(person, counted={**person.counted, contribution.session_id: contribution})


def leaving(person: Person, class_id: str) -> Person:
    """The person, whose results no longer count for this class. The whole history must have been read."""
    counted = _without_class(person.counted, class_id)
    history = {month: _without_class(entries, class_id) for month, entries in person.history.items()}
    return _with_history(replace(person, counted=counted), history)


def tidied(person: Person, now: int) -> Person:
    """The person, whose contributions of closed periods have moved from `counted` to the history. The months that
    `old_months` names must have been read."""
    old = _old(person.counted, now)
    if not old:
        return person
    months = {month: dict(entries) for month, entries in person.history.items()}
    for key, entry in old.items():
        months.setdefault(month_of(entry.at), {})[key] = entry
    counted = {key: entry for key, entry in person.counted.items() if key not in old}
    after = replace(person, counted=counted, past=past_of(old.values(), person.past), history=months)
    return replace(after, totals=_only(kept_places(after), person.totals))


def old_months(person: Person, now: int) -> set[str]:
    return {month_of(entry.at) for entry in _old(person.counted, now).values()}


def kept_places(person: Person) -> set[Place]:
    """The places whose totals a person's document contains: the boards and periods of the contributions in `counted`,
    and for all time the global board and the boards of the person's classes."""
    lasting = {(GLOBAL, ALL), *((class_board(scope), ALL) for scope in person.past if scope != EVERYWHERE)}
    return lasting.union(place for entry in person.counted.values() for place in places_of(entry))


def past_of(entries: Iterable[Contribution], before: Mapping[str, Tally] | None = None) -> dict[str, Tally]:
    scopes: dict[str, list[Contribution]] = {EVERYWHERE: []}
    for entry in entries:
        scopes[EVERYWHERE].append(entry)
        if entry.class_id is not None:
            scopes.setdefault(entry.class_id, []).append(entry)
    past = dict(before or {})
    for scope, of_scope in scopes.items():
        if tally := tally_of(of_scope, past.get(scope)):
            past[scope] = tally
    return past


def places_of(contribution: Contribution) -> Iterator[Place]:
    return ((board, period) for board, periods in boards_of(contribution) for period in periods)


def _only(kept: set[Place], totals: Totals) -> Totals:
    found = {
        board: {period: total for period, total in of_board.items() if (board, period) in kept}
        for board, of_board in totals.items()
    }
    return {board: of_board for board, of_board in found.items() if of_board}


def _with_history(person: Person, history: History) -> Person:
    entries = [entry for month in history.values() for entry in month.values()]
    return replace(person, history=history, past=past_of(entries))


def _on(board: str, period: str, entries: Iterable[Contribution]) -> list[Contribution]:
    if period == ALL:
        return _of(board, entries)
    return _between(board, *dates_of(period), entries)


def _of(board: str, entries: Iterable[Contribution]) -> list[Contribution]:
    class_id = class_of(board)
    if class_id is not None:
        return [entry for entry in entries if entry.class_id == class_id]
    if board == GLOBAL:
        return list(entries)
    quiz_id = quiz_of(board)
    return [entry for entry in entries if entry.quiz_id == quiz_id]


def _between(board: str, first: date, last: date, entries: Iterable[Contribution]) -> list[Contribution]:
    of_board = _of(board, entries)
    if class_of(board) is not None:
        return [entry for entry in of_board if entry.class_day is not None and first <= entry.class_day <= last]
    start, end = utc_moments_of(first, last)
    return [entry for entry in of_board if start <= entry.at < end]


def _of_board(board: str, past: Mapping[str, Tally]) -> dict[str, QuizTally]:
    scope = class_of(board) or EVERYWHERE
    tally = past.get(scope, {})
    if board == GLOBAL or scope != EVERYWHERE:
        return dict(tally)
    quiz_id = quiz_of(board)
    return {quiz: entry for quiz, entry in tally.items() if quiz == quiz_id}


def _without_class(entries: Contributions, class_id: str) -> dict[str, Contribution]:
    return {
        key: entry._replace(class_id=None, class_day=None) if entry.class_id == class_id else entry
        for key, entry in entries.items()
    }


def _old(entries: Contributions, now: int) -> dict[str, Contribution]:
    """The entries that go to the history: all that may, as soon as one must."""
    old = {key: entry for key, entry in entries.items() if entry.at < now - COUNTED_MS}
    return old if any(entry.at < now - COUNTED_MS - STAYS_MS for entry in old.values()) else {}
