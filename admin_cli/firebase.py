"""Firebase Authentication as an operator uses it."""

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


class _Found(credentials.Base):  # type: ignore[misc] # the library is untyped
    """The credentials that were looked at already, so that Firebase does not look for its own."""

    def __init__(self, found: Credentials) -> None:
        self._found = found

    def get_credential(self) -> Credentials:
        return self._found


@dataclass(frozen=True)
class Firebase:
    """`signing_account` signs tokens for who has only a person's own credentials."""

    project: str
    emulator: str | None
    signing_account: str | None
    name: str = "[DEFAULT]"

    @cached_property
    def app(self) -> firebase_admin.App:
        """Raises CliError when there are no credentials."""
        options = {"projectId": self.project, "serviceAccountId": self.signing_account}
        found = None if self.emulator else _Found(ours.found())
        return firebase_admin.initialize_app(found, {k: v for k, v in options.items() if v}, self.name)

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        """A custom token that signs its bearer in as `uid`. Raises CliError."""
        if not self.emulator:
            ours.check_signer(ours.found(), self.signing_account)
        with ours.told(self.project):
            token: bytes = auth.create_custom_token(uid, dict(claims), app=self.app)
        return token.decode()

    def find(self, name: str) -> Account:
        with ours.told(self.project):
            try:
                user = auth.get_user_by_email(name, app=self.app) if "@" in name else auth.get_user(name, app=self.app)
            except (auth.UserNotFoundError, ValueError):
                detail = f"no account {name}; it must have signed in once"
                raise CliError("unknown_account", detail, Exit.REFUSED) from None
        return Account(
            uid=user.uid,
            email=user.email,
            address_proven=bool(user.email and user.email_verified),
            has_password=bool(user._data.get("passwordHash")),  # only the listing of all accounts has it in public
            providers=tuple(provider.provider_id for provider in user.provider_data),
            created_at=user.user_metadata.creation_timestamp or 0,
            claims=user.custom_claims or {},
        )

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        with ours.told(self.project):
            auth.set_custom_user_claims(uid, dict(claims), app=self.app)

    def forget_password(self, uid: str) -> None:
        with ours.told(self.project):
            auth.update_user(uid, password=secrets.token_urlsafe(48), app=self.app)
            auth.revoke_refresh_tokens(uid, app=self.app)

    def delete(self, uid: str) -> bool:
        """Whether there was one."""
        with ours.told(self.project):
            try:
                auth.delete_user(uid, app=self.app)
            except auth.UserNotFoundError:
                return False
        return True
