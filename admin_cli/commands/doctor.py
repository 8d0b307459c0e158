"""`wordrush doctor`: what runs, what is missing, what to do."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.wiring import bus_faults, host_api, services, whose_credentials
from quizcore import documents
from quizcore.ports import StoreError

OVERDUE_MS = 10_000
TIMEOUT_S = 5.0
Finding = dict[str, Any]


def doctor() -> None:
    """Check every part of the system and say what to do. Exit code 1 when something is missing."""
    findings = [_finding(name, check) for name, check in _checks()]
    for finding in findings:
        finding["state"] = "ok" if finding["ok"] else "MISSING"
    out.rows(findings, ["state", "part", "what"], "")
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(Exit.DIFFERENT)


def _checks() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "environment", _environment
    yield "credentials", whose_credentials
    yield "firestore", _firestore
    yield "pub/sub", _bus
    yield "api", _api
    yield "sign-in", _sign_in
    yield "worker", _worker


def _finding(name: str, check: Callable[[], str]) -> Finding:
    """A check gives a sentence, or raises with what is missing and what to do."""
    try:
        return {"part": name, "ok": True, "what": check()}
    except (CliError, StoreError, httpx.HTTPError, LookupError, GoogleAuthError, GoogleAPIError) as error:
        return {"part": name, "ok": False, "what": str(error)}


def _environment() -> str:
    settings = services().settings
    where = "emulators" if settings.firestore_emulator else "Google Cloud"
    return f"project {settings.project} on {where}"


def _firestore() -> str:
    quizzes = len(services().store.list(documents.QUIZZES))
    if not quizzes:
        raise LookupError("answers, but holds no quiz: wordrush quiz import quizzes/*.yaml")
    return f"answers; {quizzes} quizzes"


def _bus() -> str:
    faults = bus_faults()
    if faults:
        raise LookupError("; ".join(faults))
    return "topic and subscription are there, with ordering"


def _api() -> str:
    base = services().settings.api
    if base is None:
        raise LookupError("set WORDRUSH_API to the URL before /api/v1")
    httpx.get(f"{base}/api/v1/health", timeout=TIMEOUT_S).raise_for_status()
    return f"{base} answers"


def _sign_in() -> str:
    host_api()
    return f"signs in as {services().settings.host_uid}"


def _worker() -> str:
    """The worker has no address; a session whose clock is overdue tells that it is not there."""
    held = services()
    late = held.store.list(documents.SESSIONS, where=[("due_at", "<=", held.clock.now_ms() - OVERDUE_MS)], limit=5)
    if late:
        names = ", ".join(session.name for session in late)
        raise LookupError(f"sessions wait for their clock: {names}. Is a worker running? python -m workers")
    return "no session is overdue"
