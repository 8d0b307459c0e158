"""POST /sessions/{id}/answers: the call that must never lose anything."""

from typing import Annotated, Any, Self

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from http_api.door import Door, Receipt
from http_api.openapi import PLAYER, TOKEN
from http_api.paths import SessionPath
from http_api.people import check_let_in, check_member
from http_api.problems import Refusal, documented
from quizcore import documents
from quizcore.domain.events import Answer
from quizcore.domain.kinds import Kind, KindUnknown
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.domain.text import unfit_character
from quizcore.messages import MAX_CHOICES_SENT, MAX_TEXT_CHARS, AnswerSubmitted, ChoiceIndex, QuestionIndex
from quizcore.ports import Caller
from quizcore.shards import shard_of


class AnswerBody(BaseModel):
    """Choices for `single` and `multiple`, text for `text`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    question_index: QuestionIndex
    choices: Annotated[list[ChoiceIndex], Field(min_length=1, max_length=MAX_CHOICES_SENT)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)] | None = None

    @model_validator(mode="after")
    def _one_of_two_and_readable(self) -> Self:
        if (self.choices is None) == (self.text is None):
            raise ValueError("send either choices or text")
        unfit = None if self.text is None else unfit_character(self.text)
        if unfit:
            raise ValueError(f"text holds {unfit}, which is no character that people type")
        return self

    def answer(self) -> Answer:
        return Answer(choices=tuple(self.choices or ()), text=self.text)


class AnswerAccepted(BaseModel):
    """The answer is recorded. `receipt` stands in the player's document once it is judged."""

    receipt: str
    received_at: int


def register(api: APIBlueprint, door: Door) -> None:
    @api.post(
        "/sessions/<session_id>/answers",
        summary="Answer the open question",
        tags=PLAYER,
        security=TOKEN,
        responses={
            202: AnswerAccepted,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_session", "not_open"),
                *("already_answered", "key_reused", "too_large", "no_such_choice", "slow_down", "try_again"),
            ),
        },
    )
    def submit_answer(path: SessionPath, body: AnswerBody) -> tuple[dict[str, Any], int]:
        received_at = _received_at(door, path.session_id)
        caller: Caller = g.caller
        event_id = door.event_id()
        door.limits.check("answers", caller.uid, door.settings.answers_per_minute)
        check_member(door, path.session_id, caller)
        place = (path.session_id, caller.uid, body.question_index)
        asked = (path.session_id, caller.uid, event_id)
        known = door.receipts.get(asked) or door.receipts.get(place)
        if known is not None:
            return _repeat(known, event_id, body)
        session = _open_session(door, path.session_id, caller.uid, body.question_index, received_at)
        check_let_in(door, path.session_id, session, caller)
        _check_fits(body.answer(), session["question"])
        message = AnswerSubmitted(
            event_id=event_id,
            session_id=path.session_id,
            shard=shard_of(caller.uid, session["shards"]),
            at=received_at,
            player_id=caller.uid,
            question_index=body.question_index,
            choices=None if body.choices is None else tuple(body.choices),
            text=body.text,
        )
        door.publisher.publish([message])
        _check_in_time(door, received_at)
        door.receipts.put(place, receipt := Receipt(event_id, body, received_at))
        door.receipts.put(asked, receipt)
        door.telemetry.add("door_accepted")
        return AnswerAccepted(receipt=event_id, received_at=received_at).model_dump(), 202


def _check_in_time(door: Door, received_at: int) -> None:
    """Raises Refusal `try_again` when the request took longer than `PUBLISH_BOUND_MS`, for example while the store was
    slow or this process stood still. A session becomes final on the assumption that no accepted answer is under way
    for longer, so this answer may be counted, but must not be promised."""
    if door.clock.now_ms() > received_at + PUBLISH_BOUND_MS:
        raise Refusal("try_again", "this took too long; repeat with the same Idempotency-Key", {"Retry-After": "1"})


def _repeat(known: Receipt, event_id: str, body: AnswerBody) -> tuple[dict[str, Any], int]:
    """A retry gets its first receipt again; anything else would change an answer."""
    if known.event_id != event_id:
        raise Refusal("already_answered", "this question has your answer already")
    if known.body != body:
        raise Refusal("key_reused", "this Idempotency-Key was used with another answer; make a new key")
    return AnswerAccepted(receipt=event_id, received_at=known.received_at).model_dump(), 202


def _open_session(door: Door, session_id: str, player_id: str, question_index: int, at: int) -> dict[str, Any]:
    """Raises Refusal `not_open`, and only by a document that was read after the answer came: without a lead the
    quickest answers come a moment after the opening. Reads are shared, so a crowd of late ones costs few."""
    session = door.session(session_id)
    if not _is_open(door, session, player_id, question_index, at):
        session = door.session(session_id, max_age_ms=0)
    if not _is_open(door, session, player_id, question_index, at):
        raise Refusal("not_open", "this question takes no answers now")
    return session


def _is_open(door: Door, session: dict[str, Any], player_id: str, question_index: int, at: int) -> bool:
    """Whether the answer counts, and the key is certainly still hidden: the clock may be behind the store's."""
    window = documents.announced(session).window(player_id, question_index)
    behind_ms = door.clock.behind_most_ms() or 0
    return window is not None and window.counts(at) and window.hides_key(at + behind_ms)


def _received_at(door: Door, session_id: str) -> int:
    """When the answer came. An instance learns the store's time from the store's first answer."""
    if door.clock.behind_most_ms() is None:
        door.session(session_id)
    return door.clock.now_ms()


def _check_fits(answer: Answer, question: dict[str, Any]) -> None:
    try:
        rules = Kind.named(question["kind"]).rules
    except KindUnknown:  # while a release goes out: another instance opened the session, and can judge
        raise Refusal(
            "try_again", "this instance does not know the question's kind yet", {"Retry-After": "1"}
        ) from None
    misfit = rules.misfit(len(question["choices"]), answer)
    if misfit is not None:
        raise Refusal(misfit.code, misfit.detail)
