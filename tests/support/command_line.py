"""The command line in this process, on a world's twins."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from unittest.mock import patch

from admin_cli import __main__ as entry
from admin_cli.commands import session, user, verify
from admin_cli.wiring import Services
from quizcore.settings import CliSettings
from tests.support.world import EMULATORS, World

HOST_UID = "host-1"


@contextmanager
def on_twins(world: World) -> Iterator[None]:
    """Every command finds the world's store, bus and clock; `watch` ends at once, and nothing waits."""
    known = Services(CliSettings(**EMULATORS, host_uid=HOST_UID), world.store, world.clock, world.ids)
    with (
        patch.object(session, "services", lambda: known),
        patch.object(user, "services", lambda: known),
        patch.object(verify, "services", lambda: known),
        patch.object(user, "publisher", lambda: world.bus),
        patch.object(user, "delete_account", lambda uid: True),
        patch.object(user, "LOOK_EVERY_S", 0.01),
        patch.object(verify, "PAUSE_S", 0.0),
        patch.object(session, "watch_board", partial(session.watch_board, unless=lambda: True)),
    ):
        yield


def wordrush(*arguments: str) -> tuple[int, str]:
    """The exit code and all that was printed. What the entry point does not catch is raised."""
    said = StringIO()
    with patch.object(sys, "argv", ["wordrush", *arguments]), redirect_stdout(said), redirect_stderr(said):
        try:
            entry.main()
        except SystemExit as ended:
            code = ended.code
            return (0 if code is None else int(code)), said.getvalue()
    return 0, said.getvalue()
