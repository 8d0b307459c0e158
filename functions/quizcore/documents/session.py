"""`sessions/{id}`: the session document, which all members may read. All other documents of a session are below it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypeGuard

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from quizcore.documents.question import PublicQuestion, RevealFields, public_question, reveal_fields
from quizcore.documents.values import Count, Expiring, Uid, one_of
from quizcore.domain.commands import Facts
from quizcore.domain.fold import State
from quizcore.domain.pacing import Announced, Current, Window
from quizcore.domain.quiz import Quiz
from quizcore.domain.schedule import due_at
from quizcore.domain.session import Game, Options, Phase, Reveal, Scoring
from quizcore.messages import Id
from quizcore.shards import MOST_SHARDS

SESSIONS = "sessions"

OptionsFields = dict[str, bool | Count | str]  # the fields of `Options`, by name
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class PhaseFields(TypedDict):
    """The fields that follow from the timeline alone, and so are the same in every shard."""

    state: Annotated[str, one_of(Phase)]
    question_index: Count | None
    question: PublicQuestion | None
    opened_at: Count | None
    closes_at: Count | None
    reveal: RevealFields | None
    locked: bool


class CountedFields(TypedDict):
    """The fields that are counted over all shards."""

    player_count: Count
    final: bool
    due_at: Count | None


class ClockFields(PhaseFields, CountedFields):
    """The fields that change while the session runs."""


class LayoutFields(TypedDict):
    """`groups`: the number of groups, in a session whose shards are merged in groups."""

    shards: Annotated[int, Field(ge=1, le=MOST_SHARDS)]
    groups: NotRequired[Annotated[int, Field(ge=1, le=MOST_SHARDS)]]


class HeadFields(LayoutFields):
    """The constant fields: the host, the quiz, the class of the host if there is one, and the number of shards at the
    opening."""

    quiz_id: Id
    host_id: Uid
    class_id: NotRequired[Id]


class ResultPart(TypedDict):
    """A final shard's contribution to the result: the number of its ranked players' answers that count, and the end of
    the session as the shard knows it."""

    answers: Count
    finished_at: Count


class Result(ResultPart):
    """`seq` and `as_of` are those of the final board, `players` is the number of players on it."""

    seq: Count
    as_of: Count
    players: Count


class HandOnFields(TypedDict):
    """The newest final version, and the version that was handed on, 0 for none (result.py). Older releases wrote
    neither."""

    result: NotRequired[Result | None]
    handed_seq: NotRequired[Count]


class SessionDocument(HeadFields, ClockFields, HandOnFields, Expiring):
    title: str
    language: str
    pin: Pin
    question_count: Count
    options: OptionsFields
    created_at: Count


def session_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}"


def session_collections(session_id: str) -> list[str]:
    """The collections below a session."""
    names = (
        "private",
        "players",
        "boards",
        "shards",
        "groups",
        "rolls",
        "journal",
        "nicknames",
        "requests",
        "links",
        "leavers",
    )
    return [f"{session_path(session_id)}/{name}" for name in names]


def head_fields(layout: LayoutFields, *, quiz_id: str, host_id: str, class_id: str | None = None) -> HeadFields:
    head: HeadFields = {"quiz_id": quiz_id, "host_id": host_id, "shards": layout["shards"]}
    if "groups" in layout:
        head["groups"] = layout["groups"]
    if class_id is not None:
        head["class_id"] = class_id
    return head


def session_fields(
    head: HeadFields, state: State, *, pin: str, created_at: int, expires_at: datetime
) -> SessionDocument:
    """The session document at the opening."""
    game = state.game
    return {
        **head,
        "title": game.quiz.title,
        "language": game.quiz.language,
        "pin": pin,
        "question_count": game.question_count,
        "options": options_fields(game.options),
        "created_at": created_at,
        **clock_fields(state),
        "result": None,
        "handed_seq": 0,
        "expires_at": expires_at,
    }


def is_whole_session(data: Mapping[str, Any]) -> TypeGuard[SessionDocument]:
    """Whether the session document has the fields of an opened session. Older releases could recreate a part of it
    after its deletion; such a part counts as no session."""
    return data.keys() >= {"shards", "host_id", "expires_at"}


def session_facts(session: SessionDocument) -> Facts:
    """The facts by which a command is decided."""
    return Facts(Phase(session["state"]), session["question_index"], session["question_count"], session["closes_at"])


def announced(session: SessionDocument) -> Announced:
    """The pacing according to a session document, by which the API accepts answers. In any state but `question` it has
    no window, because the key may be shown."""
    index, question = session["question_index"], session["question"]
    opened_at, closes_at = session["opened_at"], session["closes_at"]
    if session["state"] != Phase.QUESTION or index is None or question is None:
        return Announced(None)
    if opened_at is None or closes_at is None:
        return Announced(None)
    options = read_options(session["options"])
    window = Window.between(
        opened_at,
        closes_at,
        question["time_limit_ms"],
        grace_ms=options.grace_ms,
        reserve_ms=options.reserve_ms,
    )
    return Announced(Current(index, window))


def options_fields(options: Options) -> OptionsFields:
    return asdict(options) | {"scoring": options.scoring.value, "reveal": options.reveal.value}


def read_options(data: Mapping[str, Any]) -> Options:
    return Options(**{**data, "scoring": Scoring(data["scoring"]), "reveal": Reveal(data["reveal"])})


def read_game(session: SessionDocument, quiz: Quiz) -> Game:
    return Game(quiz, read_options(session["options"]))


def clock_fields(state: State) -> ClockFields:
    return {
        **phase_fields(state),
        "player_count": len(state.standings),
        "final": state.pacing.final,
        "due_at": due_at(state.pacing, state.game, state.now),
    }


def phase_fields(state: State) -> PhaseFields:
    index, window = state.pacing.current or (None, None)
    question = None if index is None else state.game.question(index)
    return {
        "state": state.pacing.phase(state.now).value,
        "question_index": index,
        "question": public_question(question) if question else None,
        "opened_at": window.opened_at if window else None,
        "closes_at": window.closes_at if window else None,
        "reveal": reveal_fields(question) if question and index in state.shown else None,
        "locked": state.timeline.locked,
    }
