"""The screens in a browser, driven as people drive them: by what they read, press and type."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from devstack.emulators import ROOT
from tests.support.eventually import PATIENCE_S

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SMALL_PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PROJECTOR: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}}
PICTURES = ROOT / ".local" / "screens"
PICTURE_MS = 20_000
AXE_ALL = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# A theme changes colours and nothing else.
THEMES: dict[str, Any] = {"light": AXE_ALL, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
# Messages of the browser itself when a test cuts its network, or requests something that is refused.
EXPECTED = re.compile(r"net::ERR_|Failed to load resource|WebChannelConnection RPC|Could not reach Cloud Firestore")

Row = tuple[int, str, int]


@dataclass  # no slots: Playwright keeps a wrapper on the object whose method it calls
class Screens:
    """Opens windows, each a device of its own, and remembers every fault that a page reports."""

    browser: Browser
    url: str
    faults: list[str] = field(default_factory=list)

    def context(self, device: dict[str, Any], **more: Any) -> BrowserContext:
        context = self.browser.new_context(**{"locale": "en-GB", **device, **more})
        context.set_default_timeout(PATIENCE_S * 1000)
        context.on("page", self._watch)
        return context

    def page(self, device: dict[str, Any], **more: Any) -> Page:
        return self.context(device, **more).new_page()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: (
                self.faults.append(f"{page.url}: {said.text}")
                if said.type == "error" and not EXPECTED.search(said.text)
                else None
            ),
        )


OPENINGS = 3


@dataclass(slots=True)
class HostScreen:
    page: Page
    url: str

    def sign_in(self) -> None:
        self.page.goto(f"{self.url}/host")
        self.page.get_by_role("button", name="Continue as the demo host").click()
        expect(self.page.get_by_role("heading", name="Choose a quiz")).to_be_visible()

    def choose(self, title: str) -> None:
        self.page.get_by_role("searchbox").fill(title)
        self.page.get_by_role("button", name=title).click()
        expect(self.page.get_by_role("button", name="Open the game")).to_be_visible()

    def open(self, lead_s: int = 1) -> str:
        """Gives the session's id. The first request to an API that starts on a busy machine may get no answer in time;
        then the screen asks the host to press again."""
        self.page.get_by_label("Seconds from the question").fill(str(lead_s))
        opened, unanswered = self.page.locator(".big-pin"), self.page.get_by_text("The server did not answer")
        for _ in range(OPENINGS):
            self.page.get_by_role("button", name="Open the game").click()
            expect(opened.or_(unanswered).first).to_be_visible()
            if opened.is_visible():
                break
        expect(opened).to_be_visible()
        return self.page.url.rpartition("/")[2]

    @property
    def pin(self) -> str:
        return self.page.locator(".big-pin").inner_text().replace(" ", "")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def see_players(self, count: int) -> None:
        noun = "player" if count == 1 else "players"
        expect(self.page.get_by_role("heading", name=f"{count} {noun}", exact=True)).to_be_visible()


@dataclass(slots=True)
class PlayerScreen:
    page: Page
    nickname: str

    def join(self, url: str, pin: str) -> None:
        """By the link that the QR code holds."""
        self.page.goto(f"{url}/join?pin={pin}")
        self.page.get_by_label("Nickname").fill(self.nickname)
        self.page.get_by_role("button", name="Join", exact=True).click()
        expect(self.page.locator(".standing .name")).to_have_text(self.nickname)

    def see_question(self, prompt: str) -> None:
        expect(self.page.get_by_role("heading", name=prompt)).to_be_visible()

    def choose(self, *choices: int) -> None:
        buttons = self.page.locator("button.choice")
        for choice in choices:
            expect(buttons.nth(choice)).to_have_attribute("aria-disabled", "false")
            buttons.nth(choice).click()
        if self.page.get_by_role("button", name="Send", exact=True).count():
            self.page.get_by_role("button", name="Send", exact=True).click()

    def write(self, text: str) -> None:
        self.page.get_by_label("Type your answer").fill(text)
        self.page.keyboard.press("Enter")

    def see_recorded(self) -> None:
        expect(self.page.locator(".receipt[data-is=recorded]")).to_be_visible()

    def see_counted(self) -> None:
        """Of the last to answer: the question closes at once, so the verdict may come before the receipt is seen."""
        recorded = self.page.locator(".receipt[data-is=recorded]")
        expect(recorded.or_(self.page.locator(".verdict"))).to_be_visible()

    def see_verdict(self, text: str) -> None:
        expect(self.page.locator(".verdict h1")).to_have_text(text)

    def score(self) -> int:
        return _number(self.page.get_by_test_id("score").inner_text())


def board_rows(page: Page) -> list[Row]:
    """Rank, nickname and points as the rows say them, from the top."""
    rows = page.locator("ol.board").last.locator("li")
    return [
        (_number(row.locator(".rank").inner_text()), row.locator("bdi").inner_text(), _number(_points(row)))
        for row in rows.all()
    ]


def _points(row: Any) -> str:
    return str(row.locator(".points").inner_text())


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def look_at(page: Page, name: str, *, whole: bool = False) -> None:
    """axe finds no fault in both themes; saves a screenshot of each."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or {"width": 0})["width"]
    page.bring_to_front()  # of a page that is behind others Chromium may draw no frame to photograph
    page.evaluate(_axe())
    for theme, rules in THEMES.items():
        with _themed(page, theme):
            found = page.evaluate("rules => axe.run(document, rules)", rules)
            _photograph(page, PICTURES / f"{name}-{width}-{theme}.png", whole)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: scrolls sideways"
        assert not found["violations"], f"{name} ({theme}): {_explain(found['violations'])}"


def _photograph(page: Page, path: Path, whole: bool) -> None:
    """Asked twice: headless Chromium now and then never draws the frame that a picture waits for."""
    try:
        page.screenshot(path=path, full_page=whole, timeout=PICTURE_MS)
    except PlaywrightTimeout:
        page.screenshot(path=path, full_page=whole)


@contextmanager
def _themed(page: Page, theme: Any) -> Iterator[None]:
    """Without motion: in the middle of a fade every colour has too little contrast."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    yield
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def _explain(violations: list[dict[str, Any]]) -> str:
    lines = [
        f"{each['id']}: {each['help']}: " + "; ".join(node["html"][:160] for node in each["nodes"][:3])
        for each in violations
    ]
    return "\n  ".join(["", *lines])


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
