"""The shapes that an imported document must have: those that `documents/` writes.

A field that is not named here may be there; `archive_check.py` has looked at its value.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from quizcore.domain.kinds import Kind
from quizcore.messages import MAX_TEXT_CHARS, Id, PlayerId
from quizcore.shards import MOST_SHARDS, SLOTS

Count = Annotated[int, Field(ge=0, lt=2**53)]  # also a moment, ms since the epoch
Whole = Annotated[int, Field(gt=-(2**53), lt=2**53)]
Index = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})$")]
Uid = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _known_kind(name: str) -> str:
    return Kind.named(name).value


KindName = Annotated[str, AfterValidator(_known_kind)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Document(_Shape):
    expires_at: datetime


class _Mark(_Shape):
    at: Count
    event_id: Id


class _Renaming(_Mark):
    nickname: Name


class _Locking(_Mark):
    locked: bool


class _Question(_Shape):
    prompt: str
    kind: KindName
    choices: list[str]
    time_limit_ms: Count
    points: Count
    media: str | None


class _Reveal(_Shape):
    key: list[int] | list[str]
    explanation: str | None


class _WholeQuestion(_Question, _Reveal):
    pass


class Session(_Document):
    quiz_id: Id
    title: str
    language: str
    host_id: Uid
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    state: Literal["lobby", "question", "closed", "finished"]
    question_index: Count | None
    question: _Question | None
    question_count: Count
    opened_at: Count | None
    closes_at: Count | None
    reveal: _Reveal | None
    player_count: Count
    locked: bool
    options: dict[str, bool | Count | str]
    shards: Annotated[int, Field(ge=1, le=MOST_SHARDS)]
    final: bool
    due_at: Count | None
    created_at: Count


class Quiz(_Document):
    title: str
    language: str
    description: str
    level: str
    questions: list[_WholeQuestion]


class Timeline(_Document):
    openings: dict[Index, _Mark]
    closings: dict[Index, list[_Mark]]
    finished: _Mark | None
    settled_at: Count | None
    locking: _Locking | None
    expected_players: Count


class Unfinished(_Document):
    commit_id: Id


class _Submission(_Shape):
    receipt: Id
    at: Count
    choices: list[Count] = []
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)] | None = None


class _Answer(_Submission):
    elapsed_ms: Count
    correct: bool
    points: Whole


class _Refused(_Submission):
    question_index: Count
    reason: Literal["early", "late", "duplicate", "unknown_question"]


class _Held(_Submission):
    player_id: PlayerId
    question_index: Count


class Player(_Document):
    nickname: Name | None
    avatar: str | None
    joined_at: Count | None
    join_receipt: Id | None
    renamed: _Renaming | None
    admitted: bool
    removed: bool
    score: Whole
    correct_count: Count
    streak: Count
    answers: dict[Index, _Answer]
    refused: list[_Refused]
    place: str | None
    slot: Annotated[int, Field(ge=0, lt=SLOTS)]


class Journal(_Document):
    shard: Annotated[int, Field(ge=0, lt=MOST_SHARDS)]
    entries: list[_Held]


class _Row(_Shape):
    rank: Count
    player_id: PlayerId
    nickname: Name
    avatar: str
    score: Whole


class _OrderedRow(_Row):
    right_elapsed_ms: Count


class _Tally(_Shape):
    question_index: Count
    answered: Count
    correct: Count | None
    choices: list[Count] | None


class _Joined(_Shape):
    nickname: Name
    at: Count
    event_id: Id


class _Board(_Document):
    seq: Count
    commit_id: Id
    as_of: Count
    final: bool
    player_count: Count
    tally: _Tally | None


class PublicBoard(_Board):
    top: list[_Row]
    recent: list[Name]
    shards: dict[Index, Count] = {}


class ShardBoard(_Board):
    top: list[_OrderedRow]
    recent: list[_Joined]
    error: Count
    scores: bytes
    due_at: Count | None


class Ranks(_Document):
    seq: Count
    as_of: Count
    player_count: Count
    error: Count
    scores: bytes


class Page(_Document):
    seq: Count
    as_of: Count
    page: Count
    pages: Count
    rows: list[_Row]


class Roll(_Document):
    seq: Count
    as_of: Count
    rows: list[_OrderedRow]


class Nickname(_Document):
    player_id: PlayerId


class Pin(_Document):
    session_id: Id
