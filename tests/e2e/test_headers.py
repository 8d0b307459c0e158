"""The headers of the site. Every other test of the screens also shows that a game works under this policy, because a
page whose request is blocked reports a fault."""

import httpx
import pytest

from devstack.emulators import SITE
from devstack.hosting import default_auth_domain
from devstack.stack import Stack
from tests.support.eventually import PATIENCE_S
from tests.support.screens import LAPTOP, Screens

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=63072000",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "cache-control": "no-cache",
}


@pytest.mark.parametrize("path", ["/", "/join", "/host/some-session"])
def test_every_page_has_the_headers_and_a_policy_without_inline_script(stack: Stack, path: str) -> None:
    told = httpx.get(f"{stack.url}{path}", timeout=PATIENCE_S).headers

    assert {name: told.get(name) for name in EXPECTED} == EXPECTED
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self' https://apis.google.com;" in policy
    assert f"frame-src https://{default_auth_domain(stack.project)};" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("name", ["handler", "iframe", "action"])
def test_google_s_sign_in_pages_on_the_site_have_none_of_the_site_s_headers(stack: Stack, name: str) -> None:
    url = f"{stack.url}/__/auth/{name}"
    # Without such a file Hosting's emulator has no page there; ours must not stand in its place.
    assert httpx.get(url, timeout=PATIENCE_S).status_code == httpx.codes.NOT_FOUND
    file = stack.run_dir / SITE / "__" / "auth" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("Google's")
    try:
        answer = httpx.get(url, timeout=PATIENCE_S)
    finally:
        file.unlink()

    assert (answer.status_code, answer.text) == (httpx.codes.OK, "Google's")
    assert {*EXPECTED, "content-security-policy"} & set(answer.headers) <= {"cache-control"}
    assert answer.headers.get("cache-control") != EXPECTED["cache-control"], "of the emulator, not of firebase.json"


def test_the_browser_does_not_run_foreign_scripts(stack: Stack, screens: Screens) -> None:
    page = screens.page(LAPTOP)
    page.goto(stack.url)

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.ran = true\">')")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))")
    page.wait_for_timeout(300)

    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in fault for fault in screens.faults)
    screens.faults.clear()
