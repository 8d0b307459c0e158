"""A release contains the files of the previous release, and no older ones."""

import json
from pathlib import Path

import pytest

from devstack.hosting import allowing
from devstack.releases import LIST, take_along


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "new-1.js").write_text("new")
    (tmp_path / "assets" / "same-1.js").write_text("same")
    return tmp_path


def files(site: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (site / "assets").iterdir()}


def test_files_of_the_live_release_are_added_and_only_its_own(site: Path) -> None:
    live = {
        "/release.json": b'["old-1.js", "same-1.js", "lost-1.js"]',
        "/assets/old-1.js": b"old",
        "/assets/same-1.js": b"not asked for",
        "/assets/older-1.js": b"taken along by the live release",
    }

    assert take_along(site, live.get) == ["old-1.js"]
    assert files(site) == {"new-1.js": "new", "same-1.js": "same", "old-1.js": "old"}
    assert json.loads((site / LIST).read_text()) == ["new-1.js", "same-1.js"], "the next deploy takes only these"


@pytest.mark.parametrize("listed", [None, b"<!doctype html>", b"\xff", b"{}", b"7", b'[1, null, {"a": 2}]'])
def test_a_live_site_without_a_list_adds_no_files(site: Path, listed: bytes | None) -> None:
    assert take_along(site, {"/release.json": listed}.get) == []
    assert set(files(site)) == {"new-1.js", "same-1.js"}


@pytest.mark.parametrize("name", ["../config.json", "/etc/hosts", "..", ".htaccess", "a/b.js", "a|b.js", "a)b.js", ""])
def test_a_name_that_is_not_a_built_file_is_not_requested(site: Path, name: str) -> None:
    asked: list[str] = []

    def fetch(path: str) -> bytes | None:
        asked.append(path)
        return json.dumps([name]).encode() if path == "/release.json" else b"x"

    assert take_along(site, fetch) == []
    assert asked == ["/release.json"]


def test_a_policy_gets_more_sources_only_in_existing_directives() -> None:
    policy = "default-src 'none'; script-src 'self'"

    assert allowing(policy, {"script-src": "https://a.example"}) == f"{policy} https://a.example"
    with pytest.raises(KeyError, match="frame-src"):
        allowing(policy, {"frame-src": "https://a.example"})
