"""The files that `make site` prepares for the deploy of a real project."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devstack import hosting, site
from devstack.emulators import ROOT
from devstack.hosting import ASSETS
from devstack.processes import StartFailed
from devstack.releases import LIST
from tests.support.deploys import deploy_another

DOMAIN = "quiz.school.example"
# As `firebase deploy` runs it: its way of starting a command has rules of its own.
PREDEPLOY = """
const { lifecycleHooks } = require("firebase-tools/lib/deploy/lifecycleHooks");
const { hosting } = require("./firebase.json");
const config = { get: (name) => ({ hosting })[name], path: (name) => name, projectDir: "." };
lifecycleHooks("hosting", "predeploy")({}, { config, projectId: "demo-site", projectRoot: "." })
  .catch((error) => { console.error(error.message); process.exitCode = 1; });
"""


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    """Below the root, where Hosting's paths begin."""
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=local) as folder:
        yield Path(folder)


@pytest.fixture(name="live")
def _live(folder: Path) -> Iterator[str]:
    """A site that is served already: the same screens, of a release with other names."""
    before = folder / "before"
    site.prepare(folder / "before.json", before, DOMAIN, None, "")
    deploy_another(before)
    (before / LIST).write_text(json.dumps(sorted(file.name for file in (before / ASSETS).iterdir())))
    handler = partial(SimpleHTTPRequestHandler, directory=str(before))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_page_and_its_headers_name_one_sign_in_domain_and_the_files_of_two_releases(
    folder: Path, live: str
) -> None:
    config, built = folder / "firebase.json", folder / "dist"
    added = site.prepare(config, built, DOMAIN, None, live)

    before = {file.name for file in (folder / "before" / ASSETS).iterdir()}
    own = set(json.loads((built / LIST).read_text()))
    assert set(added) == before
    assert {file.name for file in (built / ASSETS).iterdir()} == own | before
    assert json.loads((built / "config.json").read_text()) == {"auth_domain": DOMAIN}
    written = json.loads(config.read_text())
    assert f"frame-src https://{DOMAIN};" in policy_of(written)
    assert kept_for_a_year(written) == own | before
    assert written["hosting"]["public"] == str(built.relative_to(ROOT))
    assert {**written, "hosting": None} == {**hosting.template(), "hosting": None}


def test_with_a_key_the_policy_allows_app_check_and_the_page_uses_it(folder: Path) -> None:
    config, built = folder / "firebase.json", folder / "dist"
    site.prepare(config, built, DOMAIN, "the-key", "")

    told = json.loads((built / "config.json").read_text())
    assert told == {"auth_domain": DOMAIN, "app_check": {"recaptcha_key": "the-key"}}
    policy = policy_of(json.loads(config.read_text()))
    assert all(sources in policy for sources in hosting.APP_CHECK.values())


def test_an_unreachable_live_site_is_reported_with_a_remedy(folder: Path) -> None:
    with pytest.raises(StartFailed, match="--live ''"):
        site.prepare(folder / "firebase.json", folder / "dist", DOMAIN, None, "http://127.0.0.1:1")


def test_the_template_cannot_be_deployed() -> None:
    command = [shutil.which("node") or "node", "-e", PREDEPLOY]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert "run make site" in refused.stdout
    assert "predeploy error" in refused.stderr


def policy_of(config: dict[str, Any]) -> str:
    headers = [header for rule in config["hosting"]["headers"] for header in rule["headers"]]
    (policy,) = (header["value"] for header in headers if header["key"] == hosting.POLICY)
    return str(policy)


def kept_for_a_year(config: dict[str, Any]) -> set[str]:
    (source,) = (
        rule["source"]
        for rule in config["hosting"]["headers"]
        if any("immutable" in header["value"] for header in rule["headers"])
    )
    return set(source.removeprefix("/assets/@(").removesuffix(")").split("|"))
