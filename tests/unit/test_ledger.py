"""The ledger counts usage by operation."""

import asyncio
from typing import Any

from quizcore.ledger import Ledger, spent_on
from quizcore.telemetry import Telemetry


def test_the_ledger_counts_by_operation_also_in_threads_of_asyncio() -> None:
    ledger = Ledger()

    async def work() -> None:
        with spent_on("commit"):
            await asyncio.to_thread(ledger.spend, "writes", 3)
            with spent_on("load"):
                ledger.spend("reads", 2)
            ledger.spend("writes", 1)
        with spent_on("merge"):
            ledger.spend("writes", 5)

    asyncio.run(work())

    assert ledger.sums() == {"commit": {"writes": 4}, "load": {"reads": 2}, "merge": {"writes": 5}}


def test_counted_documents_are_metrics_too() -> None:
    telemetry = Telemetry()

    with spent_on("join"):
        telemetry.spend("reads", 2)
        telemetry.spend("written_bytes", 100)

    found: dict[str, Any] = telemetry.snapshot()
    assert found["documents_read"] == 2
    assert telemetry.ledger.sums() == {"join": {"reads": 2, "written_bytes": 100}}
