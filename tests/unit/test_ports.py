"""The ports of a process that starts a stack, while other processes start stacks at the same time."""

import select
import subprocess
import sys

from devstack import emulators, ports
from devstack.emulators import PREFERRED, ROOT

CHOOSE = """
import sys
from devstack import ports
taken = set()
for preferred in map(int, sys.argv[1:]):
    ports.choose(preferred, taken)
print(*taken, flush=True)
sys.stdin.read()
"""


FETCH = """
from devstack.emulators import one_at_a_time
print("comes", flush=True)
with one_at_a_time():
    print("fetches", flush=True)
"""


def test_processes_that_choose_at_the_same_moment_choose_different_ports() -> None:
    """No process listens yet, so that every port looks free to all."""
    command = [sys.executable, "-c", CHOOSE, *map(str, PREFERRED.values())]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    try:
        chosen = [set(map(int, (process.stdout or sys.stdin).readline().split())) for process in started]
    finally:
        for process in started:
            process.communicate()

    assert all(len(each) == len(PREFERRED) for each in chosen)
    assert len(set.union(*chosen)) == len(PREFERRED) * len(started)


def test_a_process_chooses_a_port_once() -> None:
    taken: set[int] = set()
    chosen = [ports.choose(8_090, taken) for _ in range(20)]

    assert len(set(chosen)) == len(taken) == 20


def test_processes_download_the_same_emulators_one_after_the_other() -> None:
    command = [sys.executable, "-c", FETCH]
    with emulators.one_at_a_time():
        other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "comes\n"
        assert select.select([other.stdout], [], [], 0.3)[0] == [], "it waits"

    assert other.communicate()[0] == "fetches\n"
