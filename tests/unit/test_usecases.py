"""The use cases without HTTP: services are the in-memory twins, and caches are plain dicts."""

from dataclasses import dataclass

import pytest

from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.domain.commands import Command, Order
from quizcore.domain.events import Answer
from quizcore.domain.session import Options
from quizcore.ports import Caller
from quizcore.telemetry import Telemetry
from quizcore.usecases import submit_answer as answers
from quizcore.usecases.command import command
from quizcore.usecases.join import Newcomer, Seat, join
from quizcore.usecases.open_session import Wanted, open_session
from quizcore.usecases.played_questions import played_questions
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Request
from quizcore.usecases.services import Memory, Services
from tests.support.api_calls import KEY, OTHER_KEY, open_question
from tests.support.world import QUIZ_ID, World, api_settings

HOST = Caller("host-1", "host")
ONCE = Request(None, "{}")


@dataclass(slots=True)
class Uncached:
    world: World

    def get(self, session_id: str, max_age_ms: int | None = None) -> SessionDocument | None:
        found = self.world.store.get(documents.session_path(session_id))
        return found.read_as(SessionDocument) if found else None


@dataclass(slots=True)
class Budget:
    """Of wrong PINs."""

    left: int = 1

    def check_guesses(self) -> None:
        if self.left == 0:
            raise Rejected("slow_down", "too many", retry_after_s=1)

    def guessed_wrong(self) -> None:
        self.check_guesses()
        self.left -= 1


@pytest.fixture(name="services")
def _services(world: World) -> Services:
    memory = Memory(Uncached(world), lambda _: frozenset(), {}, {}, {}, {})
    return Services(world.store, world.bus, world.identity, world.clock, world.ids, Telemetry(), memory, lambda _: None)


def opened(services: Services, request: Request = ONCE) -> dict[str, str]:
    made = open_session(services, api_settings(), HOST, Wanted(QUIZ_ID, Options(), 1), request)
    return {"session_id": made.session_id, "pin": made.pin}


def come_in(services: Services, pin: str, request: Request = ONCE, budget: Budget | None = None) -> Seat:
    newcomer = Newcomer(pin, "Ann", "fox", None, services.clock.now_ms())
    return join(services, budget or Budget(), newcomer, request)


def test_a_session_is_opened_joined_driven_and_answered(world: World, services: Services) -> None:
    session = opened(services)
    seat = come_in(services, session["pin"])
    ann = world.identity.verify(seat.token or "")
    event = command(services, HOST, session["session_id"], Order(Command.NEXT, 0), ONCE)
    open_question(world, session)
    sent = answers.SentAnswer(session["session_id"], 0, Answer((1,)), KEY, services.clock.now_ms())

    receipt = answers.submit_answer(services, ann, sent)

    assert (receipt.event_id, receipt.received_at) == (KEY, world.clock.ms)
    assert answers.submit_answer(services, ann, sent) == receipt, "a retry"
    assert [message.type for message in world.bus.published] == ["player_joined", event.type, "answer_submitted"]
    with pytest.raises(Rejected, match="has your answer already"):
        answers.submit_answer(
            services, ann, answers.SentAnswer(sent.session_id, 0, Answer((2,)), OTHER_KEY, sent.received_at)
        )


def test_only_a_host_opens_a_session_and_only_this_host_sends_commands(services: Services) -> None:
    session_id = opened(services)["session_id"]

    with pytest.raises(Rejected) as told:
        open_session(services, api_settings(), Caller("ann"), Wanted(QUIZ_ID, Options(), 1), ONCE)
    assert told.value.code == "forbidden"
    with pytest.raises(Rejected) as told:
        command(services, Caller("another", "host"), session_id, Order(Command.NEXT), ONCE)
    assert told.value.code == "forbidden"


def test_the_same_key_opens_one_session_and_other_content_with_it_is_rejected(services: Services) -> None:
    first = opened(services, Request(KEY, "a"))

    assert opened(services, Request(KEY, "a")) == first
    assert opened(services, Request(OTHER_KEY, "a")) != first
    with pytest.raises(Rejected) as told:
        opened(services, Request(KEY, "b"))
    assert told.value.code == "key_reused"


def test_a_wrong_pin_costs_a_guess_and_without_guesses_no_pin_is_looked_up(services: Services) -> None:
    pin, budget = opened(services)["pin"], Budget(left=1)

    with pytest.raises(Rejected) as told:
        come_in(services, "999999", budget=budget)
    assert (told.value.code, budget.left) == ("unknown_pin", 0)
    with pytest.raises(Rejected) as told:
        come_in(services, pin, budget=budget)
    assert (told.value.code, told.value.retry_after_s) == ("slow_down", 1)
    assert come_in(services, pin).session_id


def test_the_keys_are_not_shown_before_the_end(services: Services) -> None:
    session_id = opened(services)["session_id"]

    with pytest.raises(Rejected) as told:
        played_questions(services, HOST, session_id)

    assert told.value.code == "wrong_state"
