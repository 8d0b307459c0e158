"""Only queried maps, lists and timestamps are indexed: each index costs a write, and an indexed timestamp limits a
collection to 500 writes/s."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.documents import (
    AuditDocument,
    ClassCodeDocument,
    ClassDocument,
    ClassMemberDocument,
    MembershipDocument,
    pages,
    rolls,
    shard_fields,
)
from quizcore.documents.leaderboard import (
    FoldStamps,
    LeafDocument,
    MovesDocument,
    PeoplePageDocument,
    candidates_fields,
    period_fields,
)
from quizcore.documents.plays import PlaysDocument
from quizcore.domain.events import Event
from quizcore.domain.fold import fold
from quizcore.domain.leaderboard.fold import PeriodBoard
from quizcore.domain.leaderboard.table import score_table
from quizcore.merging import group_fields, publish, summary_of
from quizcore.ports import OrderBy
from tests.support import indexes
from tests.support.collections import product_collections
from tests.support.games import START, answered, finished, game, joined, locked, opened

ROOT = Path(__file__).parents[2]
QUERIED = {
    ("sessions", "due_at"),
    ("sessions", "host_id"),
    ("players", "slot"),
    ("players", "place"),
    ("players", "nickname"),
    ("players", "admitted"),
    ("players", "removed"),
    ("journal", "shard"),
    ("boards", "page"),
    ("nicknames", "player_id"),
    ("requests", "player_id"),
    ("sessions", "final"),
    ("classes", "owner_id"),
    ("audit", "at"),
    ("moves", "queue"),
    ("quizzes", "visibility"),
    ("quizzes", "owner_id"),
}
EXPIRES = documents.expiry(START) + timedelta(days=1)


def shapes() -> dict[str, Mapping[str, Any]]:
    """One document of each collection group, from the code that writes them."""
    events: list[Event] = [joined("ann"), locked(START), opened(0, START), answered("ann", 0, START + 3_000, 1)]
    events += [finished(START + 60_000), finished(START + 90_000, "settle")]
    state = fold(game(), events, START + 10**6)
    ann = state.players["ann"]
    session = documents.clock_fields(state) | {"created_at": START, "expires_at": EXPIRES}
    session["options"] = documents.options_fields(state.game.options)
    board = shard_fields(state, seq=1, commit_id="c", top_k=3)
    session |= {"handed_seq": 0, **documents.result_fields(board["result"], board, was_final=False)}
    summary = summary_of(0, board)
    public, in_groups = publish(summary, 3), publish(summary, 3, "groups")
    ranks: Mapping[str, Any] = public.ranks or {}
    a_class: ClassDocument = {"owner_id": "o", "title": "7b", "zone": "UTC", "code": "BCDF23", "created_at": START}
    membership: MembershipDocument = {"title": "7b", "joined_at": START}
    member: ClassMemberDocument = {"nickname": "Ann", "avatar": "fox", "joined_at": START}
    audit: AuditDocument = {
        "action": "grant",
        "account": "o",
        "role": "host",
        "before": None,
        "by": "ops",
        "at": START,
        "done": True,
    }
    plays: PlaysDocument = {"title": "Words", "n": 1, "days": {"2026-11-24": [1, START]}, "before": [0, 0]}
    leads_to: ClassCodeDocument = {"class_id": "c"}
    held = [ann.sheet.answers[0].submission]
    return {
        "sessions": session,
        "players": documents.player_fields(ann, EXPIRES),
        "boards": {
            **public.board,
            **in_groups.board,
            **ranks,
            **pages(state)[0],
            "as_of": START,
            "expires_at": EXPIRES,
        },
        "shards": board | {"expires_at": EXPIRES},
        "groups": group_fields(summary, 3) | {"as_of": START, "expires_at": EXPIRES},
        "rolls": rolls(state)[0] | {"as_of": START, "expires_at": EXPIRES},
        "journal": documents.journal_fields(held, 0, EXPIRES),
        "private": {
            **documents.timeline_fields(state.timeline),
            **documents.session_quiz_fields(state.game.quiz, EXPIRES),
            **documents.resharding_fields({"shards": 2}, documents.timeline_fields(state.timeline), {}),
        },
        "questions": documents.question_fields(state.game.question(0)),
        "quizzes": documents.quiz_fields(
            state.game.quiz, owner_id="o", visibility="public", version=1, updated_at=START
        ),
        "pins": {"expires_at": EXPIRES},
        "nicknames": {"expires_at": EXPIRES},
        "requests": documents.request_fields("d", EXPIRES, "{}", "ann"),
        "links": documents.link_fields("ann-uid", "guest", START, EXPIRES),
        "kept": documents.kept_fields("ann", START, EXPIRES),
        "return_codes": documents.return_code_fields("s", "ann", EXPIRES),
        "people": documents.new_person({"nickname": "Ann", "avatar": "fox", "listed": False, "language": "en"}, START),
        "months": {"counted": {}},
        "classes": {**a_class, **membership},
        "members": member,
        "class_codes": leads_to,
        "audit": audit,
        "leavers": documents.leaver_fields(START, EXPIRES),
        "plays": plays,
        **leaderboard_shapes(),
    }


def leaderboard_shapes() -> dict[str, Mapping[str, Any]]:
    """The board's head is among the "boards" of sessions; a range has the shape of a period."""
    stamps: FoldStamps = {"seq": 1, "as_of": START}
    period = period_fields("class-c", PeriodBoard(), score_table({}, 64), stamps)
    leaf: LeafDocument = {"scores": b"", **stamps}
    page: PeoplePageDocument = {"rows": [], **stamps}
    moves: MovesDocument = {"queue": "global", "at": START, "moves": b""}
    return {
        "periods": period,
        "ranges": period,
        "leaves": leaf,
        "pages": page,
        "candidates": candidates_fields(PeriodBoard().candidates, stamps),
        "moves": moves,
    }


def is_costly(name: str, value: object) -> bool:
    if isinstance(value, dict | list | bytes) or name.endswith("_at"):
        return True
    return name in {"at", "as_of", "digest", "event"}


def test_every_unqueried_map_list_and_timestamp_is_exempt_from_indexes() -> None:
    overrides = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    exempt = {(o["collectionGroup"], o["fieldPath"]) for o in overrides if o["indexes"] == []}

    costly = {
        (group, name) for group, fields in shapes().items() for name, value in fields.items() if is_costly(name, value)
    }

    assert costly - QUERIED - exempt == set()
    assert not QUERIED & exempt


def test_every_collection_of_the_product_has_a_shape_here() -> None:
    assert {collections[-1] for collections in product_collections()} - shapes().keys() == set()


def test_the_twin_refuses_a_query_without_an_index() -> None:
    store, newest = MemoryStore(indexes.check), OrderBy("created_at", descending=True)

    assert store.list("sessions", [("host_id", "==", "h")], 10, newest) == []
    assert store.list("sessions/s/players", [("place", ">", "")], 10, OrderBy("place")) == []
    for name in ("place_day", "place_week", "place_month", "place_all"):  # the people above a person, and below
        assert store.list("people", [(name, "<", "m"), (name, ">=", "a")], 5, OrderBy(name, descending=True)) == []
        assert store.list("people", [(name, ">", "m"), (name, "<", "z")], 5, OrderBy(name)) == []
    assert store.list("sessions/s/players", [("admitted", "==", False), ("removed", "==", False)]) == []
    for collection, where, order in (
        ("sessions", [("host_id", "==", "h")], OrderBy("created_at")),
        ("sessions", [("host_id", "==", "h"), ("state", "==", "lobby")], newest),
        ("sessions", [("created_at", ">", 1)], None),
        ("sessions", [], newest),
        ("sessions/s/players", [("slot", "==", 1), ("place", ">", "")], OrderBy("place")),
        ("sessions/s/players", [("slot", "==", 1), ("place", ">", "")], None),
    ):
        with pytest.raises(AssertionError):
            store.list(collection, where, 10, order)


def test_all_documents_of_a_session_expire() -> None:
    overrides = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    ttl = {o["collectionGroup"] for o in overrides if o.get("ttl")}

    of_sessions = {path.rpartition("/")[2] for path in documents.session_collections("s")}
    assert ttl == {"sessions", "pins", "kept", "return_codes"} | of_sessions
