"""People over time in browsers: an account's games add up, a guest keeps a score, a class has a board of its own."""

import json
from dataclasses import replace

import firebase_admin
import pytest
from playwright.sync_api import Page, expect

from devstack.demo import HOST_UID
from devstack.stack import Stack
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.e2e.test_sign_in import link_in_the_mail
from tests.support.eventually import eventually
from tests.support.games import SINGLE
from tests.support.live import add_quiz
from tests.support.me_screens import MeScreen, make_account
from tests.support.screens import LAPTOP, PHONE, SMALL_PHONE, HostScreen, PlayerScreen, Screens, board_rows, look_at

LONG_MS = 600_000  # the host closes; no test waits for the clock
QUIZ = Quiz("A word a day", "en", (replace(SINGLE, time_limit_ms=LONG_MS),))
LANGUAGES = ("en", "vi", "de", "ar")
RIGHT, WRONG = 1, 0


@pytest.fixture(name="app", scope="package")
def _app(stack: Stack) -> firebase_admin.App:
    return firebase_admin.initialize_app(options={"projectId": stack.project}, name="people")


@pytest.fixture(name="host")
def _host(store: FirestoreStore, screens: Screens) -> HostScreen:
    add_quiz(store, "a-word-a-day", QUIZ, HOST_UID, "public")
    host = HostScreen(screens.page(LAPTOP), screens.url)
    host.sign_in()
    return host


def test_a_guest_goes_on_on_another_device_with_a_code(host: HostScreen, screens: Screens) -> None:
    open_game(host)
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.join(screens.url, host.pin)
    ann.page.get_by_role("button", name="Go on on another device").click()
    code = ann.page.locator(".return-code b").inner_text()
    look_at(ann.page, "return-code")

    other = PlayerScreen(screens.page(PHONE), "Ann")
    other.page.goto(f"{screens.url}/return")
    other.page.get_by_label("Return code").fill("aaaaaa")
    other.page.get_by_role("button", name="Go on", exact=True).click()
    expect(other.page.get_by_role("alert")).to_contain_text("wrong, used, or too old")
    look_at(other.page, "return")
    other.page.get_by_label("Return code").fill(code.lower())
    other.page.get_by_role("button", name="Go on", exact=True).click()
    expect(other.page.locator(".standing .name")).to_have_text("Ann")

    play(host, (other, RIGHT))
    ann.see_verdict("Right!")
    finish(host, ann)
    assert ann.score() == other.score() > 0


def test_the_games_of_an_account_add_up_and_stand_in_its_history(
    app: firebase_admin.App, host: HostScreen, screens: Screens
) -> None:
    make_account(app, "mai@home.example")
    mai = MeScreen(screens.page(PHONE), screens.url)
    mai.sign_in("mai@home.example")
    expect(mai.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    look_at(mai.page, "me-new", whole=True)
    mai.make_profile("Mai")
    mai.see("Mai")

    player = join_with_account(mai, host)
    ben = PlayerScreen(screens.page(PHONE), "Ben")
    ben.join(screens.url, host.pin)
    play(host, (player, RIGHT), (ben, WRONG))
    finish(host, player)
    expect(player.page.get_by_text("This game counts for your account.")).to_be_visible()
    points = player.score()
    rejoin(host)
    player = join_with_account(mai, host)
    play(host, (player, RIGHT))
    finish(host, player)
    best = max(points, player.score())

    player.page.get_by_role("link", name="My scores").click()
    mai.see("Mai")
    expect(mai.page.locator(".history li")).to_have_count(2)
    for span in ("day", "week", "month", "all"):
        expect(mai.page.locator(f".periods li[data-span={span}] .points")).to_have_text(f"{best:,}")
        expect(mai.page.locator(f".periods li[data-span={span}]")).to_contain_text("2 games")
    expect(mai.page.locator(".history li").last).to_contain_text("rank 1 of 2")
    look_at(mai.page, "me", whole=True)

    mai.page.locator(".history li a").last.click()
    expect(mai.page.get_by_role("heading", name=QUIZ.title)).to_be_visible()
    expect(mai.page.locator(".reviewed[data-is=right]")).to_have_count(1)
    look_at(mai.page, "me-game", whole=True)


def test_a_guest_keeps_the_score_by_signing_in_afterwards(
    app: firebase_admin.App, host: HostScreen, screens: Screens
) -> None:
    make_account(app, "gia@home.example")
    open_game(host)
    gia = PlayerScreen(screens.page(PHONE), "Gia")
    gia.join(screens.url, host.pin)
    play(host, (gia, RIGHT))
    finish(host, gia)
    score = gia.score()
    look_at(gia.page, "keep", whole=True)
    gia.page.get_by_role("button", name="Keep my score").click()
    me = MeScreen(gia.page, screens.url)
    me.give_password("gia@home.example")
    me.make_profile("Gia")
    gia.page.get_by_role("button", name="Keep it for Gia").click()
    expect(gia.page.get_by_text("Kept.")).to_be_visible()
    look_at(gia.page, "kept", whole=True)
    gia.page.reload()
    expect(gia.page.get_by_text("Kept.")).to_be_visible()

    gia.page.get_by_role("link", name="My scores").click()
    me.see("Gia")
    expect(gia.page.locator(".history li")).to_have_count(1)
    expect(gia.page.locator(".periods li[data-span=all] .points")).to_have_text(f"{score:,}")
    gia.page.locator(".history li a").click()
    expect(gia.page.locator(".reviewed[data-is=right]")).to_have_count(1)


def test_a_link_by_mail_leads_back_to_the_score_that_a_guest_keeps(
    stack: Stack, host: HostScreen, screens: Screens
) -> None:
    email = "ida@home.example"
    open_game(host)
    ida = PlayerScreen(screens.page(PHONE), "Ida")
    ida.join(screens.url, host.pin)
    play(host, (ida, RIGHT))
    finish(host, ida)
    ida.page.get_by_role("button", name="Keep my score").click()
    ida.page.get_by_label("E-mail address").fill(email)
    ida.page.get_by_role("button", name="Send me a sign-in link").click()
    expect(ida.page.get_by_text("A link is on its way")).to_be_visible()

    ida.page.goto(eventually(lambda: link_in_the_mail(stack, email), "the mail"))
    ida.page.get_by_role("button", name="Finish signing in").click()
    MeScreen(ida.page, screens.url).make_profile("Ida")
    ida.page.get_by_role("button", name="Keep it for Ida").click()
    expect(ida.page.get_by_text("Kept.")).to_be_visible()
    assert "oobCode" not in ida.page.url


def test_boards_move_live_and_name_only_listed_people(
    app: firebase_admin.App, host: HostScreen, screens: Screens
) -> None:
    people = []
    for name, listed in (("Lia", True), ("Hung", False)):
        make_account(app, f"{name}@home.example".lower())
        me = MeScreen(screens.page(PHONE), screens.url)
        me.sign_in(f"{name}@home.example".lower())
        me.make_profile(name, listed=listed)
        me.see(name)
        people.append(me)
    onlooker = screens.page(PHONE)
    onlooker.goto(f"{screens.url}/boards/quiz-a-word-a-day?period=day")
    expect(onlooker.get_by_role("heading", name="Leaderboards")).to_be_visible()
    expect(onlooker.get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")

    open_game(host)
    lia, hung = (join_with_account(me, host, at=host.pin) for me in people)
    play(host, (lia, RIGHT), (hung, RIGHT))
    finish(host, lia)

    expect(onlooker.locator("ol.board li", has_text="Lia")).to_be_visible()
    expect(onlooker.get_by_text("Hung")).to_have_count(0)
    for me in people:
        me.page.goto(f"{screens.url}/boards/quiz-a-word-a-day?period=week")
        expect(me.page.locator("ol.board li[data-me]")).to_have_count(1)
        expect(me.page.locator(".own-row")).to_be_in_viewport()
    own = people[1].page.locator("ol.board li[data-me]")
    expect(own).to_contain_text("Hung")
    look_at(people[1].page, "boards")
    rows = board_rows(people[1].page)
    assert rows == sorted(rows, key=lambda row: -row[2])
    people[1].page.get_by_role("button", name="All time").click()
    expect(people[1].page.locator("ol.board li[data-me]")).to_contain_text("Hung")

    onlooker.get_by_label("Which board").select_option(label="Quizzes that are played most")
    trending = onlooker.locator("ol.board").get_by_role("link", name=QUIZ.title)
    expect(trending).to_be_visible()
    look_at(onlooker, "boards-quizzes")
    trending.click()
    expect(onlooker.locator("ol.board li", has_text="Lia")).to_be_visible()


def test_a_class_has_a_code_members_and_a_board(app: firebase_admin.App, host: HostScreen, screens: Screens) -> None:
    make_account(app, "kim@home.example")
    page = host.page
    page.goto(f"{screens.url}/host/classes")
    page.get_by_label("Name of a new class").fill("7b, English")
    page.get_by_role("button", name="Make the class").click()
    expect(page.get_by_role("heading", name="7b, English")).to_be_visible()
    class_url, code = page.url, page.locator(".class-code .code").inner_text()

    kim = MeScreen(screens.page(PHONE), screens.url)
    kim.sign_in("kim@home.example")
    kim.make_profile("Kim")
    kim.page.get_by_label("Class code").fill(code.lower())
    kim.page.get_by_role("button", name="Join the class").click()
    expect(kim.page.get_by_role("link", name="7b, English")).to_be_visible()
    expect(page.locator(".members li")).to_have_text(["Kim×"])
    look_at(page, "class", whole=True)

    page.goto(f"{screens.url}/host")
    host.choose(QUIZ.title)
    page.get_by_label("Counts for the class").select_option(label="7b, English")
    host.open()
    player = join_with_account(kim, host, at=host.pin)
    play(host, (player, RIGHT))
    finish(host, player)
    score = player.score()

    kim.page.goto(f"{screens.url}/me")
    kim.page.get_by_role("link", name="7b, English").click()
    expect(kim.page.locator("ol.board li[data-me]")).to_contain_text(f"{score:,}")
    look_at(kim.page, "class-board")
    page.goto(class_url)
    expect(page.locator("ol.board li", has_text="Kim")).to_be_visible()
    page.get_by_role("button", name="Remove Kim").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".members li")).to_have_count(0)
    expect(page.locator("ol.board li")).to_have_count(0)


def test_a_person_downloads_everything_and_is_gone_after_the_deletion(
    app: firebase_admin.App, host: HostScreen, screens: Screens
) -> None:
    make_account(app, "ola@home.example")
    ola = MeScreen(screens.page(PHONE), screens.url)
    ola.sign_in("ola@home.example")
    ola.make_profile("Ola", listed=True)
    ola.see("Ola")
    open_game(host)
    player = join_with_account(ola, host, at=host.pin)
    play(host, (player, RIGHT))
    finish(host, player)
    ola.page.goto(f"{screens.url}/me")
    expect(ola.page.locator(".history li")).to_have_count(1)
    onlooker = screens.page(PHONE)
    onlooker.goto(f"{screens.url}/boards?period=all")
    expect(onlooker.locator("ol.board li", has_text="Ola")).to_be_visible()

    with ola.page.expect_download() as download:
        ola.page.get_by_role("button", name="Show everything about me").click()
    everything = json.loads(download.value.path().read_text())
    assert everything["account"]["email"] == "ola@home.example"
    profiles = [data for path, data in everything["documents"].items() if path.count("/") == 1]
    assert [(data["nickname"], len(data["counted"])) for data in profiles] == [("Ola", 1)]
    ola.page.get_by_role("button", name="Delete me").click()
    look_at(ola.page, "me-delete", whole=True)
    ola.page.get_by_role("button", name="Delete everything").click()
    expect(ola.page.get_by_role("heading", name="Sign in to see your scores")).to_be_visible()
    expect(onlooker.get_by_text("Ola")).to_have_count(0)
    ola.give_password("ola@home.example")
    expect(ola.page.get_by_role("alert")).to_contain_text("do not belong together")


def test_the_screens_of_people_fit_a_small_phone_in_every_language(app: firebase_admin.App, screens: Screens) -> None:
    make_account(app, "pia@home.example")
    pia = MeScreen(screens.page(SMALL_PHONE), screens.url)
    pia.page.goto(f"{screens.url}/me")
    for language in LANGUAGES:
        pia.speak(language)
        expect(pia.page.locator(".sign-in")).to_be_visible()
        look_at(pia.page, f"sign-in-{language}", whole=True)
    pia.speak("en")
    pia.give_password("pia@home.example")
    pia.make_profile("Pia")
    pia.see("Pia")
    for language in LANGUAGES:
        pia.page.goto(f"{screens.url}/me")
        pia.speak(language)
        pia.see("Pia")
        look_at(pia.page, f"me-{language}", whole=True)
        pia.page.goto(f"{screens.url}/boards?period=all")
        expect(pia.page.locator(".own-row")).to_be_visible()
        look_at(pia.page, f"boards-{language}")
        pia.page.goto(f"{screens.url}/return")
        expect(pia.page.locator("form.join")).to_be_visible()
        look_at(pia.page, f"return-{language}")


def open_game(host: HostScreen) -> None:
    host.choose(QUIZ.title)
    host.open()


def rejoin(host: HostScreen) -> None:
    """Another game of the same host."""
    host.page.goto(f"{host.url}/host")
    expect(host.page.get_by_role("heading", name="Choose a quiz")).to_be_visible()


def join_with_account(me: MeScreen, host: HostScreen, at: str | None = None) -> PlayerScreen:
    """By the link that the QR code holds; the name and the picture are those of the profile."""
    if at is None:
        open_game(host)
    page: Page = me.page
    page.goto(f"{me.url}/join?pin={at or host.pin}")
    nickname = page.get_by_label("Nickname")
    expect(page.get_by_text("This game counts for your account")).to_be_visible()
    name = nickname.input_value()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator(".standing .name")).to_have_text(name)
    return PlayerScreen(page, name)


def play(host: HostScreen, *choices: tuple[PlayerScreen, int]) -> None:
    """The one question: it closes when everybody has answered."""
    host.see_players(len(choices))
    host.press("Start")
    for player, _ in choices:
        player.see_question(SINGLE.prompt)
    for player, choice in choices:
        player.choose(choice)
    for player, choice in choices:
        player.see_verdict("Right!" if choice == RIGHT else "Not this time")


def finish(host: HostScreen, player: PlayerScreen) -> None:
    host.press("Finish")
    expect(player.page.locator(".podium")).to_be_visible()
