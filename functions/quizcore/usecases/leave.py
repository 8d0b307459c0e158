"""A person leaves: everything that the product holds about the person is erased, in one request that waits for nobody.

The order makes a repetition finish what a crash left, and lets nothing come back:

1. Every session that the person plays in gets a `leavers` document, and then the removal of the player. The worker
   makes the boards without the player and deletes the player's documents (`workers/leaving.py`): of a final session
   within seconds, of another one when it is final.
2. One commit deletes the person's documents and takes the person off every leaderboard. It builds on the version of the
   person that was read, so it fails when a session was counted or a game was kept meanwhile, and the request begins
   again. Until this commit the person's documents tell a repetition what there is to erase.
3. The accounts are deleted last. Their ID tokens are valid for up to an hour: `PUT /me` asks for the account before it
   makes a profile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import PlayerDocument, SessionDocument
from quizcore.messages import PlayerRemoved
from quizcore.ports import Caller, Conflict, Put, Snapshot
from quizcore.shards import shard_of
from quizcore.usecases.contention import tries
from quizcore.usecases.erase import erase, shown_in, trace_of
from quizcore.usecases.erase_person import Game, erase_person, games_of
from quizcore.usecases.people import check_account
from quizcore.usecases.services import Services

AT_ONCE = 300  # sessions that one read and one commit take


@dataclass(frozen=True, slots=True)
class Left:
    """`pending` is how many sessions show the player until their worker has made the next board."""

    pending: int


def leave(services: Services, caller: Caller) -> Left:
    """Erase the caller. Repeating it finishes what was not finished.

    Raises Rejected `account_needed`, `account_unusable` or `try_again`; BusUnavailable; StoreError;
    AccountsUnavailable.
    """
    check_account(caller)
    for _ in tries(services.sleep):
        games = games_of(services.store, caller.uid)
        pending = sum(_leave(services, games[start : start + AT_ONCE]) for start in range(0, len(games), AT_ONCE))
        try:
            erase_person(services.store, services.clock, services.ids, caller.uid, services.rules)
        except Conflict:
            continue
        services.identity.forget(sorted({caller.uid, *(game.player_id for game in games)}))
        return Left(pending)
    raise AssertionError("unreachable: the last try raises")


def _leave(services: Services, games: Sequence[Game]) -> int:
    """Returns in how many of the sessions something is left for the worker to do."""
    store, now = services.store, services.clock.now_ms()
    heads = store.get_many([documents.session_path(game.session_id) for game in games])
    served = {game: head for game in games if (head := _served(heads, game, now)) is not None}
    if served:
        # The leavers first, so that a worker that hands a version on without the player finds them.
        store.commit([_leaver(game, head, now) for game, head in served.items()])
        services.publisher.publish([_removal(services, game, head, now) for game, head in served.items()])
    players = store.get_many([documents.player_path(game.session_id, game.player_id) for game in games])
    return sum(not _erased_already(services, game, served.get(game), players, now) for game in games)


def _served(heads: dict[str, Snapshot], game: Game, now: int) -> SessionDocument | None:
    """The session's document, unless deletion by age has reached the session: no worker serves it then."""
    found = heads.get(documents.session_path(game.session_id))
    if found is None or not documents.is_whole_session(found.data):
        return None
    session = found.read_as(SessionDocument)
    return session if session["expires_at"] > documents.expiry(now) else None


def _leaver(game: Game, session: SessionDocument, now: int) -> Put:
    fields = documents.leaver_fields(now, session["expires_at"])
    return Put(documents.leaver_path(game.session_id, game.player_id), fields)


def _removal(services: Services, game: Game, session: SessionDocument, now: int) -> PlayerRemoved:
    return PlayerRemoved(
        event_id=services.ids.event_id(),
        session_id=game.session_id,
        shard=shard_of(game.player_id, session["shards"]),
        at=now,
        player_id=game.player_id,
    )


def _erased_already(
    services: Services, game: Game, session: SessionDocument | None, players: dict[str, Snapshot], now: int
) -> bool:
    """Erases the player where no worker will do it: from a session that deletion by age has reached, and from a final
    one without the player, of which no further version comes."""
    player = players.get(documents.player_path(game.session_id, game.player_id))
    if session is not None and (player is None or not player.read_as(PlayerDocument)["removed"]):
        return False
    trace = trace_of(services.store, game.session_id, game.player_id, now)
    if trace is None:
        return True
    if not trace.going and (not trace.over or shown_in(services.store, trace)):
        return False
    erase(services.store, trace)
    return True
