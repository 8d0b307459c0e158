"""The demonstration: a session, ten bots, the live board, the podium."""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel

from devstack import bots
from devstack import player as players
from devstack.emulators import ROOT
from devstack.player import Endpoints
from devstack.stack import Stack
from quizcore.ports import DocumentStore, Snapshot

if TYPE_CHECKING:
    from admin_cli.wiring import CloudServices

QUIZ = "everyday-a2"
HOST_UID = "demo-host"
SEED = 7
console = Console()


def import_quizzes(stack: Stack) -> None:
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "quizzes").glob("*.yaml"))
    wordrush(stack, "quiz", "import", *files)


def open_session(stack: Stack, quiz: str, *options: str) -> dict[str, str]:
    opened: dict[str, str] = json.loads(wordrush(stack, "--json", "session", "open", quiz, *options))
    return opened


def wordrush(stack: Stack, *arguments: str) -> str:
    """Run the command line; gives its output. Raises CalledProcessError, after printing the output."""
    env = {**os.environ, **stack.env, "WORDRUSH_HOST_UID": HOST_UID}
    command = [sys.executable, "-m", "admin_cli", *arguments]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        console.print(done.stderr or done.stdout)
        done.check_returncode()
    return done.stdout


def write_env(stack: Stack) -> Path:
    """Write `.local/env`, which another terminal sources to use this stack: `. .local/env`."""
    path = ROOT / ".local" / "env"
    values = {**stack.env, "WORDRUSH_HOST_UID": HOST_UID}
    lines = [f'export {name}="{value}"' for name, value in values.items() if name != "PYTHONUNBUFFERED"]
    path.write_text("\n".join([*lines, f'export PATH="{Path(sys.executable).parent}:$PATH"', ""]))
    return path


def print_frame(stack: Stack, opened: dict[str, str] | None) -> None:
    lines = [
        *([f"PIN       [bold]{opened['pin']}[/]", f"join      {opened['join_url']}"] if opened else []),
        f"host      {stack.url}/host",
        f"API       {stack.api}/api/docs",
        "terminal  . .local/env && wordrush session list",
        "stop      Ctrl-C",
    ]
    console.print(Panel("\n".join(lines), title="[bold]Wordrush is ready[/]", expand=False, padding=(1, 3)))


def services_of(stack: Stack) -> "CloudServices":
    """The command line's services, as the demo's host. A process has one of them, as it has one Firebase app."""
    os.environ.update(stack.env | {"WORDRUSH_HOST_UID": HOST_UID})
    return _services()


@cache
def _services() -> "CloudServices":
    from admin_cli.wiring import CloudServices  # the settings come from the environment of the stack

    return CloudServices()


def play(stack: Stack, opened: dict[str, str]) -> None:
    """Draw the board while the bots play; returns at the podium. Raises the error that stopped the bots."""
    from admin_cli.live_board import watch_board

    services, session_id = services_of(stack), opened["session_id"]
    failed: list[BaseException] = []

    def run() -> None:
        try:
            play_bots(stack, session_id)
        except Exception as error:
            failed.append(error)

    game = threading.Thread(target=run, name="bots", daemon=True)
    game.start()
    watch_board(services, session_id, until_final=True, unless=lambda: bool(failed))
    if failed:
        raise failed[0]
    console.print(wordrush(stack, "verify", session_id).strip())


def play_bots(stack: Stack, session_id: str) -> None:
    """Play the quiz to its end with ten bots and their host. Raises ApiProblem, TimeoutError."""
    services = services_of(stack)
    with heard(services.store, session_id) as seen:
        asyncio.run(_play_ten(game_of(stack, seen, services.api.id_token)))


async def _play_ten(game: bots.Game) -> None:
    async with players.http_client() as http:
        ten = await bots.join_ten(http, game.ends, game.seen.session["pin"])
        await bots.play(http, game, ten, random.Random(SEED))  # noqa: S311 (a game)


def game_of(stack: Stack, seen: bots.Seen, host_token: str) -> bots.Game:
    ends = Endpoints(stack.api, stack.emulators.host("auth"))
    return bots.Game(seen, ends, host_token, bots.knowledge_from(ROOT / "quizzes" / f"{QUIZ}.yaml"))


@contextlib.contextmanager
def heard(store: DocumentStore, session_id: str) -> Iterator[bots.Seen]:
    """The session and its board, kept up to date by listeners while the block runs."""
    from quizcore import documents

    seen = bots.Seen({}, {})
    known = threading.Event()

    def hear_session(snapshot: Snapshot | None) -> None:
        seen.session = {**(snapshot.data if snapshot else {}), "session_id": session_id}

    def hear_board(snapshot: Snapshot | None) -> None:
        seen.board = snapshot.data if snapshot else {}
        known.set()

    stops = [
        store.listen(documents.session_path(session_id), hear_session),
        store.listen(documents.board_path(session_id), hear_board),
    ]
    try:
        known.wait()
        yield seen
    finally:
        for stop in stops:
            stop()
