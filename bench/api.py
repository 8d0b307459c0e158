"""The throughput of answers of one API process, as a share of the throughput of an empty function under the same
server."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bench import props
from devstack import ports
from devstack.processes import wait_until
from devstack.stack import START_S, Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.ports import Update

POSTS = 6_000
CONNECTIONS = 64
EMPTY_PORT = 8_181
OPEN_MS = 600_000


@dataclass(frozen=True, slots=True)
class Load:
    """Requests/s, and how many were not answered with 202."""

    per_s: float
    rejected: int


def accepted(stack: Stack) -> Load:
    """POST `POSTS` answers, each of another player, to one open question, over `CONNECTIONS` kept connections."""
    session_id = _open_question(stack)
    path = f"/api/v1/sessions/{session_id}/answers"
    body = json.dumps({"question_index": 0, "choices": [1]})
    requests = [_request(path, body, _token(stack.project, f"p{n}", session_id)) for n in range(POSTS)]
    return asyncio.run(_post_all(stack.api_port, requests))


def empty_function(stack: Stack) -> Load:
    """POST as many requests to an empty function."""
    port = ports.choose(EMPTY_PORT, stack.taken)
    command = [*stack.framework_command("empty", "bench/empty_function.py"), "--host", ports.HOST, "--port", str(port)]
    child = stack.start("empty", command, {})
    try:
        wait_until(lambda: ports.answers_http(f"http://{ports.HOST}:{port}/"), child, START_S)
        token = _token(stack.project, "p", "s")
        return asyncio.run(_post_all(port, [_request("/", "{}", token)] * POSTS))
    finally:
        child.stop()


def _open_question(stack: Stack) -> str:
    """A session whose first question takes answers for ten minutes."""
    session, now = props.set_up(stack), SystemClock().now_ms()
    question = documents.public_question(replace(props.quiz(1).questions[0], time_limit_ms=OPEN_MS))
    fields = {"state": "question", "question_index": 0, "question": question}
    times = {"opened_at": now - 1_000, "closes_at": now + OPEN_MS}
    session.store.commit([Update(documents.session_path(session.session_id), fields | times)])
    return session.session_id


def _token(project: str, uid: str, session_id: str) -> str:
    """An ID token as the Auth emulator makes them: unsigned."""
    now = int(time.time())
    claims = {
        **{"iss": f"https://securetoken.google.com/{project}", "aud": project, "sub": uid, "user_id": uid},
        **{"iat": now, "auth_time": now, "exp": now + 3_600, "role": "player", "session": session_id},
    }
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."


def _encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _request(path: str, body: str, token: str) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: api",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {RandomIds().event_id()}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def _post_all(port: int, requests: list[bytes]) -> Load:
    """Plain sockets: an HTTP library would take more of the two cores than the API."""
    waiting = iter(requests)
    await asyncio.gather(*(_post(port, waiting, 4) for _ in range(CONNECTIONS)))  # warm
    began = time.perf_counter()
    rejected = sum(await asyncio.gather(*(_post(port, waiting, len(requests)) for _ in range(CONNECTIONS))))
    took = time.perf_counter() - began
    return Load((len(requests) - 4 * CONNECTIONS) / took, rejected)


async def _post(port: int, waiting: Iterator[bytes], most: int) -> int:
    reader, writer = await asyncio.open_connection(ports.HOST, port)
    rejected = 0
    for request in islice(waiting, most):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        rejected += not head.startswith(b"HTTP/1.1 202")
    writer.close()
    await writer.wait_closed()
    return rejected
