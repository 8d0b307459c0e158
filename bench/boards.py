"""Counting results for people, and ranks on leaderboards, against what a tutorial would build."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore

from bench.instead import THREADS, TOP_K
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents import in_parts
from quizcore.documents.leaderboard import moves_path, period_path
from quizcore.documents.person import PEOPLE, PersonDocument, new_person, person_path
from quizcore.documents.tallied import board_place, place_name, place_range, read_person, with_person
from quizcore.domain.leaderboard.calendar import month_of
from quizcore.domain.leaderboard.contribution import GLOBAL, Contribution
from quizcore.domain.leaderboard.moves import Move, batch, moved, pack
from quizcore.domain.leaderboard.person import Rules, counting, places_of
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import Options
from quizcore.ports import Create, FinalSession, Put, Write
from quizcore.shards import slot_of
from quizcore.telemetry import Telemetry
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob

AT_ONCE = 4  # sessions that are counted at one time
BEST_SCORE = 20_000
PUT_AT_ONCE = 200
PERIODS = ("day", "week", "month", "all")
TUTORIAL_RESULTS = 400
QUERIED_RESULTS = 150
CROWD = 100_000
RANKS = 1_000
ANOTHER_MONTH_MS = 45 * 86_400_000  # nobody who was counted before stands in it
RANKS_BY_COUNT = 60  # a query that counts is slow on so many people


@dataclass(frozen=True, slots=True)
class Counted:
    """`cpu_ms`, `reads` and `writes` are of one result; `replayed` is how many documents a repetition wrote."""

    per_s: float
    cpu_ms: float
    reads: float
    writes: float
    replayed: int


@dataclass(frozen=True, slots=True)
class Ranks:
    """Times are medians in ms, reads of one rank; `wrong` ranks differ."""

    ours_ms: float
    ours_reads: float
    count_ms: float
    count_reads: float
    wrong: int


def counted(stack: Stack, sessions: int, players: int) -> Counted:
    """Final sessions whose players are all people, counted by one process."""
    telemetry = Telemetry()
    plain = FirestoreStore(firestore.Client(project=stack.project), Telemetry())
    finals = [_final_session(plain, players) for _ in range(sessions)]
    store = FirestoreStore(firestore.Client(project=stack.project), telemetry)
    receiver = Counting(store, SystemClock(), RandomIds(), Rules(), 6, telemetry, lambda _board: None)
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(_receive(receiver, finals))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent = telemetry.snapshot()
    results = sessions * players
    assert spent["results_counted"] == results
    asyncio.run(_receive(receiver, finals))
    again = telemetry.snapshot()["documents_written"] - spent["documents_written"]
    return Counted(
        results / took,
        1_000 * cpu / results,
        spent["documents_read"] / results,
        spent["documents_written"] / results,
        again,
    )


async def _receive(receiver: Counting, finals: Sequence[FinalSession]) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(final: FinalSession) -> None:
        async with room:
            await receiver.receive(final)

    await asyncio.gather(*map(one, finals))


def _final_session(store: FirestoreStore, players: int) -> FinalSession:
    now, session_id = SystemClock().now_ms(), RandomIds().secret_id()
    head = {
        "shards": 1,
        "host_id": "bench",
        "expires_at": documents.expiry(now + 86_400_000),
        "result": {"seq": 1},
        "options": documents.options_fields(Options()),
        "title": "Bench",
    }
    writes: list[Write] = [Put(documents.session_path(session_id), head)]
    for number in range(players):
        who = f"{session_id}-{number}"
        writes.append(Put(person_path(who), _profile(number)))
        player = {"nickname": who, "admitted": True, "removed": False, "score": 7 * number % BEST_SCORE}
        writes.append(Put(documents.player_path(session_id, who), player | {"slot": slot_of(who)}))
    for part in in_parts(writes, 2 * PUT_AT_ONCE):
        store.commit(part)
    return FinalSession(session_id, 1, 0, "bench", "bench", "en", 20, now, now, now, players, 0, None)


def _profile(number: int) -> PersonDocument:
    return new_person({"nickname": f"Name {number}", "avatar": "fox", "listed": False, "language": "en"}, 0)


# --- as in a tutorial ------------------------------------------------------------------------------------------------


def transaction(stack: Stack) -> float:
    """A transaction for each finished player, on a document in each of four periods. Results/s."""
    return _tutorial(stack, TUTORIAL_RESULTS, query=False)


def transaction_and_query(stack: Stack) -> float:
    """The same, and after each the query for the best of the day. Results/s."""
    return _tutorial(stack, QUERIED_RESULTS, query=True)


def _tutorial(stack: Stack, results: int, *, query: bool) -> float:
    client = firestore.Client(project=stack.project)
    root = client.document(f"instead/{RandomIds().secret_id()}")
    best = root.collection("day").order_by("points", direction="DESCENDING").limit(TOP_K)

    def finish(number: int) -> None:
        _add([root.collection(period).document(f"p{number}") for period in PERIODS], 7 * number % BEST_SCORE)
        if query:
            list(best.stream())

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(finish, range(results)))
    return results / (time.perf_counter() - began)


def _add(rows: Sequence[Any], points: int) -> None:
    @firestore.transactional  # type: ignore[untyped-decorator] # the library's
    def add(transaction: firestore.Transaction) -> None:
        before = {row.reference.path: row for row in transaction.get_all(list(rows))}
        for row in rows:
            found = before[row.path]
            total = (found.get("points") if found.exists else 0) + points
            transaction.set(row, {"points": total, "games": 1})

    add(rows[0]._client.transaction())


# --- ranks -----------------------------------------------------------------------------------------------------------


def ranks(stack: Stack) -> Ranks:
    """Ranks among very many people: from a person's document and the board's, and by a query that counts."""
    telemetry, rng = Telemetry(), random.Random(1)  # noqa: S311 (a seed, no secret)
    store = FirestoreStore(firestore.Client(project=stack.project), telemetry, 60.0)
    now = SystemClock().now_ms() + ANOTHER_MONTH_MS
    month = f"month-{month_of(now)}"
    points = [min(BEST_SCORE, int(rng.gammavariate(4.0, 1_800.0))) for _ in range(CROWD)]
    for part in in_parts(list(enumerate(points)), PUT_AT_ONCE):
        store.commit(_people_with(part, now))
    asyncio.run(FoldJob(GLOBAL, store, SystemClock(), RandomIds(), 6, telemetry).run(None))
    better = _better(points)
    asked = rng.sample(range(CROWD), RANKS)
    wrong, ours, ours_reads = 0, [], -telemetry.snapshot()["documents_read"]
    for number in asked:
        began = time.perf_counter()
        person = store.get(person_path(f"crowd-{number}"))
        period = store.get(period_path(GLOBAL, month))
        assert person
        assert period
        own = person.data["totals"][GLOBAL][month][0]
        rank = rank_in(period.data["scores"], own)
        ours.append(time.perf_counter() - began)
        wrong += rank != better[own] or period.data["error"] != 0
    ours_reads += telemetry.snapshot()["documents_read"]
    by_count, count_reads = [], -telemetry.snapshot()["documents_read"]
    for number in asked[:RANKS_BY_COUNT]:
        began = time.perf_counter()
        first, name = place_range(month)[0], place_name(month)
        before = store.count(PEOPLE, [(name, ">=", first), (name, "<", board_place(month, points[number]))])
        by_count.append(time.perf_counter() - began)
        wrong += before + 1 != better[points[number]]
    count_reads += telemetry.snapshot()["documents_read"]
    return Ranks(_median_ms(ours), ours_reads / RANKS, _median_ms(by_count), count_reads / RANKS_BY_COUNT, wrong)


def _people_with(part: Sequence[tuple[int, int]], now: int) -> list[Write]:
    """People with one result each, and their moves on the board of everybody."""
    writes: list[Write] = []
    moves: list[Move] = []
    for number, points in part:
        who, document = f"crowd-{number}", _profile(number)
        person = read_person(who, document)
        result = Contribution(f"s{number}", 1, now, "bench", "Bench", points, 1, 1)
        after, of_boards = moved(person, counting(person, result), set(places_of(result)), Rules())
        writes.append(Put(person_path(who), with_person(document, after)))
        moves.append(of_boards[GLOBAL])
    waiting = {"queue": GLOBAL, "at": now, "moves": pack(batch(moves))}
    return [*writes, Create(moves_path(RandomIds().secret_id()), waiting)]


def _better(points: Sequence[int]) -> dict[int, int]:
    """The rank of each number of points, from a sorted list."""
    rank, found = 1, {}
    for score, people in sorted(Counter(points).items(), reverse=True):
        found[score] = rank
        rank += people
    return found


def _median_ms(seconds: Sequence[float]) -> float:
    return 1_000 * sorted(seconds)[len(seconds) // 2]
