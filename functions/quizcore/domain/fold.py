"""`state = fold(events)`: the state of a session, independent of the order of arrival and of duplicates.

A player's submissions form a set; what counts is decided from the set and from the timeline, never from what came first
over the wire. Only time changes the state without an event: the answers to a question with `on_close` stay out of every
score until no further answer to it can count, by any clock of the service.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from quizcore.domain.events import AnswerSubmitted, Event, PlayerEvent
from quizcore.domain.pacing import Moments, Pacing, pacing_of
from quizcore.domain.player import UNKNOWN, WAITING, Player, submission_key
from quizcore.domain.session import Game, Timeline
from quizcore.domain.sheet import fill_sheet
from quizcore.domain.standings import Standings


@dataclass(slots=True)
class State:
    """The fold of a shard's events as of `now` (ms since the epoch). `paced` makes the pacing of a timeline."""

    game: Game
    now: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    players: dict[str, Player] = field(default_factory=dict)
    standings: Standings = field(default_factory=Standings)
    paced: Callable[[Game, Timeline], Pacing] = pacing_of
    pacing: Pacing = field(init=False)

    def __post_init__(self) -> None:
        self.pacing = self.paced(self.game, self.timeline)

    def apply(self, events: Iterable[Event], now: int) -> set[str]:
        """Fold events and let time pass; returns the ids of the players who were judged again."""
        before, self.now = self.now, max(self.now, now)
        touched: set[str] = set()
        timeline_changed = False
        for event in events:
            if isinstance(event, PlayerEvent):
                self._apply_to_player(event)
                touched.add(event.player_id)
            else:
                timeline_changed |= self.timeline.apply(event, self.game.question_count)
        if timeline_changed:
            self.pacing = self.paced(self.game, self.timeline)
            touched = set(self.players)
        else:
            touched |= set(self.pacing.revealed_to(self.players.keys(), before, self.now))
        for player_id in touched:
            self._judge(self.players[player_id])
        return touched

    def restore(self, timeline: Timeline, players: Iterable[Player], held: Iterable[AnswerSubmitted], now: int) -> None:
        """Rebuild the state from these facts, as of `now`."""
        self.now = now
        self.timeline = timeline
        self.pacing = self.paced(self.game, timeline)
        self.players = {player.player_id: player for player in players}
        for submission in held:
            self.player(submission.player_id).submit(submission)
        for player in self.players.values():
            self._judge(player)

    @property
    def shown(self) -> frozenset[int]:
        """The questions whose key all members may see."""
        return self.pacing.shown(self.now)

    def moments(self, player_id: str) -> Moments:
        """The moments of the pacing for a player, as of now."""
        return self.pacing.moments(player_id, self.now)

    def player(self, player_id: str) -> Player:
        known = self.players.get(player_id)
        if known is None:
            known = self.players[player_id] = Player(player_id, WAITING if self.game.options.approval else UNKNOWN)
        return known

    def ranked_players(self) -> Iterable[Player]:
        return map(self.players.__getitem__, self.standings)

    def _apply_to_player(self, event: PlayerEvent) -> None:
        player = self.player(event.player_id)
        if isinstance(event, AnswerSubmitted):
            player.submit(self._canonical(event))
        else:
            player.facts = player.facts.after(event)

    def _canonical(self, submission: AnswerSubmitted) -> AnswerSubmitted:
        answer = self.game.canonical(submission.question_index, submission.answer)
        return submission if answer == submission.answer else replace(submission, answer=answer)

    def _judge(self, player: Player) -> None:
        moments = self.moments(player.player_id)
        player.sheet = fill_sheet(player.submissions.values(), self.game, moments, player.sheet)
        player.submissions = {submission_key(s): s for s in player.sheet.submissions()}
        facts, sheet = player.facts, player.sheet
        if facts.ranked and (nickname := facts.nickname) is not None:
            self.standings.upsert(player.player_id, nickname, sheet.score, sheet.right_elapsed_ms)
        else:
            self.standings.remove(player.player_id)


def fold(game: Game, events: Iterable[Event], now: int) -> State:
    """The state after `events`, in any order and with any repetitions."""
    state = State(game)
    state.apply(events, now)
    return state
