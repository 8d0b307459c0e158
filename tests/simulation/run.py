"""One seed: a session with its people, workers and faults, until nothing is left to do."""

import random
import sys
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import structlog

from quizcore import documents
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.domain.session import Game, Options, Reveal, Scoring
from quizcore.layout import Layout
from quizcore.ports import Delivery, FinalSession, Write
from quizcore.usecases.open_session import opening_writes
from quizcore.usecases.pins import Pin
from tests.simulation.bus import SimulatedBus
from tests.simulation.crowd import API, Api, Crowd
from tests.simulation.faults import Fault, Faults, mixture
from tests.simulation.laws import Laws
from tests.simulation.loop import NOBODY, Process, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.store import SharedStore
from tests.simulation.worker import SETTINGS, Cluster, SeededIds
from tests.support.games import START

SESSION = "session"
CALM_AFTER_S = 60.0  # from then on nothing goes wrong any more
AFTERMATH_S = 30.0  # things go wrong again for so long when a game ends after that; most of those with many faults do
REST_S = 600.0  # by then all must be quiet
RESERVES_MS = (50, 250)
GROUP_SHARDS = (2, 2, 3, 64)  # with more shards, a session is merged in two levels
PROMPT = 0.3  # of the seeds: nobody answers late
AUTO_CLOSING = 0.8  # of the seeds: the engine closes when everybody has answered
DISORDERLY = 0.1  # of the seeds: the bus keeps no order
# Where the bus breaks the order of a key: longer than a pause, a lease and a late request together.
DELIVERY_MS = 120_000
QUIET_S = 60.0  # longer than a lease, and than a request that is late both ways


@dataclass(slots=True)
class Outcome:
    seed: int
    broken: str | None
    history: list[str]
    struck: list[int]
    faults: Counter[Fault]
    commits: int
    answers: int
    closings: int  # by the engine, because everybody had answered


@dataclass(slots=True)
class Smaller:
    """A shorter history of the same seed: fewer people, fewer questions, only these faults."""

    players: int | None = None
    questions: int | None = None
    keep: frozenset[int] | None = None


def run(seed: int, smaller: Smaller | None = None) -> Outcome:
    """Play the seed. `broken` names the first law that did not hold, or is None."""
    random.seed(seed)  # the worker's back-off
    simulation = Simulation(seed, smaller or Smaller())
    simulation.play()
    return simulation.outcome()


class Simulation:
    """One session, and all that happens to it."""

    def __init__(self, seed: int, smaller: Smaller) -> None:
        self.seed = seed
        self.history: list[str] = []
        self.ended = False
        self.loop = SimulatedLoop()  # type: ignore[abstract] # what the worker uses of one is there
        streams, shape = _Streams(seed), _Streams(seed).of("shape")
        game = _game(shape, smaller.questions)
        reserve_ms = shape.choice(RESERVES_MS)
        self.players = [f"p{number}" for number in range(smaller.players or shape.randint(2, 9))]
        self.workers, shards = shape.randint(1, 3), shape.choice((1, 1, 2, 3))
        settings = SETTINGS.model_copy(update={"group_shards": streams.of("groups").choice(GROUP_SHARDS)})
        layout = Layout.for_shards(SESSION, shards, settings.group_shards)
        wild, affine = shape.random() < DISORDERLY, shape.random() < 0.5
        self.faults = Faults(streams.of("faults"), mixture(shape), smaller.keep, self.tell)
        narrow = _Streams(seed).of("commits").choice((None, None, None, 1, 2, 4))
        self.shared, ids = SharedStore(narrow), SeededIds(streams.of("ids"))
        self.bus = SimulatedBus(self.loop, streams.of("bus"), self.faults, self.tell, wild=wild, affine=affine)
        network = Network(self.loop, streams.of("network"), self.faults, self._kill, self._stop)
        game = Game(
            game.quiz,
            replace(
                game.options,
                reserve_ms=reserve_ms,
                delivery_ms=DELIVERY_MS if wild else 0,
                auto_close=_Streams(seed).of("option").random() < AUTO_CLOSING,
            ),
        )
        skews = streams.of("skews")
        self.api = Api(self.loop, self.bus, network, self.shared, SESSION, lambda: behind_ms(skews, reserve_ms))
        told = (self.bus.taken, self.api.accepted)
        self.laws = Laws(self.shared, SESSION, game, *told, self._api_now_ms, self.tell, SETTINGS.top_k)
        rng = streams.of("workers")
        self.cluster = Cluster(self.loop, rng, network, self.bus, self.shared, ids, self, self.tell, settings)
        self.crowd = Crowd(
            self.loop,
            streams.of("crowd"),
            self.api,
            ids,
            game.quiz.questions,
            game.options.auto_advance,
            game.options.approval,
            prompt=streams.of("closing").random() < PROMPT,
        )
        opened = documents.head_fields(layout.fields, quiz_id="words", host_id="host")
        until = documents.expiry(START + 10**9)
        self.shared.commit(
            opening_writes(SESSION, Pin("000000"), game, opened, now=START, commit_id="first", expires_at=until)
        )

    def tell(self, line: str) -> None:
        self.history.append(f"{self.loop.time():9.3f}  {line}")

    def play(self) -> None:
        _log_to(self.tell, self.cluster.faults)
        for _ in range(self.workers):
            self.cluster.start()
        for person in (*map(self.crowd.play, self.players), self.crowd.host(self.players)):
            self.loop.create_task(person)
        self.loop.call_later(CALM_AFTER_S, self._calm)
        rests = self._comes_to_rest()
        self._note_faults()
        if not rests and not self.laws.broken:
            state = {name: self.api.session[name] for name in ("state", "final", "due_at", "shards")}
            people = f"{self.crowd.done} of {len(self.players) + 1} people done"
            self.laws.breaks(f"never at rest: {people}, bus empty {self.bus.empty}, {state}")
        if not self.laws.broken:
            self.laws.settled()
            self.laws.received()
            self.laws.closed(undisturbed=not self.faults.struck)
        self.cluster.closed = True
        self.loop.close()

    def outcome(self) -> Outcome:
        answers = sum(message.type == "answer_submitted" for message in self.api.accepted)
        closings = len(self.laws.auto_close.closed)
        struck, counts = self.faults.struck, self.faults.counts
        return Outcome(self.seed, self.laws.broken, self.history, struck, counts, self.laws.commits, answers, closings)

    def committed(self, process: Process, writes: Sequence[Write]) -> None:
        paths = sorted(write.path.partition("/")[2] for write in writes)
        self.tell(f"{process.name} commits {', '.join(paths)}")
        self.laws.committed(writes)
        if not self.ended and self.api.session["final"]:
            self.ended = True
            self._storm()

    def acknowledged(self, deliveries: Sequence[Delivery]) -> None:
        self.tell(f"acknowledged: {', '.join(delivery.ack_id.rpartition('#')[0] for delivery in deliveries)}")
        self.laws.acknowledged(deliveries)

    def handed_on(self, process: Process, final: FinalSession) -> None:
        self.tell(f"{process.name} hands on {final}")
        self.laws.handed_on(final)

    def _api_now_ms(self) -> int:
        return self.api.clock.now_ms()

    def _comes_to_rest(self) -> bool:
        """Whether nothing happens any more for a while, though everybody could."""
        while self.loop.run(self._quiet, REST_S):
            before = (self.laws.commits, len(self.bus.taken))
            self.loop.run(lambda: False, self.loop.time() + QUIET_S)
            if self._quiet() and (self.laws.commits, len(self.bus.taken)) == before:
                return True
        return False

    def _quiet(self) -> bool:
        if self.laws.broken or self.loop.faults or self.cluster.faults:
            return True
        session, everybody = self.api.session, len(self.players) + 1
        return bool(self.crowd.done == everybody and self.bus.empty and session["final"] and session["due_at"] is None)

    def _note_faults(self) -> None:
        for error in (*self.loop.faults, *self.cluster.faults):
            self.laws.breaks(f"a fault that nobody expected: {error!r}")

    def _calm(self) -> None:
        self.faults.over = True
        self.tell("nothing goes wrong from here on")

    def _storm(self) -> None:
        """Inject faults also after the end, even when the end was late."""
        if self.faults.over:
            self.faults.over = False
            self.tell("things go wrong again")
            self.loop.call_later(AFTERMATH_S, self._calm, context=NOBODY)

    def _kill(self, process: Process) -> None:
        self.api.kill() if process.name == API else self.cluster.kill(process)

    def _stop(self, process: Process) -> None:
        if process.name != API:
            self.cluster.stop(process)


@dataclass(slots=True)
class _Streams:
    """Randomness for each part of its own, so that one part less changes little in the others."""

    seed: int

    def of(self, part: str) -> random.Random:
        return random.Random(f"{self.seed}/{part}")  # noqa: S311 (a seed, no secret)


def behind_ms(rng: random.Random, reserve_ms: int) -> int:
    """How far the clock of an API instance is behind: as much as the reserve allows."""
    return rng.randint(0, reserve_ms)


def _game(rng: random.Random, questions: int | None) -> Game:
    made = [
        Question(
            f"word {n}", Kind.SINGLE, (rng.randrange(3),), ("a", "b", "c"), time_limit_ms=rng.choice((2_000, 5_000))
        )
        for n in range(rng.randint(1, 3))
    ]
    options = Options(
        scoring=rng.choice(list(Scoring)),
        reveal=rng.choice(list(Reveal)),
        streak_bonus=rng.random() < 0.5,
        auto_advance=rng.random() < 0.4,
        board_hidden=rng.random() < 0.1,
        approval=rng.random() < 0.2,
        lead_ms=rng.choice((0, 1_000, 3_000)),
        review_ms=rng.choice((1_000, 4_000)),
    )
    return Game(Quiz("Words", "en", tuple(made[: questions or len(made)])), options)


def _log_to(tell: Callable[[str], None], faults: list[BaseException]) -> None:
    """The worker's log belongs to the history; an unexpected fault of the worker breaks the run."""

    def take(_logger: object, name: str, event: MutableMapping[str, Any]) -> NoReturn:
        said = ", ".join(f"{key}={value}" for key, value in event.items() if key not in {"event", "exc_info"})
        tell(f"log {name}: {event['event']} ({said})")
        if event.get("exc_info"):
            faults.append(sys.exc_info()[1] or RuntimeError(event["event"]))
        raise structlog.DropEvent

    structlog.configure(processors=[take], cache_logger_on_first_use=False)
