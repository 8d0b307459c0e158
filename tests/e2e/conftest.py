"""One browser for all tests of the screens; it ends before any other test needs an event loop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import firestore
from playwright.sync_api import Browser, expect, sync_playwright

from devstack import browser as devbrowser
from devstack.processes import Child
from devstack.stack import Stack
from quizcore.adapters.firestore import FirestoreStore
from quizcore.telemetry import Telemetry
from tests.support.eventually import PATIENCE_S
from tests.support.screens import Screens


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the measurements last: by then most other lanes have ended."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[place] for place in places), key=lambda item: item.path.stem == "test_figures")
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture(scope="package", name="browser")
def _browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=devbrowser.find(), args=list(devbrowser.FLAGS), timeout=PATIENCE_S * 1000
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package", name="scorer")
def _scorer(stack: Stack) -> Iterator[Child]:
    child = stack.start_worker(WORDRUSH_SOURCE="streaming")
    yield child
    child.stop()


@pytest.fixture(name="store")
def _store(stack: Stack) -> FirestoreStore:
    return FirestoreStore(firestore.Client(project=stack.project), Telemetry())


@pytest.fixture(name="screens")
def _screens(browser: Browser, stack: Stack, scorer: Child) -> Iterator[Screens]:
    """A test passes only when no page reported a fault."""
    screens = Screens(browser, stack.url)
    yield screens
    for context in browser.contexts:
        context.close()
    assert screens.faults == []
