"""The credentials of the command line (Application Default Credentials), and what to do when they do not suffice."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import google.auth
import httpx
from firebase_admin import auth, exceptions
from google.auth import credentials, impersonated_credentials
from google.auth import exceptions as google_exceptions
from google.auth.transport.requests import Request
from google.oauth2 import credentials as own
from google.oauth2 import service_account

from admin_cli.errors import CliError, Exit

SCOPES = (
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/identitytoolkit",
    "https://www.googleapis.com/auth/userinfo.email",
)
NONE = (
    "there are no Google credentials. Your own: `gcloud auth application-default login`. A service account's that you "
    "may impersonate: the same with `--impersonate-service-account=ACCOUNT`. A key file: GOOGLE_APPLICATION_CREDENTIALS"
)
NO_SIGNER = (
    "your own credentials cannot sign the token that a host signs in with. Set WORDRUSH_SERVICE_ACCOUNT to the address "
    "of a service account on which you have roles/iam.serviceAccountTokenCreator, or use its credentials: "
    "`gcloud auth application-default login --impersonate-service-account=ACCOUNT`"
)
NO_QUOTA_PROJECT = (
    "your own credentials name no quota project, without which Firebase Authentication refuses them: "
    "`gcloud auth application-default set-quota-project {project}`"
)
SIGNING_REFUSED = (
    "the service account may not sign the token that a host signs in with: you need "
    "roles/iam.serviceAccountTokenCreator on it, and the project the API iamcredentials.googleapis.com"
)
UNKNOWN_OPERATOR = (
    "the audit trail needs the address of whoever changes a role, and Google does not tell it for these credentials: "
    "`gcloud auth application-default login` makes such that do"
)
USERINFO = "https://openidconnect.googleapis.com/v1/userinfo"
USERINFO_TIMEOUT_S = 15.0
ON_A_MACHINE_OF_GOOGLE = "default"  # what such credentials say of their address until they are refreshed
STALE = "Google does not take the credentials (any more): {error}. `gcloud auth application-default login` renews yours"


def default_credentials() -> credentials.Credentials:
    """Application Default Credentials. Raises CliError `no_credentials` or `bad_credentials`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `described` reports a missing quota project
            have = google.auth.default(scopes=SCOPES)[0]
    except google_exceptions.DefaultCredentialsError as error:
        if "default credentials were not found" in str(error):
            raise CliError("no_credentials", NONE, Exit.SETTINGS) from None
        raise CliError("bad_credentials", f"{error}. {NONE}", Exit.SETTINGS) from None
    if isinstance(have, impersonated_credentials.Credentials):
        # The class is a signer, but lacks the two attributes that google.auth.jwt reads of a signer.
        have.key_id, have.sign = None, have.sign_bytes
    return have


def described(project: str) -> str:
    """The owner of the credentials, as text for people. Raises CliError with the missing part."""
    have = default_credentials()
    if isinstance(have, impersonated_credentials.Credentials):
        return f"of {have.service_account_email}, impersonated"
    if isinstance(have, service_account.Credentials):
        return f"of {have.service_account_email}"
    if isinstance(have, own.Credentials):
        if not have.quota_project_id:
            raise CliError("no_quota_project", NO_QUOTA_PROJECT.format(project=project), Exit.SETTINGS)
        return f"a person's own; quota project {have.quota_project_id}"
    return type(have).__module__


def operator(project: str) -> str:
    """The address of the Google account whose credentials these are. Raises CliError that says what is missing."""
    have = default_credentials()
    with explained_errors(project):
        if isinstance(have, own.Credentials):
            have.refresh(Request())
            address = _address_of(have.token)
        else:
            if getattr(have, "service_account_email", "") == ON_A_MACHINE_OF_GOOGLE:
                have.refresh(Request())
            address = getattr(have, "service_account_email", None)
    if not address:
        raise CliError("unknown_operator", UNKNOWN_OPERATOR, Exit.SETTINGS)
    return address


def _address_of(token: str) -> str | None:
    """Raises CliError `unreachable`."""
    try:
        reply = httpx.get(USERINFO, headers={"Authorization": f"Bearer {token}"}, timeout=USERINFO_TIMEOUT_S)
    except httpx.TransportError as error:
        raise CliError("unreachable", f"Google's sign-in: {error}", Exit.UNREACHABLE) from None
    address = reply.json().get("email") if reply.is_success else None
    return address if isinstance(address, str) else None


def check_signer(have: credentials.Credentials, account: str | None) -> None:
    """Raises CliError `no_signing_account` when the credentials cannot sign a token."""
    if isinstance(have, own.Credentials) and account is None:
        raise CliError("no_signing_account", NO_SIGNER, Exit.SETTINGS)


@contextmanager
def explained_errors(project: str) -> Iterator[None]:
    """Turn errors of the Firebase and Google libraries into CliError that says what an operator can do."""
    try:
        yield
    except auth.TokenSignError as error:
        raise CliError("signing_refused", f"{SIGNING_REFUSED} ({error})", Exit.REFUSED) from None
    except google_exceptions.RefreshError as error:
        raise CliError("bad_credentials", STALE.format(error=error), Exit.SETTINGS) from None
    except google_exceptions.GoogleAuthError as error:
        raise CliError("unreachable", f"Google's sign-in: {error}", Exit.UNREACHABLE) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
        hint = NO_QUOTA_PROJECT.format(project=project) if "quota project" in str(error) else ""
        advice = hint or "you need roles/firebaseauth.admin on the project"
        raise CliError("not_allowed", f"Firebase Authentication refused: {error}. {advice}", Exit.REFUSED) from None
    except exceptions.FirebaseError as error:
        raise CliError("unreachable", f"Firebase Authentication: {error}", Exit.UNREACHABLE) from None
    except ValueError as error:
        if "Failed to determine service account" not in str(error):
            raise
        raise CliError("no_signing_account", NO_SIGNER, Exit.SETTINGS) from None
