"""The nightly check of leaderboards over seasons of the simulator: it finds nothing to say at any moment, also while
moves wait and processes die; and it speaks up when the product breaks a law."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import structlog

from quizcore import people
from quizcore.adapters.memory import MemoryStore
from quizcore.documents import SESSIONS
from quizcore.ports import Update, Write
from quizcore.usecases.boards_again.person import Adding
from quizcore.usecases.verify_boards import Asked, boards_again
from tests.simulation import test_season as mutants
from tests.simulation.loop import Process
from tests.simulation.season import Season
from tests.support.final_sessions import Session

SEEDS = range(150)
ENOUGH = 300


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(processors=[mutants._drop])
    yield
    structlog.configure(**before)


class Verified(Season):
    """A season that is verified after some of its commits, and at its end."""

    verifications = 0
    commits = 0

    def _publish(self, session: Session) -> None:
        super()._publish(session)
        result = {
            "seq": session.version,
            "as_of": self.now_ms(),
            "players": len(session.games),
            "finished_at": session.at,
        }
        changed = {"result": result, "quiz_id": session.quiz, "handed_seq": 0}
        of_class = {} if session.class_id is None else {"class_id": session.class_id}
        self.shared.commit([Update(f"{SESSIONS}/{session.name}", changed | of_class)])

    def committed(self, process: Process, writes: Sequence[Write]) -> None:
        super().committed(process, writes)
        self.commits += 1
        if self.commits % 5 == 0:
            self.verify()

    def _check_boards(self) -> None:
        super()._check_boards()
        handed = [Update(s.path, {"handed_seq": s.data["result"]["seq"]}) for s in self.shared.list(SESSIONS)]
        self.shared.commit(handed)
        self.verify()

    def verify(self) -> None:
        self.verifications += 1
        found = boards_again(self.shared, Asked(self.now_ms(), Adding()))
        if found["different"]:
            self.breaks(f"verify: {found['differences'][:3]}")


def _verified(seed: int) -> Verified:
    played = Verified(seed)
    played.play()
    return played


def test_the_check_finds_no_difference_at_any_moment_of_a_season() -> None:
    seasons = list(map(_verified, SEEDS))

    assert [f"seed {one.seed}: {one.broken}" for one in seasons if one.broken] == []
    assert sum(one.verifications for one in seasons) > 100


class OnlyVerified(Verified):
    """The season's own laws are silent: only the check speaks."""

    def breaks(self, law: str) -> None:
        if law.startswith("verify:"):
            super().breaks(law)


@pytest.mark.parametrize(
    ("owner", "name", "mutant"),
    [
        (people, "counting", mutants._every_version_is_new),
        (MemoryStore, "commit", mutants._moves_apart),
        (MemoryStore, "commit", mutants._without_fence),
        (MemoryStore, "commit", mutants._people_without_fence),
        ("quizcore.domain.leaderboard.fold", "with_shifts", mutants._nobody_has_fallen_off),
        ("quizcore.domain.leaderboard.fold", "with_shifts", mutants._whoever_moves_last_decides),
        (people, "erased", mutants._erased_in_silence),
        (people, "moved", mutants._unlisted_is_not_news),
        ("quizcore.domain.leaderboard.person", "total_of", mutants._always_the_sum),
        ("quizcore.domain.leaderboard.contribution", "periods_of", mutants._weeks_of_the_calendar_year),
    ],
    ids=lambda given: getattr(given, "__name__", str(given)).lstrip("_"),
)
def test_the_check_finds_what_a_product_that_breaks_a_law_has_written(
    owner: Any, name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", mutant)
    else:
        monkeypatch.setattr(owner, name, mutant)

    assert any(OnlyVerified(seed).play().broken for seed in range(ENOUGH))
