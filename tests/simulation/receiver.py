"""A process's connection to a receiver of final sessions, which fails at times."""

import asyncio
from collections.abc import Callable

from quizcore.ports import FinalSession, NotReceived
from tests.simulation.loop import Process
from tests.simulation.network import Network

HandedOn = Callable[[Process, FinalSession], None]


class RemoteReceiver:
    """`handed_on` hears of everything that arrives."""

    def __init__(self, process: Process, network: Network, handed_on: HandedOn) -> None:
        self._process = process
        self._network = network
        self._handed_on = handed_on

    async def receive(self, final: FinalSession) -> None:
        await asyncio.to_thread(self._network.call_in_thread, self._process, lambda: self._take(final))

    def _take(self, final: FinalSession) -> None:
        fails = self._network.faults.strikes("receiver_failed")
        too_early = fails and self._network.rng.random() < 0.5
        if not too_early:
            self._handed_on(self._process, final)
        if fails:
            raise NotReceived("the receiver did not answer")
