"""What commands are given, and the context that carries it."""

from collections.abc import Callable
from typing import Protocol

import typer

from admin_cli.accounts import Accounts
from admin_cli.api import Api
from quizcore.ports import Clock, DocumentStore, Ids, Publisher
from quizcore.settings import CliSettings


class Services(Protocol):
    """The outside of a command. Each part is connected when it is first asked for; asking raises CliError when the
    environment cannot be used."""

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

    def whose_credentials(self) -> str:
        """Raises CliError with what is missing."""

    def bus_faults(self) -> list[str]:
        """What is wrong with the topics and the subscription, or nothing."""


class Context(typer.Context):
    """Typer's context; `obj` is what `__main__.run` was given."""

    obj: Services
