"""The queries for which Firestore has an index, by firestore.indexes.json. The emulator answers all queries, so the
in-memory twin checks here."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from quizcore.adapters.memory import ANYWHERE
from quizcore.ports import OrderBy, Where

FILE = Path(__file__).parents[2] / "firestore.indexes.json"


@cache
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def check(collection: str, where: Sequence[Where], order_by: OrderBy | None) -> None:
    """Raises AssertionError for a query that Firestore refuses. Equalities alone are merged from the fields' own
    indexes; an order or a range beside another field needs an index of both."""
    group = collection.rpartition("/")[2]
    if collection.startswith(f"{ANYWHERE}/"):
        _check_everywhere(group, where)
        return
    equal = {name for name, operator, _ in where if operator == "=="}
    ranged = {name for name, operator, _ in where if operator != "=="}
    ordered = {order_by.field} if order_by else set()
    if not (ranged | ordered) or (not equal and len(ranged | ordered) == 1):
        for name in equal | ranged | ordered:
            assert not _exempt(group, name), f"{group}.{name} has no index of its own"
        return
    assert len(ranged | ordered) == 1, f"{group}: a range and an order by different fields need a closer look"
    (last,) = ranged | ordered
    direction = "DESCENDING" if order_by and order_by.descending else "ASCENDING"
    assert any(_fits(index, group, equal, last, direction) for index in told()["indexes"]), (
        f"firestore.indexes.json has no index of {group} on {sorted(equal)}, then {last} {direction}"
    )


def _check_everywhere(group: str, where: Sequence[Where]) -> None:
    """A query over all collections of a name needs an index of that scope."""
    for name, operator, _ in where:
        overrides = [o for o in told()["fieldOverrides"] if (o["collectionGroup"], o["fieldPath"]) == (group, name)]
        scopes = {(index["queryScope"], index["order"]) for override in overrides for index in override["indexes"]}
        assert operator == "==", f"{group}.{name}: only equality is asked for everywhere"
        assert ("COLLECTION_GROUP", "ASCENDING") in scopes, f"{group}.{name} has no index over all collections"
        assert ("COLLECTION", "ASCENDING") in scopes, f"{group}.{name}: the override takes the usual index away"


def _exempt(group: str, name: str) -> bool:
    overrides = told()["fieldOverrides"]
    return any((o["collectionGroup"], o["fieldPath"], o["indexes"]) == (group, name, []) for o in overrides)


def _fits(index: dict[str, Any], group: str, equal: set[str], last: str, direction: str) -> bool:
    *first, final = index["fields"]
    return (
        index["collectionGroup"] == group
        and index["queryScope"] == "COLLECTION"
        and {field["fieldPath"] for field in first} == equal
        and final == {"fieldPath": last, "order": direction}
    )
