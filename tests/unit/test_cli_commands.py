"""The command line as a host: a lost reply, a busy service or a repeated command affects no other question."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from admin_cli.api import TRIES, Api
from admin_cli.errors import CliError, Exit
from quizcore.messages import QuestionOpened
from tests.support.api_calls import open_question, set_state
from tests.support.cli import Cli
from tests.support.world import HOST, World


class Line(httpx.BaseTransport):
    """The in-memory API behind a connection that breaks a given number of times."""

    def __init__(self, world: World) -> None:
        self._api = httpx.WSGITransport(app=world.client(session_cache_ms=0).application)
        self.lost: Iterator[str] = iter(())
        self.keys: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        fault = next(self.lost, "")
        if fault.isdigit():
            problem = {"code": "try_again", "detail": "later"}
            return httpx.Response(int(fault), json=problem, headers={"Content-Type": "application/problem+json"})
        if fault == "refused":
            raise httpx.ConnectError("connection refused", request=request)
        answer = self._api.handle_request(request)
        if fault == "reply lost":
            raise httpx.ReadError("connection reset", request=request)
        answer.read()
        return answer


@pytest.fixture(name="line")
def _line(world: World) -> Line:
    return Line(world)


@pytest.fixture(name="api")
def _api(world: World, line: Line) -> Api:
    return Api("http://api", HOST, world.ids, transport=line, sleep=lambda _: None)


def openings(world: World) -> list[tuple[str, int]]:
    return [(m.event_id, m.question_index) for m in world.bus.published if isinstance(m, QuestionOpened)]


@pytest.mark.parametrize("faults", [["503"], ["429", "503"], ["refused"], ["reply lost"], ["reply lost", "503", "500"]])
def test_a_post_is_repeated_with_its_key_until_there_is_an_answer(
    world: World, session: dict[str, str], line: Line, api: Api, faults: list[str]
) -> None:
    line.lost = iter(faults)

    told = api.post(f"/sessions/{session['session_id']}/commands", {"command": "next"})

    assert len(set(openings(world))) == 1
    assert set(line.keys) == {told["event_id"]}
    assert len(line.keys) == len(faults) + 1


def test_an_error_that_a_retry_cannot_change_is_reported_at_once(session: dict[str, str], line: Line, api: Api) -> None:
    with pytest.raises(CliError) as told:
        api.post(f"/sessions/{session['session_id']}/commands", {"command": "close"})

    assert (told.value.code, told.value.exit_code, len(line.keys)) == ("wrong_state", Exit.REFUSED, 1)


@pytest.mark.parametrize(("fault", "code"), [("503", "try_again"), ("refused", "unreachable")])
def test_the_retries_of_a_post_are_bounded(line: Line, api: Api, fault: str, code: str) -> None:
    line.lost = iter([fault] * 100)
    with pytest.raises(CliError) as told:
        api.post("/sessions", {"quiz_id": "words"})

    assert told.value.code == code
    assert len(line.keys) == TRIES
    assert len(set(line.keys)) == 1


def test_two_posts_are_two_requests(line: Line, api: Api) -> None:
    opened = [api.post("/sessions", {"quiz_id": "words"})["session_id"] for _ in range(2)]

    assert opened[0] != opened[1]


@pytest.fixture(name="sent")
def _sent(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """The requests that the command line posts."""
    sent: list[Mapping[str, Any]] = []
    post = Api.post

    def noted(api: Api, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        sent.append(body)
        return post(api, path, body)

    monkeypatch.setattr(Api, "post", noted)
    return sent


def test_next_and_close_name_their_question(
    world: World, session: dict[str, str], cli: Cli, sent: list[dict[str, Any]]
) -> None:
    session_id = session["session_id"]

    cli.json("session", "next", session_id)
    open_question(world, session)
    cli.json("session", "close", session_id)
    set_state(world, session, state="closed")
    cli.json("session", "next", session_id)

    assert sent == [
        {"command": "next", "question_index": 0},
        {"command": "close", "question_index": 0},
        {"command": "next", "question_index": 1},
    ]


def test_the_api_refuses_a_command_to_a_missing_session(cli: Cli) -> None:
    assert cli.refused("session", "next", "none") == (Exit.REFUSED, "unknown_session")
