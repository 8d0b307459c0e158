"""A host and an open session of one question, made with the public API."""

from typing import Any

import firebase_admin

from bench.props import LIMIT_MS, quiz
from devstack import player as players
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.identity import FirebaseIdentity
from quizcore.ports import Put
from quizcore.shards import PLAYERS_A_SHARD


async def host_token(stack: Stack, http: Any) -> str:
    try:
        app = firebase_admin.get_app("bench")
    except ValueError:
        app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="bench")
    token = FirebaseIdentity(app).mint("bench-host", {"role": "host"})
    return await players.sign_in(http, stack.emulators.host("auth"), token)


async def open_session(
    stack: Stack,
    store: FirestoreStore,
    http: Any,
    host: str,
    options: dict[str, Any],
    *,
    shards: int = 1,
    limit_ms: int = LIMIT_MS,
) -> tuple[str, str]:
    """A session of one question: its id and its PIN."""
    quiz_id, one_question = RandomIds().secret_id(), quiz(1, limit_ms)
    head = documents.quiz_fields(one_question, owner_id="bench-host", visibility="private", version=1, updated_at=0)
    question = Put(documents.question_path(quiz_id, 0), documents.question_fields(one_question.questions[0]))
    store.commit([Put(documents.quiz_path(quiz_id), head), question])
    # The measurement closes the question itself.
    body = {
        "quiz_id": quiz_id,
        "options": {"auto_close": False} | options,
        "expected_players": shards * PLAYERS_A_SHARD,
    }
    opened = await players.call(http, f"{stack.api}/api/v1/sessions", body, host)
    return opened["session_id"], opened["pin"]
