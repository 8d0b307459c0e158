"""Law 9: every final version that lasts is handed on, none that was not final or not committed, and a repetition says
the same.

A version that a newer one replaces while nobody has handed it on may be left out: the newer one says all that it said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from quizcore import documents
from quizcore.messages import Message, SessionFinished
from quizcore.ports import DocumentStore, FinalSession


@dataclass(slots=True)
class HandOnLaw:
    shared: DocumentStore
    session_id: str
    taken: Sequence[Message]
    _finals: set[int] = field(default_factory=set)  # the versions of final boards that were committed
    _handed: dict[int, FinalSession] = field(default_factory=dict)

    def committed(self) -> None:
        """A public board was."""
        top = self._top()
        if top["final"]:
            self._finals.add(top["seq"])

    def handed_on(self, final: FinalSession) -> Iterator[str]:
        if final.seq not in self._finals:
            yield f"law 9: handed on, but no final board was committed as this version: {final}"
        first = self._handed.setdefault(final.seq, final)
        if final != first:
            yield f"law 9: version {final.seq} says {final}, and said {first}"

    def received(self) -> Iterator[str]:
        """At rest: the version that stands was handed on, and it said what the session's document says."""
        head, seq = self._head(), self._top()["seq"]
        final = self._handed.get(seq)
        if final is None:
            yield f"law 9: version {seq} stands, and {sorted(self._handed)} were handed on"
            return
        told = {"seq": final.seq, "as_of": final.final_at, "players": final.players}
        told |= {"answers": final.answers, "finished_at": final.finished_at}
        if told != head["result"] or (final.host_id, final.quiz_id) != (head["host_id"], head["quiz_id"]):
            yield f"law 9: version {seq} was handed on as {final}, the document says {head['result']}"

    def noted(self) -> Iterator[str]:
        """At rest, by the documents alone: the version that stands is noted as handed on, and its numbers are those of
        the players' documents."""
        head, top = self._head(), self._top()
        if (head["handed_seq"], head["due_at"]) != (top["seq"], None):
            yield f"law 9: version {top['seq']} stands, {head['handed_seq']} is noted, due at {head['due_at']}"
        players = [each.data for each in self.shared.list(documents.players_path(self.session_id))]
        shown = [p for p in players if p["joined_at"] is not None and p["admitted"] and not p["removed"]]
        expected = {
            "seq": top["seq"],
            "as_of": top["as_of"],
            "players": len(shown),
            "answers": sum(len(player["answers"]) for player in shown),
            "finished_at": min(message.at for message in self.taken if isinstance(message, SessionFinished)),
        }
        if head["result"] != expected:
            yield f"law 9: the result says {head['result']}, the documents {expected}"

    def _head(self) -> dict[str, Any]:
        return self._at(documents.session_path(self.session_id))

    def _top(self) -> dict[str, Any]:
        return self._at(documents.board_path(self.session_id))

    def _at(self, path: str) -> dict[str, Any]:
        found = self.shared.get(path)
        assert found is not None
        return found.data
