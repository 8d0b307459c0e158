"""No log contains a nickname, token, PIN or answer, under any fault."""

import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from quizcore import documents
from quizcore.adapters.memory import MemoryBus, MemoryStore
from quizcore.messages import PlayerJoined, encode
from quizcore.ports import BusUnavailable, OutcomeUnknown, Put
from tests.support.api_calls import answer, command, open_question
from tests.support.games import START
from tests.support.world import HOST, QUIZ_ID, Person, Running, World, until

NICKNAME, ANSWER = "Xanthippe", "a-secret-word"


def told(caplog: pytest.LogCaptureFixture, said: list[Any]) -> str:
    return "\n".join(
        [*(str(event) for event in said), *(record.getMessage() for record in caplog.records), caplog.text]
    )


def assert_nothing_private(text: str, *more: str) -> None:
    assert text, "something was logged"
    for private in (NICKNAME, ANSWER, HOST, *more):
        assert private not in text


def test_the_api_logs_no_personal_data_in_outages_and_faults(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client()
    session = Person(client, HOST).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    joined = Person(client).post("/join", {"pin": session["pin"], "nickname": NICKNAME}).json or {}
    player = Person(client, joined["token"])
    open_question(world, session)

    with caplog.at_level(logging.DEBUG), capture_logs() as said:
        for error in (BusUnavailable("away"), KeyError("a fault")):
            with monkeypatch.context() as patch:
                patch.setattr(MemoryBus, "publish", _raising(error))
                answer(player, session, {"question_index": 0, "choices": [1]})
                Person(client).post("/join", {"pin": session["pin"], "nickname": f"{NICKNAME} 2"})
                world.store.commit([Put(documents.player_path(session["session_id"], "p1"), {"removed": False})])
                command(Person(client, HOST), session, command="rename", player_id="p1", nickname=f"{NICKNAME} 3")
        Person(client, "a-wrong-token").post("/join", {"pin": session["pin"], "nickname": NICKNAME})

    assert_nothing_private(told(caplog, said), joined["token"], "a-wrong-token", session["pin"])


async def test_the_worker_logs_no_personal_data_when_a_flush_or_a_message_fails(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Person(world.client(), HOST).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    commit, fails = MemoryStore.commit, [OutcomeUnknown("away"), KeyError("a fault")]

    def failing(store: MemoryStore, writes: Any) -> Any:
        if fails:
            raise fails.pop()
        return commit(store, writes)

    with caplog.at_level(logging.DEBUG), capture_logs() as said:
        worker = Running(world)
        event = PlayerJoined(
            event_id="e1",
            session_id=session["session_id"],
            shard=0,
            at=START,
            player_id="p1",
            nickname=NICKNAME,
            avatar="fox",
        )
        monkeypatch.setattr(MemoryStore, "commit", failing)
        world.bus.publish([event])
        world.bus.put(encode(event).replace(b'"shard":0', b'"shard":"x"'))
        world.bus.put(f'{{"type": "answer_submitted", "text": "{ANSWER}"}}'.encode())
        await until(lambda: not fails and len(world.bus.dead_letters) == 2, "it went wrong, and was mended")
        await worker.stop()

    assert len(said) >= 4
    assert_nothing_private(told(caplog, said))


def _raising(error: Exception) -> Any:
    def publish(*_: Any) -> None:
        raise error

    return publish
