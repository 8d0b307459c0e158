"""The tasks that the role of an account allows: one table for the API and the command line."""

from enum import StrEnum


class Role(StrEnum):
    """Each role may do all that the roles before it may. An account has one role, or none."""

    PLAYER = "player"
    AUTHOR = "author"
    HOST = "host"
    OPERATOR = "operator"


class Task(StrEnum):
    WRITE_QUIZZES = "write quizzes"
    OPEN_SESSIONS = "open and drive sessions"
    KEEP_CLASSES = "keep classes"
    OPERATE = "operate the project"


_AUTHORS = frozenset({Task.WRITE_QUIZZES})
_HOSTS = _AUTHORS | {Task.OPEN_SESSIONS, Task.KEEP_CLASSES}

TASKS = {
    Role.PLAYER: frozenset(),
    Role.AUTHOR: _AUTHORS,
    Role.HOST: _HOSTS,
    Role.OPERATOR: _HOSTS | {Task.OPERATE},
}
GRANTED = (Role.AUTHOR, Role.HOST, Role.OPERATOR)  # a player's role comes with a session's token


def may(role: str | None, task: Task) -> bool:
    """Whether an account with this role claim may do the task; a claim that is no role allows nothing."""
    return role in set(Role) and task in TASKS[Role(role)]


def least_role(task: Task) -> Role:
    """The first role that allows the task: what an operator grants for it."""
    return next(role for role in Role if task in TASKS[role])
