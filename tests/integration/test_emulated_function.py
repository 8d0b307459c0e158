"""The Functions emulator runs the function as it is deployed: with the threads of `http_api/serving.py`."""

import urllib.request
from contextlib import ExitStack

import psutil

from devstack import ports
from devstack.stack import Stack
from http_api.serving import THREADS
from tests.support.eventually import eventually
from tests.support.served import Served, request

LATE = request("/api/v1/join", "POST", b"{", Content_Type="application/json", Content_Length="100")


def functions_of(stack: Stack) -> list[psutil.Process]:
    """The servers that the emulator has started: their listening processes and workers. With setproctitle Gunicorn
    renames its processes, so that only the shell that has started them is known by its command."""
    family = psutil.Process(stack.emulators.child.pid).children(recursive=True)
    started = [process for process in family if any("functions-framework" in word for word in process.cmdline())]
    return list({*started, *(child for process in started for child in process.children(recursive=True))})


def listening(processes: list[psutil.Process]) -> set[int]:
    connections = [connection for process in processes for connection in process.net_connections("tcp")]
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}


def test_the_emulated_function_handles_as_many_concurrent_requests_as_the_deployed_one(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.url}/api/v1/time") as page:  # noqa: S310 (the emulator starts it now)
        assert page.status == 200
    (port,) = eventually(lambda: listening(functions_of(stack)), "the function listens")
    started = functions_of(stack)
    function = Served(port, stack.emulators.child)
    before = max(process.num_threads() for process in started)

    with ExitStack() as held:
        for _ in range(THREADS):
            held.enter_context(function.connect()).sendall(LATE)
        eventually(lambda: max(p.num_threads() for p in started) >= THREADS, f"{THREADS} threads, after {before}")

    eventually(lambda: ports.answers_http(f"http://{ports.HOST}:{port}/api/v1/health"), "it lives on")
