"""A liveness page in a separate thread, so that it can report a blocked event loop."""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from quizcore.telemetry import Telemetry

POLL_S = 0.05  # the longest wait of `stop` for the thread


@dataclass(frozen=True, slots=True)
class Check:
    """Alive while `seconds()` is below `limit_s`; the page shows an infinite number as null."""

    seconds: Callable[[], float]
    limit_s: float


class HealthServer:
    """`GET /health`: 200 while all checks hold, else 503; the body has the seconds of each check. `GET /metrics`:
    counts. `GET /ledger`: usage by operation. `/health` does not check Firestore, because a restart of the worker does
    not end an outage."""

    def __init__(self, host: str, port: int, checks: Mapping[str, Check], telemetry: Telemetry) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler(checks, telemetry))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), name="health", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _health(checks: Mapping[str, Check]) -> tuple[int, dict[str, float | None]]:
    ages = {name: (check.seconds(), check.limit_s) for name, check in checks.items()}
    status = 200 if all(seconds < limit_s for seconds, limit_s in ages.values()) else 503
    body = {name: round(seconds, 3) if math.isfinite(seconds) else None for name, (seconds, _) in ages.items()}
    return status, body


def _handler(checks: Mapping[str, Check], telemetry: Telemetry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                self._answer(*_health(checks))
            elif self.path == "/metrics":
                self._answer(200, telemetry.snapshot())
            elif self.path == "/ledger":
                self._answer(200, telemetry.ledger.sums())
            else:
                self._answer(404, {"pages": ["/health", "/metrics", "/ledger"]})

        def _answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Drop the line: probes come every few seconds and would flood the log."""

    return Handler
