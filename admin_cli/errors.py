"""Errors and exit codes of the command line. Exit codes are part of the interface; see `wordrush --help`."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    DIFFERENT = 1  # verify found a difference; check found faults; doctor found something missing
    USAGE = 2  # the code that Typer uses
    REFUSED = 3  # the API refused; the code is in the message
    UNREACHABLE = 4  # a service did not respond
    SETTINGS = 5  # the environment cannot be used


class CliError(Exception):
    """Printed once, without a traceback. `code` is stable; the message says what to do."""

    def __init__(self, code: str, message: str, exit_code: Exit) -> None:
        super().__init__(message)
        self.code = code
        self.exit_code = exit_code
