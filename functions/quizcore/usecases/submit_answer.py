"""A player answers the open question. An accepted answer is never lost."""

from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import PublicQuestion, SessionDocument
from quizcore.domain.events import Answer
from quizcore.domain.kinds import Kind, KindUnknown
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import AnswerSubmitted
from quizcore.ports import Caller, Clock
from quizcore.shards import shard_of
from quizcore.usecases.members import check_let_in, check_member
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Receipt, Services

NOT_OPEN = "this question accepts no answers now"


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """The answer is judged by `received_at` (ms since the epoch). A retry has the same `event_id`."""

    session_id: str
    question_index: int
    answer: Answer
    event_id: str
    received_at: int


def received_at(services: Services, session_id: str) -> int:
    """The time of the answer (ms since the epoch). A process gets the store's time from its first read, so before any
    other read this function reads the session. Raises Rejected `unknown_session`; StoreError."""
    if services.clock.behind_most_ms() is None:
        services.session(session_id)
    return services.clock.now_ms()


def submit_answer(services: Services, caller: Caller, sent: SentAnswer) -> Receipt:
    """Publish the answer, and return its receipt. A retry gets the receipt of its first try.

    Raises Rejected `forbidden`, `account_unusable`, `unknown_session`, `not_open`, `already_answered`, `key_reused`,
    `no_such_choice`, `invalid` or `try_again`; BusUnavailable; StoreError.
    """
    check_member(services, sent.session_id, caller)
    receipts = services.memory.receipts
    by_question = (sent.session_id, caller.uid, sent.question_index)
    by_event = (sent.session_id, caller.uid, sent.event_id)
    known = receipts.get(by_event) or receipts.get(by_question)
    if known is not None:
        return _repeated(known, sent)
    session = _open_session(services, caller.uid, sent)
    check_let_in(services, sent.session_id, session, caller)
    _check_fits(sent.answer, session["question"])
    services.publisher.publish([_message(sent, caller.uid, session["shards"])])
    check_in_time(services.clock, sent.received_at)
    receipt = Receipt(sent.event_id, sent.question_index, sent.answer, sent.received_at)
    receipts[by_question] = receipts[by_event] = receipt
    return receipt


def _message(sent: SentAnswer, player_id: str, shards: int) -> AnswerSubmitted:
    return AnswerSubmitted(
        event_id=sent.event_id,
        session_id=sent.session_id,
        shard=shard_of(player_id, shards),
        at=sent.received_at,
        player_id=player_id,
        question_index=sent.question_index,
        choices=sent.answer.choices or None,
        text=sent.answer.text,
    )


def check_in_time(clock: Clock, at: int) -> None:
    """Raises Rejected `try_again` when the request took longer than `PUBLISH_BOUND_MS`, for example when the store was
    slow or this process was suspended. A session becomes final on the assumption that every accepted answer is on the
    bus after this time. So such an answer may be counted, but the API must not accept it."""
    if clock.now_ms() > at + PUBLISH_BOUND_MS:
        raise Rejected("try_again", "this took too long; repeat with the same Idempotency-Key", retry_after_s=1)


def _repeated(known: Receipt, sent: SentAnswer) -> Receipt:
    """The first receipt, for a retry. Raises Rejected `already_answered` or `key_reused` for a request that would
    change an answer."""
    if known.event_id != sent.event_id:
        raise Rejected("already_answered", "this question has your answer already")
    if (known.question_index, known.answer) != (sent.question_index, sent.answer):
        raise Rejected("key_reused", "this Idempotency-Key was used with another answer; make a new key")
    return known


def _open_session(services: Services, player_id: str, sent: SentAnswer) -> SessionDocument:
    """Raises Rejected `not_open`, but only after reading the session again: without a lead, the fastest answers come
    just after the opening, when the cached document is older. Concurrent reads are shared, so many late answers cost
    few reads."""
    session = services.session(sent.session_id)
    if not _is_open(services.clock, session, player_id, sent):
        session = services.session(sent.session_id, max_age_ms=0)
    if not _is_open(services.clock, session, player_id, sent):
        raise Rejected("not_open", NOT_OPEN)
    return session


def _is_open(clock: Clock, session: SessionDocument, player_id: str, sent: SentAnswer) -> bool:
    """Whether the answer counts, and the key is certainly still hidden: the clock may be behind the store's."""
    window = documents.announced(session).window(player_id, sent.question_index)
    behind_ms = clock.behind_most_ms() or 0
    return window is not None and window.counts(sent.received_at) and window.hides_key(sent.received_at + behind_ms)


def _check_fits(answer: Answer, question: PublicQuestion | None) -> None:
    if question is None:
        raise Rejected("not_open", NOT_OPEN)
    try:
        rules = Kind.named(question["kind"]).rules
    except KindUnknown:  # during a deploy: a newer instance has opened the session, and can judge the answer
        detail = "this instance does not know the question's kind yet"
        raise Rejected("try_again", detail, retry_after_s=1) from None
    misfit = rules.misfit(len(question["choices"]), answer)
    if misfit is not None:
        raise Rejected(misfit.code, misfit.detail)
