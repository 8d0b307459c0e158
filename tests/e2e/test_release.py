"""A deploy while a game runs: pages of the previous release stay in the game, and browsers do not cache errors."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from devstack.demo import HOST_UID
from devstack.emulators import SITE
from devstack.hosting import ASSETS
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.support.deploys import deploy_another, lose, put_back_after
from tests.support.eventually import PATIENCE_S
from tests.support.games import TEXT
from tests.support.live import add_quiz
from tests.support.screens import LAPTOP, PHONE, HostScreen, PlayerScreen, Screens

LONG_MS = 600_000
QUIZ = Quiz("A long lesson", "en", (replace(TEXT, time_limit_ms=LONG_MS),))


@pytest.fixture(name="site")
def _site(stack: Stack) -> Iterator[Path]:
    site = stack.run_dir / SITE
    with put_back_after(site):
        yield site


@pytest.fixture(name="host")
def _host(stack: Stack, store: FirestoreStore, screens: Screens) -> HostScreen:
    add_quiz(store, "lesson", QUIZ, HOST_UID)
    host = HostScreen(screens.page(LAPTOP), stack.url)
    host.sign_in()
    host.choose(QUIZ.title)
    host.open()
    return host


def test_built_files_are_cached_for_a_year_and_missing_files_are_an_uncached_404(stack: Stack) -> None:
    built = next((stack.run_dir / SITE / ASSETS).glob("index-*.js")).name
    paths = (f"/assets/{built}", f"/assets/not-{built}", "/play/some-session", "/config.json")
    kept, gone, page, config = (httpx.get(f"{stack.url}{path}", timeout=PATIENCE_S) for path in paths)

    assert (kept.status_code, kept.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
    assert '<div id="root">' not in gone.text
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert (config.status_code, config.headers["cache-control"]) == (200, "no-cache")


def test_a_page_of_the_previous_release_returns_to_the_running_game_with_the_half_typed_answer(
    site: Path, host: HostScreen, screens: Screens
) -> None:
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.page.goto(f"{screens.url}/")
    ann.page.get_by_label("Game PIN").fill(host.pin)
    ann.page.get_by_label("Nickname").fill("Ann")
    ann.page.get_by_role("button", name="Join", exact=True).click()
    host.see_players(1)
    host.press("Start")
    ann.see_question(TEXT.prompt)
    ann.page.get_by_label("Type your answer").fill("sta")

    deploy_another(site)
    ann.page.go_back()  # within the page
    loads = count_loads(ann.page)
    ann.page.get_by_role("combobox").select_option("de")
    expect(ann.page.get_by_role("heading", name="Mitspielen")).to_be_visible()
    assert len(loads) == 1
    ann.page.get_by_label("Spiel-PIN").fill(host.page.locator(".stage-pin b").inner_text())
    ann.page.get_by_role("button", name="Ann").click()

    ann.see_question(TEXT.prompt)
    typed = ann.page.locator("input[name=answer]")
    expect(typed).to_have_value("sta")
    typed.press_sequentially("rt")
    typed.press("Enter")
    ann.see_counted()
    expect(host.page.get_by_text("1 of 1 right")).to_be_visible()
    assert len(loads) == 1


def test_a_player_who_returns_on_an_old_page_is_in_the_game_after_one_reload(
    site: Path, host: HostScreen, screens: Screens
) -> None:
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.join(screens.url, pin := host.pin)
    host.see_players(1)
    again = PlayerScreen(ann.page.context.new_page(), "Ann")
    again.page.goto(f"{screens.url}/join?pin={pin}")
    expect(again.page.get_by_role("button", name="Go on as Ann")).to_be_visible()
    host.press("Start")

    deploy_another(site)
    # The files that the other tab has loaded are in the phone's cache, until the phone needs the space.
    again.page.context.new_cdp_session(again.page).send("Network.clearBrowserCache")
    loads = count_loads(again.page)
    again.page.get_by_role("button", name="Go on as Ann").click()

    again.see_question(TEXT.prompt)
    again.write("start")
    again.see_counted()
    assert len(loads) == 1
    assert all("Refused to apply style" in fault for fault in screens.faults), "of the part that is gone"
    screens.faults.clear()


def test_a_player_who_joins_on_an_old_page_joins_once_and_types_nothing_twice(
    site: Path, host: HostScreen, store: FirestoreStore, screens: Screens
) -> None:
    session_id = host.page.url.rpartition("/")[2]
    page = screens.page(PHONE)
    page.goto(screens.url)
    page.get_by_label("Game PIN").fill(host.pin)
    page.wait_for_load_state("networkidle")
    deploy_another(site)
    page.get_by_label("Nickname").fill("Ann")
    page.get_by_role("radio", name="Owl").check()
    loads = count_loads(page)
    # The API takes the player in; what signs the player in is gone.
    with page.expect_navigation():
        page.get_by_role("button", name="Join", exact=True).click()

    expect(page.get_by_label("Nickname")).to_have_value("Ann")
    expect(page.get_by_role("radio", name="Owl")).to_be_checked()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="You are in!")).to_be_visible()
    host.see_players(1)
    assert len(store.list(documents.players_path(session_id))) == 1
    assert len(loads) == 1


def test_a_broken_release_is_reloaded_once_and_then_shows_a_message(site: Path, screens: Screens) -> None:
    page = screens.page(PHONE)
    page.goto(screens.url)
    expect(page.get_by_label("Game PIN")).to_be_visible()
    page.wait_for_load_state("networkidle")
    lose(site, "play")
    loads = count_loads(page)
    page.goto(f"{screens.url}/play/any")

    expect(page.get_by_role("heading", name="Something went wrong on this page.")).to_be_visible()
    assert len(loads) == 2, "the visit, and one reload"
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="Something went wrong on this page.")).to_be_visible()
    assert len(loads) == 3, "the person's own reload"
    assert screens.faults
    screens.faults.clear()


def test_a_page_without_a_connection_does_not_reload(screens: Screens) -> None:
    page = screens.page(PHONE)
    page.goto(screens.url)
    page.get_by_label("Game PIN").fill("123456")
    loads = count_loads(page)
    page.context.set_offline(True)
    with page.expect_event("pageerror"):
        page.get_by_role("combobox").select_option("de")
    page.context.set_offline(False)

    expect(page.get_by_label("Game PIN")).to_have_value("123456")
    assert loads == []
    screens.faults.clear()


def count_loads(page: Page) -> list[str]:
    """From here on: one for each time that the page is loaded from the server."""
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    return loads
