"""Firebase Authentication for operators."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import firebase_admin
from firebase_admin import auth, credentials
from google.auth.credentials import Credentials

from admin_cli import credentials as ours
from admin_cli.accounts import Account
from admin_cli.errors import CliError, Exit


class _GivenCredentials(credentials.Base):  # type: ignore[misc] # the library is untyped
    """The given credentials, so that Firebase does not search for others."""

    def __init__(self, given: Credentials) -> None:
        self._given = given

    def get_credential(self) -> Credentials:
        return self._given


@dataclass(frozen=True)
class Firebase:
    """`signing_account` signs tokens when the operator has only a person's own credentials. `emulator` is host:port of
    the Auth emulator, or None."""

    project: str
    emulator: str | None
    signing_account: str | None
    name: str = "[DEFAULT]"

    @cached_property
    def app(self) -> firebase_admin.App:
        """Raises CliError when there are no credentials."""
        options = {"projectId": self.project, "serviceAccountId": self.signing_account}
        given = None if self.emulator else _GivenCredentials(ours.default_credentials())
        return firebase_admin.initialize_app(given, {k: v for k, v in options.items() if v}, self.name)

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        """A custom token that signs its bearer in as `uid`. Raises CliError."""
        if not self.emulator:
            ours.check_signer(ours.default_credentials(), self.signing_account)
        with ours.explained_errors(self.project):
            token: bytes = auth.create_custom_token(uid, dict(claims), app=self.app)
        return token.decode()

    def find(self, name: str) -> Account:
        with ours.explained_errors(self.project):
            try:
                user = auth.get_user_by_email(name, app=self.app) if "@" in name else auth.get_user(name, app=self.app)
            except (auth.UserNotFoundError, ValueError):
                detail = f"no account {name}; it must have signed in once"
                raise CliError("unknown_account", detail, Exit.REFUSED) from None
        return Account(
            uid=user.uid,
            email=user.email,
            address_proven=bool(user.email and user.email_verified),
            has_password=bool(user._data.get("passwordHash")),  # public only in the list of accounts
            providers=tuple(provider.provider_id for provider in user.provider_data),
            created_at=user.user_metadata.creation_timestamp or 0,
            claims=user.custom_claims or {},
        )

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        with ours.explained_errors(self.project):
            auth.set_custom_user_claims(uid, dict(claims), app=self.app)

    def forget_password(self, uid: str) -> None:
        with ours.explained_errors(self.project):
            auth.update_user(uid, password=secrets.token_urlsafe(48), app=self.app)
            auth.revoke_refresh_tokens(uid, app=self.app)

    def delete(self, uid: str) -> bool:
        with ours.explained_errors(self.project):
            try:
                auth.delete_user(uid, app=self.app)
            except auth.UserNotFoundError:
                return False
        return True
