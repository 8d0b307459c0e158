"""A player's sheet: the submissions that count, their points, and the reasons why others do not count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from quizcore.domain.events import AnswerSubmitted
from quizcore.domain.pacing import Moments, Window
from quizcore.domain.scoring import grade, streak_bonus
from quizcore.domain.session import Game, Reveal, Scoring

REFUSALS_KEPT = 20


class RefusalReason(StrEnum):
    EARLY = "early"
    LATE = "late"
    DUPLICATE = "duplicate"
    UNKNOWN_QUESTION = "unknown_question"


@dataclass(frozen=True, slots=True)
class Refusal:
    submission: AnswerSubmitted
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer that counts. `points` include the streak `bonus`; `elapsed_ms` is at most the limit."""

    submission: AnswerSubmitted
    elapsed_ms: int
    correct: bool
    points: int
    bonus: int = 0


@dataclass(slots=True)
class Sheet:
    """`held` answers count but stay out of the score until their question is revealed."""

    answers: dict[int, Graded] = field(default_factory=dict)
    held: dict[int, AnswerSubmitted] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    score: int = 0
    correct_count: int = 0
    streak: int = 0
    right_elapsed_ms: int = 0

    def counts(self, question_index: int) -> AnswerSubmitted | None:
        """The submission that counts for a question, shown or held."""
        graded = self.answers.get(question_index)
        return graded.submission if graded else self.held.get(question_index)

    def submissions(self) -> Iterator[AnswerSubmitted]:
        """All submissions that are needed to judge this player again."""
        yield from (graded.submission for graded in self.answers.values())
        yield from self.held.values()
        yield from (refusal.submission for refusal in self.refused)


def fill_sheet(
    submissions: Iterable[AnswerSubmitted],
    game: Game,
    moments: Moments,
    before: Sheet | None = None,
) -> Sheet:
    """Judge all submissions of one player by the player's moments. Submissions that `before` has already judged, in the
    same game, are not judged again."""
    judged = before.answers if before is not None else {}
    counted, refused = _sort_out(submissions, game, moments)
    sheet = Sheet(refused=refused)
    for index, window in moments.windows.items():
        submission = counted.get(index)
        if submission is None:
            sheet.streak = 0 if index in moments.over else sheet.streak
        elif game.options.reveal is Reveal.ON_CLOSE and index not in moments.over:
            sheet.held[index] = submission
        else:
            _enter(sheet, submission, window, game, judged.get(index))
    return sheet


def _sort_out(
    submissions: Iterable[AnswerSubmitted],
    game: Game,
    moments: Moments,
) -> tuple[dict[int, AnswerSubmitted], tuple[Refusal, ...]]:
    counted: dict[int, AnswerSubmitted] = {}
    refused: list[Refusal] = []
    for submission in sorted(submissions, key=lambda s: s.order):
        reason = _refusal(submission, game, moments, counted)
        if reason is None:
            counted[submission.question_index] = submission
        else:
            refused.append(Refusal(submission, reason))
    return counted, _remembered(refused, moments.since)


def _remembered(refused: list[Refusal], since: Mapping[int, int]) -> tuple[Refusal, ...]:
    """All submissions that may still count, and a bounded number of the others.

    Windows only move towards the past as more of the timeline becomes known. So a late answer stays late, a duplicate
    stays after the answer that counts, and only an early answer may still count.
    """
    if len(refused) <= REFUSALS_KEPT:
        return tuple(refused)
    hopeful = set(map(id, _hopeful(refused, since)))
    for_good = [id(refusal) for refusal in refused if id(refusal) not in hopeful]
    forgotten = set(for_good[:-REFUSALS_KEPT])
    return tuple(refusal for refusal in refused if id(refusal) not in forgotten)


def _hopeful(refused: list[Refusal], since: Mapping[int, int]) -> Iterator[Refusal]:
    """The early submissions that may still count: those that have no earlier submission that is not too early for any
    opening that may still become known. (Answers within the grace of the end are early, while their question was opened
    after the end.)"""
    ahead: set[int] = set()
    for refusal in refused:
        index, at = refusal.submission.question_index, refusal.submission.mark.at
        if refusal.reason is RefusalReason.EARLY and index not in ahead:
            yield refusal
            if at >= since.get(index, at + 1):
                ahead.add(index)


def _refusal(
    submission: AnswerSubmitted,
    game: Game,
    moments: Moments,
    counted: Mapping[int, AnswerSubmitted],
) -> RefusalReason | None:
    index, at = submission.question_index, submission.mark.at
    if not 0 <= index < game.question_count:
        return RefusalReason.UNKNOWN_QUESTION
    window = moments.windows.get(index)
    if window is None or at < window.opened_at:
        return RefusalReason.LATE if at > moments.last.get(index, at) else RefusalReason.EARLY
    if at > window.ends_at:
        return RefusalReason.LATE
    return RefusalReason.DUPLICATE if index in counted else None


def _enter(sheet: Sheet, submission: AnswerSubmitted, window: Window, game: Game, known: Graded | None) -> None:
    elapsed_ms = min(submission.mark.at - window.opened_at, window.limit_ms)
    if known is None or known.submission is not submission or known.elapsed_ms != elapsed_ms:
        question = game.question(submission.question_index)
        result = grade(question, submission.answer, elapsed_ms, window.limit_ms, game.options)
        known = Graded(submission, elapsed_ms, result.correct, result.points)
    graded = _with_bonus(sheet, known, game)
    sheet.answers[submission.question_index] = graded
    sheet.score += graded.points
    sheet.right_elapsed_ms += elapsed_ms if graded.correct else 0


def _with_bonus(sheet: Sheet, graded: Graded, game: Game) -> Graded:
    if not graded.correct:
        sheet.streak = 0
        return graded
    sheet.correct_count += 1
    sheet.streak += 1
    bonus = streak_bonus(sheet.streak) if _pays_streaks(game) else 0
    return (
        graded if graded.bonus == bonus else replace(graded, points=graded.points - graded.bonus + bonus, bonus=bonus)
    )


def _pays_streaks(game: Game) -> bool:
    return game.options.streak_bonus and game.options.scoring is not Scoring.NONE
