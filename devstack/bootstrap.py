"""Set up a fresh clone: virtual environment, Python packages, npm packages.

Runs on the system's Python before anything is installed, so it uses only the standard library, and syntax that an old
Python can parse far enough to report that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from typing import Callable, NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
LOCAL = os.path.join(ROOT, ".local")
LEAST_PYTHON = (3, 11)
LEAST_NODE = 20


def main() -> None:
    check_python()
    check_node()
    os.makedirs(LOCAL, exist_ok=True)
    step("virtual environment", ["pyproject.toml"], make_venv)
    step("Python packages", ["requirements.txt", "pyproject.toml"], install_python)
    step("npm packages", ["package-lock.json"], install_node)
    link_functions_venv()


def check_python() -> None:
    if sys.version_info[:2] < LEAST_PYTHON:
        have = "%d.%d" % sys.version_info[:2]
        stop("Python 3.11 or later is needed, this is %s. Install it, then: make PYTHON=python3.11" % have)


def check_node() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        stop("Node.js 20 or later with npm is needed. Install it and run make again.")
    version = subprocess.check_output(["node", "--version"]).decode().strip().lstrip("v")
    if int(version.split(".")[0]) < LEAST_NODE:
        stop("Node.js 20 or later is needed, this is %s. Install it and run make again." % version)


def make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV], "Is the package python3-venv installed?")


def install_python() -> None:
    pip = [os.path.join(VENV, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--require-hashes", "-r", "requirements.txt"], "Is the package index reachable from here?")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], "See the lines above.")


def install_node() -> None:
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], "Is the npm registry reachable from here?")


def link_functions_venv() -> None:
    """The Functions emulator uses only functions/venv."""
    link = os.path.join(ROOT, "functions", "venv")
    if not os.path.lexists(link):
        os.symlink(os.path.join("..", ".venv"), link)


def step(name: str, inputs: "list[str]", work: "Callable[[], None]") -> None:
    """Do `work` unless its inputs are the same as at its last success."""
    stamp = os.path.join(LOCAL, "setup-" + name.replace(" ", "-").lower())
    digest = hashlib.sha256(sys.version.encode())
    for path in inputs:
        with open(os.path.join(ROOT, path), "rb") as file:
            digest.update(file.read())
    if os.path.exists(stamp) and open(stamp).read() == digest.hexdigest() and os.path.exists(VENV):
        return
    began = time.time()
    say("setting up %s ..." % name)
    work()
    with open(stamp, "w") as file:
        file.write(digest.hexdigest())
    say("setting up %s: done in %d s" % (name, time.time() - began))


def run(command: "list[str]", hint: str) -> None:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    began, shown = time.time(), 0.0
    lines = []
    while True:
        try:
            out, _ = process.communicate(timeout=5)
            lines.append(out)
            break
        except subprocess.TimeoutExpired:
            shown = time.time() - began
            say("  still at it, %d s" % shown)
    if process.returncode != 0:
        log = os.path.join(LOCAL, "setup.log")
        with open(log, "wb") as file:
            file.write(b"".join(lines))
        tail = b"".join(lines).decode(errors="replace").strip().splitlines()[-3:]
        stop(
            "`%s` failed. %s The full output is in .local/setup.log; it ends:\n  %s"
            % (" ".join(os.path.basename(c) for c in command[:4]), hint, "\n  ".join(tail))
        )


def say(text: str) -> None:
    print("wordrush: " + text, flush=True)


def stop(text: str) -> "NoReturn":
    sys.exit("wordrush: " + text)


if __name__ == "__main__":
    main()
