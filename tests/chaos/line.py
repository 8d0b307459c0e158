"""A TCP line to a service, which can be slow, thin, cut, or break at a chosen moment.

What passes is not understood, only searched: the names of fields and paths stand in plain text in the requests and
replies of Firestore and Pub/Sub, so a trap can be set for a commit or a delivery.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from devstack import ports

CHUNK = 64 * 1024
HTTP2_DATA, HTTP2_HEADERS = 0, 1

# `request`: as the marker goes out, and it does not arrive. `reply`: the request arrives, its answer does not come
# back. `content`: as the marker comes in.
Moment = Literal["request", "reply", "content"]


@dataclass(slots=True, eq=False)
class Trap:
    moment: Moment
    marker: bytes
    spring: Callable[[], None]
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class _Connection:
    writers: list[asyncio.StreamWriter]
    awaiting: Trap | None = None
    last: bytes = b""

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Line:
    """`port` leads to the service at `upstream` (host:port)."""

    def __init__(self, upstream: str) -> None:
        self._host, _, port = upstream.partition(":")
        self._upstream_port = int(port)
        self.port = 0
        self.delay_s = 0.0
        self.bytes_a_s: int | None = None
        self._cut_until = 0.0
        self._trap: Trap | None = None
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"{ports.HOST}:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, ports.HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.reset()
        if self._server is not None:
            self._server.close()

    def reset(self) -> None:
        """Every connection breaks off, as when a machine between is restarted."""
        for connection in list(self._connections):
            connection.abort()

    def cut(self, seconds: float) -> None:
        """Nothing passes for so long."""
        self._cut_until = time.monotonic() + seconds
        self.reset()

    def set_trap(self, trap: Trap | None) -> None:
        self._trap = trap

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if time.monotonic() < self._cut_until:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._upstream_port)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection([writer, far_writer])
        self._connections.add(connection)
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, connection, outward=True),
                self._pump(far_reader, writer, connection, outward=False),
            )
        finally:
            connection.abort()
            self._connections.discard(connection)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: _Connection, *, outward: bool
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(CHUNK):
                if self._springs(data, connection, outward=outward):
                    connection.abort()
                    return
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if self.bytes_a_s:
                    await asyncio.sleep(len(data) / self.bytes_a_s)
                writer.write(data)
                await writer.drain()
        connection.abort()

    def _springs(self, data: bytes, connection: _Connection, *, outward: bool) -> bool:
        trap = self._trap
        if trap is None:
            return False
        if outward:
            found = trap.marker in connection.last + data  # it may lie across two pieces
            connection.last = data[-len(trap.marker) :]
            if found and trap.moment == "reply":
                connection.awaiting = trap
            return found and trap.moment == "request" and self._spring(trap)
        if connection.awaiting is trap:
            # Not the acknowledgement of a window or a ping, but an answer.
            return len(data) > 3 and data[3] in {HTTP2_DATA, HTTP2_HEADERS} and self._spring(trap)
        return trap.moment == "content" and trap.marker in data and self._spring(trap)

    def _spring(self, trap: Trap) -> bool:
        self._trap = None
        trap.spring()
        trap.sprung.set()
        return True
