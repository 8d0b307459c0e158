"""The API's refusals: RFC 9457 problem details with a stable `code`."""

from typing import Any

import structlog
from flask import Flask, Response, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from quizcore.loading import SessionUnknown
from quizcore.ports import AccountsUnavailable, BusUnavailable, StoreError, TokenCheckUnavailable, TokenNotSigned
from quizcore.telemetry import Telemetry
from quizcore.usecases.rejected import Rejected

STATUS = {
    "invalid": 400,
    "unauthenticated": 401,
    "unattested": 401,
    "forbidden": 403,
    "not_through_site": 403,
    "account_unusable": 403,
    "account_needed": 403,
    "unknown_pin": 404,
    "unknown_session": 404,
    "unknown_quiz": 404,
    "unknown_class": 404,
    "unknown_board": 404,
    "unknown_code": 404,
    "no_profile": 404,
    "unknown_path": 404,
    "wrong_method": 405,
    "too_slow": 408,
    "nickname_taken": 409,
    "not_open": 409,
    "already_answered": 409,
    "wrong_state": 409,
    "key_reused": 409,
    "already_kept": 409,
    "too_many_sessions": 409,
    "too_many_classes": 409,
    "class_full": 409,
    "too_large": 413,
    "nickname_refused": 422,
    "no_such_choice": 422,
    "slow_down": 429,
    "internal": 500,
    "try_again": 503,
    "no_free_pin": 503,
}
_HTTP_CODES = {404: "unknown_path", 405: "wrong_method", 413: "too_large"}
_log = structlog.get_logger("api")


class Problem(BaseModel):
    """RFC 9457 problem details. Act on `code`; show `detail` to people."""

    type: str = Field(examples=["urn:wordrush:problem:not_open"])
    title: str
    status: int
    code: str = Field(json_schema_extra={"enum": list(STATUS)})
    detail: str


def problem(code: str, detail: str, retry_after_s: int | None = None) -> Response:
    body = Problem(
        type=f"urn:wordrush:problem:{code}",
        title=code.replace("_", " "),
        status=STATUS[code],
        code=code,
        detail=detail,
    )
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(body.model_dump_json(), STATUS[code], headers, mimetype="application/problem+json")


def unreadable_body(error: ValidationError) -> Response:
    """The response when the path, a header or the body of a call does not fit its model."""
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return problem("invalid", "; ".join(faults[:10]))


def register(app: Flask, telemetry: Telemetry) -> None:
    @app.errorhandler(Rejected)
    def rejected(error: Rejected) -> Response:
        return problem(error.code, error.detail, error.retry_after_s)

    @app.errorhandler(SessionUnknown)
    def partly_gone(_: SessionUnknown) -> Response:
        return problem("unknown_session", "there is no such session, or deletion by age has reached it")

    @app.errorhandler(BusUnavailable)
    @app.errorhandler(StoreError)
    @app.errorhandler(TokenCheckUnavailable)
    @app.errorhandler(TokenNotSigned)
    @app.errorhandler(AccountsUnavailable)
    def unavailable(error: Exception) -> Response:
        needs_operator = isinstance(error, TokenNotSigned | AccountsUnavailable)
        say = _log.error if needs_operator else _log.warning
        say("unavailable", kind=type(error).__name__, reason=str(error), **_call())
        detail = "a service behind this one did not answer; repeat with the same Idempotency-Key"
        return problem("try_again", detail, retry_after_s=1)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        code = _HTTP_CODES.get(error.code or 400, "invalid")
        return problem(code, error.description or "the request cannot be read")

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        _log.error("fault", kind=type(error).__name__, exc_info=error, **_call())
        return problem("internal", "this is our fault; it has been logged")

    @app.after_request
    def count(response: Response) -> Response:
        if response.status_code >= 400:
            telemetry.add("api_refused")
        return response


def _call() -> dict[str, str]:
    """The name of the call for the log, without the request's path, which may contain any text."""
    session_id = (request.view_args or {}).get("session_id")
    return {"call": f"{request.method} {request.url_rule}"} | ({"session_id": session_id} if session_id else {})


def documented(*codes: str) -> dict[str | int, Any]:
    """The `responses` of a call for the OpenAPI document, one entry per status."""
    statuses: dict[int, list[str]] = {}
    for code in codes:
        statuses.setdefault(STATUS[code], []).append(code)
    return {
        str(status): {
            "description": " · ".join(f"`{name}`" for name in names),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, names in statuses.items()
    }
