"""Nothing that a client can read while answers count depends on the key: not a score, rank or tally, not the number of
writes nor their moments. A game is played with one key and with another; until then the two must look the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from quizcore import documents
from quizcore.domain.session import Game, Options, Reveal
from quizcore.ports import Write
from tests.simulation import run as simulation
from tests.simulation.faults import FAULTS
from tests.simulation.loop import SimulatedLoop
from tests.simulation.store import SharedStore
from tests.support.games import START

Seen = list[tuple[float, str, dict[str, Any]]]
SEEDS = range(20)


def seen_before_the_reveal(monkeypatch: pytest.MonkeyPatch, seed: int, key: int, reveal: Reveal) -> Seen:
    """Every change of a readable document, with its moment, until no answer to the first question can count."""
    seen: Seen = []
    loops: list[SimulatedLoop] = []
    made, commit, begin = simulation._game, SharedStore.commit, SimulatedLoop.__init__

    def game(*given: Any) -> Game:
        found = made(*given)
        questions = tuple(replace(question, key=(key,)) for question in found.quiz.questions)
        return Game(replace(found.quiz, questions=questions), replace(found.options, reveal=reveal, board_hidden=False))

    def begun(loop: SimulatedLoop) -> None:
        begin(loop)
        loops.append(loop)

    def commits(store: SharedStore, writes: Sequence[Write]) -> dict[str, Any]:
        versions = commit(store, writes)
        for write in writes:
            if readable(write.path) and (found := store.get(write.path)) is not None:
                seen.append((loops[-1].time(), write.path, found.data))
        return versions

    with monkeypatch.context() as patch:
        patch.setattr(simulation, "_game", game)
        patch.setattr(simulation, "mixture", lambda _: dict.fromkeys(FAULTS, 0.0))
        patch.setattr(SharedStore, "commit", commits)
        patch.setattr(SimulatedLoop, "__init__", begun)
        assert simulation.run(seed).broken is None
    shown = next(data for _, path, data in seen if path == documents.session_path(SESSION) and data["reveal"])
    over_at = (shown["closes_at"] + shown["options"]["grace_ms"] - START) / 1000
    return [one for one in seen if one[0] <= over_at]


SESSION = simulation.SESSION


def readable(path: str) -> bool:
    """By firestore.rules: `private`, `journal`, PINs and the shards' own boards are not."""
    name = path.rpartition("/")[2]
    hidden = "/private/" in path or "/journal/" in path or path.startswith("pins/")
    return not hidden and not name.startswith(("shard-", "roll-"))


@pytest.mark.parametrize("seed", SEEDS)
def test_while_answers_count_a_game_does_not_depend_on_the_key(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    games = [seen_before_the_reveal(monkeypatch, seed, key, Reveal.ON_CLOSE) for key in (0, 1, 2)]

    assert games[0] == games[1] == games[2]
    assert len(games[0]) > 3


def test_a_session_that_reveals_at_once_does_look_different(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the comparison could not fail."""
    keys = (0, 1)
    assert any(
        seen_before_the_reveal(monkeypatch, seed, keys[0], Reveal.ON_ANSWER)
        != seen_before_the_reveal(monkeypatch, seed, keys[1], Reveal.ON_ANSWER)
        for seed in SEEDS
    )


def test_options_are_those_of_the_host() -> None:
    assert Options().reveal is Reveal.ON_CLOSE, "a session that says nothing leaks nothing"
