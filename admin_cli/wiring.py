"""The command line's composition root: the only module here that names adapters and services."""

from dataclasses import dataclass
from functools import cache

import firebase_admin
from firebase_admin import auth
from google.api_core import exceptions
from google.cloud import firestore

from admin_cli.api import Api
from admin_cli.errors import CliError, Exit
from quizcore.adapters.channels import publisher_client
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.identity import FirebaseIdentity
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
    store = FirestoreStore(firestore.Client(project=settings.project), Telemetry())
    return Services(settings, store, SystemClock(), RandomIds())


@cache
def host_api() -> Api:
    """The API, called as the host `settings.host_uid`."""
    settings = _settings()
    if settings.api is None:
        raise CliError("no_api", "set WORDRUSH_API to the URL before /api/v1", Exit.SETTINGS)
    token = FirebaseIdentity(_firebase()).mint(settings.host_uid, {"role": "host"})
    return Api.sign_in(settings.api, token, settings.auth_emulator, settings.web_api_key, RandomIds())


def set_role(account: str, role: str | None) -> str:
    """Give the account (e-mail or uid) the role claim, or take it; gives the uid."""
    app = _firebase()
    try:
        user = auth.get_user_by_email(account, app=app) if "@" in account else auth.get_user(account, app=app)
        claims = {k: v for k, v in (user.custom_claims or {}).items() if k != "role"}
        auth.set_custom_user_claims(user.uid, claims | ({"role": role} if role else {}), app=app)
    except auth.UserNotFoundError:
        raise CliError("unknown_account", f"no account {account}; it must have signed in once", Exit.REFUSED) from None
    except exceptions.GoogleAPICallError as error:
        raise CliError("unreachable", str(error), Exit.UNREACHABLE) from error
    return str(user.uid)


def delete_account(uid: str) -> bool:
    """Whether there was one. A player who came with a PIN alone has one too, of the same uid."""
    try:
        auth.delete_user(uid, app=_firebase())
    except auth.UserNotFoundError:
        return False
    except exceptions.GoogleAPICallError as error:
        raise CliError("unreachable", str(error), Exit.UNREACHABLE) from error
    return True


@cache
def publisher() -> Publisher:
    settings = _settings()
    client = publisher_client(settings.pubsub_emulator)
    topic, dead_topic = (client.topic_path(settings.project, name) for name in (settings.topic, settings.dead_topic))
    return PubSubPublisher(client, topic, dead_topic, PUBLISH_BOUND_MS / 1000, Telemetry())


def bus_faults() -> list[str]:
    """What is wrong with the topic and the subscription, or nothing."""
    settings = _settings()
    return subscription_faults(settings.pubsub_emulator, settings.project, settings.topic, settings.subscription)


@cache
def _settings() -> CliSettings:
    try:
        return load(CliSettings)
    except SettingsInvalid as error:
        hint = "\nWith a local stack (make up): . .local/env"
        raise CliError("settings", str(error) + hint, Exit.SETTINGS) from None


@cache
def _firebase() -> firebase_admin.App:
    return firebase_admin.initialize_app(options={"projectId": _settings().project})
