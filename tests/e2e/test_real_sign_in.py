"""A host signs in to a site without emulators: the built page, the real SDK, the headers of firebase.json.

On the emulators a button signs the demo host in, so no other test needs these headers to allow Google.
"""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from devstack.hosting import default_auth_domain
from devstack.stack import Stack
from tests.e2e.test_sign_in import link_in_the_mail
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.google import Google, violations
from tests.support.screens import LAPTOP, Screens, look_at


@pytest.fixture(name="google")
def _google(stack: Stack) -> Google:
    return Google(stack, default_auth_domain(stack.project), "ann@school.example")


@pytest.fixture(name="page")
def _page(screens: Screens, google: Google) -> Page:
    context = screens.context(LAPTOP)
    google.answer(context)
    page = context.new_page()
    page.goto(f"{screens.url}/host")
    expect(page.get_by_role("button", name="Sign in with Google")).to_be_visible()
    return page


def test_google_signs_a_host_in_through_a_popup_that_the_page_can_observe(
    stack: Stack, google: Google, page: Page
) -> None:
    expect(page.get_by_role("button", name="Continue as the demo host")).to_have_count(0)
    look_at(page, "host-sign-in-real")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in with Google").click()
    popup = opened.value
    account = popup.get_by_role("button", name=google.email)
    expect(account).to_be_visible()

    where, asked = urlsplit(popup.url), parse_qs(urlsplit(popup.url).query)
    assert (where.netloc, where.path) == (google.auth_domain, "/__/auth/handler")
    assert (asked["providerId"], asked["authType"]) == (["google.com"], ["signInViaPopup"])
    assert page.evaluate("window.opened.closed") is False, "the page has lost its popup: Cross-Origin-Opener-Policy"
    assert violations(page) == []
    account.click()

    expect(page.get_by_role("heading", name="This account may not host yet")).to_be_visible()
    assert page.locator("pre").inner_text() == f"wordrush role grant host {uid_of(stack, google.email)}"
    assert violations(page) == []
    assert google.unexpected == []


def test_a_link_by_e_mail_signs_in_on_a_real_site(stack: Stack, google: Google, page: Page) -> None:
    email = "bea@school.example"
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me a sign-in link").click()
    expect(page.get_by_role("status")).to_contain_text(email)

    page.goto(google.link(eventually(lambda: link_in_the_mail(stack, email), "the mail")))
    page.get_by_role("button", name="Finish signing in").click()

    expect(page.get_by_role("heading", name="This account may not host yet")).to_be_visible()
    assert page.locator("pre").inner_text() == f"wordrush role grant host {uid_of(stack, email)}"
    assert "oobCode" not in page.url
    assert violations(page) == []
    assert google.unexpected == []


def uid_of(stack: Stack, email: str) -> str:
    """By the emulator's own list of accounts."""
    url = f"http://{stack.emulators.host('auth')}/identitytoolkit.googleapis.com/v1/projects/{stack.project}/accounts:query"
    found = httpx.post(url, json={}, headers={"Authorization": "Bearer owner"}, timeout=PATIENCE_S)
    return next(str(account["localId"]) for account in found.json()["userInfo"] if account.get("email") == email)
