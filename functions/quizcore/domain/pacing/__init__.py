"""When a player's answers count, and when keys are revealed: one protocol, and one implementation for each way to set
the pace of a session.

Today the host sets the pace for everybody (`host_paced.py`).
"""

from quizcore.domain.pacing.host_paced import HostPaced
from quizcore.domain.pacing.pacing import Announced, Current, Moments, Pacing, Window, Windows
from quizcore.domain.session import Game, Timeline

__all__ = ["Announced", "Current", "HostPaced", "Moments", "Pacing", "Window", "Windows", "pacing_of"]


def pacing_of(game: Game, timeline: Timeline) -> Pacing:
    """The pacing of a session as its timeline is now; a timeline that changes needs a new one."""
    return HostPaced(game, timeline)
