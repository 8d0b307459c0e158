"""Configures the platform's server of the function, and the middleware in front of the API.

`functions-framework` loads `main.py` first, inside the context of its own app, and reads `THREADS` and `WORKERS` after
that (`_cli.py`, `_http/gunicorn.py`). So the values that are set here at import apply on the platform, in the Functions
emulator, and in `devstack`.
"""

import os
from collections.abc import Callable

import structlog
from flask import Flask, Request, current_app, has_app_context
from werkzeug.wrappers import Response

from http_api.bodies import BodyWatch, WholeBodies
from http_api.problems import problem
from quizcore.settings import SettingsInvalid
from quizcore.telemetry import configure_logging

# Requests that one instance handles at a time; the platform sends no more (`concurrency`). A request mostly waits for
# Firestore and Pub/Sub, so there are many threads in one process.
THREADS = 80
WORKERS = 1
CROWD = THREADS // 2
_log = structlog.get_logger("api")


def prepare_server() -> None:
    """Call before the server starts. Without the framework (the CLI's discovery) only the environment is set."""
    os.environ.update(THREADS=str(THREADS), WORKERS=str(WORKERS))
    if has_app_context():
        configure_logging()
        current_app.register_error_handler(404, _no_such_path)
        current_app.wsgi_app = WholeBodies(current_app.wsgi_app, BodyWatch(CROWD))  # type: ignore[method-assign]


def _no_such_path(_: Exception) -> Response:
    """The framework's own routes match no path with a line break in it, and its page is HTML."""
    return problem("unknown_path", "there is no such path")


def respond(application: Callable[[], Flask], request: Request) -> Response:
    """The API's response. The API is called as WSGI, through its middleware. The response is streamed, because
    otherwise the framework would read the rest of the request."""
    try:
        app = application()
    except SettingsInvalid as error:
        _log.critical(str(error))
        return problem("internal", "the server's settings are invalid; its log lists them")
    except Exception:
        _log.critical("the API cannot start", exc_info=True)
        return problem("internal", "the server cannot start; its log has the reason")
    return Response.from_app(app, request.environ)
