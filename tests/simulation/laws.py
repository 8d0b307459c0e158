"""The laws, checked after every step: at each commit, at each acknowledgement, and at the end."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from quizcore import documents
from quizcore.documents import board_fields
from quizcore.domain.fold import fold
from quizcore.domain.pacing import HostPaced
from quizcore.domain.session import Game, Reveal, Timeline
from quizcore.domain.sheet import REFUSALS_KEPT
from quizcore.layout import Layout
from quizcore.loading import Loaded, layout_of, load, load_whole, shard_count
from quizcore.messages import (
    AboutPlayer,
    AnswerSubmitted,
    Message,
    PlayerAdmitted,
    PlayerJoined,
    PlayerRemoved,
    PlayerRenamed,
    PlayersExpected,
    QuestionClosed,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
    decode,
    encode,
)
from quizcore.ports import Delivery, DocumentStore, FinalSession, Replace, Write
from quizcore.usecases.verify import compare, compare_merged, compare_tables, groups_of, is_merged, tables_of
from tests.simulation.auto_close_law import AutoCloseLaw
from tests.simulation.hand_on_law import HandOnLaw
from tests.support import oracle

PUBLIC = ("player_count", "top", "tally", "final", "recent")


@dataclass(slots=True)
class Laws:
    """`broken` says which law, and how; the run ends with the first."""

    shared: DocumentStore
    session_id: str
    game: Game
    taken: Sequence[Message]
    accepted: Sequence[Message]
    now: Callable[[], int]
    tell: Callable[[str], None]
    top_k: int
    broken: str | None = None
    commits: int = 0
    _seqs: dict[str, int] = field(default_factory=dict)
    _layout: Layout | None = None
    hand_on: HandOnLaw = field(init=False)
    auto_close: AutoCloseLaw = field(init=False)

    def __post_init__(self) -> None:
        self.hand_on = HandOnLaw(self.shared, self.session_id, self.taken)
        self.auto_close = AutoCloseLaw(self.shared, self.session_id, self.taken)

    def committed(self, writes: Sequence[Write]) -> None:
        self.commits += 1
        boards = [write for write in writes if self._is_fence(write.path)]
        self._check(self._one_writer(writes, boards))
        layout, written = layout_of(self.shared, self.session_id), {write.path for write in boards}
        # The boards of new shards were written before the session had them.
        grown, self._layout = layout != self._layout, layout
        for shard in range(layout.shards):
            if grown or layout.fence(shard) in written:
                self._check(self._one_commit(shard))
        if any(write.path == documents.board_path(self.session_id) for write in boards):
            self._check(self._merged())
            self._check(self._podium())
            self.hand_on.committed()
        self._check(self._no_early_key(self.now()))
        self._check(self.auto_close.committed(self.now()))

    def acknowledged(self, deliveries: Sequence[Delivery]) -> None:
        """Law 2: only after the commit that holds it."""
        for delivery in deliveries:
            message = decode(delivery.body)
            if not self._held(message):
                self._check(iter([f"law 2: acknowledged, but in no document: {message!r}"]))

    def handed_on(self, final: FinalSession) -> None:
        self._check(self.hand_on.handed_on(final))

    def received(self) -> None:
        """The law of the receivers of final sessions, when nothing is in flight any more."""
        self._check(self.hand_on.received())

    def settled(self) -> None:
        """The laws that hold when nothing is in flight any more."""
        self._check(self._finished())
        self._check(self._counted())
        self._check(self._as_the_fold())
        self._check(self.hand_on.noted())
        self._check(self._merged())
        whole = [load(self.shared, self.session_id, n) for n in range(shard_count(self.shared, self.session_id))]
        top = self.shared.get(documents.board_path(self.session_id))
        assert top is not None
        tables = tables_of(self.shared, self.session_id)
        groups = groups_of(self.shared, layout_of(self.shared, self.session_id))
        merged = compare_merged(whole, top, groups)
        differences = chain(*map(compare, whole), merged, compare_tables(tables, whole, top))
        self._check(f"law 4, at rest: {difference}" for difference in differences)

    def _finished(self) -> Iterator[str]:
        """Every commit in parts is completed."""
        for found in self.shared.list(f"{documents.session_path(self.session_id)}/private"):
            if found.name.startswith("unfinished-"):
                yield f"law 4, at rest: a commit is still unfinished: {found.path}"

    def closed(self, *, undisturbed: bool) -> None:
        """The law of the engine's closings at the end; `undisturbed`: there was no fault."""
        self._check(self.auto_close.published())
        if undisturbed:
            self._check(self.auto_close.came())

    def breaks(self, how: str) -> None:
        if self.broken is None:
            self.broken = how
            self.tell(f"BROKEN {how}")

    def _check(self, faults: Iterator[str]) -> None:
        if self.broken is None and (fault := next(faults, None)):
            self.breaks(fault)

    def _is_fence(self, path: str) -> bool:
        return "/shards/" in path or "/groups/" in path or path == documents.board_path(self.session_id)

    def _one_writer(self, writes: Sequence[Write], boards: Sequence[Write]) -> Iterator[str]:
        """Law 5: scores change only with a fence; and no board is skipped or written twice."""
        scores = [write for write in writes if "/players/" in write.path]
        if scores and not any(isinstance(write, Replace) for write in boards):
            yield f"law 5: scores without a fence: {[write.path for write in scores]}"
        for write in boards:
            found = self.shared.get(write.path)
            assert found is not None
            seq, known = found.data["seq"], self._seqs.get(write.path, 0)
            if seq <= known:
                yield f"law 5: {write.path} had {known}, and got {seq}"
            self._seqs[write.path] = seq

    def _one_commit(self, shard: int) -> Iterator[str]:
        """Law 4: the board equals the fold of the players' documents at that commit. Law 3 with it: totals are what the
        answers are worth, each once."""
        loaded = load(self.shared, self.session_id, shard)
        yield from (f"law 4, shard {shard}: {difference}" for difference in compare(loaded))

    def _merged(self) -> Iterator[str]:
        """Law 4 of the public board of many shards: what it says is of the shards that it names."""
        layout = layout_of(self.shared, self.session_id)
        top = self.shared.get(documents.board_path(self.session_id))
        assert top is not None
        parts = [load(self.shared, self.session_id, shard) for shard in range(layout.shards)]
        groups = groups_of(self.shared, layout)
        if not is_merged(layout, parts, top, groups):
            return
        tables = tables_of(self.shared, self.session_id)
        for difference in chain(compare_merged(parts, top, groups), compare_tables(tables, parts, top)):
            yield f"law 4, merged: {difference}"

    def _no_early_key(self, now: int) -> Iterator[str]:
        """Law 6, by the events as they are and the API's clock: what a client can read shows nothing of a question
        before no answer to it can count."""
        truth = fold(self.game, (message.event() for message in self.taken), now)
        windows = HostPaced(self.game, truth.timeline).windows
        # One that was opened after the end, which somebody heard of late, was never open.
        shut = {i for i in truth.timeline.openings if i not in windows or now > windows[i].ends_at}
        head = self.shared.get(documents.session_path(self.session_id))
        top = self.shared.get(documents.board_path(self.session_id))
        assert head is not None
        assert top is not None
        if head.data["reveal"] and head.data["question_index"] not in shut:
            yield f"law 6: the key of question {head.data['question_index']} is shown at {now}"
        tally = top.data["tally"]
        if tally and tally["correct"] is not None and tally["question_index"] not in shut:
            yield f"law 6: the tally of question {tally['question_index']} is shown at {now}"
        if self.game.options.reveal is Reveal.ON_CLOSE:
            for player in self.shared.list(documents.players_path(self.session_id)):
                early = {int(index) for index in player.data["answers"]} - shut
                if early:
                    yield f"law 6: {player.path} shows answers to {sorted(early)} at {now}"

    def _podium(self) -> Iterator[str]:
        """Law 8: final only when every answer accepted before its close has been folded."""
        top = self.shared.get(documents.board_path(self.session_id))
        assert top is not None
        if not top.data["final"]:
            return
        missing = [m for m in self.accepted if isinstance(m, AnswerSubmitted) and not self._held(m)]
        ends = {i: w.ends_at for i, w in HostPaced(self.game, self._timeline(0)).windows.items()}
        for message in missing:
            if message.at <= ends.get(message.question_index, -1):
                yield f"law 8: final without {message!r}"

    def _counted(self) -> Iterator[str]:
        """Law 2: counted, or refused with its reason."""
        taken = set(self.taken)
        for message in self.accepted:
            if message not in taken:
                yield f"law 2: accepted, but never on the bus: {message!r}"
            if not self._held(message):
                yield f"law 2: accepted, but in no document: {message!r}"

    def _as_the_fold(self) -> Iterator[str]:
        """Laws 1 and 3: the documents are what all events give in any order, each once."""
        loaded = load_whole(self.shared, self.session_id)
        whole = fold(self.game, (message.event() for message in self.taken), loaded.state.now)
        if whole.players.keys() != loaded.state.players.keys():
            yield f"law 1: players {sorted(whole.players.keys() ^ loaded.state.players.keys())}"
            return
        for player_id, player in whole.players.items():
            sheet = loaded.state.players[player_id].sheet
            if self._crowded(player_id):
                sheet = replace(sheet, refused=player.sheet.refused)
            if sheet != player.sheet:
                yield f"law 1: {player_id}: {sheet}, the fold gives {player.sheet}"
        yield from self._as_the_oracle(loaded)
        expected: Mapping[str, Any] = board_fields(whole, seq=0, commit_id="", top_k=self.top_k)
        shown = loaded.board.data
        for name in PUBLIC:
            if shown[name] != expected[name]:
                yield f"law 1: the board's {name}: {shown[name]!r}, the fold gives {expected[name]!r}"
        if not shown["final"] or not loaded.session.data["final"]:
            yield "law 8: never final"

    def _as_the_oracle(self, loaded: Loaded) -> Iterator[str]:
        """The documents once more, against a scorer that shares no code with the product."""
        told = oracle.expected(
            [documents.question_fields(question) for question in self.game.quiz.questions],
            loaded.session.data["options"],
            (json.loads(encode(message)) for message in self.taken),
        )
        for player in loaded.players:
            sheet, data = told.sheets.get(player.name, oracle.Sheet()), player.data
            says = {
                int(i): (a["receipt"], a["elapsed_ms"], a["correct"], a["points"]) for i, a in data["answers"].items()
            }
            if (data["score"], data["correct_count"], says) != (sheet.score, sheet.correct_count, sheet.answers):
                yield f"law 1: {player.path} says {data['score']} points for {says}, the oracle {sheet}"
        table = told.table if not self.game.options.board_hidden else []
        shown = [(r["rank"], r["player_id"], r["nickname"], r["score"]) for r in loaded.board.data["top"]]
        if shown != table[: len(shown)] or len(shown) != min(len(table), self.top_k):
            yield f"law 1: the board lists {shown}, the oracle {table}"

    def _held(self, message: Message) -> bool:
        """Whether some document holds what the message says, or something that makes it void."""
        if isinstance(message, PlayerJoined | AnswerSubmitted | AboutPlayer):
            return self._player_holds(message)
        return self._timeline_holds(message, self._timeline(message.shard))

    def _player_holds(self, message: PlayerJoined | AnswerSubmitted | AboutPlayer) -> bool:
        found = self.shared.get(documents.player_path(self.session_id, message.player_id))
        if isinstance(message, AnswerSubmitted):
            receipts = self._receipts(message.player_id, found.data if found else {})
            return message.event_id in receipts or self._crowded(message.player_id)
        if found is None:
            return False
        if isinstance(message, PlayerRemoved):
            return bool(found.data["removed"])
        if isinstance(message, PlayerAdmitted):
            return bool(found.data["admitted"])
        if isinstance(message, PlayerRenamed):
            renamed = found.data["renamed"]
            return renamed is not None and (renamed["at"], renamed["event_id"]) >= message.mark
        return found.data["joined_at"] is not None and found.data["joined_at"] <= message.at

    def receipts(self) -> Counter[str]:
        """How often each receipt stands in the players' documents, counted or refused."""
        found: Counter[str] = Counter()
        for player in self.shared.list(documents.players_path(self.session_id)):
            found.update(answer["receipt"] for answer in player.data["answers"].values())
            found.update(refusal["receipt"] for refusal in player.data["refused"])
        return found

    def _receipts(self, player_id: str, data: dict[str, Any]) -> Iterator[str]:
        yield from (answer["receipt"] for answer in data.get("answers", {}).values())
        yield from (refusal["receipt"] for refusal in data.get("refused", ()))
        for entry in self.shared.list(documents.journal_path(self.session_id)):
            yield from (one["receipt"] for one in entry.data["entries"] if one["player_id"] == player_id)

    def _crowded(self, player_id: str) -> bool:
        """Whether so many answers of the player are on the bus that some refusals are forgotten. Which, depends on when
        the later copies of a repeated request came; what counts does not."""
        of_player = (m for m in self.taken if isinstance(m, AnswerSubmitted) and m.player_id == player_id)
        return len({m.event_id for m in of_player}) > REFUSALS_KEPT

    def _timeline(self, shard: int) -> Timeline:
        found = self.shared.get(documents.timeline_path(self.session_id, shard))
        return documents.read_timeline(found.read_as(documents.TimelineDocument)) if found else Timeline()

    def _timeline_holds(self, message: Message, known: Timeline) -> bool:
        mark = message.mark
        if isinstance(message, QuestionOpened):
            opening = known.openings.get(message.question_index)
            return opening is not None and opening <= mark
        if isinstance(message, QuestionClosed):
            return mark in known.closings.get(message.question_index, ())
        if isinstance(message, SessionFinished):
            return known.settled_at is not None and known.settled_at >= mark.at
        if isinstance(message, SessionLocked):
            return known.locking is not None and known.locking.mark >= mark
        return isinstance(message, PlayersExpected) and known.expected_players >= message.players
