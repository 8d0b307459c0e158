"""The size of the code that a phone loads before joining, and the latencies of taps and boards. Sizes are asserted;
times are printed, because they depend more on the machine than on the code."""

import gzip
import json
import statistics
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devstack.demo import HOST_UID
from devstack.emulators import SITE
from devstack.player import Endpoints
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.domain.quiz import Quiz
from tests.conftest import Figure
from tests.support.aside import run_aside, start_aside
from tests.support.crowd import Boards, answer_rounds, join_bots
from tests.support.games import SINGLE
from tests.support.live import add_quiz
from tests.support.screens import LAPTOP, PHONE, HostScreen, PlayerScreen, Screens, look_at

BEFORE_JOINING_BYTES = 150 * 1024
FIRST = ("index.html", "src/app/start.tsx")  # the entry, and the app that it starts
# WebPageTest's "3G Slow": 400 kbit/s both ways, 400 ms round trip.
SLOW_3G = {"offline": False, "downloadThroughput": 50_000, "uploadThroughput": 50_000, "latency": 400}
BOTS = 200
PLAYERS = 5
ROUNDS = 10
SPREAD_S = 1.4
SEED = 11
LONG_MS = 600_000  # the host closes
QUIZ = Quiz(
    "Quick ones", "en", tuple(replace(SINGLE, prompt=f"Question {n}", time_limit_ms=LONG_MS) for n in range(ROUNDS))
)
# Marks in the page's own clock; the product marks `receipt-shown` and `board-painted` itself.
MARK_TAPS = "addEventListener('pointerdown', () => performance.mark('tapped'), true)"
COUNT_MOVES = """
const animate = Element.prototype.animate;
window.moves = 0;
Element.prototype.animate = function (...how) { window.moves += 1; return animate.apply(this, how); };
"""
MARKS = """name => performance.getEntriesByName(name).map(
    mark => ({at: performance.timeOrigin + mark.startTime, detail: mark.detail}))"""


def test_the_code_loaded_before_joining_is_small_and_contains_no_firebase(stack: Stack, figure: Figure) -> None:
    site = stack.run_dir / SITE
    manifest = json.loads((site / ".vite" / "manifest.json").read_text())
    loaded = {"index.html", *_files_of(manifest, *FIRST)}
    size = sum(len(gzip.compress((site / name).read_bytes())) for name in loaded)
    language = max(len(gzip.compress(file.read_bytes())) for file in site.glob("assets/??-*.js"))

    figure(f"before joining: {size / 1024:.0f} KiB gzipped, and {language / 1024:.1f} KiB for a language")
    assert size + language <= BEFORE_JOINING_BYTES
    code = "".join((site / name).read_text() for name in loaded if Path(name).suffix == ".js")
    assert "firestore.googleapis.com" not in code
    assert any("firestore.googleapis.com" in file.read_text() for file in site.glob("assets/firebase-*.js"))


def test_a_browser_offers_to_install_the_app(screens: Screens) -> None:
    page = screens.page(PHONE)
    page.goto(screens.url)
    expect(page.get_by_role("heading", name="Join a game")).to_be_visible()
    found = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")

    # A test's window is always a private one, and that is the only fault that is found.
    assert {error["errorId"] for error in found["installabilityErrors"]} <= {"in-incognito"}


def _files_of(manifest: dict[str, Any], *names: str) -> set[str]:
    """The files of these chunks and of all that they import."""
    files: set[str] = set()
    for name in names:
        chunk = manifest[name]
        files |= {chunk["file"], *chunk.get("css", [])} | _files_of(manifest, *chunk.get("imports", []))
    return files


@pytest.mark.parametrize("locale", ["en-GB", "vi-VN"])
def test_a_cold_load_on_slow_3g_shows_the_join_form(screens: Screens, figure: Figure, locale: str) -> None:
    page = screens.page(PHONE, locale=locale)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(screens.url, wait_until="commit")
    expect(page.locator("form.join h1")).to_be_visible()
    painted = page.wait_for_function("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")

    figure(f"join form on slow 3G (400 kbit/s, 400 ms), cold, {locale}: {painted.json_value() / 1000:.1f} s")
    assert page.locator("input[name=pin]").is_editable()


def test_taps_and_boards_are_measured_with_two_hundred_bots(
    stack: Stack, store: FirestoreStore, screens: Screens, figure: Figure
) -> None:
    add_quiz(store, "ten", QUIZ, HOST_UID)
    host = HostScreen(screens.page(LAPTOP), screens.url)
    host.sign_in()
    host.choose(QUIZ.title)
    host.page.get_by_label("Right or wrong is told").select_option("on_answer")
    session_id = host.open(lead_s=0)
    ends = Endpoints(stack.api, stack.emulators.host("auth"))
    bots = run_aside(join_bots(ends, host.pin, BOTS))
    people = [PlayerScreen(screens.page(PHONE), f"Ann {number}") for number in range(PLAYERS)]
    for player in people:
        player.page.add_init_script(MARK_TAPS)
        player.page.add_init_script(COUNT_MOVES)
        player.join(screens.url, host.pin)
    host.see_players(BOTS + PLAYERS)

    boards = Boards()
    stop = store.listen(documents.board_path(session_id), boards.hear)
    crowd = start_aside(answer_rounds(ends, store, session_id, bots, ROUNDS, SPREAD_S, SEED))
    for number in range(ROUNDS):
        host.page.keyboard.press("n")
        for player in people:
            player.see_question(f"Question {number}")
            player.choose(number % 4)
        for player in people:
            expect(player.page.locator(".verdict")).to_be_visible()
        see_closed(host, crowd)
    stop()

    assert crowd.result() == ROUNDS * BOTS
    taps = [after - before for player in people for before, after in tapped_and_shown(player.page)]
    paints = painted_after(boards, people[0].page)
    figure(f"with {BOTS} bots: answer tapped to receipt shown: {figures(taps)}")
    figure(f"with {BOTS} bots: board written to board painted: {figures(paints)}")
    assert {p.nickname: rank_shown(p.page) for p in people} == ranks_of(people, store, session_id)
    for player in people:
        see_neighbours(player)
    assert people[0].page.evaluate("window.moves") > 0, "rows jump to their places"
    assert len(taps) == ROUNDS * PLAYERS
    assert len(paints) >= 2 * ROUNDS, "too few boards for a figure"
    sheets = store.list(documents.players_path(session_id))
    assert sum(len(sheet.data["answers"]) for sheet in sheets) == ROUNDS * (BOTS + PLAYERS)


def see_closed(host: HostScreen, crowd: Future[int]) -> None:
    """With everybody's answer in, the engine closes."""
    try:
        expect(host.page.locator(".revealed")).to_be_visible()
    except AssertionError:
        if crowd.done():
            crowd.result()  # raises what has stopped the bots
        raise


def rank_shown(page: Page) -> str:
    return page.locator(".place dd").last.inner_text().split("\n")[0].split(" ahead")[0].strip()


def see_neighbours(player: PlayerScreen) -> None:
    """A player of the list above needs no separate line."""
    player.page.locator("ol.board").first.wait_for()
    if player.page.locator("ol.board li[data-me]").count() == 0:
        player.page.get_by_role("button", name="Who is around me?").click()
        expect(player.page.locator(".neighbours li[data-me] .rank")).to_have_text(rank_shown(player.page).split()[0])
        look_at(player.page, "neighbours", whole=True)


def ranks_of(people: list[PlayerScreen], store: FirestoreStore, session_id: str) -> dict[str, str]:
    """By the plain definition: 1 + the number of players with a higher score."""
    sheets = [sheet.data for sheet in store.list(documents.players_path(session_id))]
    scores = {sheet["nickname"]: sheet["score"] for sheet in sheets}
    return {
        player.nickname: f"{1 + sum(other > scores[player.nickname] for other in scores.values())} of {len(scores)}"
        for player in people
    }


def tapped_and_shown(page: Page) -> list[tuple[float, float]]:
    taps, shown = (page.evaluate(MARKS, name) for name in ("tapped", "receipt-shown"))
    return [(max(tap["at"] for tap in taps if tap["at"] <= mark["at"]), mark["at"]) for mark in shown]


def painted_after(boards: Boards, page: Page) -> list[float]:
    """Of the boards that this page painted, how long after the store had written them."""
    marks: list[dict[str, Any]] = page.evaluate(MARKS, "board-painted")
    first = {mark["detail"]: mark["at"] for mark in reversed(marks)}
    return [at - boards.written[seq] for seq, at in first.items() if seq in boards.written]


def figures(values: Sequence[float]) -> str:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms (n={len(values)})"
