"""Runs the command line and prints every error once."""

import logging
import sys
from collections.abc import Sequence

from google.auth.exceptions import GoogleAuthError

from admin_cli.app import app
from admin_cli.credentials import STALE
from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.services import Services
from admin_cli.wiring import CloudServices
from quizcore.loading import SessionUnknown
from quizcore.ports import BusUnavailable, StoreError
from quizcore.usecases.rejected import Rejected


def main() -> None:
    run(sys.argv[1:], CloudServices())


def run(given: Sequence[str], services: Services) -> None:
    """Run one command. Always raises SystemExit, with the exit code."""
    # `--json` may stand anywhere on the line; Typer alone accepts it only before the command.
    arguments = [argument for argument in given if argument != "--json"]
    out.as_json = len(arguments) < len(given)
    logging.getLogger("google.auth").setLevel(logging.ERROR)  # our own errors say the same, with what to do
    try:
        app(arguments, prog_name="wordrush", obj=services)
    except CliError as error:
        out.error(error.code, str(error))
        sys.exit(error.exit_code)
    except Rejected as error:
        out.error(error.code, error.detail)
        sys.exit(Exit.REFUSED)
    except GoogleAuthError as error:
        out.error("bad_credentials", STALE.format(error=error))
        sys.exit(Exit.SETTINGS)
    except SessionUnknown as error:
        out.error("unknown_session", f"there is no session {error}; `wordrush session list` shows yours")
        sys.exit(Exit.REFUSED)
    except BusUnavailable as error:
        out.error("unreachable", f"Pub/Sub: {error}")
        sys.exit(Exit.UNREACHABLE)
    except StoreError as error:
        out.error("unreachable", f"Firestore: {error}")
        sys.exit(Exit.UNREACHABLE)


if __name__ == "__main__":
    main()
