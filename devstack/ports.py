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
_NUMBERS = 100
_APART = 130  # more than the distance between any two preferred ports, so that the ports of two processes never collide
_NEXT = 10


def choose(preferred: int, taken: set[int]) -> int:
    """The preferred port, shifted by the number of this process, when it is free; else one of the next ports, else any
    free port. Adds it to `taken`."""
    first = preferred + _APART * _process_number()
    near = range(first, first + _NEXT)
    port = next((port for port in near if port not in taken and _free(port)), None) or _any_free(taken)
    taken.add(port)
    return port


@cache
def _process_number() -> int:
    """The lowest number that no other process of this machine holds. This process holds it until it ends.

    The numbers keep the ports of processes apart: a port looks free to all until a server listens on it.
    """
    for number in range(_NUMBERS):
        try:
            lock = os.open(Path(tempfile.gettempdir()) / f"wordrush-ports-{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except PermissionError:  # the lock file belongs to another user
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
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
