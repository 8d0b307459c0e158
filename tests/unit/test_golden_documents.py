"""The documents that clients read, byte for byte: the screens' tests read the same golden files."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from quizcore import documents
from quizcore.documents import board_fields
from quizcore.domain.events import Event
from quizcore.domain.fold import fold
from tests.support.games import (
    MULTIPLE,
    SINGLE,
    START,
    TEXT,
    answered,
    finished,
    game,
    joined,
    locked,
    opened,
    quiz,
    removed,
    renamed,
)

GOLDEN = Path(__file__).parents[1] / "golden"
GAME = game(SINGLE, MULTIPLE, TEXT, streak_bonus=True)
JOINS: list[Event] = [joined("p1", nickname="Ann"), joined("p2", START + 5, "Bao"), joined("p3", START + 9, "Cho")]
FIRST: list[Event] = [
    opened(0, START + 1_000),
    answered("p1", 0, START + 5_000, 1),
    answered("p2", 0, START + 6_000, 0),
    answered("p2", 0, START + 6_100, 1),
]
REST: list[Event] = [
    opened(1, START + 30_000),
    answered("p1", 1, START + 34_000, 0, 2),
    opened(2, START + 60_000),
    answered("p1", 2, START + 64_000, text="start"),
    removed("p3", START + 65_000),
    renamed("p2", START + 66_000, "Binh"),
    finished(START + 70_000),
    finished(START + 90_000, "settle"),
]
MOMENTS: dict[str, tuple[list[Event], int]] = {
    "lobby": ([*JOINS, locked(START + 10)], START + 20),
    "question": ([*JOINS, *FIRST], START + 7_000),
    "closed": ([*JOINS, *FIRST], START + 29_000),
    "final": ([*JOINS, *FIRST, *REST], START + 90_000),
}


def documents_at(name: str) -> dict[str, Any]:
    events, now = MOMENTS[name]
    state = fold(GAME, events, now)
    session = {
        "quiz_id": "words",
        "title": GAME.quiz.title,
        "language": GAME.quiz.language,
        "host_id": "host-1",
        "pin": "123456",
        "question_count": GAME.question_count,
        "options": documents.options_fields(GAME.options),
        "shards": 1,
        "created_at": START,
        **documents.clock_fields(state),
        "result": None,
        "handed_seq": 0,
    }
    board = board_fields(state, seq=7, commit_id="commit-7", top_k=20)
    session |= documents.result_fields(documents.result_part(state), board, was_final=False)
    expires_at = documents.expiry(START)
    players = {player_id: dict(documents.player_fields(each, expires_at)) for player_id, each in state.players.items()}
    for player in players.values():
        del player["expires_at"]
    return {
        "session": session,
        "board": board,
        "players": players,
        "quiz": documents.quiz_fields(quiz(), owner_id="host-1", visibility="public", version=2, updated_at=START),
    }


@pytest.mark.parametrize("name", MOMENTS)
def test_the_documents_of_a_known_game_are_the_golden_ones(name: str) -> None:
    """After a change that is meant: WRITE_GOLDEN=1 pytest tests/unit/test_golden_documents.py"""
    file = GOLDEN / f"{name}.json"
    found = json.dumps(documents_at(name), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found)

    assert found == file.read_text()
