"""Splits acknowledge ids into requests that Pub/Sub accepts.

A request of Acknowledge or ModifyAckDeadline has at most 512 KiB, and Google's own clients send at most 2,500 ids.
Pub/Sub rejects a larger request whole (INVALID_ARGUMENT). The emulator has no such limit.
"""

from collections.abc import Iterator, Sequence

IDS_MOST = 2_500
REQUEST_BYTES_MOST = 512 * 1024
_OTHER_BYTES = 2_048  # the subscription's name, the deadline, and room to spare
_BYTES_AROUND_ID = 4  # its tag, and its length as a varint


def in_requests(ack_ids: Sequence[str]) -> Iterator[list[str]]:
    """Yield the ids in their order, as many at a time as fit into one request."""
    request: list[str] = []
    size = _OTHER_BYTES
    for ack_id in ack_ids:
        id_bytes = len(ack_id.encode()) + _BYTES_AROUND_ID
        if request and (len(request) == IDS_MOST or size + id_bytes > REQUEST_BYTES_MOST):
            yield request
            request, size = [], _OTHER_BYTES
        request.append(ack_id)
        size += id_bytes
    if request:
        yield request
