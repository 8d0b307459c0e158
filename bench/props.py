"""A session with 5,000 players and 10 questions, and its 50,000 answers."""

from dataclasses import dataclass

from google.cloud import firestore

from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents import board_fields, shard_fields
from quizcore.domain import session as domain
from quizcore.domain.fold import State
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.layout import Layout
from quizcore.messages import AnswerSubmitted, Message, PlayerJoined, QuestionOpened, copies
from quizcore.ports import Create, Fields
from quizcore.shards import shard_of
from quizcore.telemetry import Telemetry

PLAYERS = 5_000
QUESTIONS = 10
LIMIT_MS = 20_000
SPACING_MS = 30_000


@dataclass(frozen=True, slots=True)
class BenchSession:
    """`setup` holds the joins and the openings. All questions are over, so every answer changes a score. `began_at` in
    ms since the epoch."""

    session_id: str
    began_at: int
    setup: list[Message]
    store: FirestoreStore
    shards: int = 1


def quiz(questions: int, limit_ms: int = LIMIT_MS) -> Quiz:
    choices = ("rare", "plentiful", "tiny", "late")
    question = Question("The opposite of “scarce”?", Kind.SINGLE, (1,), choices, time_limit_ms=limit_ms)
    return Quiz("Bench", "en", (question,) * questions)


def set_up(stack: Stack, shards: int = 1) -> BenchSession:
    store = FirestoreStore(firestore.Client(project=stack.project), Telemetry())
    ids, now = RandomIds(), SystemClock().now_ms()
    session_id, began_at = ids.secret_id(), now - QUESTIONS * SPACING_MS - SPACING_MS
    game = domain.Game(quiz(QUESTIONS), domain.Options())
    state = State(game, now=began_at)
    expires_at = documents.expiry(now + 86_400_000)
    session = {
        "title": "Bench",
        "host_id": "bench",
        "pin": "000000",
        "question_count": QUESTIONS,
        "options": documents.options_fields(game.options),
        "shards": shards,
        "created_at": began_at,
        "expires_at": expires_at,
        **documents.clock_fields(state),
    }
    boards: dict[str, Fields] = {
        documents.board_path(session_id): board_fields(state, seq=0, commit_id="none", top_k=20)
    }
    if shards > 1:
        for shard in range(shards):
            fields = shard_fields(state, seq=0, commit_id="none", top_k=20)
            boards[Layout(session_id, shards).fence(shard)] = fields
    store.commit(
        [
            Create(documents.session_path(session_id), session),
            Create(documents.session_quiz_path(session_id), documents.session_quiz_fields(game.quiz, expires_at)),
            *(Create(path, board) for path, board in boards.items()),
        ]
    )
    joins: list[Message] = [
        PlayerJoined(
            event_id=ids.event_id(),
            session_id=session_id,
            shard=shard_of(f"p{n:04}", shards),
            at=began_at,
            player_id=f"p{n:04}",
            nickname=f"Player {n:04}",
            avatar="fox",
        )
        for n in range(PLAYERS)
    ]
    opens: list[Message] = []
    for i in range(QUESTIONS):
        at = began_at + i * SPACING_MS
        opening = QuestionOpened(event_id=ids.event_id(), session_id=session_id, shard=0, at=at, question_index=i)
        opens += [opening, *copies(opening, shards)]
    return BenchSession(session_id, began_at, [*joins, *opens], store, shards)


def answers(session: BenchSession) -> list[Message]:
    """Question after question, one answer of each player; three of four answers are right."""
    ids = RandomIds()
    return [
        AnswerSubmitted(
            event_id=ids.event_id(),
            session_id=session.session_id,
            shard=shard_of(f"p{player:04}", session.shards),
            at=session.began_at + index * SPACING_MS + 3_000 + (player * 19) % LIMIT_MS,
            player_id=f"p{player:04}",
            question_index=index,
            choices=(0 if player % 4 == index % 4 else 1,),
        )
        for index in range(QUESTIONS)
        for player in range(PLAYERS)
    ]


def count_wrong(session: BenchSession, sent: list[Message]) -> int:
    """How many answers are not exactly once in their player's document."""
    players = session.store.list(documents.players_path(session.session_id))
    stored = [answer["receipt"] for player in players for answer in player.data["answers"].values()]
    expected = {message.event_id for message in sent}
    return len(expected ^ set(stored)) + len(stored) - len(set(stored))
