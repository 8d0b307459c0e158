"""Six characters lead a guest to another device: once, for a quarter of an hour, and nobody who guesses."""

import pytest

from quizcore import documents
from quizcore.domain.codes import CODE_LETTERS
from quizcore.domain.player import Player, PlayerFacts
from quizcore.ports import Put
from tests.support.api_calls import KEY, OTHER_KEY, refused
from tests.support.people import account, guest
from tests.support.world import START, Person, World

QUARTER_MS = 15 * 60_000


def code_of(player: Person, session: dict[str, str], key: str | None = None) -> str:
    made = player.post(f"/sessions/{session['session_id']}/return-code", {}, key)
    assert made.status_code == 201, made.json
    return str((made.json or {})["code"])


def wrong(right: str) -> str:
    return right[:-1] + next(letter for letter in CODE_LETTERS if letter != right[-1])


def test_another_device_becomes_the_same_player(world: World, host: Person, session: dict[str, str]) -> None:
    player, player_id = guest(host, session)
    made = player.post(f"/sessions/{session['session_id']}/return-code", {})
    code = (made.json or {})["code"]

    back = Person(host.client).post("/return", {"code": code})

    assert (made.json or {})["expires_at"] == START + QUARTER_MS
    assert back.status_code == 200
    told = back.json or {}
    assert (told["session_id"], told["player_id"]) == (session["session_id"], player_id)
    caller = world.identity.verify(told["token"])
    assert (caller.uid, caller.session_id, caller.role) == (player_id, session["session_id"], "player")


def test_a_code_is_six_characters_of_which_no_two_look_alike(host: Person, session: dict[str, str]) -> None:
    codes = {code_of(guest(host, session, f"Guest {n}")[0], session) for n in range(50)}

    assert len(codes) == 50
    assert {len(code) for code in codes} == {6}
    assert set("".join(codes)) <= set(CODE_LETTERS)
    assert not set(CODE_LETTERS) & set("01ILOAEU")


def test_a_code_may_be_typed_as_people_type(host: Person, session: dict[str, str]) -> None:
    code = code_of(guest(host, session)[0], session)

    assert Person(host.client).post("/return", {"code": f" {code[:3].lower()}-{code[3:]} "}).status_code == 200


def test_a_code_is_good_once_and_a_lost_reply_is_repeated(host: Person, session: dict[str, str]) -> None:
    code, stranger = code_of(guest(host, session)[0], session), Person(host.client)

    first = stranger.post("/return", {"code": code}, KEY)

    assert stranger.post("/return", {"code": code}, KEY).json == first.json
    assert refused(stranger.post("/return", {"code": code}, OTHER_KEY)) == (404, "unknown_code")
    assert refused(stranger.post("/return", {"code": code})) == (404, "unknown_code")


def test_a_code_used_without_a_key_cannot_be_used_again(host: Person, session: dict[str, str]) -> None:
    code, stranger = code_of(guest(host, session)[0], session), Person(host.client)

    assert stranger.post("/return", {"code": code}).status_code == 200
    assert refused(stranger.post("/return", {"code": code})) == (404, "unknown_code")


def test_a_code_ends_after_a_quarter_of_an_hour(world: World, host: Person, session: dict[str, str]) -> None:
    first, second = (code_of(guest(host, session, name)[0], session) for name in ("Ann", "Ben"))
    world.clock.advance(QUARTER_MS - 1)
    assert Person(host.client).post("/return", {"code": first}).status_code == 200
    world.clock.advance(1)

    assert refused(Person(host.client).post("/return", {"code": second})) == (404, "unknown_code")


def test_a_repeated_request_gets_the_same_code_and_a_new_request_another(host: Person, session: dict[str, str]) -> None:
    player, _ = guest(host, session)

    assert code_of(player, session, KEY) == code_of(player, session, KEY)
    assert len({code_of(player, session, KEY), code_of(player, session, OTHER_KEY), code_of(player, session)}) == 3


def test_wrong_codes_and_wrong_pins_spend_one_budget(world: World, session: dict[str, str], host: Person) -> None:
    code = code_of(guest(host, session)[0], session)
    stranger = Person(world.client(wrong_pins_per_address=4))
    assert refused(stranger.post("/return", {"code": wrong(code)})) == (404, "unknown_code")
    assert refused(stranger.post("/join", {"pin": "999999", "nickname": "Eve"})) == (404, "unknown_pin")

    assert refused(stranger.post("/return", {"code": wrong(code)})) == (429, "slow_down")
    assert refused(stranger.post("/return", {"code": code})) == (429, "slow_down"), "whatever the code is now"
    assert refused(stranger.post("/join", {"pin": session["pin"], "nickname": "Eve"})) == (429, "slow_down")


@pytest.mark.parametrize("typed", ["0OIL11", "A" * 32, "1", "../../", "\u0662" * 6, "B" * 5, "B" * 7])
def test_a_text_that_no_code_is_gets_the_answer_of_a_wrong_code(
    host: Person, session: dict[str, str], typed: str
) -> None:
    code, stranger = code_of(guest(host, session)[0], session), Person(host.client)

    assert stranger.post("/return", {"code": typed}).data == stranger.post("/return", {"code": wrong(code)}).data
    assert stranger.post("/return", {"code": code}).status_code == 200


def test_only_a_guest_of_this_session_gets_a_code(world: World, host: Person, session: dict[str, str]) -> None:
    """A code for an account would let six characters sign in as that account."""
    ann, (player, _) = account(world, host), guest(host, session)
    assert ann.post("/join", {"pin": session["pin"], "nickname": "Ann"}).status_code == 201
    path = f"/sessions/{session['session_id']}/return-code"

    assert refused(ann.post(path, {})) == (403, "forbidden")
    assert refused(host.post(path, {})) == (403, "forbidden")
    assert refused(Person(host.client).post(path, {})) == (401, "unauthenticated")
    assert refused(player.post("/sessions/other/return-code", {})) == (404, "unknown_session")
    assert player.post(path, {}).status_code == 201


def test_a_removed_player_comes_back_by_no_code(world: World, host: Person, session: dict[str, str]) -> None:
    player, player_id = guest(host, session)
    code = code_of(player, session)
    removed = documents.player_fields(Player(player_id, PlayerFacts(removed=True)), documents.expiry(START))
    world.store.commit([Put(documents.player_path(session["session_id"], player_id), removed)])
    world.clock.advance(6_000)

    assert refused(Person(host.client).post("/return", {"code": code})) == (403, "forbidden")
    assert refused(player.post(f"/sessions/{session['session_id']}/return-code", {})) == (403, "forbidden")


def test_a_guest_makes_so_many_codes_a_minute(world: World, session: dict[str, str]) -> None:
    client = world.client(return_codes_per_minute=2)
    player, _ = guest(Person(client), session)
    path = f"/sessions/{session['session_id']}/return-code"

    told = [player.post(path, {}).status_code for _ in range(3)]

    assert told == [201, 201, 429]


def test_an_unused_code_expires_and_contains_no_more_than_it_must(
    world: World, host: Person, session: dict[str, str]
) -> None:
    player, player_id = guest(host, session)
    code = code_of(player, session)

    found = world.store.get(documents.return_code_path(code))

    assert found is not None
    assert found.data == {
        "session_id": session["session_id"],
        "player_id": player_id,
        "used_by": None,
        "expires_at": documents.expiry(START + QUARTER_MS),
    }
