"""The host's commands about one player: admit, rename, remove."""

import pytest

from quizcore import documents
from quizcore.documents import recent_names
from quizcore.domain.events import Event
from quizcore.domain.fold import State, fold
from quizcore.messages import PlayerAdmitted, PlayerRenamed
from quizcore.ports import Caller, Put
from tests.support.api_calls import KEY, command, open_question, refused, set_state
from tests.support.games import LEAD_MS, START, admitted, answered, game, joined, opened, removed, renamed
from tests.support.world import Person, World

LATER = START + 1_000_000


def names(state: State) -> list[str]:
    return [standing.nickname for standing in state.standings.top(10)]


def player_document(world: World, session: dict[str, str], player_id: str, **fields: object) -> None:
    path = documents.player_path(session["session_id"], player_id)
    world.store.commit([Put(path, {"removed": False, "admitted": True, "nickname": "Ann", **fields})])


# --- the fold ------------------------------------------------------------------------------------


def test_an_unadmitted_player_is_on_no_board_and_in_no_list() -> None:
    waiting: list[Event] = [joined("ann"), joined("ben"), admitted("ben", START + 5)]

    assert names(fold(game(approval=True), waiting, LATER)) == ["ben"]
    assert recent_names(fold(game(approval=True), waiting, START)) == ["ben"]
    assert sorted(names(fold(game(), waiting, LATER))) == ["ann", "ben"]


def test_an_answer_before_the_admission_counts_after_it() -> None:
    events: list[Event] = [joined("ann"), opened(0, START), answered("ann", 0, START + LEAD_MS, 1)]

    assert not fold(game(approval=True), events, LATER).standings.top(1)
    (ann,) = fold(game(approval=True), [*events, admitted("ann", LATER)], LATER).standings.top(1)
    assert ann.score == 1000


def test_a_removed_player_cannot_be_admitted_again() -> None:
    events: list[Event] = [joined("ann"), removed("ann", START + 5), admitted("ann", START + 9)]

    assert not names(fold(game(approval=True), events, LATER))


def test_the_latest_of_several_names_is_shown_everywhere() -> None:
    events: list[Event] = [renamed("ann", START + 9, "Third"), joined("ann"), renamed("ann", START + 5, "Second")]
    state = fold(game(), events, START)

    assert names(state) == recent_names(state) == ["Third"]
    sheet = documents.player_fields(state.players["ann"], documents.expiry(START))
    assert sheet["nickname"] == "Third"
    assert (sheet["place"] or "").split("\t")[2] == "Third"


# --- the API -------------------------------------------------------------------------------------


def test_rename_and_admit_must_name_a_player_of_the_session(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    rename = {"command": "rename", "player_id": "p1", "nickname": "Better"}
    assert refused(command(host, session, command="admit")) == (400, "invalid")
    assert refused(command(host, session, command="rename", player_id="p1")) == (400, "invalid")
    assert refused(command(host, session, command="admit", player_id="p1", nickname="x")) == (400, "invalid")
    assert refused(command(host, session, **rename)) == (409, "wrong_state")
    player_document(world, session, "p1")
    assert refused(command(player, session, **rename)) == (403, "forbidden")

    assert command(host, session, **rename).status_code == 202
    assert command(host, session, command="admit", player_id="p1").status_code == 202
    name, let_in = world.bus.published[-2:]
    assert isinstance(name, PlayerRenamed)
    assert name.nickname == "Better"
    assert isinstance(let_in, PlayerAdmitted)


def test_a_new_name_is_cleaned_and_reserved_and_the_old_name_stays_reserved(
    world: World, session: dict[str, str], host: Person
) -> None:
    def join(nickname: str) -> tuple[int, str | None]:
        response = Person(host.client).post("/join", {"pin": session["pin"], "nickname": nickname})
        return response.status_code, (response.json or {}).get("code")

    ann = (Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}).json or {})["player_id"]
    assert join("Ben") == (201, None)
    player_document(world, session, ann)

    def rename(nickname: str) -> tuple[int, str]:
        return refused(command(host, session, command="rename", player_id=ann, nickname=nickname))

    assert rename("ben") == (409, "nickname_taken")
    assert rename("<b>") == (422, "nickname_refused")
    response = command(host, session, command="rename", player_id=ann, nickname="  Anne\u200b ")
    assert response.status_code == 202
    assert world.bus.published[-1].nickname == "Anne"  # type: ignore[union-attr]
    assert join("anne") == join("Ann") == (409, "nickname_taken")


def test_a_retried_rename_is_one_event(world: World, session: dict[str, str], host: Person) -> None:
    player_document(world, session, "p1")
    body = {"command": "rename", "player_id": "p1", "nickname": "Better"}
    path = f"/sessions/{session['session_id']}/commands"

    assert host.post(path, body, KEY).json == host.post(path, body, KEY).json
    assert len({m.model_dump_json() for m in world.bus.published if isinstance(m, PlayerRenamed)}) == 1


@pytest.mark.parametrize("known", [False, True])
def test_an_unadmitted_player_cannot_answer(world: World, session: dict[str, str], host: Person, known: bool) -> None:
    world.identity.callers["waiter"] = Caller("waiter", "player", session["session_id"])
    waiter = Person(host.client, "waiter")
    open_question(world, session)
    set_state(world, session, options={"approval": True})
    if known:
        player_document(world, session, "waiter", admitted=False)
    path, body = f"/sessions/{session['session_id']}/answers", {"question_index": 0, "choices": [1]}

    assert refused(waiter.post(path, body)) == (403, "forbidden")
    player_document(world, session, "waiter")
    assert waiter.post(path, body).status_code == 202
