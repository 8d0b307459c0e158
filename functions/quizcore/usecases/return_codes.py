"""A guest goes on on another device: six characters, good once and for a quarter of an hour."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import PlayerDocument, ReturnCodeDocument
from quizcore.domain.codes import CODE_CHARS, CODE_LETTERS, code_as_typed, is_code
from quizcore.domain.roles import Role
from quizcore.ports import Caller, Conflict, Create, Replace, Snapshot, Write
from quizcore.usecases.contention import tries
from quizcore.usecases.join import Guesses
from quizcore.usecases.members import check_let_in
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Request
from quizcore.usecases.services import Services

GOOD_FOR_MS = 15 * 60_000
NO_CODE = "none"  # what is looked up for a text that no code can be


@dataclass(frozen=True, slots=True)
class Code:
    """`expires_at` in ms since the epoch."""

    code: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Returned:
    """`token` signs in the player that the code leads to."""

    session_id: str
    player_id: str
    token: str


def make_code(services: Services, caller: Caller, session_id: str, request: Request) -> Code:
    """A code that leads back to the calling guest. A repeated request gets the same code.

    Raises Rejected `unknown_session`, `forbidden` or `try_again`; StoreError.
    """
    session = services.session(session_id)
    if caller.session_id != session_id:
        raise Rejected("forbidden", "only a guest of this session needs a code; sign in with your account there")
    check_let_in(services, session_id, session, caller)
    now = services.clock.now_ms()
    fields = documents.return_code_fields(session_id, caller.uid, documents.expiry(now + GOOD_FOR_MS))
    drawn = _draw(services.derived_id(f"return/{session_id}/{caller.uid}", request.key))
    for _ in tries(services.sleep):
        code = next(drawn)
        path = documents.return_code_path(code)
        known = services.store.get(path)
        if known is not None and _leads_to(known, session_id, caller.uid, now):
            return Code(code, _expires_at(known))
        if known is not None and _expires_at(known) > now:
            continue
        try:
            services.store.commit([Replace(path, fields, known.version) if known else Create(path, fields)])
        except Conflict:
            continue
        return Code(code, now + GOOD_FOR_MS)
    raise AssertionError("unreachable: the last try raises")


def come_back(services: Services, guesses: Guesses, typed: str, request: Request) -> Returned:
    """Use a code. Only the request that has used a code may use it again, so that a lost reply can be repeated. A wrong
    code spends the budget of wrong PINs, and the budget is checked before a code is looked up.

    Raises Rejected `slow_down`, `unknown_code`, `forbidden` or `try_again`; StoreError; TokenNotSigned.
    """
    guesses.check_guesses()
    path, digest = documents.return_code_path(_as_name(typed)), request.digest()
    for _ in tries(services.sleep):
        found = services.store.get(path)
        code = found.read_as(ReturnCodeDocument) if found else None
        if found is None or code is None or not _is_good(code, request, digest, services.clock.now_ms()):
            guesses.guessed_wrong()
            raise Rejected(
                "unknown_code", "this code is wrong, used or older than a quarter of an hour; make a new one"
            )
        guesses.check_guesses()  # again, as at a join
        _check_not_removed(services, code)
        try:
            services.store.commit(_uses(found, code, digest))
        except Conflict:
            continue
        claims = {"role": Role.PLAYER, "session": code["session_id"]}
        token = services.identity.mint(code["player_id"], claims)
        return Returned(code["session_id"], code["player_id"], token)
    raise AssertionError("unreachable: the last try raises")


def _draw(secret: str) -> Iterator[str]:
    """Codes that follow from a secret, and tell nothing of it."""
    while True:
        secret = hashlib.sha256(secret.encode()).hexdigest()
        number, letters = int(secret, 16), len(CODE_LETTERS)
        yield "".join(CODE_LETTERS[number // letters**place % letters] for place in range(CODE_CHARS))


def _as_name(typed: str) -> str:
    """The code that was meant, as the name of a document; a name that no code has for any other text."""
    code = code_as_typed(typed)
    return code if is_code(code) else NO_CODE


def _is_good(code: ReturnCodeDocument, request: Request, digest: str, now: int) -> bool:
    """Deletion by age may be a day late."""
    if code["expires_at"] <= documents.expiry(now):
        return False
    return code["used_by"] is None or (request.key is not None and code["used_by"] == digest)


def _uses(found: Snapshot, code: ReturnCodeDocument, digest: str) -> list[Write]:
    return [] if code["used_by"] else [Replace(found.path, documents.used_code(code, digest), found.version)]


def _check_not_removed(services: Services, code: ReturnCodeDocument) -> None:
    """Raises Rejected `forbidden`."""
    player = services.store.get(documents.player_path(code["session_id"], code["player_id"]))
    if player is not None and player.read_as(PlayerDocument)["removed"]:
        raise Rejected("forbidden", "the host has removed you from this session")


def _leads_to(known: Snapshot, session_id: str, player_id: str, now: int) -> bool:
    code = known.read_as(ReturnCodeDocument)
    mine = (code["session_id"], code["player_id"]) == (session_id, player_id)
    return mine and code["used_by"] is None and _expires_at(known) > now


def _expires_at(known: Snapshot) -> int:
    return round(known.read_as(ReturnCodeDocument)["expires_at"].timestamp() * 1_000)
