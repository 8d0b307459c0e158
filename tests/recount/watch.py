"""How long a final session takes until the boards show it: from its commit until every move is folded that waited on
its boards when the first worker had received it. Too long by one look at most."""

import asyncio
import time
from dataclasses import dataclass, field

from quizcore.documents.leaderboard import MOVES
from quizcore.ports import DocumentStore, FinalSession

EVERY_S = 0.2
Version = tuple[str, int]  # a session, a version


@dataclass
class Watch:
    store: DocumentStore
    took_s: list[float] = field(default_factory=list)
    counted_s: list[float] = field(default_factory=list)  # of these, until the first worker had received it
    _final_at: dict[Version, float] = field(default_factory=dict)
    _newest: dict[str, int] = field(default_factory=dict)
    _received: list[tuple[Version, set[str]]] = field(default_factory=list)
    _waiting: dict[Version, set[str]] = field(default_factory=dict)

    def final(self, session_id: str, version: int) -> None:
        """This version has been written."""
        self._final_at[session_id, version] = time.monotonic()
        self._newest[session_id] = version

    def received(self, final: FinalSession) -> None:
        version = final.session_id, final.seq
        if version in self._final_at and self._newest[final.session_id] == final.seq:
            boards = {"global", f"quiz-{final.quiz_id}", f"class-{final.class_id}"}
            self._received.append((version, boards))

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            received, self._received = self._received, []
            moves = await asyncio.to_thread(self.store.list, MOVES)
            there = {one.name: one.data["queue"] for one in moves}
            for version, boards in received:
                if version in self._final_at and version not in self._waiting:
                    self.counted_s.append(time.monotonic() - self._final_at[version])
                    self._waiting[version] = {name for name, board in there.items() if board in boards}
            for version in [v for v, names in self._waiting.items() if not names & there.keys()]:
                del self._waiting[version]
                self.took_s.append(time.monotonic() - self._final_at.pop(version))
            await asyncio.sleep(EVERY_S)
