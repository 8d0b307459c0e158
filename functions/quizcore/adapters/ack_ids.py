"""Acknowledge ids in requests that Pub/Sub takes.

A request of Acknowledge or ModifyAckDeadline has at most 512 KiB, and Google's own clients send at most 2,500 ids. A
larger one is refused as a whole (INVALID_ARGUMENT). The emulator has no such limit.
"""

from collections.abc import Iterator, Sequence

IDS_MOST = 2_500
REQUEST_BYTES_MOST = 512 * 1024
_OTHER_BYTES = 2_048  # the subscription's name, the deadline, and room to spare
_BYTES_AROUND_ID = 4  # its tag, and its length as a varint


def in_requests(ack_ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids in their order, as many together as one request takes."""
    request: list[str] = []
    size = _OTHER_BYTES
    for ack_id in ack_ids:
        more = len(ack_id.encode()) + _BYTES_AROUND_ID
        if request and (len(request) == IDS_MOST or size + more > REQUEST_BYTES_MOST):
            yield request
            request, size = [], _OTHER_BYTES
        request.append(ack_id)
        size += more
    if request:
        yield request
