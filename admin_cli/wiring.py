"""The command line's composition root: the only module here that names adapters and services."""

from dataclasses import dataclass
from functools import cache

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from admin_cli.accounts import Accounts
from admin_cli.api import Api
from admin_cli.credentials import described, found
from admin_cli.errors import CliError, Exit
from admin_cli.firebase import Firebase
from quizcore.adapters.channels import publisher_client
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.adapters.subscription import subscription_faults
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.ports import Clock, DocumentStore, Ids, Publisher
from quizcore.settings import CliSettings, SettingsInvalid, load
from quizcore.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Services:
    settings: CliSettings
    store: DocumentStore
    clock: Clock
    ids: Ids


@cache
def services() -> Services:
    """Firestore and the clock. Raises CliError when the environment cannot be used."""
    settings = _settings()
    have = AnonymousCredentials() if settings.firestore_emulator else found()
    store = FirestoreStore(firestore.Client(project=settings.project, credentials=have), Telemetry())
    return Services(settings, store, SystemClock(), RandomIds())


@cache
def host_api() -> Api:
    """The API, called as the host `settings.host_uid`."""
    settings = _settings()
    if settings.api is None:
        raise CliError("no_api", "set WORDRUSH_API to the URL before /api/v1", Exit.SETTINGS)
    token = _firebase().mint(settings.host_uid, {"role": "host"})
    return Api.sign_in(settings.api, token, settings.auth_emulator, settings.web_api_key, RandomIds())


def accounts() -> Accounts:
    return _firebase()


def delete_account(uid: str) -> bool:
    """Whether there was one. A player who came with a PIN alone has one too, of the same uid."""
    return _firebase().delete(uid)


def whose_credentials() -> str:
    """Raises CliError with what is missing."""
    settings = _settings()
    return "none needed" if settings.firestore_emulator else described(settings.project)


@cache
def publisher() -> Publisher:
    settings = _settings()
    client = publisher_client(settings.pubsub_emulator, settings.pubsub_endpoint)
    topic, dead_topic = (client.topic_path(settings.project, name) for name in (settings.topic, settings.dead_topic))
    return PubSubPublisher(client, topic, dead_topic, PUBLISH_BOUND_MS / 1000, Telemetry())


def bus_faults() -> list[str]:
    """What is wrong with the topics and the subscription, or nothing."""
    settings = _settings()
    return subscription_faults(
        settings.pubsub_emulator,
        settings.pubsub_endpoint,
        settings.project,
        (settings.topic, settings.dead_topic),
        settings.subscription,
    )


@cache
def _settings() -> CliSettings:
    try:
        return load(CliSettings)
    except SettingsInvalid as error:
        hint = "\nWith a local stack (make up): . .local/env"
        raise CliError("settings", str(error) + hint, Exit.SETTINGS) from None


@cache
def _firebase() -> Firebase:
    settings = _settings()
    return Firebase(settings.project, settings.auth_emulator, settings.service_account)
