"""Parallel lanes: the output of each lane is collected and counted, and no lane outlives the run."""

from pathlib import Path

import psutil
import pytest

from devstack import lanes, suite
from devstack.emulators import ROOT
from devstack.lanes import Lane, LaneResult
from tests.support.eventually import eventually

GOOD = "def test_a(): print('seen')\ndef test_b(): pass\n"
BAD = """
import pytest
@pytest.fixture
def broken(): assert 1 == 2
def test_c(): assert 1 == 2
def test_d(broken): pass
"""
UNREADABLE = "import nothing_of_this_name\n"
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
ENDLESS = "import time\ndef test_e(): time.sleep(10_000)\n"


def lane(folder: Path, name: str, source: str, *, yields: bool = False) -> Lane:
    file = folder / f"test_{name}.py"
    file.write_text(source)
    return Lane(name, (str(file),), yields)


def test_lanes_are_counted_together_and_a_failure_is_reported_with_its_lane(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [
        lane(tmp_path, "good", GOOD, yields=True),
        lane(tmp_path, "bad", BAD),
        lane(tmp_path, "unreadable", UNREADABLE),
        Lane("none", (str(tmp_path / "test_none.py"),)),
    ]
    with lanes.running(chosen, tmp_path / "out", BARE) as running:
        ran = {each.name: each for each in running.ended()}

    counts = {name: (each.code, each.passed, each.broken) for name, each in ran.items()}
    assert counts == {"good": (0, 2, 0), "bad": (1, 0, 2), "unreadable": (2, 0, 1), "none": (4, 0, 1)}
    assert all(each.cpu_s > 0 for each in ran.values())
    suite.sum_up([], list(ran.values()))
    told = capsys.readouterr().out
    for name in ("bad: FAILED", "bad: ERROR", "unreadable: ERROR", "none ended with code 4"):
        assert f"wordrush: lane {name}" in told
    assert "lane good" not in told


def test_an_aborted_run_stops_all_lanes(tmp_path: Path) -> None:
    def give_up() -> None:
        with lanes.running([lane(tmp_path, "endless", ENDLESS)], tmp_path / "out", BARE):
            log = tmp_path / "out" / "endless.log"
            eventually(lambda: "test_endless.py" in log.read_text(), "the test has begun")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()

    mine = psutil.Process().children(recursive=True)
    assert not [child for child in mine if "test_endless" in " ".join(child.cmdline())]
    assert "KeyboardInterrupt" in (tmp_path / "out" / "endless.log").read_text(), "pytest itself has tidied up"


@pytest.mark.parametrize(
    ("last", "passed", "broken"),
    [
        ("===== 3 passed in 1.00s =====", 3, 0),
        ("= 4 failed, 1866 passed, 1 error in 2308.20s (0:38:28) =", 1866, 5),
        ("== 2 passed, 3 errors in 0.1s ==", 2, 3),
        ("no tests ran in 0.00s", 0, 1),
    ],
)
def test_the_counts_of_pytest_are_read(last: str, passed: int, broken: int) -> None:
    ran = LaneResult("a", int(broken > 0), 1.0, 1.0, f"lines\n{last}\n")

    assert (ran.passed, ran.broken) == (passed, broken)


def test_output_after_the_end_of_pytest_does_not_hide_the_counts() -> None:
    ran = LaneResult("a", 0, 1.0, 1.0, '== 3 passed in 1.00s ==\n\n{"message": "spent", "open": 1}\n')

    assert (ran.passed, ran.broken) == (3, 0)


def test_every_folder_of_tests_is_in_one_lane() -> None:
    chosen = [tests for each in suite.LANES for tests in each.tests]
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

    assert sorted(chosen) == sorted(str(folder.relative_to(ROOT)) for folder in folders)
