"""The deployed path under the deployed server: the command that the platform runs, with its services in memory.

`python -m tests.support.served` is that command; `serving()` runs it as a process of its own.
"""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from functions_framework import _cli

from devstack import ports
from devstack.emulators import ROOT
from devstack.processes import Child, wait_until
from http_api import wiring
from http_api.app import create_app
from tests.support.eventually import PATIENCE_S
from tests.support.function import MAIN
from tests.support.world import World

SECRET = "a-secret-word"  # as a fault may quote it
START_S = 180.0


def main() -> None:
    world = World()
    world.add_quiz()
    app = create_app(world.api())
    app.add_url_rule("/fault", view_func=_fault)
    with patch.object(wiring, "application", lambda: app):
        _cli._cli()


def _fault() -> str:
    """Two exceptions, one the cause of the other, that quote what somebody typed."""
    return _looked_up({})


def _looked_up(found: dict[str, str]) -> str:
    try:
        return found[SECRET]
    except KeyError as error:
        raise ValueError(f"{SECRET} and more") from error


class Served:
    """A running function; requests are raw bytes, so that a test decides what is sent and when."""

    def __init__(self, port: int, child: Child) -> None:
        self.port = port
        self.child = child

    def connect(self) -> socket.socket:
        return socket.create_connection((ports.HOST, self.port), timeout=PATIENCE_S)

    def send(self, request: bytes) -> tuple[int, dict[str, object]]:
        """Status and JSON of the answer. Raises TimeoutError."""
        with self.connect() as connection:
            connection.sendall(request)
            return answer_of(connection)

    def log(self) -> list[str]:
        return self.child.log.read_text().splitlines()


def answer_of(connection: socket.socket) -> tuple[int, dict[str, object]]:
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = stream.read(length)
    return status, json.loads(body) if body[:1] == b"{" else {}


def request(path: str, method: str = "GET", body: bytes = b"", **headers: str) -> bytes:
    """A whole request; `Content-Length` is of the body unless a header says otherwise."""
    said = {"Host": "api", "Content-Length": str(len(body))}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def serving() -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        port = ports.choose(8_082, set())
        command = [sys.executable, "-m", "tests.support.served", "--target", "api", "--source", str(MAIN)]
        env = {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}
        child = Child(
            "function", [*command, "--host", ports.HOST, "--port", str(port)], env, ROOT, Path(folder) / "log"
        )
        try:
            wait_until(lambda: ports.answers_http(f"http://{ports.HOST}:{port}/api/v1/health"), child, START_S)
            yield Served(port, child)
        finally:
            child.stop()


if __name__ == "__main__":
    main()
