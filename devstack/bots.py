"""Ten simulated players, and a simulated host who waits for all of them."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from admin_cli.quiz_file import read_quiz_file
from devstack import player as players
from devstack.player import Endpoints, Player
from quizcore.documents import AnswerFields, answer_fields
from quizcore.domain.quiz import Question

BOTS = {
    **{"Ada": "owl", "Bao": "panda", "Chidi": "tiger", "Dilnoza": "cat", "Emre": "bear"},
    **{"Freya": "rabbit", "Goro": "frog", "Hana": "koala", "Ines": "whale", "Jomo": "penguin"},
}
POLL_S = 0.1
REVIEW_S = 2.5
LOBBY_S = 2.0
FASTEST_S, SLOWEST_S = 0.4, 5.0


@dataclass(slots=True)
class Seen:
    """The fields of the session's document and of its board, as the listeners last got them."""

    session: dict[str, Any]
    board: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Game:
    """A session as its listeners see it, the API, its host's token, and every question by its prompt."""

    seen: Seen
    ends: Endpoints
    host_token: str
    knowledge: Mapping[str, Question]


async def join_ten(http: httpx.AsyncClient, ends: Endpoints, pin: str) -> list[Player]:
    """Raises ApiProblem."""
    return await asyncio.gather(*(players.join(http, ends, pin, *bot) for bot in BOTS.items()))


async def play(
    http: httpx.AsyncClient,
    game: Game,
    bots: Sequence[Player],
    rng: random.Random,
    questions: int | None = None,
    review_s: float = REVIEW_S,
) -> None:
    """Play the first questions, or every question, with these players, and finish. Returns when the API has accepted
    `finish`. Raises ApiProblem, TimeoutError."""
    ends, seen, token = game.ends, game.seen, game.host_token
    await _until(lambda: len(bots) <= seen.board["player_count"])
    await asyncio.sleep(LOBBY_S)
    skills = {bot.player_id: rng.uniform(0.45, 0.95) for bot in bots}
    for index in range(questions or seen.session["question_count"]):
        await _host(http, ends, seen, token, "next", index)
        await _until(lambda i=index: seen.session["question_index"] == i)  # type: ignore[misc]
        question = game.knowledge[seen.session["question"]["prompt"]]
        await asyncio.gather(*(_answer(http, ends, seen, bot, question, skills, rng) for bot in bots))
        await _until(lambda: seen.session["state"] == "closed")  # when all have answered
        await asyncio.sleep(review_s)
    await _host(http, ends, seen, token, "finish")


def knowledge_from(quiz: Path) -> dict[str, Question]:
    """Prompt → question with its key. The bots need the file, because a session's documents contain no key."""
    return {question.prompt: question for question in read_quiz_file(quiz).quiz.questions}


async def _answer(
    http: httpx.AsyncClient,
    ends: Endpoints,
    seen: Seen,
    bot: Player,
    question: Question,
    skills: Mapping[str, float],
    rng: random.Random,
) -> None:
    knows = rng.random() < skills[bot.player_id]
    await _until(lambda: _now_ms() >= seen.session["opened_at"])
    await asyncio.sleep(rng.uniform(FASTEST_S, SLOWEST_S))
    await players.answer(http, ends, bot, seen.session["question_index"], **_given(question, knows, rng))


def _given(question: Question, knows: bool, rng: random.Random) -> AnswerFields:
    rules = question.kind.rules
    return answer_fields(rules.right_answer(question) if knows else rules.guess(question, rng.randrange))


async def _host(
    http: httpx.AsyncClient, ends: Endpoints, seen: Seen, host_token: str, name: str, index: int | None = None
) -> None:
    meant = {} if index is None else {"question_index": index}
    await players.command(http, ends, seen.session["session_id"], host_token, name, **meant)


async def _until(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not true():
            await asyncio.sleep(POLL_S)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
