"""A teacher signs in by e-mail for the first time and becomes a host."""

import os
import subprocess
import sys

import httpx
from playwright.sync_api import expect

from devstack.emulators import ROOT
from devstack.stack import Stack
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.screens import LAPTOP, Screens, look_at

EMAIL = "teacher@school.example"


def test_a_link_by_e_mail_signs_in_and_an_operator_makes_a_host(stack: Stack, screens: Screens) -> None:
    page = screens.page(LAPTOP)
    page.goto(f"{screens.url}/host")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Send me a sign-in link").click()
    expect(page.get_by_role("status")).to_contain_text(EMAIL)

    page.goto(eventually(lambda: link_in_the_mail(stack, EMAIL), "the mail"))
    expect(page.get_by_label("E-mail address")).to_have_value(EMAIL)
    page.get_by_role("button", name="Finish signing in").click()
    expect(page.get_by_role("heading", name="This account may not host yet")).to_be_visible()
    look_at(page, "host-not-yet")
    assert "oobCode" not in page.url

    command = page.locator("pre").inner_text().split()[1:]
    env = {**os.environ, **stack.env}
    subprocess.run([sys.executable, "-m", "admin_cli", *command], cwd=ROOT, env=env, check=True, capture_output=True)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("heading", name="Choose a quiz")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Choose a quiz")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to host")).to_be_visible()


def link_in_the_mail(stack: Stack, email: str) -> str | None:
    """The Auth emulator keeps what it would have sent."""
    url = f"http://{stack.emulators.host('auth')}/emulator/v1/projects/{stack.project}/oobCodes"
    codes = httpx.get(url, timeout=PATIENCE_S).json()["oobCodes"]
    return next((code["oobLink"] for code in codes if code["email"] == email), None)
