"""People sign up and sign in by e-mail and password, and a forgotten password is replaced."""

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from playwright.sync_api import Page, expect

from devstack.stack import Stack
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.screens import PHONE, Screens, look_at

PASSWORD = "correct horse battery"
BETTER = "staple correct horse"


def test_an_account_with_a_password_is_usable_when_its_address_is_proven(stack: Stack, screens: Screens) -> None:
    email = "mia@home.example"
    page = screens.page(PHONE)
    page.goto(f"{screens.url}/me")
    expect(page.get_by_role("heading", name="Sign in to see your scores")).to_be_visible()
    look_at(page, "account-sign-in")
    sign_up(page, email)
    expect(page.get_by_role("heading", name="Is this your address?")).to_be_visible()
    look_at(page, "account-proof")

    page.get_by_role("button", name="I have opened the link").click()
    expect(page.get_by_role("status")).to_contain_text("has not been opened yet")
    open_link(stack, email, "VERIFY_EMAIL")
    page.get_by_role("button", name="I have opened the link").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to see your scores")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_a_mail(stack: Stack, screens: Screens) -> None:
    email = "noa@home.example"
    page = screens.page(PHONE)
    page.goto(f"{screens.url}/me")
    sign_up(page, email)
    open_link(stack, email, "VERIFY_EMAIL")
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, email, "something else")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_role("button", name="I have forgotten the password").click()
    expect(page.get_by_role("status")).to_contain_text("has an account, a mail is on its way")
    open_link(stack, email, "PASSWORD_RESET", newPassword=BETTER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(BETTER)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


def test_a_reset_does_not_reveal_whether_an_account_exists(screens: Screens) -> None:
    page = screens.page(PHONE)
    page.goto(f"{screens.url}/me")
    by_password(page)
    page.get_by_role("button", name="I have forgotten the password").click()
    expect(page.get_by_role("status")).to_contain_text("Type your e-mail address first")
    page.get_by_label("E-mail address").fill("nobody@home.example")
    page.get_by_role("button", name="I have forgotten the password").click()
    expect(page.get_by_role("status")).to_contain_text("has an account, a mail is on its way")


def by_password(page: Page) -> None:
    page.get_by_role("button", name="Use a password instead").click()


def sign_up(page: Page, email: str) -> None:
    by_password(page)
    page.get_by_role("button", name="I have no account yet").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def sign_in(page: Page, email: str, password: str) -> None:
    by_password(page)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def open_link(stack: Stack, email: str, kind: str, **more: str) -> None:
    """Open the link of the mail that the Auth emulator would have sent."""
    link = eventually(lambda: _link_of(stack, email, kind), "the mail")
    parts = urlsplit(link)
    query = urlencode({**dict(parse_qsl(parts.query)), **more})
    opened = httpx.get(urlunsplit(parts._replace(query=query)), timeout=PATIENCE_S)
    assert opened.status_code < HTTPStatus.BAD_REQUEST, opened.text


def _link_of(stack: Stack, email: str, kind: str) -> str | None:
    url = f"http://{stack.emulators.host('auth')}/emulator/v1/projects/{stack.project}/oobCodes"
    codes = httpx.get(url, timeout=PATIENCE_S).json()["oobCodes"]
    found = (code["oobLink"] for code in codes if (code["email"], code["requestType"]) == (email, kind))
    return next(found, None)
