"""Runs the command line and prints every error once."""

import logging
import sys

from google.auth.exceptions import GoogleAuthError

from admin_cli.app import app
from admin_cli.credentials import STALE
from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from quizcore.loading import SessionUnknown
from quizcore.ports import StoreError


def main() -> None:
    # `--json` may stand anywhere, not only where Typer would look for it.
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    out.as_json = len(arguments) < len(sys.argv) - 1
    logging.getLogger("google.auth").setLevel(logging.ERROR)  # its warnings say less than our errors, and twice
    try:
        app(arguments, prog_name="wordrush")
    except CliError as error:
        out.error(error.code, str(error))
        sys.exit(error.exit_code)
    except GoogleAuthError as error:
        out.error("bad_credentials", STALE.format(error=error))
        sys.exit(Exit.SETTINGS)
    except SessionUnknown as error:
        out.error("unknown_session", f"there is no session {error}; `wordrush session list` shows yours")
        sys.exit(Exit.REFUSED)
    except StoreError as error:
        out.error("unreachable", f"Firestore: {error}")
        sys.exit(Exit.UNREACHABLE)


if __name__ == "__main__":
    main()
