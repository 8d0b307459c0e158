"""Many listeners in a separate process: `python -m bench.listeners PROJECT BOARD_PATH COUNT`.

They speak Firestore's Listen protocol directly, because two hundred Python watches on one core would measure Python's
decoding. Prints READY when all listeners have got the board. When the input closes, prints what each listener got, as
JSON: `[listener][(heard at, written at, answered, bytes)]`, times in ms since the epoch.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.cloud.firestore_v1 import types

PER_CHANNEL = 25
_Request = types.ListenRequest.pb()
_Response = types.ListenResponse.pb()
Heard = list[tuple[float, float, int, int]]


async def main(project: str, board: str, count: int) -> None:
    database = f"projects/{project}/databases/(default)"
    heard: list[Heard] = [[] for _ in range(count)]
    first = [asyncio.Event() for _ in range(count)]
    channels = [
        grpc.aio.insecure_channel(os.environ["FIRESTORE_EMULATOR_HOST"], [("bench", n)])
        for n in range(0, count, PER_CHANNEL)
    ]
    tasks = [
        asyncio.create_task(_listen(channels[n // PER_CHANNEL], database, board, heard[n], first[n]))
        for n in range(count)
    ]
    await asyncio.gather(*(event.wait() for event in first))
    print("READY", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(heard), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(channel: Any, database: str, board: str, heard: Heard, first: asyncio.Event) -> None:
    call = channel.stream_stream(
        "/google.firestore.v1.Firestore/Listen",
        request_serializer=_Request.SerializeToString,
        response_deserializer=_Response.FromString,
    )
    metadata = (("google-cloud-resource-prefix", database), ("authorization", "Bearer owner"))
    async for response in call(_requests(database, board), metadata=metadata):
        if response.WhichOneof("response_type") != "document_change":
            continue
        now, document = time.time() * 1000, response.document_change.document
        tally = document.fields["tally"].map_value.fields
        answered = tally["answered"].integer_value if "answered" in tally else 0
        heard.append((now, document.update_time.ToMicroseconds() / 1000, answered, response.ByteSize()))
        first.set()


async def _requests(database: str, board: str) -> AsyncIterator[Any]:
    request = _Request(database=database)
    request.add_target.target_id = 1
    request.add_target.documents.documents.append(f"{database}/documents/{board}")
    yield request
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
