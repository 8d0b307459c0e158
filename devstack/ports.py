"""Ports on the loopback interface."""

import fcntl
import os
import socket
import tempfile
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path

HOST = "127.0.0.1"
_HTTP_TIMEOUT_S = 2.0
_PLACES = 100
_APART = 130  # no port that anybody prefers meets another's, whatever their places
_NEXT = 10


def choose(preferred: int, taken: set[int]) -> int:
    """The preferred port, or the same in the place of this process, if nobody has it; else one near it, else any free
    one. Adds it to `taken`."""
    first = preferred + _APART * _place()
    near = range(first, first + _NEXT)
    port = next((port for port in near if port not in taken and _free(port)), None) or _any_free(taken)
    taken.add(port)
    return port


@cache
def _place() -> int:
    """The lowest number that no other process of this machine has; this one has it until it ends.

    Between the choice of a port and the moment at which a server listens there, the port looks free to everybody.
    """
    for number in range(_PLACES):
        try:
            held = os.open(Path(tempfile.gettempdir()) / f"wordrush-ports-{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except PermissionError:  # another user's
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
        else:
            return number
    return 0


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def answers_http(url: str) -> bool:
    """True when the server answers, be it with an error status."""
    try:
        with urllib.request.urlopen(url, timeout=_HTTP_TIMEOUT_S):  # noqa: S310 (our own loopback URL)
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _any_free(taken: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
