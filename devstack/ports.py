"""Ports on the loopback interface."""

import socket
import urllib.error
import urllib.request

HOST = "127.0.0.1"
_HTTP_TIMEOUT_S = 2.0


def choose(preferred: int, taken: set[int]) -> int:
    """The preferred port if nobody has it, else a free one; adds it to `taken`."""
    port = preferred if preferred not in taken and _free(preferred) else _any_free(taken)
    taken.add(port)
    return port


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
