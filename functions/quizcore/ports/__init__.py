"""The ports: the core's interfaces to the services. Each port has an in-memory twin in `adapters/memory/`. The file of
a port states its contract; `tests/contract` tests every adapter against it."""

from quizcore.ports.bus import BusUnavailable, Delivery, EventSource, Publisher, SourceEnded
from quizcore.ports.clock import Clock, Ids
from quizcore.ports.finals import FinalReceiver, FinalSession, NotReceived
from quizcore.ports.identity import (
    AccountFacts,
    AccountsUnavailable,
    Attestation,
    Caller,
    Identity,
    TokenCheckUnavailable,
    TokenNotSigned,
    TokenRefused,
)
from quizcore.ports.store import (
    CommitTooLarge,
    Conflict,
    Create,
    Delete,
    DocumentReader,
    DocumentStore,
    Fields,
    OrderBy,
    OutcomeUnknown,
    Put,
    Replace,
    Snapshot,
    StoreError,
    T,
    Update,
    Version,
    Where,
    Write,
)
