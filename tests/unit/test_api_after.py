"""The read calls of a session: the host's list, the revealed questions, the report."""

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from quizcore import documents
from quizcore.ports import Caller, Put, Snapshot
from tests.support.api_calls import refused, set_state
from tests.support.games import START
from tests.support.world import OPENED, Person, Running, World, until

PLAYER = {
    "nickname": "=Ann",
    "avatar": "fox",
    "joined_at": START,
    "join_receipt": "j1",
    "removed": False,
    "answers": {},
    "refused": [],
    "score": 0,
    "correct_count": 0,
    "streak": 0,
    "place": documents.place_key(0, 0, "=Ann", "p1"),
}


def test_a_host_lists_only_their_own_sessions_newest_first(world: World, session: dict[str, str], host: Person) -> None:
    world.identity.callers["h2"] = Caller("host-2", "host")
    world.clock.ms += 1
    second = host.post("/sessions", {"quiz_id": "words"}).json or {}

    listed = (host.get("/sessions").json or {})["sessions"]

    assert [found["session_id"] for found in listed] == [second["session_id"], session["session_id"]]
    assert listed[0]["pin"] == second["pin"]
    assert (Person(host.client, "h2").get("/sessions").json or {})["sessions"] == []
    assert refused(Person(host.client).get("/sessions")) == (401, "unauthenticated")


def test_a_host_of_many_sessions_reads_them_page_by_page(world: World, host: Person) -> None:
    """A page costs only the reads of its own sessions; sessions of one millisecond are not skipped."""
    made = [(host.post("/sessions", {"quiz_id": "words"}).json or {})["session_id"] for _ in range(7)]
    world.clock.ms += 1
    made += [(host.post("/sessions", {"quiz_id": "words"}).json or {})["session_id"] for _ in range(4)]
    asked, listing = list[int | None](), world.store.list

    def list_counted(*given: Any) -> list[Snapshot]:
        asked.append(given[2])
        return listing(*given)

    world.store.list = list_counted  # type: ignore[method-assign, assignment]

    seen, after = list[str](), ""
    while True:
        page = host.get(f"/sessions?limit=3{after}").json or {}
        seen += [session["session_id"] for session in page["sessions"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert sorted(seen) == sorted(made)
    assert len(seen) == 11
    assert set(seen[:4]) == set(made[7:]), "the newest first"
    assert asked == [4] * 4, "a document more than a page holds, to know whether there is another"
    assert (host.get("/sessions").json or {})["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=x", "after=1.", "after=.a", "page=2", "after=1.a/b"]
)
def test_an_invalid_page_is_refused(host: Person, query: str) -> None:
    assert host.get("/sessions?limit=1&after=1.a").status_code == 200
    assert refused(host.get(f"/sessions?{query}")) == (400, "invalid")


def test_members_get_the_keys_only_when_the_last_question_accepts_no_more_answers(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    path = f"/sessions/{session['session_id']}/questions"
    world.identity.callers["stranger"] = Caller("someone")
    for state in ("lobby", "question", "closed", "finished"):
        set_state(world, session, state=state, question_index=1, reveal=None)
        assert refused(player.get(path)) == (409, "wrong_state")
        assert refused(host.get(path)) == (409, "wrong_state")

    set_state(world, session, reveal={"key": [0, 2], "explanation": None})

    told = (player.get(path).json or {})["questions"]
    assert [question["key"] for question in told] == [[1], [0, 2]], "the third was never asked"
    assert host.get(path).json == player.get(path).json
    assert refused(Person(host.client, "stranger").get(path)) == (403, "forbidden")


def test_a_session_that_was_never_played_has_no_played_questions(
    world: World, session: dict[str, str], player: Person
) -> None:
    set_state(world, session, state="finished")

    assert player.get(f"/sessions/{session['session_id']}/questions").json == {"questions": []}


def test_the_report_is_the_same_table_in_both_formats_and_only_for_the_host(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    session_id = session["session_id"]
    path = f"/sessions/{session_id}/report"
    world.store.commit([Put(documents.player_path(session_id, "p1"), PLAYER)])

    as_csv, as_xlsx = host.get(path), host.get(f"{path}?format=xlsx")

    assert as_csv.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(as_csv.data.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(BytesIO(as_xlsx.data)).worksheets[0]
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == cells
    assert rows[1][:4] == ["1", "'=Ann", "0", "0"]
    assert f"wordrush-{session['pin']}.xlsx" in as_xlsx.headers["Content-Disposition"]
    assert refused(player.get(path)) == (403, "forbidden")
    assert refused(host.get(f"{path}?format=pdf")) == (400, "invalid")


async def test_a_hidden_board_lists_no_player_and_players_still_see_their_own_points(world: World) -> None:
    worker = Running(world)
    s = world.open_session(board_hidden=True, reveal="on_answer")
    world.bus.publish([world.joined(s, "ann"), world.opened(s), world.answered(s, "ann", OPENED)])
    world.clock.ms = OPENED
    await until(lambda: world.sheet(s, "ann").get("score") == 1000, "ann's points")
    await worker.stop()

    assert world.board(s)["top"] == []
    assert world.board(s)["player_count"] == 1
