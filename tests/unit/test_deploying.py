"""`firebase deploy` finds its files in functions/, with any Python of the machine."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from devstack.emulators import ROOT
from devstack.manifest import MANIFEST, SOURCE, discovered

DISCOVERY = """
const { tryCreateDelegate } = require(process.argv[1] + "/lib/deploy/functions/runtimes/python");
const context = { projectId: "words", sourceDir: process.argv[2], projectDir: process.argv[2], runtime: "python311" };
tryCreateDelegate(context).then((delegate) => delegate.discoverBuild({}, {})).then(
  (build) => console.log(JSON.stringify(build)),
  (error) => { console.error(error.message); process.exit(1); },
);
"""


def discover(source: Path) -> subprocess.CompletedProcess[str]:
    """The discovery of firebase-tools itself."""
    node = shutil.which("node")
    assert node, "Node.js is needed"
    tools = ROOT / "node_modules" / "firebase-tools"
    return subprocess.run(
        [node, "-e", DISCOVERY, str(tools), str(source)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )


@pytest.fixture(name="elsewhere")
def _elsewhere(tmp_path: Path) -> Path:
    """The source as on a machine whose environment has no `python3.11`."""
    source = tmp_path / "functions"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    return source


def test_the_manifest_equals_the_options_of_main_py() -> None:
    assert MANIFEST.read_text() == discovered(), "run: make manifest"


def test_the_cli_finds_the_function_without_the_python_of_the_runtime(elsewhere: Path) -> None:
    found = discover(elsewhere)

    assert found.returncode == 0, found.stderr
    told, said = json.loads(found.stdout)["endpoints"]["api"], yaml.safe_load(MANIFEST.read_text())["endpoints"]["api"]
    for name in ("concurrency", "cpu", "maxInstances", "region", "timeoutSeconds", "availableMemoryMb", "entryPoint"):
        assert told[name] == said[name]
    assert told["runtime"] == "python311"

    (elsewhere / MANIFEST.name).unlink()
    assert "Failed to find location of Firebase Functions SDK" in discover(elsewhere).stderr, "what it is there for"
