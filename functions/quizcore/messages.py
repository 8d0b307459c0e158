"""Every message on the topic `session-events`.

A body is one JSON object of at most 4 KiB. An unknown field or type makes it unreadable: such a message becomes a dead
letter.
"""

import re
from dataclasses import fields
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from quizcore.domain import events
from quizcore.domain.commands import Commanded
from quizcore.domain.events import Answer, Mark

MAX_BODY_BYTES = 4_096
MAX_TEXT_CHARS = 200
MAX_CHOICES_SENT = 8

MOST_ID_CHARS = 128
# No reserved name, no slash, no control character, no lone surrogate. One expression, because every message has three
# names: a loop over their characters took a third of the time in which a worker reads a message.
_DOCUMENT_NAME = re.compile(rf"(?!\.\.?\Z|__.*__\Z)[^/\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,{MOST_ID_CHARS}}}", re.DOTALL)


def is_document_name(text: str) -> bool:
    """Whether Firestore accepts the text as the name of a document, and a terminal shows it as plain text."""
    return _DOCUMENT_NAME.fullmatch(text) is not None


def _document_name(text: str) -> str:
    if not is_document_name(text):
        raise ValueError("is no name that a document can have")
    return text


Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MOST_ID_CHARS, pattern=r"^[A-Za-z0-9_-]+$"),
    AfterValidator(_document_name),
]
# A signed-in player keeps their uid, and a uid of Firebase Authentication may hold any characters.
PlayerId = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_CHARS), AfterValidator(_document_name)]
Nickname = Annotated[str, StringConstraints(min_length=1, max_length=64)]
QuestionIndex = Annotated[int, Field(ge=0, le=9_999, strict=True)]
ChoiceIndex = Annotated[int, Field(ge=0, le=99, strict=True)]


class MessageUnreadable(ValueError):
    """The body is not a message of this version; the text names the fault."""


class _Message(BaseModel):
    # An answer or a nickname must not reach a log through an error's text.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    v: Literal[1] = 1
    event_id: Id
    session_id: Id
    shard: Annotated[int, Field(ge=0, lt=1_024)]
    at: Annotated[int, Field(ge=0)]

    @property
    def mark(self) -> Mark:
        return Mark(self.at, self.event_id)

    @property
    def ordering_key(self) -> str:
        """For affinity (one worker sees one shard). Scores never depend on the order of a key. The time at which a
        session becomes final does, unless the bus has a bound (`Pacing.becomes_final_at`)."""
        return f"{self.session_id}/{self.shard}"


class PlayerJoined(_Message):
    type: Literal["player_joined"] = "player_joined"
    player_id: PlayerId
    nickname: Nickname
    avatar: Annotated[str, StringConstraints(max_length=32)]

    def event(self) -> events.Event:
        return events.PlayerJoined(self.mark, self.player_id, self.nickname, self.avatar)


class AnswerSubmitted(_Message):
    type: Literal["answer_submitted"] = "answer_submitted"
    player_id: PlayerId
    question_index: QuestionIndex
    choices: Annotated[tuple[ChoiceIndex, ...], Field(max_length=MAX_CHOICES_SENT)] | None = None
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.choices is None) == (self.text is None):
            raise ValueError("an answer has either choices or text")
        return self

    def event(self) -> events.Event:
        answer = Answer(choices=self.choices or (), text=self.text)
        return events.AnswerSubmitted(self.mark, self.player_id, self.question_index, answer)


class _Control(_Message):
    """Sent to shard 0, which sends copies to the others. A single message is published or not; a message to all shards
    could reach only some shards, and its repetition, with a later `at`, the others. `shards` is the number of shards to
    which it was sent."""

    shards: Annotated[int, Field(ge=1, le=1_024)] | None = None


class QuestionOpened(_Control):
    type: Literal["question_opened"] = "question_opened"
    question_index: QuestionIndex

    def event(self) -> events.Event:
        return events.QuestionOpened(self.mark, self.question_index)


class QuestionClosed(_Control):
    type: Literal["question_closed"] = "question_closed"
    question_index: QuestionIndex

    def event(self) -> events.Event:
        return events.QuestionClosed(self.mark, self.question_index)


class SessionFinished(_Control):
    type: Literal["session_finished"] = "session_finished"

    def event(self) -> events.Event:
        return events.SessionFinished(self.mark)


class SessionLocked(_Control):
    type: Literal["session_locked"] = "session_locked"
    locked: bool

    def event(self) -> events.Event:
        return events.SessionLocked(self.mark, self.locked)


class PlayersExpected(_Control):
    type: Literal["players_expected"] = "players_expected"
    players: Annotated[int, Field(ge=1, le=10_000_000)]

    def event(self) -> events.Event:
        return events.PlayersExpected(self.mark, self.players)


class PlayerRemoved(_Message):
    type: Literal["player_removed"] = "player_removed"
    player_id: PlayerId

    def event(self) -> events.Event:
        return events.PlayerRemoved(self.mark, self.player_id)


class PlayerAdmitted(_Message):
    type: Literal["player_admitted"] = "player_admitted"
    player_id: PlayerId

    def event(self) -> events.Event:
        return events.PlayerAdmitted(self.mark, self.player_id)


class PlayerRenamed(_Message):
    type: Literal["player_renamed"] = "player_renamed"
    player_id: PlayerId
    nickname: Nickname

    def event(self) -> events.Event:
        return events.PlayerRenamed(self.mark, self.player_id, self.nickname)


Control = QuestionOpened | QuestionClosed | SessionFinished | SessionLocked | PlayersExpected
AboutPlayer = PlayerRemoved | PlayerAdmitted | PlayerRenamed  # commands about one player
Message = PlayerJoined | AnswerSubmitted | AboutPlayer | Control

_adapter: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])

_COMMANDED: dict[type[Commanded], type[Any]] = {
    events.QuestionOpened: QuestionOpened,
    events.QuestionClosed: QuestionClosed,
    events.SessionFinished: SessionFinished,
    events.SessionLocked: SessionLocked,
    events.PlayersExpected: PlayersExpected,
    events.PlayerRemoved: PlayerRemoved,
    events.PlayerAdmitted: PlayerAdmitted,
    events.PlayerRenamed: PlayerRenamed,
}


def commanded(event: Commanded, session_id: str, shard: int) -> Control | AboutPlayer:
    """The message whose `event()` is this event."""
    named = {field.name: getattr(event, field.name) for field in fields(event) if field.name != "mark"}
    base = {"event_id": event.mark.event_id, "session_id": session_id, "shard": shard, "at": event.mark.at}
    message: Control | AboutPlayer = _COMMANDED[type(event)](**base, **named)
    return message


def copies(message: Control, shards: int) -> list[Message]:
    """Copies of a control event for the shards, of this number of shards, to which it was not sent yet."""
    sent_to = message.shards or 1
    return [message.model_copy(update={"shard": shard, "shards": shards}) for shard in range(sent_to, shards)]


def encode(message: Message) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()


def attributes(message: Message) -> dict[str, str]:
    """The attributes by which a subscriber can filter without reading the body."""
    return {"type": message.type, "v": str(message.v)}


def decode(body: bytes) -> Message:
    """Raises MessageUnreadable."""
    if len(body) > MAX_BODY_BYTES:
        raise MessageUnreadable(f"the body has {len(body)} bytes; at most {MAX_BODY_BYTES} are read")
    try:
        return _adapter.validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        raise MessageUnreadable("; ".join(f"{_where(f['loc'])}: {f['msg']}" for f in faults[:5])) from None


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "body"
