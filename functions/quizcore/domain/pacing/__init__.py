"""When a player's answers count, and when keys are revealed: one protocol, and one implementation for each way to set
the pace of a session.

Today the host sets the pace for all players (`host_paced.py`).
"""

from quizcore.domain.pacing.host_paced import HostPaced
from quizcore.domain.pacing.pacing import Announced, Current, Moments, Pacing, Window, Windows
from quizcore.domain.session import Game, Timeline

__all__ = ["Announced", "Current", "HostPaced", "Moments", "Pacing", "Window", "Windows", "pacing_of"]


def pacing_of(game: Game, timeline: Timeline) -> Pacing:
    """The pacing of a session with its present timeline; after a change of the timeline make a new pacing."""
    return HostPaced(game, timeline)
