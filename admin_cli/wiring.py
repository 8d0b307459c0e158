"""The command line's composition root: the only module here that names adapters and services."""

import time
from collections.abc import Callable
from functools import cached_property

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from admin_cli.accounts import Accounts
from admin_cli.api import Api
from admin_cli.credentials import default_credentials, described, operator
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


class CloudServices:
    """Firebase and Google Cloud, or their emulators: the environment decides."""

    @cached_property
    def settings(self) -> CliSettings:
        try:
            return load(CliSettings)
        except SettingsInvalid as error:
            hint = "\nWith a local stack (make up): . .local/env"
            raise CliError("settings", str(error) + hint, Exit.SETTINGS) from None

    @cached_property
    def store(self) -> DocumentStore:
        credentials = AnonymousCredentials() if self.settings.firestore_emulator else default_credentials()
        return FirestoreStore(firestore.Client(project=self.settings.project, credentials=credentials), Telemetry())

    @cached_property
    def publisher(self) -> Publisher:
        settings = self.settings
        client = publisher_client(settings.pubsub_emulator, settings.pubsub_endpoint)
        topic, dead_topic = (
            client.topic_path(settings.project, name) for name in (settings.topic, settings.dead_topic)
        )
        return PubSubPublisher(client, topic, dead_topic, PUBLISH_BOUND_MS / 1000, Telemetry())

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def ids(self) -> Ids:
        return RandomIds()

    @property
    def sleep(self) -> Callable[[float], None]:
        return time.sleep

    @cached_property
    def accounts(self) -> Accounts:
        return self._firebase

    @cached_property
    def api(self) -> Api:
        settings = self.settings
        if settings.api is None:
            raise CliError("no_api", "set WORDRUSH_API to the URL before /api/v1", Exit.SETTINGS)
        token = self._firebase.mint(settings.host_uid, {"role": settings.role.value})
        return Api.sign_in(settings.api, token, settings.auth_emulator, settings.web_api_key, self.ids)

    @cached_property
    def _firebase(self) -> Firebase:
        settings = self.settings
        return Firebase(settings.project, settings.auth_emulator, settings.service_account)

    def operator(self) -> str:
        return "emulators" if self.settings.firestore_emulator else operator(self.settings.project)

    def whose_credentials(self) -> str:
        return "none needed" if self.settings.firestore_emulator else described(self.settings.project)

    def bus_faults(self) -> list[str]:
        settings = self.settings
        return subscription_faults(
            settings.pubsub_emulator,
            settings.pubsub_endpoint,
            settings.project,
            (settings.topic, settings.dead_topic),
            settings.subscription,
        )
