"""The function under its server, started with the platform's command: threads, late bodies, and the log."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from unittest.mock import patch

import pytest
import yaml
from functions_framework import _cli
from functions_framework._http.gunicorn import GunicornApplication

from devstack.manifest import discovered
from http_api.serving import THREADS
from tests.support.eventually import eventually
from tests.support.function import MAIN
from tests.support.served import SECRET, Served, answer_of, request, serving

JSON = {"Content_Type": "application/json"}
HALF = b'{"pin": "1234'


@pytest.fixture(name="served", scope="module")
def _served() -> Iterator[Served]:
    with serving() as served:
        yield served


def healthy(served: Served) -> bool:
    return served.send(request("/api/v1/health")) == (200, {"status": "ok"})


def test_the_server_runs_as_many_threads_as_the_platform_sends_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THREADS", raising=False)
    monkeypatch.setenv("WORKERS", "3")
    started: list[GunicornApplication] = []
    with patch.object(GunicornApplication, "run", autospec=True, side_effect=started.append):
        _cli._cli.main(["--target", "api", "--source", str(MAIN)], standalone_mode=False)

    told = yaml.safe_load(discovered())["endpoints"]["api"]

    assert (started[0].cfg.threads, started[0].cfg.workers) == (told["concurrency"], 1)
    assert told["entryPoint"] == "api"


def late(served: Served, head: bytes) -> socket.socket:
    connection = served.connect()
    connection.sendall(head)
    return connection


LATE = {
    "a join": request("/api/v1/join", "POST", HALF, **JSON, Content_Length="100"),
    "a join in chunks": request(
        "/api/v1/join", "POST", b'5\r\n{"pi', **JSON, Content_Length="", Transfer_Encoding="chunked"
    ),
    "an answer without a token": request("/api/v1/sessions/s/answers", "POST", HALF, **JSON, Content_Length="100"),
    "more than is taken": request("/api/v1/join", "POST", HALF, **JSON, Content_Length="1000000000"),
    "a body where none belongs": request("/api/v1/time", "GET", HALF, Content_Length="100"),
    "a path that the framework answers": request("/robots.txt", "GET", HALF, Content_Length="100"),
}


@pytest.mark.parametrize("name", LATE)
def test_as_many_late_bodies_as_threads_are_ended_and_do_not_block_the_instance(served: Served, name: str) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(late(served, LATE[name])) for _ in range(THREADS)]

        assert healthy(served), "while the bodies are late"

        answers = [answer_of(connection) for connection in held]
        assert {status // 100 for status, _ in answers} == {4}
        codes = {body.get("code") for _, body in answers}
        assert codes == {"unknown_path"} if "framework" in name else codes <= {"too_slow", "too_large"}
        for connection in held:
            assert connection.recv(1) == b"", "the server has closed it"
    assert healthy(served)


def test_a_body_that_arrives_byte_by_byte_is_ended_too(served: Served) -> None:
    with late(served, request("/api/v1/join", "POST", b"{", **JSON, Content_Length="8000")) as connection:
        connection.settimeout(0.05)

        def ended() -> bytes:
            try:
                connection.sendall(b" ")
                return connection.recv(100)
            except TimeoutError:
                return b""

        assert eventually(ended, "an answer before the body is whole").startswith(b"HTTP/1.1 408 ")


def test_a_body_in_two_parts_is_one_body(served: Served) -> None:
    body = b'{"pin": "123456", "nickname": "Ann"}'
    with late(served, request("/api/v1/join", "POST", body[:10], **JSON, Content_Length=str(len(body)))) as connection:
        connection.sendall(body[10:])

        assert answer_of(connection)[1]["code"] == "unknown_pin"


TOO_LARGE = {
    "said": request("/api/v1/join", "POST", b"x" * 1_000_000, **JSON),
    "in chunks": request(
        "/api/v1/join",
        "POST",
        b"5000\r\n" + b"x" * 0x5000 + b"\r\n0\r\n\r\n",
        **JSON,
        Content_Length="",
        Transfer_Encoding="chunked",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_too_large_body_gets_too_large_in_any_encoding(served: Served, name: str) -> None:
    assert served.send(TOO_LARGE[name])[1]["code"] == "too_large"


def test_a_body_in_chunks_is_a_body(served: Served) -> None:
    body = b'24\r\n{"pin": "123456", "nickname": "Ann"}\r\n0\r\n\r\n'
    whole = request("/api/v1/join", "POST", body, **JSON, Content_Length="", Transfer_Encoding="chunked")

    assert served.send(whole)[1]["code"] == "unknown_pin"


def test_a_connection_is_kept_for_the_next_request(served: Served) -> None:
    with served.connect() as connection:
        for _ in range(3):
            connection.sendall(request("/api/v1/join", "POST", b"{}", **JSON))
            assert answer_of(connection)[1]["code"] == "invalid"


def test_every_line_of_the_server_is_json_and_a_fault_is_one_entry_without_quoted_text(
    served: Served,
) -> None:
    assert served.send(request("/fault"))[1]["code"] == "internal"

    entries = eventually(lambda: [json.loads(line) for line in served.log()], "the fault is in the log")

    assert all(entry["severity"] for entry in entries)
    (fault,) = [entry for entry in entries if entry["message"] == "fault"]
    assert (fault["severity"], fault["call"], fault["kind"]) == ("ERROR", "GET /fault", "ValueError")
    assert fault["exception"].count("Traceback (most recent call last)") == 2
    assert fault["exception"].endswith("builtins.ValueError")
    assert SECRET not in "".join(served.log())
