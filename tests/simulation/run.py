"""One seed: a session with its people, its workers and its troubles, until all is quiet."""

import random
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import structlog

from quizcore import documents
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.domain.session import Game, Options, Reveal, Scoring
from quizcore.opening import opening_writes
from quizcore.ports import Delivery, Write
from tests.simulation.bus import SimulatedBus
from tests.simulation.crowd import Crowd, Door
from tests.simulation.faults import Fault, Faults
from tests.simulation.laws import Laws
from tests.simulation.loop import Process, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.store import SharedStore
from tests.simulation.worker import SETTINGS, Clock, Cluster, SeededIds
from tests.support.games import START

SESSION = "session"
CALM_AFTER_S = 60.0  # from then on nothing goes wrong any more
REST_S = 600.0  # by then all must be quiet
QUIET_S = 60.0  # longer than a lease, and than a request that is late both ways
SEVERITIES = (0.0, 0.5, 1.0, 1.0, 2.0, 4.0)


@dataclass(slots=True)
class Outcome:
    seed: int
    broken: str | None
    history: list[str]
    struck: list[int]
    faults: Counter[Fault]
    commits: int
    answers: int
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Smaller:
    """A shorter history of the same seed: fewer people, fewer questions, only these faults."""

    players: int | None = None
    questions: int | None = None
    keep: frozenset[int] | None = None


def run(seed: int, smaller: Smaller | None = None) -> Outcome:
    """Play the seed. `broken` names the first law that did not hold, or is None."""
    random.seed(seed)  # the worker's back-off
    less, rngs = smaller or Smaller(), _Streams(seed)
    loop, history = SimulatedLoop(), list[str]()

    def tell(line: str) -> None:
        history.append(f"{loop.time():9.3f}  {line}")

    _log_to(tell, problems := list[str]())
    shape = rngs.of("shape")
    game = _game(shape, less.questions)
    players = [f"p{number}" for number in range(less.players or shape.randint(2, 9))]
    workers, shards = shape.randint(1, 3), shape.choice((1, 1, 2, 3))
    wild, affine = shape.random() < 0.1, shape.random() < 0.5
    faults = Faults(rngs.of("faults"), shape.choice(SEVERITIES), less.keep, tell)
    shared, ids = SharedStore(), SeededIds(rngs.of("ids"))
    bus = SimulatedBus(loop, rngs.of("bus"), faults, tell, wild=wild, affine=affine)
    network = Network(loop, rngs.of("network"), faults, lambda p: kill(p), lambda p: stop(p))
    door = Door(loop, bus, network, shared, SESSION)
    laws = Laws(
        shared, SESSION, game, bus.taken, door.accepted, Clock(loop).now_ms, tell, SETTINGS.top_k, in_order=not wild
    )

    def committed(process: Process, writes: Sequence[Write]) -> None:
        tell(f"{process.name} commits {', '.join(write.path.partition('/')[2] for write in writes)}")
        laws.committed(writes)

    def acknowledged(deliveries: Sequence[Delivery]) -> None:
        tell(f"acknowledged: {', '.join(delivery.ack_id.rpartition('#')[0] for delivery in deliveries)}")
        laws.acknowledged(deliveries)

    def clock_ahead() -> None:
        laws.clock_ahead = True

    cluster = Cluster(
        loop, rngs.of("workers"), network, bus, shared, ids, committed, acknowledged, clock_ahead, tell
    )

    def kill(process: Process) -> None:
        door.kill() if process.name == "door" else cluster.kill(process)

    def stop(process: Process) -> None:
        if process.name != "door":
            cluster.stop(process)

    told = {"quiz_id": "words", "host_id": "host", "shards": shards}
    expires_at = documents.expiry(START + 10**9)
    shared.commit(opening_writes(SESSION, "000000", game, told, now=START, commit_id="first", expires_at=expires_at))
    crowd = Crowd(loop, rngs.of("crowd"), door, ids, game.quiz.questions, game.options.auto_advance)
    for _ in range(workers):
        cluster.start()
    people = [crowd.play(player) for player in players] + [crowd.host(players)]
    tasks = [loop.create_task(work) for work in people]

    def calm() -> None:
        faults.over = True
        tell("nothing goes wrong from here on")

    loop.call_later(CALM_AFTER_S, calm)

    def wrong() -> str | None:
        errors = [*loop.faults, *cluster.faults]
        if errors:
            return f"a fault that nobody handled: {errors[0]!r}"
        return laws.broken or next(iter(problems), None)

    def quiet() -> bool:
        if wrong():
            return True
        session = door.session
        return crowd.done == len(tasks) and bus.empty and session["final"] and session["due_at"] is None

    if not _comes_to_rest(loop, quiet, lambda: (laws.commits, len(bus.taken))):
        state = {name: door.session[name] for name in ("state", "final", "due_at", "shards")}
        laws.broken = laws.broken or f"never at rest: {crowd.done} of {len(tasks)} people done, bus empty {bus.empty}, {state}"
    elif not wrong():
        laws.settled()
    broken = wrong()
    cluster.closed = True
    loop.close()
    answers = sum(message.type == "answer_submitted" for message in door.accepted)
    return Outcome(seed, broken, history, faults.struck, faults.counts, laws.commits, answers)


def _comes_to_rest(loop: SimulatedLoop, quiet: Callable[[], bool], doings: Callable[[], object]) -> bool:
    """Whether nothing happens any more for a while, though everybody could."""
    while loop.run(quiet, REST_S):
        before = doings()
        loop.run(lambda: False, loop.time() + QUIET_S)
        if quiet() and doings() == before:
            return True
    return False


@dataclass(slots=True)
class _Streams:
    """Randomness for each part of its own, so that one part less changes little in the others."""

    seed: int

    def of(self, part: str) -> random.Random:
        return random.Random(f"{self.seed}/{part}")  # noqa: S311 (a seed, no secret)


def _game(rng: random.Random, questions: int | None) -> Game:
    made = [
        Question(f"word {n}", Kind.SINGLE, (rng.randrange(3),), ("a", "b", "c"), time_limit_ms=rng.choice((2_000, 5_000)))
        for n in range(rng.randint(1, 3))
    ]
    options = Options(
        scoring=rng.choice(list(Scoring)),
        reveal=rng.choice(list(Reveal)),
        streak_bonus=rng.random() < 0.5,
        auto_advance=rng.random() < 0.4,
        board_hidden=rng.random() < 0.1,
        lead_ms=rng.choice((0, 1_000, 3_000)),
        review_ms=rng.choice((1_000, 4_000)),
    )
    return Game(Quiz("Words", "en", tuple(made[: questions or len(made)])), options)


def _log_to(tell: Any, problems: list[str]) -> None:
    """What the worker logs belongs to the history; a fault that it did not expect breaks the run."""

    def take(_logger: object, name: str, event: MutableMapping[str, Any]) -> NoReturn:
        said = ", ".join(f"{key}={value}" for key, value in event.items() if key not in {"event", "exc_info"})
        tell(f"log {name}: {event['event']} ({said})")
        if event.get("exc_info"):
            problems.append(f"a fault that was not expected: {event['event']}")
        raise structlog.DropEvent

    structlog.configure(processors=[take], cache_logger_on_first_use=False)
