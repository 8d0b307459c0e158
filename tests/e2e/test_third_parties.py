"""A school's product asks nobody but its own site and the services that docs/security.md names."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route, expect

from devstack.demo import HOST_UID
from devstack.emulators import ROOT
from devstack.ports import HOST
from devstack.stack import Stack
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.e2e.test_sign_in import link_in_the_mail
from tests.support.eventually import eventually
from tests.support.games import SINGLE
from tests.support.google import Google
from tests.support.live import add_quiz
from tests.support.screens import LAPTOP, PHONE, HostScreen, PlayerScreen, Screens

CHANNEL = "**/google.firestore.v1.Firestore/**"  # what Firestore's listeners ask
REFUSED_BEFORE_BACK = 3
QUIZ = Quiz("Only ours", "en", (replace(SINGLE, time_limit_ms=600_000),))


def test_a_whole_game_with_a_broken_connection_asks_no_third_party(
    store: FirestoreStore, screens: Screens, stack: Stack
) -> None:
    """When a listener's request fails, the SDK as it is published asks an image of www.google.com."""
    add_quiz(store, "only-ours", QUIZ, HOST_UID)
    stage, phone = screens.context(LAPTOP), screens.context(PHONE)
    asked = hosts_asked(stage, phone)
    host = HostScreen(stage.new_page(), screens.url)
    host.sign_in()
    host.choose(QUIZ.title)
    host.open()
    ann = PlayerScreen(phone.new_page(), "Ann")
    ann.join(screens.url, host.pin)
    host.press("Start")
    ann.see_question(SINGLE.prompt)

    break_listening(phone, ann.page)

    ann.choose(1)
    ann.see_verdict("Right!")
    host.press("Finish")
    expect(ann.page.locator(".podium")).to_be_visible()
    expect(ann.page.locator(".reviewed")).to_have_count(1)
    assert asked() == {HOST}


def test_signing_in_on_a_real_site_asks_only_the_hosts_that_the_docs_name(screens: Screens, stack: Stack) -> None:
    google = Google(stack, f"{stack.project}.firebaseapp.com", "eva@school.example")
    context = screens.context(LAPTOP)
    google.answer(context)
    asked = hosts_asked(context)
    page = context.new_page()
    page.goto(f"{screens.url}/host")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in with Google").click()
    opened.value.get_by_role("button", name=google.email).click()
    expect(page.get_by_role("heading", name="This account may not host yet")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("fay@school.example")
    page.get_by_role("button", name="Send me a sign-in link").click()
    page.goto(google.link(eventually(lambda: link_in_the_mail(stack, "fay@school.example"), "the mail")))
    page.get_by_role("button", name="Finish signing in").click()
    expect(page.get_by_role("heading", name="This account may not host yet")).to_be_visible()

    named = (ROOT / "docs" / "security.md").read_text()
    others = asked() - {HOST, google.auth_domain}
    assert "identitytoolkit.googleapis.com" in others
    assert {host for host in others if f"`{host}`" not in named} == set()


def hosts_asked(*contexts: BrowserContext) -> Callable[[], set[str]]:
    """Every host that a page of these devices asks from now on, also when nobody answers."""
    found: set[str] = set()

    def note(url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob", "about"):
            found.add(urlsplit(url).hostname or url)

    for context in contexts:
        context.on("request", lambda request: note(request.url))
    return lambda: set(found)


def break_listening(context: BrowserContext, page: Page) -> None:
    """Until the page says so; then it comes back by itself."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    context.route(CHANNEL, refuse)
    context.set_offline(True)  # ends the requests in flight
    expect(page.locator(".banner")).to_contain_text("No connection")
    context.set_offline(False)
    while len(refused) < REFUSED_BEFORE_BACK:
        with page.expect_request(CHANNEL):
            pass
    context.unroute(CHANNEL)
    expect(page.locator(".banner")).to_be_empty()
