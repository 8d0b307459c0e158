"""The services that a command uses, and the Typer context that holds them."""

from collections.abc import Callable
from typing import Protocol

import typer

from admin_cli.accounts import Accounts
from admin_cli.api import Api
from quizcore.ports import Clock, DocumentStore, Ids, Publisher
from quizcore.settings import CliSettings


class Services(Protocol):
    """The services of a command. A service is connected at its first use, which raises CliError when the environment is
    not usable."""

    @property
    def settings(self) -> CliSettings: ...

    @property
    def store(self) -> DocumentStore: ...

    @property
    def publisher(self) -> Publisher: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def ids(self) -> Ids: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def api(self) -> Api:
        """The API, called as the host `settings.host_uid`."""

    @property
    def sleep(self) -> Callable[[float], None]: ...

    def operator(self) -> str:
        """The operator who runs this command, for the audit trail: the address of the Google account. Raises
        CliError."""

    def whose_credentials(self) -> str:
        """The owner of the credentials, as text for people. Raises CliError with the missing part."""

    def bus_faults(self) -> list[str]:
        """Faults of the topics and the subscription; empty when there are none."""


class Context(typer.Context):
    """Typer's context; `obj` contains the services that `__main__.run` got."""

    obj: Services
