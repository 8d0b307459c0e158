"""What the site tells a browser about itself; that the whole game is played under this policy, every other test shows,
because a page that is refused something reports a fault."""

import httpx
import pytest

from devstack.stack import Stack
from tests.support.screens import LAPTOP, Screens

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/join", "/host/some-session"])
def test_every_page_bears_the_headers_and_a_policy_without_inline_script(stack: Stack, path: str) -> None:
    told = httpx.get(f"{stack.url}{path}").headers

    assert {name: told.get(name) for name in EXPECTED} == EXPECTED
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_script_that_was_not_shipped_does_not_run(stack: Stack, screens: Screens) -> None:
    page = screens.page(LAPTOP)
    page.goto(stack.url)

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.ran = true\">')")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))")
    page.wait_for_timeout(300)

    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in fault for fault in screens.faults)
    screens.faults.clear()
