"""A person's own credentials, impersonated ones, a service account's, and none: the commands that work, and the
messages otherwise.

No network: credentials are files as gcloud writes them, and requests are intercepted.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import firebase_admin
import google.auth.iam
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from firebase_admin import auth, exceptions
from google.auth import exceptions as google_exceptions
from google.auth import impersonated_credentials
from google.oauth2 import credentials as own_credentials

from admin_cli import credentials
from admin_cli.errors import CliError, Exit
from admin_cli.firebase import Firebase
from admin_cli.wiring import CloudServices
from quizcore.ports import DocumentStore
from tests.support.cli import Cli
from tests.support.world import World

PROJECT = "real-project"
SIGNER = "signer@real-project.iam.gserviceaccount.com"
OWN = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
IAM = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts"
IMPERSONATED = {
    "type": "impersonated_service_account",
    "service_account_impersonation_url": f"{IAM}/{SIGNER}:generateAccessToken",
    "source_credentials": OWN,
    "delegates": [],
}


def service_account() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    told = {"type": "service_account", "project_id": PROJECT, "client_email": SIGNER, "private_key": pem}
    return told | {"private_key_id": "k", "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token"}


class Adc:
    """Application Default Credentials of a machine that has nothing else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = folder / "adc.json"
        self._monkeypatch = monkeypatch
        for name in ("GOOGLE_APPLICATION_CREDENTIALS", "FIREBASE_AUTH_EMULATOR_HOST", "GOOGLE_CLOUD_QUOTA_PROJECT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder / "gcloud"))
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)

    def are(self, told: dict[str, Any] | str) -> None:
        self.file.write_text(told if isinstance(told, str) else json.dumps(told))
        self._monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(self.file))


@pytest.fixture(name="adc")
def _adc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adc]:
    yield Adc(tmp_path, monkeypatch)
    for name in list(firebase_admin._apps):
        firebase_admin.delete_app(firebase_admin.get_app(name))


def mint(signing_account: str | None = None) -> str:
    return Firebase(PROJECT, None, signing_account, name="test").mint("host-1", {"role": "host"})


def refused(error: pytest.ExceptionInfo[CliError]) -> tuple[str, Exit]:
    return error.value.code, error.value.exit_code


def issuer(token: str) -> str:
    import base64

    payload = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iss"])


def test_without_credentials_every_command_says_how_to_get_some(adc: Adc) -> None:
    for ask in (credentials.default_credentials, lambda: credentials.described(PROJECT), mint):
        with pytest.raises(CliError) as caught:
            ask()
        assert refused(caught) == ("no_credentials", Exit.SETTINGS)
        assert "gcloud auth application-default login" in str(caught.value)
        assert "--impersonate-service-account" in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "{}", '{"type": "king"}', '{"type": "authorized_user"}'])
def test_a_file_without_credentials_is_reported(adc: Adc, content: str) -> None:
    adc.are(content)

    with pytest.raises(CliError) as caught:
        credentials.default_credentials()

    assert refused(caught) == ("bad_credentials", Exit.SETTINGS)


def test_a_person_s_own_credentials_need_a_service_account_to_sign(adc: Adc, monkeypatch: pytest.MonkeyPatch) -> None:
    adc.are(OWN | {"quota_project_id": PROJECT})
    with pytest.raises(CliError) as caught:
        mint()
    assert refused(caught) == ("no_signing_account", Exit.SETTINGS)
    assert "WORDRUSH_SERVICE_ACCOUNT" in str(caught.value)

    monkeypatch.setattr(google.auth.iam.Signer, "sign", lambda *_: b"signature")
    assert issuer(mint(SIGNER)) == SIGNER


def test_impersonated_credentials_can_sign(adc: Adc, monkeypatch: pytest.MonkeyPatch) -> None:
    adc.are(IMPERSONATED)
    monkeypatch.setattr(impersonated_credentials.Credentials, "sign_bytes", lambda *_: b"signature")

    assert issuer(mint()) == SIGNER
    assert credentials.described(PROJECT) == f"of {SIGNER}, impersonated"


def test_a_service_account_s_credentials_sign_without_a_call(adc: Adc) -> None:
    adc.are(service_account())

    assert issuer(mint()) == SIGNER
    assert credentials.described(PROJECT) == f"of {SIGNER}"


def test_own_credentials_need_a_quota_project(adc: Adc) -> None:
    adc.are(OWN)
    with pytest.raises(CliError) as caught:
        credentials.described(PROJECT)
    assert caught.value.code == "no_quota_project"
    assert f"set-quota-project {PROJECT}" in str(caught.value)

    adc.are(OWN | {"quota_project_id": "another"})
    assert credentials.described(PROJECT) == "a person's own; quota project another"


RAISED = {
    "a signature that is refused": (
        auth.TokenSignError("Failed to sign custom token. 403", None),
        ("signing_refused", Exit.REFUSED, "roles/iam.serviceAccountTokenCreator"),
    ),
    "a token that is not renewed": (
        google_exceptions.RefreshError("invalid_grant"),
        ("bad_credentials", Exit.SETTINGS, "gcloud auth application-default login"),
    ),
    "no line to Google": (
        google_exceptions.TransportError("no route"),
        ("unreachable", Exit.UNREACHABLE, "no route"),
    ),
    "a missing quota project": (
        exceptions.PermissionDeniedError("The identitytoolkit API requires a quota project, which is not set"),
        ("not_allowed", Exit.REFUSED, "set-quota-project"),
    ),
    "a missing role": (
        exceptions.PermissionDeniedError("Caller does not have permission"),
        ("not_allowed", Exit.REFUSED, "roles/firebaseauth.admin"),
    ),
    "a service that is down": (
        exceptions.UnavailableError("503"),
        ("unreachable", Exit.UNREACHABLE, "503"),
    ),
    "nowhere to ask for a service account": (
        ValueError("Failed to determine service account: no metadata. Make sure to"),
        ("no_signing_account", Exit.SETTINGS, "WORDRUSH_SERVICE_ACCOUNT"),
    ),
}


@pytest.mark.parametrize("name", RAISED)
def test_errors_of_the_libraries_become_one_sentence_with_a_remedy(name: str) -> None:
    error, (code, exit_code, word) = RAISED[name]

    with pytest.raises(CliError) as caught, credentials.explained_errors(PROJECT):
        raise error

    assert refused(caught) == (code, exit_code)
    assert word in str(caught.value)


def test_another_error_is_not_translated() -> None:
    with pytest.raises(ValueError, match="something else"), credentials.explained_errors(PROJECT):
        raise ValueError("something else")


@pytest.fixture(name="real")
def _real(adc: Adc, monkeypatch: pytest.MonkeyPatch) -> Adc:
    """The composition root itself, in an environment that names no emulator."""
    for name in ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORDRUSH_API", "http://127.0.0.1:9")
    return adc


@pytest.mark.parametrize(
    ("command", "told", "code"),
    [
        (("quiz", "list"), None, "no_credentials"),
        (("role", "grant", "host", "ann@school.example"), None, "no_credentials"),
        (("session", "next", "s"), None, "no_credentials"),
        (("session", "next", "s"), OWN | {"quota_project_id": PROJECT}, "no_signing_account"),
    ],
)
def test_commands_without_credentials_end_with_a_code_and_without_a_traceback(
    real: Adc, cli: Cli, command: tuple[str, ...], told: dict[str, Any] | None, code: str
) -> None:
    if told:
        real.are(told)

    assert cli.run("--json", *command, services=CloudServices()) == Exit.SETTINGS
    assert json.loads(cli.err)["error"]["code"] == code


def test_doctor_checks_all_parts_without_credentials(real: Adc, cli: Cli) -> None:
    assert cli.run("--json", "doctor", services=CloudServices()) == Exit.DIFFERENT

    found = {row["part"]: row for row in json.loads(cli.out)}
    assert {"environment", "credentials", "firestore", "pub/sub", "api", "sign-in", "worker"} == found.keys()
    assert [part for part, row in found.items() if row["ok"]] == ["environment"]
    assert "gcloud auth application-default login" in found["credentials"]["what"]


class OwnCredentials(CloudServices):
    """The credentials of this machine; a store and a bus in memory."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def store(self) -> DocumentStore:
        return self._world.store

    def bus_faults(self) -> list[str]:
        return []


def test_doctor_names_missing_parts_of_the_credentials(cli: Cli, world: World, real: Adc) -> None:
    real.are(OWN)

    assert cli.run("--json", "doctor", services=OwnCredentials(world)) == 1
    found = {row["part"]: row for row in json.loads(cli.out)}

    assert not found["credentials"]["ok"]
    assert "set-quota-project" in found["credentials"]["what"]
    assert not found["sign-in"]["ok"]
    assert "WORDRUSH_SERVICE_ACCOUNT" in found["sign-in"]["what"]
    assert found["firestore"]["ok"]


@pytest.mark.parametrize("kind", ["impersonated", "service account"])
def test_the_audit_trail_names_the_service_account(adc: Adc, kind: str) -> None:
    adc.are(IMPERSONATED if kind == "impersonated" else service_account())

    assert credentials.operator(PROJECT) == SIGNER


@pytest.mark.parametrize(
    ("status", "reply", "found"),
    [
        (200, {"email": "ops@school.example"}, "ops@school.example"),
        (200, {}, "unknown_operator"),
        (401, {"error": "no"}, "unknown_operator"),
    ],
)
def test_the_audit_trail_names_a_person_by_the_address_that_google_tells(
    adc: Adc, monkeypatch: pytest.MonkeyPatch, status: int, reply: dict[str, str], found: str
) -> None:
    adc.are(OWN | {"quota_project_id": PROJECT})
    asked: list[tuple[str, dict[str, str]]] = []

    def refresh(have: own_credentials.Credentials, _: object) -> None:
        have.token = "fresh"

    def get(url: str, headers: dict[str, str], timeout: float) -> httpx.Response:
        asked.append((url, headers))
        return httpx.Response(status, json=reply)

    monkeypatch.setattr(own_credentials.Credentials, "refresh", refresh)
    monkeypatch.setattr(httpx, "get", get)

    try:
        told = credentials.operator(PROJECT)
    except CliError as error:
        told = error.code
    assert told == found
    assert asked == [(credentials.USERINFO, {"Authorization": "Bearer fresh"})]


def test_stale_credentials_change_no_role(adc: Adc, monkeypatch: pytest.MonkeyPatch) -> None:
    adc.are(OWN | {"quota_project_id": PROJECT})

    def stale(*_: object) -> None:
        raise google_exceptions.RefreshError("revoked")

    monkeypatch.setattr(own_credentials.Credentials, "refresh", stale)

    with pytest.raises(CliError) as caught:
        credentials.operator(PROJECT)
    assert refused(caught) == ("bad_credentials", Exit.SETTINGS)
