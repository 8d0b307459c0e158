"""The machine's clock and randomness."""

import secrets
import time

import uuid_utils


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class RandomIds:
    def event_id(self) -> str:
        return str(uuid_utils.uuid7())

    def secret_id(self) -> str:
        return secrets.token_hex(16)

    def pin(self) -> str:
        return f"{secrets.randbelow(1_000_000):06}"
