"""`state = fold(events)`: a session's truth, in any order of arrival, with any duplicates.

A player's submissions form a set; what counts is decided from the set and from the timeline, never
from what came first over the wire. Only time moves on its own: a question that reveals on close
stays out of every score until no more answer to it can count, by any clock of the service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from quizcore.domain.events import AnswerSubmitted, Event, PlayerEvent
from quizcore.domain.player import Player, PlayerFacts, submission_key
from quizcore.domain.session import Game, Moments, Timeline, Window
from quizcore.domain.sheet import fill_sheet
from quizcore.domain.standings import Standings


@dataclass(slots=True)
class State:
    """The fold of a shard's events as of `now` (ms since the epoch)."""

    game: Game
    now: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    players: dict[str, Player] = field(default_factory=dict)
    standings: Standings = field(default_factory=Standings)
    moments: Moments = field(default_factory=Moments)
    over: frozenset[int] = frozenset()

    def apply(self, events: Iterable[Event], now: int) -> set[str]:
        """Fold events in and let time pass; gives the ids of the players judged anew."""
        self.now = max(self.now, now)
        touched: set[str] = set()
        timeline_changed = False
        for event in events:
            if isinstance(event, PlayerEvent):
                self._apply_to_player(event)
                touched.add(event.player_id)
            else:
                timeline_changed |= self.timeline.apply(event, self.game.question_count)
        if timeline_changed:
            self.moments = self.timeline.moments(self.game)
        if self._time_passed() or timeline_changed:
            touched = set(self.players)
        for player_id in touched:
            self._judge(self.players[player_id])
        return touched

    def restore(self, timeline: Timeline, players: Iterable[Player], held: Iterable[AnswerSubmitted], now: int) -> None:
        """Become the state whose facts these are, as of `now`."""
        self.now = now
        self.timeline = timeline
        self.moments = timeline.moments(self.game)
        self._time_passed()
        self.players = {player.player_id: player for player in players}
        for submission in held:
            self.player(submission.player_id).submit(submission)
        for player in self.players.values():
            self._judge(player)

    @property
    def windows(self) -> Mapping[int, Window]:
        return self.moments.windows

    def player(self, player_id: str) -> Player:
        known = self.players.get(player_id)
        if known is None:
            known = self.players[player_id] = Player(player_id, PlayerFacts(admitted=not self.game.options.approval))
        return known

    def ranked_players(self) -> Iterable[Player]:
        return (player for player in self.players.values() if player.facts.ranked)

    def _apply_to_player(self, event: PlayerEvent) -> None:
        player = self.player(event.player_id)
        if isinstance(event, AnswerSubmitted):
            player.submit(self._canonical(event))
        else:
            player.facts = player.facts.after(event)

    def _canonical(self, submission: AnswerSubmitted) -> AnswerSubmitted:
        answer = self.game.canonical(submission.question_index, submission.answer)
        return submission if answer == submission.answer else replace(submission, answer=answer)

    def _time_passed(self) -> bool:
        # What is final is over, also for a process whose clock is behind.
        final = self.timeline.final(self.game)
        over = frozenset(i for i, window in self.windows.items() if final or self.now > window.reveals_at)
        changed, self.over = over != self.over, over
        return changed

    def _judge(self, player: Player) -> None:
        player.sheet = fill_sheet(player.submissions.values(), self.game, self.moments, self.over, player.sheet)
        player.submissions = {submission_key(s): s for s in player.sheet.submissions()}
        facts = player.facts
        if facts.ranked and facts.nickname is not None:
            sheet = player.sheet
            self.standings.place(player.player_id, facts.nickname, sheet.score, sheet.right_elapsed_ms)
        else:
            self.standings.remove(player.player_id)


def fold(game: Game, events: Iterable[Event], now: int) -> State:
    """The state after `events`, whatever their order and however often each of them came."""
    state = State(game)
    state.apply(events, now)
    return state
