"""The players, in a separate process: `python -m bench.load.generator`, driven by JSON lines.

Open model: each answer is sent at its planned time, also when earlier answers have no reply yet, and its latency counts
from that planned time. So a stalled API does not get fewer requests, and the wait is part of the latency (coordinated
omission: G. Tene, "How NOT to measure latency", 2013).
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from bench.load.wire import Server
from quizcore.adapters.clock import RandomIds

JOINS_AT_ONCE = 24
TRIES = 5
TRY_S = 20.0
PAUSE_S = 0.25
SIGN_IN = "/identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken?key=emulator"


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """Times in ms since the epoch; `due_at` is the planned time. `receipt` is None when the answer was not accepted."""

    due_at: float
    sent_at: float
    done_at: float
    tries: int
    status: int
    receipt: str | None = None
    received_at: int | None = None


@dataclass(slots=True)
class Generator:
    api: Server
    auth: Server
    session_id: str
    rng: random.Random

    async def join_all(self, pin: str, count: int) -> list[str]:
        """The ID tokens of `count` new players. At most JOINS_AT_ONCE of them join at a time."""
        gate = asyncio.Semaphore(JOINS_AT_ONCE)
        tokens: list[str] = []

        async def join(number: int) -> None:
            async with gate:
                body = {"pin": pin, "nickname": f"Player {number:06}"}
                joined = await self._insist(self.api, "/api/v1/join", body, {"Idempotency-Key": _key()})
                signed = await self._insist(self.auth, SIGN_IN, {"token": joined["token"], "returnSecureToken": True})
            tokens.append(signed["idToken"])
            if len(tokens) % 100 == 0:
                say({"joined": len(tokens)})

        await asyncio.gather(*(join(number) for number in range(count)))
        return tokens

    async def answer_all(
        self, tokens: list[str], question_index: int, from_s: float, within_s: float
    ) -> list[SentAnswer]:
        """One answer with each token, at a random moment from `from_s` (s since the epoch) to `within_s` seconds
        later."""
        moments = sorted(self.rng.uniform(0, within_s) for _ in tokens)
        sending: list[asyncio.Task[SentAnswer]] = []
        for token, moment in zip(tokens, moments, strict=True):
            due = from_s + moment
            await asyncio.sleep(due - time.time())
            body = {"question_index": question_index, "choices": [self.rng.randrange(4)]}
            sending.append(asyncio.create_task(self._answer(token, body, due)))
        return list(await asyncio.gather(*sending))

    async def _answer(self, token: str, body: dict[str, Any], due: float) -> SentAnswer:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": _key()}
        sent_at, status = time.time() * 1000, 0
        for number in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(TRY_S):
                    status, reply = await self.api.post(f"/api/v1/sessions/{self.session_id}/answers", body, headers)
            except (OSError, EOFError, TimeoutError):
                status = 0
            if status == 202:
                now = time.time() * 1000
                return SentAnswer(due * 1000, sent_at, now, number, status, reply["receipt"], reply["received_at"])
            if status not in (0, 429, 503):
                break
            await asyncio.sleep(self.rng.uniform(0, PAUSE_S * 2**number))
        return SentAnswer(due * 1000, sent_at, time.time() * 1000, number, status)

    async def _insist(self, server: Server, path: str, body: object, headers: dict[str, str] | None = None) -> Any:
        for number in range(1, TRIES + 1):
            status, reply = await server.post(path, body, headers)
            if status < 300:
                return reply
            await asyncio.sleep(self.rng.uniform(0, PAUSE_S * 2**number))
        raise RuntimeError(f"{path}: {status} {reply}")


def _key() -> str:
    return RandomIds().event_id()


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


async def main() -> None:
    plan = json.loads(await asyncio.to_thread(sys.stdin.readline))
    api, auth = (Server(*plan[name]) for name in ("api", "auth"))
    generator = Generator(api, auth, plan["session_id"], random.Random(plan["seed"]))  # noqa: S311 (a crowd)
    tokens = await generator.join_all(plan["pin"], plan["players"])
    say({"ready": len(tokens)})
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        sent = await generator.answer_all(tokens, order["question_index"], order["from_s"], order["within_s"])
        say({"sent": [asdict(answer) for answer in sent]})


if __name__ == "__main__":
    asyncio.run(main())
