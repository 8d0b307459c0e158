"""On a site with a key for App Check, every request has a token, under the policy that `make site` writes.

The test replaces Google's own servers at the network: their script, and the exchange of its token.
"""

from typing import Any

from playwright.sync_api import Page, Route

from devstack.demo import HOST_UID
from devstack.hosting import APP_CHECK, allowing
from devstack.stack import Stack
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.support.games import SINGLE
from tests.support.live import add_quiz
from tests.support.screens import LAPTOP, PHONE, HostScreen, PlayerScreen, Screens

KEY, PROOF = "site-key", "the-proof"
QUIZ = Quiz("One word", "en", (SINGLE,))
SCRIPT = """
const render = (where, how) => { how.callback(); return 0; };
window.grecaptcha = { enterprise: { ready: done => done(), render, execute: async () => "human" } };
"""


def test_with_app_check_every_request_has_a_token(stack: Stack, store: FirestoreStore, screens: Screens) -> None:
    add_quiz(store, "one", QUIZ, HOST_UID)
    host = HostScreen(screens.page(LAPTOP), stack.url)
    host.sign_in()
    host.choose(QUIZ.title)
    host.open()
    # A page that a test has fulfilled counts as one from the internet, which may not ask the emulators.
    page = screens.page(PHONE, permissions=["local-network-access"])
    exchanged = _stand_in(page)
    proofs: list[str | None] = []
    page.on("request", lambda asked: _note(proofs, asked.method, asked.url, asked.headers))

    ann = PlayerScreen(page, "Ann")
    ann.join(screens.url, host.pin)
    host.see_players(1)
    host.press("Start")
    ann.see_question(SINGLE.prompt)
    ann.choose(1)
    ann.see_counted()

    assert len(proofs) >= 2, "a join and an answer"
    assert set(proofs) == {PROOF}
    assert any("human" in body for body in exchanged)


def _note(proofs: list[str | None], method: str, url: str, headers: dict[str, str]) -> None:
    if method == "POST" and "/api/v1/" in url:
        proofs.append(headers.get("x-firebase-appcheck"))


def _stand_in(page: Page) -> list[str]:
    """The requests that exchange a reCAPTCHA token for an App Check token."""
    exchanged: list[str] = []

    def exchange(route: Route) -> None:
        exchanged.append(route.request.post_data or "")
        route.fulfill(json={"token": PROOF, "ttl": "3600s"}, headers={"Access-Control-Allow-Origin": "*"})

    page.route("https://content-firebaseappcheck.googleapis.com/**", exchange)
    page.route(
        "https://www.google.com/recaptcha/**", lambda r: r.fulfill(body=SCRIPT, content_type="application/javascript")
    )
    page.route("**/config.json", lambda route: _more(route, app_check={"recaptcha_key": KEY}))
    page.route("**/__/firebase/init.json", lambda route: _more(route, appId="1:1:web:1"))
    page.route("**/*", _allow_app_check)
    return exchanged


def _more(route: Route, **fields: Any) -> None:
    route.fulfill(json=route.fetch().json() | fields)


def _allow_app_check(route: Route) -> None:
    """The page with the policy that `make site` writes for a site with a key."""
    if route.request.resource_type != "document":
        route.fallback()
        return
    found = route.fetch()
    policy = allowing(found.headers["content-security-policy"], APP_CHECK)
    route.fulfill(response=found, headers=found.headers | {"content-security-policy": policy})
