"""One player in two tabs, one host on two devices, a locked session, a removed player, the keyboard alone, and other
languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from devstack.demo import HOST_UID
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Kind, Question, Quiz
from tests.support.eventually import eventually
from tests.support.games import MULTIPLE, SINGLE
from tests.support.live import add_quiz
from tests.support.screens import LAPTOP, PHONE, PROJECTOR, HostScreen, PlayerScreen, Screens, look_at

LONG_MS = 600_000
MANY = Question(
    "Which word has the most letters?",
    Kind.SINGLE,
    (7,),
    ("a", "in", "the", "four", "fifth", "sixths", "seventh", "eighteen"),
    time_limit_ms=LONG_MS,
    media="/icons/icon-192.png",
)
QUIZ = Quiz(
    "Two questions",
    "en",
    (replace(SINGLE, time_limit_ms=LONG_MS), replace(MULTIPLE, time_limit_ms=LONG_MS), MANY),
)


@pytest.fixture(name="host")
def _host(stack: Stack, store: FirestoreStore, screens: Screens) -> HostScreen:
    add_quiz(store, "two", QUIZ, HOST_UID)
    host = HostScreen(screens.page(LAPTOP), stack.url)
    host.sign_in()
    host.choose(QUIZ.title)
    return host


def test_a_second_tab_is_the_same_player_with_one_answer(
    host: HostScreen, store: FirestoreStore, screens: Screens
) -> None:
    session_id = host.open()
    pin = host.pin
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.join(screens.url, pin)
    host.see_players(1)

    again = PlayerScreen(ann.page.context.new_page(), "Ann")
    again.page.goto(f"{screens.url}/join?pin={pin}")
    again.page.get_by_role("button", name="Go on as Ann").click()
    expect(again.page.get_by_role("heading", name="You are in!")).to_be_visible()
    host.see_players(1)
    host.press("Start")
    for tab in (ann, again):
        tab.see_question(SINGLE.prompt)
    ann.choose(1)
    ann.see_counted()
    again.see_counted()
    for tab in (ann, again):
        tab.see_verdict("Right!")
    (sheet,) = store.list(documents.players_path(session_id))
    assert (sheet.data["correct_count"], sheet.data["refused"]) == (1, [])


def test_the_host_locks_removes_and_controls_the_game_from_a_phone(host: HostScreen, screens: Screens) -> None:
    host.open()
    pin = host.pin
    ann, ben = PlayerScreen(screens.page(PHONE), "Ann"), PlayerScreen(screens.page(PHONE), "Ben")
    ann.join(screens.url, pin)
    ben.join(screens.url, pin)
    host.see_players(2)

    host.page.keyboard.press("l")
    expect(host.page.get_by_text("Locked: nobody else can join")).to_be_visible()
    cho = screens.page(PHONE)
    refused_to_join(cho, screens.url, pin)
    look_at(host.page, "stage-locked")
    host.press("Remove Ben")
    look_at(host.page, "stage-remove")
    host.press("Yes")
    expect(ben.page.get_by_role("heading", name="The host has taken you out")).to_be_visible()
    look_at(ben.page, "removed")
    host.see_players(1)

    remote = HostScreen(screens.page(PHONE), screens.url)
    remote.page.goto(f"{screens.url}/host/remote")
    remote.page.get_by_role("button", name="Continue as the demo host").click()
    remote.page.get_by_role("link", name=re.compile(pin)).click()
    expect(remote.page.get_by_role("heading", name="Remote control")).to_be_visible()
    look_at(remote.page, "remote-lobby")
    remote.press("Start")
    host.page.set_viewport_size(PROJECTOR["viewport"])
    expect(host.page.get_by_role("heading", name=SINGLE.prompt)).to_be_visible()
    ann.see_question(SINGLE.prompt)
    expect(remote.page.get_by_text("0 of 1 have answered")).to_be_visible()
    look_at(remote.page, "remote-question")
    look_at(host.page, "stage-question")
    remote.press("Close the question")
    ann.see_verdict("No answer")
    expect(host.page.get_by_role("heading", name="Leaderboard")).to_be_visible()
    look_at(host.page, "stage-result")
    remote.press("Next question")
    ann.see_question(MULTIPLE.prompt)
    remote.press("Finish")
    remote.press("Yes")
    expect(ann.page.locator(".podium")).to_be_visible()


def test_the_host_admits_and_renames_a_player(host: HostScreen, screens: Screens) -> None:
    host.page.get_by_label("I let each player in").check()
    host.open()
    page = screens.page(PHONE)
    page.goto(f"{screens.url}/join?pin={host.pin}")
    page.get_by_label("Nickname").fill("Ann")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="Almost in")).to_be_visible()
    look_at(page, "waiting")

    expect(host.page.get_by_text("1 player waits to be let in")).to_be_visible()
    expect(host.page.get_by_text("Ann", exact=True)).to_be_hidden()
    host.page.get_by_text("1 player waits to be let in").click()
    look_at(host.page, "stage-waiting")
    host.press("Let Ann in")
    expect(page.get_by_role("heading", name="You are in!")).to_be_visible()
    host.see_players(1)

    host.press("Rename Ann")
    host.page.get_by_label("Another name for Ann").fill("Anna")
    look_at(host.page, "stage-rename")
    host.press("Rename")
    expect(page.locator(".standing .name")).to_have_text("Anna")
    expect(host.page.get_by_role("button", name="Rename Anna")).to_be_visible()

    turned_away = screens.page(PHONE)
    turned_away.goto(f"{screens.url}/join?pin={host.pin}")
    turned_away.get_by_label("Nickname").fill("Ben")
    turned_away.get_by_role("button", name="Join", exact=True).click()
    host.page.get_by_text("1 player waits to be let in").click()
    host.press("Remove Ben")
    expect(turned_away.get_by_text("The host has taken you out of this game.")).to_be_visible()


def test_a_player_behind_a_crowded_address_joins_with_an_account(
    host: HostScreen, store: FirestoreStore, screens: Screens
) -> None:
    session_id = host.open()
    page = screens.page(PHONE)
    told = {"status": 429, "code": "slow_down", "detail": "too many", "type": "urn:x", "title": "slow down"}
    page.route("**/api/v1/join", lambda route: route.fulfill(status=429, json=told), times=1)
    asked: list[dict[str, str]] = []
    page.on("request", lambda request: asked.append(request.headers) if request.url.endswith("/join") else None)
    ann = PlayerScreen(page, "Ann")
    ann.join(screens.url, host.pin)
    host.see_players(1)

    # On a busy machine a request that gets no answer in time is repeated once more.
    first, *later = [headers for headers in asked if "idempotency-key" in headers]
    assert later
    assert "authorization" not in first
    assert all(headers["authorization"].startswith("Bearer ") for headers in later)
    assert {headers["idempotency-key"] for headers in later} == {first["idempotency-key"]}
    page.reload()
    host.press("Start")
    ann.see_question(SINGLE.prompt)
    ann.choose(1)
    ann.see_counted()
    assert len(store.list(documents.players_path(session_id))) == 1


def test_while_the_sign_in_service_is_busy_the_join_screen_retries_and_shows_it(
    host: HostScreen, store: FirestoreStore, screens: Screens
) -> None:
    session_id = host.open()
    page = screens.page(PHONE)
    busy = {"error": {"code": 429, "message": "QUOTA_EXCEEDED : Exceeded quota for verifying custom tokens."}}
    tries: list[Route] = []

    def answer(route: Route) -> None:
        """The first try is refused; the second waits until somebody has looked at the screen."""
        tries.append(route)
        if len(tries) == 1:
            route.fulfill(status=429, json=busy, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/accounts:signInWithCustomToken?*", answer)
    page.goto(f"{screens.url}/join?pin={host.pin}")
    page.get_by_label("Nickname").fill("Ann")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("The server does not answer yet; still trying …")
    look_at(page, "join-retrying")
    eventually(lambda: page.title() and len(tries) >= 2, "the second try")
    tries[1].continue_()

    expect(page.get_by_role("heading", name="You are in!")).to_be_visible()
    host.see_players(1)
    assert len(store.list(documents.players_path(session_id))) == 1


def refused_to_join(page: Page, url: str, pin: str) -> None:
    page.goto(f"{url}/join?pin={pin}")
    page.get_by_label("Nickname").fill("Cho")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("lets nobody in any more")


def test_a_player_and_a_host_need_only_the_keyboard(host: HostScreen, screens: Screens) -> None:
    for _ in range(3):
        host.page.get_by_label("Seconds from the question").press("ArrowDown")
    host.page.get_by_role("button", name="Open the game").press("Enter")
    expect(host.page.locator(".big-pin")).to_be_visible()
    player = screens.page(LAPTOP, reduced_motion="reduce")
    keys = player.keyboard
    player.goto(screens.url)
    expect(player.get_by_label("Game PIN")).to_be_focused()
    keys.type(host.pin)
    keys.press("Tab")
    keys.type("Kim")
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(player.get_by_role("heading", name="You are in!")).to_be_visible()
    host.see_players(1)

    host.page.keyboard.press("Space")
    expect(player.locator("button.choice").first).to_be_visible()
    assert player.evaluate("document.getAnimations().length") == 0, "reduced motion is still motion"
    keys.press("2")
    expect(player.locator(".verdict h1")).to_have_text("Right!")
    host.page.keyboard.press("ArrowRight")
    expect(player.get_by_role("heading", name=MULTIPLE.prompt)).to_be_visible()
    expect(player.locator("button.choice").first).to_be_visible()
    keys.press("1")
    keys.press("3")
    player.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(player.locator(".verdict h1")).to_have_text("Right!")
    host.page.keyboard.press("n")
    expect(player.get_by_role("heading", name=MANY.prompt)).to_be_visible()
    expect(player.locator("button.choice").first).to_be_visible()
    expect(player.get_by_role("img", name="Picture for the question")).to_be_visible()
    assert player.evaluate("document.querySelector('.media').naturalWidth") == 192
    look_at(player, "eight-choices")
    keys.press("8")
    expect(player.locator(".verdict h1")).to_have_text("Right!")
    host.page.keyboard.press("f")
    host.page.keyboard.press("Enter")
    expect(player.locator(".podium")).to_be_visible()


def test_a_hidden_board_is_hidden_on_every_screen_and_points_are_shown_on_answer(
    host: HostScreen, screens: Screens
) -> None:
    host.page.get_by_label("Hide the leaderboard").check()
    host.page.get_by_label("Right or wrong is told").select_option("on_answer")
    host.open()
    ann, ben = PlayerScreen(screens.page(PHONE), "Ann"), PlayerScreen(screens.page(PHONE), "Ben")
    for player in (ann, ben):
        player.join(screens.url, host.pin)
    host.press("Start")
    ann.see_question(SINGLE.prompt)
    ann.choose(1)
    ann.see_verdict("Right!")
    expect(ben.page.locator("button.choice[aria-disabled=false]")).to_have_count(4)
    ben.choose(0)
    ben.see_verdict("Not this time")
    expect(host.page.get_by_text("1 of 2 right")).to_be_visible()
    for page in (host.page, ann.page, ben.page):
        expect(page.locator("ol.board")).to_have_count(0)
    assert ann.score() > ben.score() == 0


@pytest.mark.parametrize(
    ("locale", "title", "direction"),
    [
        ("de-AT", "Mitspielen", "ltr"),
        ("vi-VN", "Vào chơi", "ltr"),
        ("ar-EG", "انضم إلى لعبة", "rtl"),
        ("fr-FR", "Join a game", "ltr"),
    ],
)
def test_the_page_uses_the_language_of_the_browser(screens: Screens, locale: str, title: str, direction: str) -> None:
    page = screens.page(PHONE, locale=locale)
    page.goto(screens.url)

    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert page.evaluate("document.documentElement.dir") == direction
    look_at(page, f"join-{locale}")
    page.get_by_role("combobox").select_option("de")
    expect(page.get_by_role("heading", name="Mitspielen")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Mitspielen")).to_be_visible()


def test_a_game_from_right_to_left(host: HostScreen, screens: Screens) -> None:
    host.open()
    player = screens.page(PHONE, locale="ar")
    player.goto(f"{screens.url}/join?pin={host.pin}")
    player.get_by_label("اللقب").fill("ليلى")
    player.get_by_role("button", name="انضم", exact=True).click()
    expect(player.get_by_role("heading", name="أنت في اللعبة!")).to_be_visible()
    look_at(player, "lobby-ar")
    host.see_players(1)
    host.press("Start")
    expect(player.locator("button.choice").first).to_be_visible()
    look_at(player, "question-ar")
    player.locator("button.choice").first.click()
    expect(player.get_by_role("heading", name="ليس هذه المرة")).to_be_visible()
    look_at(player, "result-ar")


def test_a_phone_with_a_clock_half_an_hour_ahead_plays_like_the_others(host: HostScreen, screens: Screens) -> None:
    host.open()
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=30))
    ann.join(screens.url, host.pin)
    host.see_players(1)
    host.press("Start")
    ann.see_question(SINGLE.prompt)
    seconds = int(ann.page.locator(".time .seconds").inner_text())
    assert LONG_MS / 2_000 < seconds <= LONG_MS / 1_000
    ann.choose(1)
    ann.see_verdict("Right!")


def test_the_page_of_an_unknown_game_shows_what_to_do(host: HostScreen, screens: Screens) -> None:
    page = screens.page(PHONE)
    for path, text in (
        ("/nowhere", "There is nothing at this address."),
        ("/play/unknown", "This device has not joined this game."),
    ):
        page.goto(screens.url + path)
        expect(page.get_by_role("heading", name=text)).to_be_visible()
        look_at(page, path.strip("/").replace("/", "-"))
    host.page.goto(f"{screens.url}/host/unknown")
    expect(host.page.get_by_text("There is no such game")).to_be_visible()


def test_a_broken_screen_shows_a_message_and_logs_the_fault_in_the_console(screens: Screens) -> None:
    page = screens.page(PHONE)
    page.route("**/assets/play-*.js", lambda request: request.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{screens.url}/play/any")
    expect(page.get_by_role("heading", name="Something went wrong on this page.")).to_be_visible()
    look_at(page, "broken")
    page.unroute_all()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="This device has not joined this game.")).to_be_visible()
    assert screens.faults
    screens.faults.clear()


def test_the_pin_field_shows_only_digits_of_any_typed_or_pasted_text(screens: Screens) -> None:
    page = screens.page(PHONE)
    page.goto(screens.url)
    pin = page.locator("input[name=pin]")
    expect(pin).to_be_focused()
    for key, shown in (("1", "1"), ("x", "1"), ("2", "12"), (" ", "12")):
        page.keyboard.type(key)
        expect(pin).to_have_value(shown)
    pin.fill("98 76-54 32")
    expect(pin).to_have_value("987654")


def test_a_dialogue_about_one_player_never_shows_another_name(host: HostScreen, screens: Screens) -> None:
    host.open()
    for name in ("Ann", "Ben"):
        PlayerScreen(screens.page(PHONE), name).join(screens.url, host.pin)
    host.see_players(2)
    for name in ("Ann", "Ben"):
        host.press(f"Rename {name}")
        expect(host.page.get_by_label(f"Another name for {name}")).to_have_value(name)
