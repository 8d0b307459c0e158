"""HTTP over kept connections, by hand: an HTTP library would take more of the two cores than the API."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Server:
    """One server and its idle connections. A request opens a connection when none is idle."""

    host: str
    port: int
    idle: deque[Connection] = field(default_factory=deque)

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """The status and the JSON body. Raises OSError or asyncio.IncompleteReadError."""
        content = json.dumps(body).encode()
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        connection = self.idle.popleft() if self.idle else await asyncio.open_connection(self.host, self.port)
        reader, writer = connection
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
            status, reply, keeps_alive = await _answer(reader)
        except BaseException:
            writer.close()
            raise
        if keeps_alive:
            self.idle.append(connection)
        else:
            writer.close()
        return status, reply


async def _answer(reader: asyncio.StreamReader) -> tuple[int, Any, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    status = int(head.split(" ", 2)[1])
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        content = b"".join([chunk async for chunk in _chunks(reader)])
    else:
        content = await reader.readexactly(int(fields.get("content-length", "0")))
    return status, json.loads(content or b"null"), fields.get("connection") != "close"


async def _chunks(reader: asyncio.StreamReader) -> Any:
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
