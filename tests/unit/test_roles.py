"""The tasks of each role."""

import pytest

from quizcore.domain.roles import TASKS, Role, Task, least_role, may
from quizcore.ports import Caller
from tests.support.api_calls import refused
from tests.support.world import QUIZ_ID, Person, World

# From the documentation of the roles, not from the table.
MAY = {
    None: set(),
    "king": set(),
    "player": set(),
    "author": {Task.WRITE_QUIZZES},
    "host": {Task.WRITE_QUIZZES, Task.OPEN_SESSIONS, Task.KEEP_CLASSES},
    "operator": set(Task),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_is_documented_and_nothing_else(role: str | None) -> None:
    assert {task for task in Task if may(role, task)} == MAY[role]


def test_each_role_may_do_all_that_the_role_before_may() -> None:
    assert list(TASKS) == list(Role)
    for less, more in zip(TASKS.values(), list(TASKS.values())[1:], strict=False):
        assert less < more
    assert least_role(Task.WRITE_QUIZZES) == "author"


@pytest.mark.parametrize(
    ("role", "opens"), [(None, False), ("player", False), ("author", False), ("host", True), ("operator", True)]
)
def test_the_api_opens_sessions_for_the_roles_that_may(world: World, role: str | None, opens: bool) -> None:
    world.identity.callers["token"] = Caller("host-1", role)

    told = Person(world.client(), "token").post("/sessions", {"quiz_id": QUIZ_ID})

    if opens:
        assert told.status_code == 201
    else:
        assert refused(told) == (403, "forbidden")
