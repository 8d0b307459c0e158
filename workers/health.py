"""A liveness page in a thread of its own, so that it can tell when the event loop stands still."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from quizcore.telemetry import Telemetry


class HealthServer:
    """`GET /health`: 200 while `stalled_s()` is below `limit_s`, else 503. `GET /metrics`: counts.
    `GET /ledger`: what was spent, by operation.

    It says nothing of Firestore: a worker that is restarted does not mend somebody else's outage.
    """

    def __init__(
        self, host: str, port: int, stalled_s: Callable[[], float], limit_s: float, telemetry: Telemetry
    ) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler(stalled_s, limit_s, telemetry))
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(stalled_s: Callable[[], float], limit_s: float, telemetry: Telemetry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                stalled = stalled_s()
                self._answer(200 if stalled < limit_s else 503, {"loop_stalled_s": round(stalled, 3)})
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
            """Probes come every few seconds; a line for each would bury the log."""

    return Handler
