"""A host and four players play a whole quiz in browsers, with a reload, an outage and a late player."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

from playwright.sync_api import BrowserContext, Page, Request, expect

from devstack.demo import HOST_UID
from devstack.emulators import ROOT
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.support.games import MULTIPLE, SINGLE, TEXT
from tests.support.live import add_quiz
from tests.support.screens import (
    LAPTOP,
    PHONE,
    PROJECTOR,
    SMALL_PHONE,
    HostScreen,
    PlayerScreen,
    Row,
    Screens,
    board_rows,
    look_at,
)

LONG_MS = 600_000  # the host closes; no test waits for the clock
OUTAGE_MS = 5_000
QUIZ = Quiz(
    "Opposites and friends",
    "en",
    (
        replace(SINGLE, time_limit_ms=LONG_MS, explanation="“Scarce” is the opposite of “plentiful”."),
        replace(MULTIPLE, time_limit_ms=LONG_MS),
        replace(TEXT, time_limit_ms=LONG_MS, explanation="“Start” and “begin” mean the same."),
    ),
    description="Three questions for a rainy day.",
    level="B1",
)


def test_a_whole_game_with_a_reload_an_outage_and_a_late_player_is_exact_in_every_browser(
    stack: Stack, store: FirestoreStore, screens: Screens
) -> None:
    add_quiz(store, "opposites", QUIZ, HOST_UID)
    host, session_id = open_game(screens)
    ann, ben, cho = join_three(screens, host)

    first_question(host, ann, ben, cho)
    second_question(screens, host, ann, ben, cho)
    dee = third_question(screens, host, ann, ben, cho)
    finish(host, [ann, ben, cho, dee])

    everybody = [ann, ben, cho, dee]
    assert_exact_everywhere(stack, store, session_id, host, everybody)
    assert_review(cho)


def open_game(screens: Screens) -> tuple[HostScreen, str]:
    host = HostScreen(screens.page(LAPTOP), screens.url)
    host.page.goto(f"{screens.url}/host")
    expect(host.page.get_by_role("button", name="Continue as the demo host")).to_be_visible()
    look_at(host.page, "host-sign-in")
    host.sign_in()
    expect(host.page.get_by_role("button", name=QUIZ.title)).to_be_visible()
    look_at(host.page, "host-quizzes")
    host.choose(QUIZ.title)
    look_at(host.page, "host-options")
    return host, host.open()


def join_three(screens: Screens, host: HostScreen) -> list[PlayerScreen]:
    ann = PlayerScreen(screens.page(PHONE), "Ann")
    ann.page.goto(screens.url)
    expect(ann.page.get_by_label("Game PIN")).to_be_visible()  # the page is loaded before it has drawn anything
    look_at(ann.page, "join")
    ann.page.get_by_label("Game PIN").fill("12")
    ann.page.get_by_role("button", name="Join", exact=True).click()
    expect(ann.page.get_by_role("alert")).to_have_text("The PIN has six digits.")
    look_at(ann.page, "join-fault")
    ben, cho = PlayerScreen(screens.page(SMALL_PHONE), "Bến"), PlayerScreen(screens.page(LAPTOP), "Cho")
    for player in (ann, ben, cho):
        player.join(screens.url, host.pin)
    look_at(ann.page, "lobby")
    host.see_players(3)
    expect(ann.page.locator(".names li")).to_have_count(3)
    look_at(host.page, "stage-lobby")
    return [ann, ben, cho]


def first_question(host: HostScreen, ann: PlayerScreen, ben: PlayerScreen, cho: PlayerScreen) -> None:
    """Ann reloads after answering, Ben before."""
    sent = commands_of(host.page)
    host.page.keyboard.press("n")
    for player in (ann, ben, cho):
        player.see_question(SINGLE.prompt)
    expect(host.page.get_by_role("heading", name=SINGLE.prompt)).to_be_visible()
    ann.choose(1)
    ann.see_recorded()
    look_at(ann.page, "recorded")
    ann.page.reload()
    ben.page.reload()
    ann.see_recorded()
    expect(ann.page.locator("button.choice[aria-pressed=true]")).to_contain_text("plentiful")
    ben.see_question(SINGLE.prompt)
    look_at(ben.page, "question")
    ben.choose(1)
    ben.see_recorded()
    expect(host.page.get_by_text("2 of 3 have answered")).to_be_visible()
    look_at(host.page, "stage-question")
    cho.page.keyboard.press("1")
    cho.see_counted()
    # Everybody has answered: the engine closes, and the host's screen has asked for nothing.
    for player, verdict in ((ann, "Right!"), (ben, "Right!"), (cho, "Not this time")):
        player.see_verdict(verdict)
    expect(cho.page.locator(".solved li[data-right=true]")).to_contain_text("plentiful")
    look_at(ann.page, "result-right")
    look_at(cho.page, "result-wrong")
    expect(host.page.get_by_text("2 of 3 right")).to_be_visible()
    look_at(host.page, "stage-result")
    assert [body["command"] for body in sent] == ["next"]


def commands_of(page: Page) -> list[dict[str, Any]]:
    """The commands that the page sends to the API from now on."""
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/commands"):
            sent.append(json.loads(request.post_data or "{}"))

    page.on("request", note)
    return sent


def second_question(
    screens: Screens, host: HostScreen, ann: PlayerScreen, ben: PlayerScreen, cho: PlayerScreen
) -> None:
    """Cho's network is gone for 5 s around the answer; it is counted, once. The host's screen is replaced."""
    host.press("Next question")
    for player in (ann, ben, cho):
        player.see_question(MULTIPLE.prompt)
    expect(cho.page.locator("button.choice").first).to_be_visible()
    cho.page.context.set_offline(True)
    cho.choose(0, 2)
    expect(cho.page.locator(".receipt[data-is=sending]")).to_contain_text("kept and sent again")
    expect(cho.page.locator(".banner")).to_contain_text("No connection")
    look_at(cho.page, "offline")
    cho.page.wait_for_timeout(OUTAGE_MS)
    cho.page.context.set_offline(False)
    cho.see_recorded()
    expect(cho.page.locator(".banner")).to_be_empty()
    ann.choose(0)
    ann.see_recorded()
    host.page.reload()
    expect(host.page.get_by_text("2 of 3 have answered")).to_be_visible()
    ben.choose(0, 2)
    ben.see_counted()
    for player, verdict in ((ann, "Not this time"), (ben, "Right!"), (cho, "Right!")):
        player.see_verdict(verdict)
    # Ben was second; the replaced screen still knows it.
    rose = host.page.locator("ol.board li", has_text="Bến").locator(".rose")
    expect(rose).to_contain_text("1 place up")


def third_question(
    screens: Screens, host: HostScreen, ann: PlayerScreen, ben: PlayerScreen, cho: PlayerScreen
) -> PlayerScreen:
    """Dee comes late. Ben misses the question; the host closes it."""
    host.press("Next question")
    for player in (ann, ben, cho):
        player.see_question(TEXT.prompt)
    dee = PlayerScreen(screens.page(PHONE), "Dee")
    pin = host.page.locator(".stage-pin b").inner_text()
    dee.join(screens.url, pin)
    for player, word in ((ann, "start"), (cho, "finish"), (dee, "Start")):
        player.see_question(TEXT.prompt)
        if player is dee:
            look_at(player.page, "typed")
        player.write(word)
        player.see_recorded()
    expect(host.page.get_by_text("3 of 4 have answered")).to_be_visible()
    host.page.keyboard.press("c")
    for player, verdict in ((ann, "Right!"), (ben, "No answer"), (cho, "Not this time"), (dee, "Right!")):
        player.see_verdict(verdict)
    look_at(host.page, "stage-result-text")
    return dee


def finish(host: HostScreen, everybody: list[PlayerScreen]) -> None:
    host.press("Finish")
    for page in (host.page, *(player.page for player in everybody)):
        expect(page.locator(".podium")).to_be_visible()
    host.page.set_viewport_size(PROJECTOR["viewport"])
    look_at(host.page, "stage-podium")
    look_at(everybody[0].page, "podium")
    with host.page.expect_download() as download:
        host.page.get_by_role("button", name="Report as CSV").click()
    report = download.value.path().read_text(encoding="utf-8-sig")
    assert [line.split(",")[1] for line in report.splitlines()[1:]] == [row[1] for row in board_rows(host.page)]


def assert_exact_everywhere(
    stack: Stack, store: FirestoreStore, session_id: str, host: HostScreen, everybody: list[PlayerScreen]
) -> None:
    """Every browser shows the board that the fold of the stored answers gives, and everybody's own score."""
    expected = folded_rows(stack, store, session_id)
    assert board_rows(host.page) == expected
    scores = {nickname: score for _, nickname, score in expected}
    assert set(scores) == {player.nickname for player in everybody}
    for player in everybody:
        assert board_rows(player.page) == expected
        assert player.score() == scores[player.nickname]
    sheets = store.list(documents.players_path(session_id))
    answered = {sheet.data["nickname"]: sorted(sheet.data["answers"]) for sheet in sheets}
    assert answered == {"Ann": ["0", "1", "2"], "Bến": ["0", "1"], "Cho": ["0", "1", "2"], "Dee": ["2"]}
    assert all(sheet.data["refused"] == [] for sheet in sheets), "nothing was counted or refused twice"


def folded_rows(stack: Stack, store: FirestoreStore, session_id: str) -> list[Row]:
    """The board, after `wordrush verify` has found it equal to the fold."""
    command = [sys.executable, "-m", "admin_cli", "--json", "verify", session_id]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **stack.env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["answers"] == 9
    board: Any = store.get(documents.board_path(session_id))
    return [(row["rank"], row["nickname"], row["score"]) for row in board.data["top"]]


def assert_review(player: PlayerScreen) -> None:
    """Every question again; the missed ones to take away."""
    page = player.page
    expect(page.locator(".reviewed")).to_have_count(3)
    assert [each.get_attribute("data-is") for each in page.locator(".reviewed").all()] == ["wrong", "right", "wrong"]
    look_at(page, "review", whole=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["plentiful", "start"]
    context: BrowserContext = page.context
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("— start")
