"""The pictures of the README: ten bots and one browser play a real quiz in front of two windows."""

import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from devstack import browser, demo
from devstack.emulators import ROOT
from devstack.stack import Stack

FOLDER = ROOT / "docs" / "images"
STAGE: dict[str, Any] = {"viewport": {"width": 1280, "height": 720}, "device_scale_factor": 1}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
QUESTION_PHOTOGRAPHED = 2
QUALITY = 85
STILL_MS = 800  # the page is drawn by then; the bots' host goes on after 2.5 s
PATIENCE_MS = 60_000


def take(stack: Stack) -> list[Path]:
    """Play a game and photograph it; gives the paths of the pictures. Raises Playwright's errors,
    CalledProcessError."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    opened = demo.open_session(stack, demo.QUIZ, "--lead-ms", "2000", "--streak-bonus")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        stage = _host(chromium.new_context(**STAGE), stack.url, opened["session_id"])
        phone = _player(chromium.new_context(**PHONE, color_scheme="dark"), opened["join_url"])
        # A daemon thread, because the game may wait without end when the pictures are taken.
        bots = threading.Thread(target=demo.play_bots, args=(stack, opened["session_id"]), name="bots", daemon=True)
        bots.start()
        files = _photograph(stage, phone)
        chromium.close()
    return files


def _photograph(stage: Page, phone: Page) -> list[Path]:
    files = []

    def shoot(page: Page, name: str) -> None:
        page.wait_for_timeout(STILL_MS)
        files.append(FOLDER / f"{name}.jpg")
        page.screenshot(path=str(files[-1]), type="jpeg", quality=QUALITY)

    expect(stage.locator(".names li")).to_have_count(11)
    shoot(stage, "stage-lobby")
    for number in range(1, QUESTION_PHOTOGRAPHED + 1):
        expect(stage.locator(".kicker")).to_contain_text(f"Question {number} of")
        expect(phone.locator("button.choice").first).to_be_visible()
        if number == QUESTION_PHOTOGRAPHED:
            shoot(stage, "stage-question")
        phone.locator("button.choice").nth(0).click()
        expect(phone.locator(".receipt[data-is=recorded]")).to_be_visible()
        if number == QUESTION_PHOTOGRAPHED:
            shoot(phone, "phone-recorded")
        expect(phone.locator(".verdict")).to_be_visible()
        if number == QUESTION_PHOTOGRAPHED:
            shoot(stage, "stage-result")
            shoot(phone, "phone-result")
    stage.keyboard.press("f")
    stage.keyboard.press("Enter")
    expect(stage.locator(".podium")).to_be_visible()
    expect(phone.locator(".podium")).to_be_visible()
    stage.wait_for_timeout(2 * STILL_MS)
    shoot(stage, "stage-podium")
    return files


def _host(context: BrowserContext, url: str, session_id: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/host/{session_id}")
    page.get_by_role("button", name="Continue as the demo host").click()
    return page


def _player(context: BrowserContext, join_url: str) -> Page:
    page = context.new_page()
    page.goto(join_url)
    page.get_by_label("Nickname").fill("You")
    page.get_by_role("radio", name="Fox").check(force=True)
    page.get_by_role("button", name="Join", exact=True).click()
    return page
