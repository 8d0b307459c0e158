"""`wordrush doctor`: checks every service, and says how to fix what is missing."""

from collections.abc import Callable, Iterator
from typing import TypedDict

import httpx
import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.services import Context, Services
from quizcore import documents
from quizcore.ports import StoreError

OVERDUE_MS = 10_000
TIMEOUT_S = 5.0


class Finding(TypedDict):
    """The result of one check. When `ok` is false, `what` says what is missing and what to do."""

    part: str
    ok: bool
    state: str
    what: str


def doctor(context: Context) -> None:
    """Check every part of the system and say what to do. Exit code 1 when something is missing."""
    findings = [_finding(name, check) for name, check in _checks(context.obj)]
    out.rows(findings, ["state", "part", "what"], "")
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(Exit.DIFFERENT)


def _checks(services: Services) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "environment", lambda: _environment(services)
    yield "credentials", services.whose_credentials
    yield "firestore", lambda: _firestore(services)
    yield "pub/sub", lambda: _bus(services)
    yield "api", lambda: _api(services)
    yield "sign-in", lambda: _sign_in(services)
    yield "worker", lambda: _worker(services)


def _finding(name: str, check: Callable[[], str]) -> Finding:
    """Run the check. A check gives a sentence, or raises an error that says what is missing and what to do."""
    try:
        return {"part": name, "ok": True, "state": "ok", "what": check()}
    except (CliError, StoreError, httpx.HTTPError, LookupError, GoogleAuthError, GoogleAPIError) as error:
        return {"part": name, "ok": False, "state": "MISSING", "what": str(error)}


def _environment(services: Services) -> str:
    settings = services.settings
    where = "emulators" if settings.firestore_emulator else "Google Cloud"
    return f"project {settings.project} on {where}"


def _firestore(services: Services) -> str:
    quizzes = len(services.store.list(documents.QUIZZES))
    if not quizzes:
        raise LookupError("responds, but has no quiz: wordrush quiz import quizzes/*.yaml")
    return f"answers; {quizzes} quizzes"


def _bus(services: Services) -> str:
    faults = services.bus_faults()
    if faults:
        raise LookupError("; ".join(faults))
    return "topic and subscription exist, with ordering"


def _api(services: Services) -> str:
    base = services.settings.api
    if base is None:
        raise LookupError("set WORDRUSH_API to the URL before /api/v1")
    httpx.get(f"{base}/api/v1/health", timeout=TIMEOUT_S).raise_for_status()
    return f"{base} answers"


def _sign_in(services: Services) -> str:
    api = services.api  # reading the property signs in
    return f"signs in as {services.settings.host_uid}, for {api.base}"


def _worker(services: Services) -> str:
    """The worker has no address, so the check looks for overdue sessions, which no worker has adopted."""
    overdue = [("due_at", "<=", services.clock.now_ms() - OVERDUE_MS)]
    late = services.store.list(documents.SESSIONS, where=overdue, limit=5)
    if late:
        names = ", ".join(session.name for session in late)
        raise LookupError(f"sessions wait for their clock: {names}. Is a worker running? python -m workers")
    return "no session is overdue"
