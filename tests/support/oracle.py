"""A second scorer and ranker, written from docs/client-protocol.md alone: it shares no code with the product.

It is slow and plain on purpose. It takes the messages as the JSON that was on the bus and the quiz and options as the
JSON of the documents, and says what the players' sheets and the table must show when everything has been counted.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Event = Mapping[str, Any]
ALWAYS = float("inf")


@dataclass(slots=True)
class Sheet:
    score: int = 0
    correct_count: int = 0
    streak: int = 0
    right_elapsed_ms: int = 0
    answers: dict[int, tuple[str, int, bool, int]] = field(default_factory=dict)  # receipt, elapsed, correct, points
    refused: dict[str, str] = field(default_factory=dict)  # receipt -> reason


@dataclass(slots=True)
class Expected:
    """`table` has a row a ranked player: rank, player id, nickname, score."""

    sheets: dict[str, Sheet]
    table: list[tuple[int, str, str, int]]


def expected(questions: Sequence[Mapping[str, Any]], options: Mapping[str, Any], events: Iterable[Event]) -> Expected:
    """The expected results after all of the session's events, long after its last question."""
    known = sorted(events, key=lambda event: (event["at"], event["event_id"], _what(event)))
    windows = _windows(questions, options, known)
    everybody = {event["player_id"] for event in known if "player_id" in event}
    sheets = {player: _sheet(player, questions, options, known, windows) for player in everybody}
    return Expected(sheets, _table(sheets, options, known))


def window_of(
    index: int, questions: Sequence[Mapping[str, Any]], options: Mapping[str, Any], events: Iterable[Event]
) -> tuple[int, int]:
    """When the choices of a question that was opened were shown, and when its time was over (ms since the epoch)."""
    known = sorted(events, key=lambda event: (event["at"], event["event_id"], _what(event)))
    return _windows(questions, options, known)[index]


def _windows(
    questions: Sequence[Mapping[str, Any]], options: Mapping[str, Any], known: Sequence[Event]
) -> dict[int, tuple[int, int]]:
    """For each question that was opened before the end: when its choices are shown, and when its time is over."""
    end = min((e["at"], e["event_id"]) for e in [*_of(known, "session_finished"), {"at": ALWAYS, "event_id": ""}])
    openings: dict[int, tuple[int, str]] = {}
    for event in _of(known, "question_opened"):
        when = (event["at"], event["event_id"])
        if event["question_index"] < len(questions) and when <= end:
            openings.setdefault(event["question_index"], when)
    windows = {}
    for index, opening in openings.items():
        shows_at = opening[0] + options["lead_ms"]
        over = [shows_at + questions[index]["time_limit_ms"], end[0]]
        over += [when[0] for later, when in openings.items() if later > index]
        for event in _of(known, "question_closed"):
            if event["question_index"] == index and (event["at"], event["event_id"]) >= opening:
                over.append(event["at"])
        windows[index] = (shows_at, int(min(over)))
    return windows


def _sheet(
    player: str,
    questions: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    known: Sequence[Event],
    windows: Mapping[int, tuple[int, int]],
) -> Sheet:
    sheet, counted = Sheet(), dict[int, Event]()
    seen: set[tuple[str, str]] = set()
    for event in _of(known, "answer_submitted"):
        if event["player_id"] != player or (body := (event["event_id"], _what(event))) in seen:
            continue
        seen.add(body)  # of a repeated request the earliest copy is the answer
        index = event["question_index"]
        passed_at = _passed_at(index, len(questions), known) + options["grace_ms"]
        reason = _refusal(event, len(questions), windows.get(index), options, passed_at)
        if reason is None and index in counted:
            reason = "duplicate"
        if reason is None:
            counted[index] = event
        else:
            sheet.refused[event["event_id"]] = reason
    for index in sorted(windows):
        _enter(sheet, index, counted.get(index), questions[index], options, windows[index])
    return sheet


def _refusal(
    event: Event, count: int, window: tuple[int, int] | None, options: Mapping[str, Any], passed_at: float
) -> str | None:
    if event["question_index"] >= count:
        return "unknown_question"
    if window is None or event["at"] < window[0]:
        return "late" if event["at"] > passed_at else "early"
    return "late" if event["at"] > window[1] + options["grace_ms"] else None


def _passed_at(index: int, count: int, known: Sequence[Event]) -> float:
    """When the game went past a question: the end, or the opening of a later one."""
    moments = [event["at"] for event in _of(known, "session_finished")]
    moments += [event["at"] for event in _of(known, "question_opened") if index < event["question_index"] < count]
    return min(moments, default=ALWAYS)


def _enter(
    sheet: Sheet,
    index: int,
    event: Event | None,
    question: Mapping[str, Any],
    options: Mapping[str, Any],
    window: tuple[int, int],
) -> None:
    if event is None:
        sheet.streak = 0
        return
    elapsed = min(event["at"] - window[0], question["time_limit_ms"])
    share = _share(question, event, options)
    correct = share == 1
    points = _points(share, elapsed, question, options)
    sheet.streak = sheet.streak + 1 if correct else 0
    if correct:
        sheet.correct_count += 1
        sheet.right_elapsed_ms += elapsed
        if options["streak_bonus"] and options["scoring"] != "none":
            points += 100 * min(sheet.streak - 1, 5)
    sheet.score += points
    sheet.answers[index] = (event["event_id"], elapsed, correct, points)


def _share(question: Mapping[str, Any], event: Event, options: Mapping[str, Any]) -> Fraction:
    if question["kind"] == "text":
        return Fraction(any(_reads_as(event["text"], key, options["one_typo"]) for key in question["key"]))
    chosen, key = set(event["choices"]), set(question["key"])
    if question["kind"] == "multiple" and options["partial"]:
        return max(Fraction(0), Fraction(len(chosen & key) - len(chosen - key), len(key)))
    return Fraction(chosen == key)


def _points(share: Fraction, elapsed: int, question: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    if options["scoring"] == "none":
        return 0
    pays = Fraction(question["points"]) * share
    if options["scoring"] == "classic" and elapsed >= 500:
        pays *= 1 - Fraction(elapsed, question["time_limit_ms"]) / 2
    return int(pays + Fraction(1, 2))


def _reads_as(given: str, key: str, one_typo: bool) -> bool:
    words, wanted = _words(given), _words(key)
    if words == wanted or not one_typo:
        return words == wanted
    wrong = [(g, w) for g, w in zip(words, wanted, strict=False) if g != w]
    return len(words) == len(wanted) and len(wrong) == 1 and len(wrong[0][1]) > 4 and _edits(*wrong[0]) == 1


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split()


def _edits(a: str, b: str) -> int:
    """Optimal string alignment distance, by the textbook's table."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and (a[i - 1], a[i - 2]) == (b[j - 2], b[j - 1]):
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


def _table(
    sheets: Mapping[str, Sheet], options: Mapping[str, Any], known: Sequence[Event]
) -> list[tuple[int, str, str, int]]:
    names: dict[str, str] = {}
    for event in _of(known, "player_joined"):
        names.setdefault(event["player_id"], event["nickname"])
    for event in _of(known, "player_renamed"):
        if event["player_id"] in names:
            names[event["player_id"]] = event["nickname"]
    for event in _of(known, "player_removed"):
        names.pop(event["player_id"], None)
    if options["approval"]:
        let_in = {event["player_id"] for event in _of(known, "player_admitted")}
        names = {player: name for player, name in names.items() if player in let_in}
    scores = sorted((sheets[player].score for player in names), reverse=True)
    rows = [(1 + scores.index(sheets[p].score), p, name, sheets[p].score) for p, name in names.items()]
    return sorted(rows, key=lambda row: (row[0], sheets[row[1]].right_elapsed_ms, row[2], row[1]))


def _of(known: Sequence[Event], kind: str) -> Iterable[Event]:
    return (event for event in known if event["type"] == kind)


def _what(event: Event) -> str:
    """Equal for copies of one request (choices count in any order), and an order between those that claim one id."""
    chosen = sorted(set(event.get("choices") or ()))
    return repr((event.get("question_index"), chosen, event.get("text") or "", event.get("nickname")))
