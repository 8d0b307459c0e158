"""`plays/{quiz_id}`: how often a public quiz is played; `sessions/{id}/private/plays`: what was added for a session. No
client reads them.
"""

from datetime import date, datetime

from typing_extensions import TypedDict

from quizcore.documents.session import session_path
from quizcore.documents.values import Count, Expiring
from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.plays import Plays

PLAYS = "plays"


class PlaysDocument(TypedDict):
    """`days` by date: the players, and when the last session ended (ms since the epoch); `before` of older days."""

    title: str
    n: Count
    days: dict[str, list[Count]]
    before: list[Count]


class SessionPlaysDocument(Expiring):
    """Which version of the session was added, and how many players."""

    version: Count
    players: Count


def plays_path(quiz_id: str) -> str:
    return f"{PLAYS}/{quiz_id}"


def session_plays_path(session_id: str) -> str:
    return f"{session_path(session_id)}/private/plays"


def plays_fields(plays: Plays) -> PlaysDocument:
    return {
        "title": plays.display.nickname,
        "n": plays.n,
        "days": {day.isoformat(): list(of_day) for day, of_day in plays.days.items()},
        "before": list(plays.before),
    }


def read_plays(quiz_id: str, data: PlaysDocument) -> Plays:
    days = {date.fromisoformat(day): Standing(*of_day) for day, of_day in data["days"].items()}
    return Plays(quiz_id, shown_as(data["title"]), data["n"], days, Standing(*data["before"]))


def shown_as(title: str) -> Display:
    """Every quiz on the board is public."""
    return Display(title, "", listed=True)


def session_plays_fields(version: int, players: int, expires_at: datetime) -> SessionPlaysDocument:
    return {"version": version, "players": players, "expires_at": expires_at}
