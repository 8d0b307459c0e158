"""Every writer's lines on stderr are one JSON object with a severity, without text that a person typed."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from gunicorn.config import Config
from gunicorn.glogging import Logger as ServersLogger

from http_api import wiring
from http_api.app import create_app
from quizcore.adapters.memory import MemoryStore
from quizcore.ports import OutcomeUnknown
from quizcore.settings import SettingsInvalid
from quizcore.telemetry import configure_logging
from tests.support.function import client_around
from tests.support.world import World

SECRET = "a-secret-word"


@pytest.fixture(name="lines")
def _lines(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines that were written since the last call: each line must be JSON."""
    configure_logging()

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return lines


def fail() -> None:
    raise ValueError(SECRET)


SPEAKERS: dict[str, Callable[[ValueError], object]] = {
    "structlog, in a handler": lambda _: structlog.get_logger("api").error("said", exc_info=True),
    "structlog, with the exception": lambda error: structlog.get_logger("api").error("said", exc_info=error),
    "Python's logging": lambda _: logging.getLogger("some.library").exception("said"),
    "the HTTP server": lambda _: ServersLogger(Config()).exception("said"),
    "Flask": lambda _: create_app(World().api()).logger.exception("said"),
}


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_traceback_of_any_writer_is_one_entry_without_the_exception_s_message(lines: Any, name: str) -> None:
    try:
        fail()
    except ValueError as error:
        SPEAKERS[name](error)

    (line,) = lines()
    assert (line["severity"], line["message"]) == ("ERROR", "said")
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert "in fail\n" in line["exception"]
    assert line["exception"].endswith("\nbuiltins.ValueError")
    assert SECRET not in json.dumps(line)


def test_messages_of_other_libraries_are_formatted(lines: Any) -> None:
    logging.getLogger("some.library").warning("%s of %d", "one", 2)
    logging.getLogger("some.library").info("not worth a line")

    assert [(line["severity"], line["message"], line["logger"]) for line in lines()] == [
        ("WARNING", "one of 2", "some.library")
    ]


THREAD = "import threading; t = threading.Thread(target=fail); t.start(); t.join()"


@pytest.mark.parametrize("ending", ["fail()", THREAD])
def test_an_uncaught_exception_is_one_entry(ending: str) -> None:
    program = (
        "import sys\nfrom quizcore.telemetry import configure_logging\nconfigure_logging()\n"
        f"def fail(): raise ValueError(sys.argv[1])\n{ending}\n"
    )
    done = subprocess.run([sys.executable, "-c", program, SECRET], capture_output=True, text=True, check=False)

    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert line["severity"] == "CRITICAL"
    assert line["exception"].endswith("builtins.ValueError")
    assert SECRET not in done.stderr


def test_an_error_of_firestore_is_logged_without_the_nickname_that_it_quotes(
    world: World, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OutcomeUnknown("504 no answer for projects/p/sessions/s1/nicknames/ann lee\nand more")

    client = world.client()
    monkeypatch.setattr(MemoryStore, "get", away)
    answer = client.post("/api/v1/join", json={"pin": "123456", "nickname": "Ann Lee"})

    assert answer.status_code == 503
    (line,) = lines()
    assert (line["severity"], line["kind"], line["call"]) == ("WARNING", "OutcomeUnknown", "POST /api/v1/join")
    assert "s1/nicknames/…" in line["reason"]
    assert "ann lee" not in json.dumps(line)


def test_invalid_settings_are_one_entry_and_a_problem(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wiring, "_app", None)
    with pytest.raises(SettingsInvalid):
        wiring.application()

    answer = client_around(wiring.application).get("/api/v1/time")

    assert (answer.status_code, (answer.json or {})["code"]) == (500, "internal")
    (line,) = lines()
    assert line["severity"] == "CRITICAL"
    assert "GOOGLE_CLOUD_PROJECT" in line["message"]


def test_an_api_that_cannot_start_logs_the_reason_and_hides_it_from_callers(lines: Any) -> None:
    def broken() -> Any:
        raise RuntimeError(SECRET)

    answer = client_around(broken).get("/api/v1/time")

    assert (answer.status_code, (answer.json or {})["code"]) == (500, "internal")
    assert SECRET not in answer.text
    (line,) = lines()
    assert (line["severity"], line["message"]) == ("CRITICAL", "the API cannot start")
    assert line["exception"].endswith("builtins.RuntimeError")
