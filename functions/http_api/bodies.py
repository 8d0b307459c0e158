"""Receives each request body whole, in bounded time, before any code of the API or of the framework runs."""

import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 8 * 1024
LONGEST_WAIT_S = 5.0
CROWDED_WAIT_S = 1.0  # when more bodies are late than `BodyWatch.crowd`
TICK_S = 0.25
REFUSED = "wordrush.body_refused"  # in the environ: the code of the problem that the API answers with
_CHUNK_BYTES = 64 * 1024


@dataclass(slots=True)
class Reading:
    """One body that is being received, and whether the watch has ended it."""

    sock: socket.socket
    began: float = field(default_factory=time.monotonic)
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        with suppress(OSError):  # the caller may have disconnected: then `recv` has returned already
            self.sock.shutdown(socket.SHUT_RD)


class BodyWatch:
    """Ends the reading of late bodies, from a thread of its own.

    A thread that reads a body waits in `recv`, and functions-framework sets no time limit there. So the watch shuts
    down the receiving side of the socket: `recv` then returns at once, and the answer can still be sent. A time limit
    of the socket is not sufficient, because it restarts with each byte.

    A body that is late gets `LONGEST_WAIT_S`. When more than `crowd` bodies are late, the oldest gets `CROWDED_WAIT_S`,
    so that any number of slow callers leaves threads for other callers.
    """

    def __init__(self, crowd: int) -> None:
        self._crowd = crowd
        self._lock = threading.Lock()
        self._late: OrderedDict[int, Reading] = OrderedDict()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, sock: socket.socket | None) -> Iterator[Reading | None]:
        """Watch the socket while the block reads from it. Without a socket (a test's client) nothing is watched."""
        if sock is None:
            yield None
            return
        reading = Reading(sock)
        with self._lock:
            self._late[id(reading)] = reading
            if self._thread is None:  # not before: a server may fork between import and the first request
                self._thread = threading.Thread(target=self._run, name="bodies", daemon=True)
                self._thread.start()
        try:
            yield reading
        finally:
            with self._lock:
                self._late.pop(id(reading), None)

    def _run(self) -> None:
        while True:
            time.sleep(TICK_S)
            with self._lock:
                while self._late and self._oldest_is_overdue():
                    self._late.popitem(last=False)[1].end()

    def _oldest_is_overdue(self) -> bool:
        wait = CROWDED_WAIT_S if len(self._late) > self._crowd else LONGEST_WAIT_S
        return time.monotonic() - next(iter(self._late.values())).began > wait


class WholeBodies:
    """WSGI middleware: gives the application the whole body in memory, or the code of the refusal in `REFUSED`.

    It wraps the framework's app, which would read the rest of every body after the response, without a limit of size or
    time. A body that is too large is received and discarded, because proxies report a fault of the server when the
    server responds and closes the connection before the end of a body.
    """

    def __init__(self, app: "WSGIApplication", watch: BodyWatch) -> None:
        self._app = app
        self._watch = watch

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _has_body(environ):
            with self._watch.over(environ.get("gunicorn.socket") or environ.get("werkzeug.socket")) as reading:
                body, refused = _read(environ)
            if refused == "invalid" and reading is not None and reading.ended:
                refused = "too_slow"
            environ["wsgi.input"] = BytesIO(body)
            environ["wsgi.input_terminated"] = True
            environ["CONTENT_LENGTH"] = str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            if refused:
                environ[REFUSED] = refused
        return self._app(environ, start_response)


def _has_body(environ: "WSGIEnvironment") -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "") not in {"", "0"}


def _read(environ: "WSGIEnvironment") -> tuple[bytes, str | None]:
    """The body, or nothing and the code of the refusal; `invalid` also for a body that ended too early."""
    stream, said = environ["wsgi.input"], environ.get("CONTENT_LENGTH", "")
    body, size = b"", 0
    try:
        left = None if "HTTP_TRANSFER_ENCODING" in environ else _length(said)
        while size != left:
            data = stream.read(_CHUNK_BYTES if left is None else min(_CHUNK_BYTES, left - size))
            if not data:
                break
            size += len(data)
            body = body + data if size <= MAX_BODY_BYTES else b""
    except Exception:  # each server has its own errors for a broken connection and for a body that is not valid HTTP
        return b"", "invalid"
    if size > MAX_BODY_BYTES:
        return b"", "too_large"
    return (body, None) if left in {None, size} else (b"", "invalid")


def _length(said: str) -> int:
    """Raises ValueError, also for signs, spaces and underscores, which `int` accepts."""
    if not (said.isascii() and said.isdecimal()):
        raise ValueError("no number")
    return int(said)
