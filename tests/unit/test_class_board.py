"""The board of a class lists its members only."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from quizcore import documents
from quizcore.documents.leaderboard import MOVES, period_path
from quizcore.domain.leaderboard.contribution import class_board
from quizcore.domain.leaderboard.person import Rules
from quizcore.telemetry import Telemetry
from tests.support.handing_on import play
from tests.support.people import person
from tests.support.stepping import Process
from tests.support.world import Person, World
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob


@dataclass
class School:
    """A class of which Ann and Ben are members, and a session of it that all five players have played."""

    world: World
    host: Person
    class_id: str
    members: dict[str, Person] = field(default_factory=dict)

    def play(self) -> None:
        telemetry, world = Telemetry(), self.world
        counting = Counting(world.store, world.clock, world.ids, Rules(), 3, telemetry, lambda _: None)
        session_id = world.open_session(class_id=self.class_id)
        asyncio.run(play(world, session_id, 1, Process(world, session_id, [counting])))

    def board(self) -> set[str]:
        """The names on the board, after all that has moved was folded; each document of it says the same."""
        board = class_board(self.class_id)
        fold = FoldJob(board, self.world.store, self.world.clock, self.world.ids, 3, Telemetry())
        asyncio.run(fold.run(None))
        assert self.world.store.list(MOVES, where=[("queue", "==", board)]) == []
        found = self.world.store.get(period_path(board, "all"))
        names = {row["nickname"] for row in found.data["top"]} if found else set()
        told = str(
            [each.data for path, each in self.world.store._documents.items() if path.startswith(f"boards/{board}")]
        )
        assert {name for name in ("Ann", "Ben", "Cho") if name in told} == names
        return names


@pytest.fixture(name="school")
def _school(world: World, host: Person) -> School:
    made: dict[str, Any] = host.post("/classes", {"title": "7b", "zone": "UTC"}).json or {}
    school = School(world, host, made["class_id"])
    for uid in ("ann", "ben", "cho"):
        school.members[uid] = person(world, host, uid)
    for uid in ("ann", "ben"):
        assert school.members[uid].post("/classes/join", {"code": made["code"]}).status_code == 201
    school.play()
    return school


def test_the_members_stand_on_the_board_and_a_person_who_plays_along_does_not(school: School) -> None:
    assert school.board() == {"Ann", "Ben"}


@pytest.mark.parametrize("folded_before", [False, True])
def test_a_former_member_is_off_the_board(school: School, folded_before: bool) -> None:
    if folded_before:
        school.board()

    assert school.host.delete(f"/classes/{school.class_id}/members/ann").status_code == 204
    assert school.board() == {"Ben"}
    assert school.members["ben"].delete(f"/classes/{school.class_id}/members/ben").status_code == 204
    assert school.board() == set()


def test_the_results_of_who_leaves_stay_the_persons_own(school: School) -> None:
    path = documents.person_path("ann")
    before = school.world.store.get(path)

    school.host.delete(f"/classes/{school.class_id}/members/ann")

    after = school.world.store.get(path)
    assert before is not None
    assert after is not None
    assert after.data["totals"]["global"] == before.data["totals"]["global"] != {}
    assert after.data["counted"].keys() == before.data["counted"].keys()
    assert school.class_id not in str(after.data)


def test_a_removal_that_removes_no_member_writes_nothing(school: School) -> None:
    before = {path: found.version for path, found in school.world.store._documents.items()}

    assert school.host.delete(f"/classes/{school.class_id}/members/cho").status_code == 204

    assert {path: found.version for path, found in school.world.store._documents.items()} == before


def test_a_deleted_class_has_no_names_on_its_board(school: School) -> None:
    school.board()

    assert school.host.delete(f"/classes/{school.class_id}").status_code == 204

    assert school.board() == set()


def test_a_result_that_is_counted_while_the_member_leaves_is_not_on_the_board(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal has read the person; the count commits first, so the removal conflicts and reads again."""
    commit, counted = type(school.world.store).commit, list[str]()

    def overtaken(store: Any, writes: Any) -> Any:
        if not counted:
            counted.append("now")
            school.play()
        return commit(store, writes)

    monkeypatch.setattr(type(school.world.store), "commit", overtaken)
    assert school.host.delete(f"/classes/{school.class_id}/members/ann").status_code == 204

    assert counted
    assert school.board() == {"Ben"}
