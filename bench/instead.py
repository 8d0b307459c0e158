"""Common alternative designs, and the scorer's commits alone: the denominators of the ratios."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.api_core.exceptions import Aborted
from google.cloud import firestore

from bench.props import PLAYERS
from devstack.stack import Stack
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents import in_parts
from quizcore.ports import Create, Delete, DocumentStore, Put, Replace, Update, Write
from quizcore.telemetry import Telemetry

ANSWERS = 1_000
QUERIED = 250  # fewer answers, because a query after each one is slow
THREADS = 16
HOT_THREADS = 4
HOT_S = 5.0
TOP_K = 20
POINTS = 1_000
PUT_AT_ONCE = 400

Count = Callable[[int], None]


def transaction(stack: Stack) -> float:
    """Read the player in a transaction, add the points, write. Answers/s."""
    players = _players(stack)
    return _rate(lambda number: _add_points(players[number]), THREADS)


def transaction_and_query(stack: Stack) -> float:
    """As in a tutorial: a transaction for each answer, then the query for the board. Answers/s."""
    players = _players(stack)
    board = players[0].parent.order_by("score", direction="DESCENDING").limit(TOP_K)

    def count(number: int) -> None:
        _add_points(players[number])
        list(board.stream())

    return _rate(count, THREADS, QUERIED)


def increments(stack: Stack) -> float:
    """An increment for each answer, without a fence: a second delivery is a second answer. Answers/s."""
    players = _players(stack)

    def count(number: int) -> None:
        players[number].update({"score": firestore.Increment(POINTS), f"answers.q{number // PLAYERS}": 1})

    return _rate(count, THREADS)


def hot_document(stack: Stack) -> float:
    """All scores in one document, changed in a transaction for each answer, for a few seconds. Answers/s. Answers that
    the library gave up after five collisions are not counted."""
    client = firestore.Client(project=stack.project)
    board = client.document(f"instead/{RandomIds().secret_id()}")
    board.set({"scores": {f"p{number}": 0 for number in range(ANSWERS)}})
    until = time.perf_counter() + HOT_S

    def answer(thread: int) -> int:
        counted = 0
        while time.perf_counter() < until:
            try:
                _add_points(board, f"scores.p{thread}")
                counted += 1
            except (ValueError, Aborted):
                continue
        return counted

    with ThreadPoolExecutor(HOT_THREADS) as pool:
        return sum(pool.map(answer, range(HOT_THREADS))) / HOT_S


def plain_store(stack: Stack) -> DocumentStore:
    """The product's adapter, which records nothing."""
    return FirestoreStore(firestore.Client(project=stack.project), Telemetry())


def commits_again(store: DocumentStore, commits: Sequence[Sequence[Write]], session_id: str, answers: int) -> float:
    """Repeat the scorer's commits in another session, without any other work. Answers/s."""
    other = RandomIds().secret_id()
    moved = [[_moved(write, session_id, other) for write in commit] for commit in commits]
    fences: dict[str, Any] = {}
    for paths in in_parts(_needed(moved), PUT_AT_ONCE):
        fences |= store.commit([Put(path, {"seq": 0}) for path in paths])
    began = time.perf_counter()
    for commit in moved:
        fenced = [Replace(w.path, w.data, fences[w.path]) if isinstance(w, Replace) else w for w in commit]
        fences |= store.commit(fenced)
    return answers / (time.perf_counter() - began)


def _needed(commits: Iterable[Sequence[Write]]) -> list[str]:
    """The documents that must exist before the commits: those that the commits replace or update and do not create."""
    writes = [write for commit in commits for write in commit]
    created = {write.path for write in writes if isinstance(write, Create)}
    changed = {write.path: None for write in writes if isinstance(write, Replace | Update)}
    return [path for path in changed if path not in created]


def _moved(write: Write, session_id: str, other: str) -> Write:
    path = write.path.replace(session_id, other)
    match write:
        case Delete():
            return Delete(path)
        case Replace():
            return Replace(path, write.data, write.version)
        case Create():
            return Create(path, write.data)
        case Update():
            return Update(path, write.data)
        case Put():
            return Put(path, write.data)


def _players(stack: Stack) -> list[Any]:
    client = firestore.Client(project=stack.project)
    players = client.collection(f"instead/{RandomIds().secret_id()}/players")
    batch = client.batch()
    for number in range(ANSWERS):
        batch.set(players.document(f"p{number}"), {"score": 0, "answers": {}})
    batch.commit()
    return [players.document(f"p{number}") for number in range(ANSWERS)]


def _add_points(document: Any, field: str = "score") -> None:
    @firestore.transactional  # type: ignore[untyped-decorator] # the library's
    def add(transaction: firestore.Transaction) -> None:
        snapshot = document.get(transaction=transaction)
        transaction.update(document, {field: snapshot.get(field) + POINTS})

    add(document._client.transaction())


def _rate(count: Count, threads: int, answers: int = ANSWERS) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(count, range(answers)))
    return answers / (time.perf_counter() - began)
