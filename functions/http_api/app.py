"""The API as a Flask app, built from its collaborators."""

from typing import Any

from flask import g, redirect, request
from flask.json.provider import DefaultJSONProvider
from flask_openapi3 import APIBlueprint, Info, OpenAPI
from pydantic_core import from_json
from werkzeug.wrappers import Response

from http_api import problems
from http_api.bodies import LONGEST_WAIT_S, MAX_BODY_BYTES, REFUSED
from http_api.context import ApiContext
from http_api.edge import THROUGH_HOSTING, Edge
from http_api.openapi import SECURITY_SCHEMES, document_retries
from http_api.problems import Problem
from http_api.routes import (
    answers,
    classes,
    commands,
    health,
    history,
    join,
    keep,
    leaderboards,
    me,
    questions,
    report,
    return_codes,
    sessions,
    standings,
    time,
)
from quizcore.deadline import must_end_within
from quizcore.ledger import Operation, now_on
from quizcore.usecases.rejected import Rejected

API = "/api/v1"
DOCS = "/api/docs"
_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("POST", "sessions"): "open",
    ("POST", "join"): "join",
    ("POST", "answers"): "answer",
    ("POST", "commands"): "command",
    ("GET", "standings"): "standings",
    ("PUT", "me"): "profile",
    ("POST", "kept"): "profile",
    ("POST", "return-code"): "join",
    ("POST", "return"): "join",
}
_OF_ACCOUNTS = (f"{API}/sessions", f"{API}/me", f"{API}/classes", f"{API}/boards")  # whose calls need a token
_OF_APPS = (*_OF_ACCOUNTS, f"{API}/join", f"{API}/return")  # whose calls come from one of our apps
_BODY_FAULTS = {
    "too_large": f"a body has at most {MAX_BODY_BYTES} bytes",
    "too_slow": f"the body was not here after {LONGEST_WAIT_S:.0f} s; repeat with the same Idempotency-Key",
    "invalid": "the body ended before its end",
}


class StrictJson(DefaultJSONProvider):
    """Refuses values that are not JSON (NaN), and nesting so deep that Python's own reader runs out of stack."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return from_json(s, allow_inf_nan=False)


def create_app(context: ApiContext) -> OpenAPI:
    app = OpenAPI(
        "wordrush",
        info=Info(title="Wordrush", version="1", description="Live vocabulary quizzes; see docs/client-protocol.md."),
        security_schemes=SECURITY_SCHEMES,
        doc_prefix=DOCS,
        validation_error_callback=problems.unreadable_body,
        validation_error_status=400,
        validation_error_model=Problem,
    )
    app.json = StrictJson(app)
    app.wsgi_app = Edge(app.wsgi_app, context.settings)
    problems.register(app, context.telemetry)

    _bound(app, context)
    _before_each(app, context)

    api = APIBlueprint("v1", __name__, url_prefix=API)
    session_routes = (sessions, join, answers, commands, questions, standings, report, return_codes)
    for route in (*session_routes, me, history, keep, classes, leaderboards, time, health):
        route.register(api, context)
    app.register_api(api)
    document_retries(app)

    @app.get(f"{API}/openapi.json", doc_ui=False)
    def openapi() -> dict[str, Any]:
        return dict(app.api_doc)

    @app.get(DOCS, doc_ui=False, strict_slashes=False)
    def docs() -> Response:
        return redirect(f"{DOCS}/swagger")

    return app


def _bound(app: OpenAPI, context: ApiContext) -> None:
    """Set one deadline for all waits of a request."""

    @app.before_request
    def say_how_long() -> None:
        must_end_within(context.settings.request_timeout_ms / 1000)

    @app.teardown_request
    def forget_the_deadline(_: BaseException | None) -> None:
        """Remove the deadline, because the thread serves further requests."""
        must_end_within(None)


def _before_each(app: OpenAPI, context: ApiContext) -> None:
    """Register the checks of every request, in this order."""

    @app.before_request
    def say_what_for() -> None:
        of_classes = request.path.startswith(f"{API}/classes")
        now_on("class" if of_classes else _OPERATIONS.get((request.method, request.path.rpartition("/")[2]), "read"))

    @app.before_request
    def refuse_a_way_around_the_site() -> None:
        if context.settings.only_through_hosting and not request.environ[THROUGH_HOSTING]:
            raise Rejected("not_through_site", "call the API by the site's address")

    @app.before_request
    def refuse_body() -> None:
        code = request.environ.get(REFUSED)
        if code is not None:
            raise Rejected(code, _BODY_FAULTS[code])

    @app.before_request
    def know_the_app() -> None:
        if request.path.startswith(_OF_APPS):
            context.check_app()

    @app.before_request
    def know_the_caller() -> None:
        """Runs before the body is read, so that a stranger learns nothing from the refusal of a body."""
        if request.path.startswith(_OF_ACCOUNTS):
            g.caller = context.caller()
