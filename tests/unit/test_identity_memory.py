"""A valid token is not checked again until it expires."""

from dataclasses import dataclass, field

import pytest

from quizcore.adapters.identity import RememberingIdentity
from quizcore.adapters.memory import ManualClock, MemoryIdentity
from quizcore.ports import Caller, TokenRefused

NOW = 1_700_000_000_000


@dataclass(slots=True)
class Counting(MemoryIdentity):
    asked: list[str] = field(default_factory=list)

    def verify(self, id_token: str) -> Caller:
        self.asked.append(id_token)
        return MemoryIdentity.verify(self, id_token)


def test_a_token_is_checked_once_and_not_accepted_after_its_expiry() -> None:
    clock, checks = ManualClock(NOW), Counting({"t": Caller("ann", expires_at=NOW + 1_000)})
    identity = RememberingIdentity(checks, clock, most=10)

    assert [identity.verify("t").uid for _ in range(3)] == ["ann"] * 3
    assert checks.asked == ["t"]
    clock.advance(1_000)
    del checks.callers["t"]
    with pytest.raises(TokenRefused):
        identity.verify("t")


def test_refused_tokens_and_tokens_without_an_expiry_are_not_remembered() -> None:
    checks = Counting({"endless": Caller("ann")})
    identity = RememberingIdentity(checks, ManualClock(NOW), most=10)

    for _ in range(2):
        with pytest.raises(TokenRefused):
            identity.verify("bad")
        identity.verify("endless")

    assert checks.asked == ["bad", "endless"] * 2


def test_a_bounded_number_of_tokens_is_remembered() -> None:
    callers = {f"t{n}": Caller(f"p{n}", expires_at=NOW + 1_000) for n in range(5)}
    checks = Counting(callers)
    identity = RememberingIdentity(checks, ManualClock(NOW), most=2)

    for name in (*callers, "t4", "t0"):
        identity.verify(name)

    assert checks.asked == [*callers, "t0"]
