"""A host's command: checked, decided and published."""

from dataclasses import dataclass, replace

from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.domain.commands import Command, Order, WrongState, decide
from quizcore.domain.events import Mark
from quizcore.messages import Message, QuestionClosed, QuestionOpened, SessionFinished, commanded
from quizcore.ports import Caller
from quizcore.shards import shard_of
from quizcore.usecases import nicknames
from quizcore.usecases.members import check_host
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked, Request
from quizcore.usecases.services import Services


def command(services: Services, caller: Caller, session_id: str, order: Order, request: Request) -> Message:
    """Publish the command's event, and return it. A retry gets the event of its first try.

    Raises Rejected `unknown_session`, `forbidden`, `wrong_state`, `key_reused`, `nickname_taken`, `nickname_refused` or
    `try_again`; BusUnavailable; StoreError.
    """
    event_id = request.key or services.ids.event_id()
    session = services.session(session_id, max_age_ms=0)
    check_host(session, caller)
    # Stamped after the session was read, so that the time is not earlier than the state that the command was checked
    # against.
    ordered = _Ordered(session_id, session, order, Mark(services.clock.now_ms(), event_id))
    first, to_publish = _decided(services, ordered, request)
    if to_publish is not None:
        services.publisher.publish([to_publish])
    return first


@dataclass(frozen=True, slots=True)
class _Ordered:
    """An order, and the session as it was when the order arrived."""

    session_id: str
    session: SessionDocument
    order: Order
    mark: Mark


def _decided(services: Services, ordered: _Ordered, request: Request) -> tuple[Message, Message | None]:
    """The event of the request, and the message to publish now (None: nothing). Raises Rejected."""
    asked = Asked.of_host(ordered.session_id, request)
    first = None if asked is None else asked.first_event(services)
    if first is None:
        message = _message(services, ordered)
        first = message if asked is None else asked.remember(services, message, ordered.session["expires_at"])
        if first is message:
            return message, message
    return first, _again(first, services, ordered)


def _again(first: Message, services: Services, ordered: _Ordered) -> Message | None:
    """The message that a repeated command publishes: the same event, because the first publish may have failed. Of
    several openings, closings or endings the earliest counts. While the session shows no effect of the event, the event
    is published with the time of this try; otherwise a question whose opening was delayed would lose a part of its
    time. When this try began before the first try, the time of the first try stays. When the effect is visible, nothing
    is published. So players never see a time change."""
    if not isinstance(first, QuestionOpened | QuestionClosed | SessionFinished):
        return first
    try:
        now = _message(services, ordered)
    except Rejected:
        return None
    if now != first.model_copy(update={"at": now.at}):
        return None
    return now if now.at > first.at else first


def _message(services: Services, ordered: _Ordered) -> Message:
    """One message, to the player's shard, or to shard 0, which copies it to the others. Raises Rejected."""
    order, shard = ordered.order, 0
    if order.player_id:
        order = _about_player(services, ordered)
        shard = shard_of(order.player_id, ordered.session["shards"])
    try:
        event = decide(documents.session_facts(ordered.session), order, ordered.mark)
    except WrongState as error:
        raise Rejected("wrong_state", str(error)) from None
    return commanded(event, ordered.session_id, shard)


def _about_player(services: Services, ordered: _Ordered) -> Order:
    """The order, with a new nickname cleaned and reserved for the player. Raises Rejected `wrong_state`,
    `nickname_refused` or `nickname_taken`."""
    order, session_id = ordered.order, ordered.session_id
    if services.store.get(documents.player_path(session_id, order.player_id)) is None:
        raise Rejected("wrong_state", "there is no such player in this session")
    if order.command is not Command.RENAME:
        return order
    # The old nickname stays reserved: no other player should join under a name that people have just seen.
    nickname = nicknames.cleaned(order.nickname)
    nicknames.reserve(services, session_id, order.player_id, nickname, ordered.session["expires_at"])
    return replace(order, nickname=nickname)
