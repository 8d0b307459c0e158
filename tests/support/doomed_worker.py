"""A worker that dies at a chosen point: `python -m tests.support.doomed_worker before|after`.

It is the product's worker around a store that ends the process with SIGKILL at the first commit
that holds answers: just before it is sent, or just after it was made and before anything is acknowledged.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quizcore.ports import Delete, Write
from quizcore.settings import WorkerSettings, load
from quizcore.telemetry import Telemetry, configure_logging
from workers.__main__ import serve
from workers.wiring import connect


class DoomedStore:
    def __init__(self, store: Any, point: str) -> None:
        self._store = store
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        doomed = any(_holds_answers(write) for write in writes)
        if doomed and self._point == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        versions: dict[str, Any] = self._store.commit(writes)
        if doomed and self._point == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return versions


def _holds_answers(write: Write) -> bool:
    return not isinstance(write, Delete) and bool(write.data.get("answers") or "/journal/" in write.path)


async def main(point: str) -> int:
    settings, telemetry = load(WorkerSettings), Telemetry()
    configure_logging(settings.log_level)
    outside = connect(settings, telemetry)
    return await serve(settings, telemetry, replace(outside, store=DoomedStore(outside.store, point)))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
