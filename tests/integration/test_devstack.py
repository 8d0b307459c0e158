"""`make up` for a newcomer, while another stack runs."""

import re
import signal
import subprocess
import sys
import urllib.request

from devstack.emulators import ROOT
from devstack.stack import Stack
from tests.support.eventually import eventually

ENDS_S = 300.0
READY = re.compile(
    r"^READY url=http://\S+ api=(http://\S+) firestore=\S+:\d+ auth=\S+:\d+ pubsub=\S+:\d+ project=\S+$", re.MULTILINE
)


def family_of(started: list[int]) -> list[str]:
    """Commands of living processes that descend from `started`, as the process table says."""
    table = subprocess.run(["ps", "-eo", "pid,ppid,cmd"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    rows = [line.split(None, 2) for line in table.splitlines()[1:]]
    family = set(started)
    for _ in rows:
        family |= {int(pid) for pid, parent, *_ in rows if int(parent) in family}
    return [f"{pid} {cmd[0] if cmd else ''}" for pid, _, *cmd in rows if int(pid) in family]


def test_a_second_stack_finds_free_ports_and_ends_without_a_trace(stack: Stack) -> None:
    log = ROOT / ".local" / "test-up.log"
    with log.open("w") as out:
        up = subprocess.Popen([sys.executable, "-m", "devstack", "up"], cwd=ROOT, stdout=out, stderr=out)
    try:
        ready = eventually(lambda: READY.search(log.read_text()), "the READY line", ENDS_S)
        assert ready.group(1) != stack.api
        with urllib.request.urlopen(f"{ready.group(1)}/api/v1/time") as page:  # noqa: S310 (our own loopback page)
            assert page.status == 200
        family = [int(member.split()[0]) for member in family_of([up.pid])]
        assert len(family) >= 6, "emulators, their two Java processes, the API, the worker"
    finally:
        up.send_signal(signal.SIGINT)
        code = up.wait(ENDS_S)

    assert code == 0
    eventually(lambda: not any(alive(pid) for pid in family), "every process has ended")
    assert not list(ROOT.glob(f"firebase.run-{up.pid}-*.json"))


def alive(pid: int) -> bool:
    """A zombie has ended; it only waits to be counted."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout  # noqa: S607
    return bool(state.strip()) and not state.strip().startswith("Z")
