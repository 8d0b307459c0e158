"""Every hostile text in every text field, read by everything that reads it: no reader fails, no log repeats it."""

import csv
import logging
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from quizcore import documents
from quizcore.ports import Put, Update
from tests.hostile.inputs import TEXTS
from tests.support.api_calls import open_question, refused
from tests.support.games import START, TEXT, quiz
from tests.support.world import HOST, QUIZ_ID, Person, World

MARK = "needle-of-an-answer"
PLAYER: dict[str, Any] = {
    **{"avatar": "fox", "joined_at": START, "join_receipt": "j1", "removed": False, "admitted": True, "refused": []},
    **{"score": 1_000, "correct_count": 1, "streak": 1, "slot": 0, "nickname": "Ann"},
    "place": documents.place_key(1_000, 0, "Ann", "p1"),
    "answers": {"0": {"receipt": "r", "at": START, "elapsed_ms": 1, "correct": True, "points": 1_000, "text": "start"}},
}
# The texts that the API refuses in an answer; the others are odd but valid answers.
REFUSED_ANSWERS = {
    *("empty", "a very long one", "an astral flood", "NUL", "control characters", "a lone surrogate"),
    *("a delete", "a C1 control", "an OSC 8 link"),
    *("a noncharacter", "a noncharacter of a block", "a noncharacter of a plane"),
}


def world_with_a_text_question() -> tuple[World, Person, dict[str, str]]:
    world = World()
    world.add_quiz(quiz(TEXT))
    host = Person(world.client(session_cache_ms=0, commands_per_minute=10**6, answers_per_minute=10**6), HOST)
    return world, host, host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {}


@pytest.mark.parametrize("name", TEXTS)
def test_an_answer_contains_only_characters_that_people_type(name: str) -> None:
    world, host, session = world_with_a_text_question()
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}).json or {}
    player = Person(host.client, joined["token"])
    open_question(world, session)
    path = f"/sessions/{session['session_id']}/answers"
    assert player.post(path, {"question_index": 0, "text": "a plain one"}).status_code == 202, "so the place is open"
    other = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Bob"}).json or {}
    published = len(world.bus.published)

    answered = Person(host.client, other["token"]).post(path, {"question_index": 0, "text": TEXTS[name]})

    if name in REFUSED_ANSWERS:
        assert refused(answered) == (400, "invalid")
        assert len(world.bus.published) == published
        assert TEXTS[name] == "" or TEXTS[name].encode("utf-8", "replace") not in answered.data
    else:
        assert answered.status_code == 202


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("field", ["nickname", "answer", "prompt", "choice", "title"])
def test_a_report_can_show_stored_hostile_text(name: str, field: str, caplog: pytest.LogCaptureFixture) -> None:
    world, host, session = world_with_a_text_question()
    text = f"{TEXTS[name]}{MARK}"
    player: dict[str, Any] = {**PLAYER}
    told = world.store.get(documents.session_quiz_path(session["session_id"]))
    assert told is not None
    question = dict(told.data["questions"][0])
    if field == "nickname":
        player["nickname"] = text
    elif field == "answer":
        player["answers"] = {"0": {**PLAYER["answers"]["0"], "text": text}}
    elif field == "prompt":
        question["prompt"] = text[-500:]
    elif field == "choice":
        question |= {"kind": "single", "key": [0], "choices": [text[-200:], "another"]}
        player["answers"] = {"0": {**PLAYER["answers"]["0"], "text": None, "choices": [0]}}
    quiz_fields = {**told.data, "questions": [question], "title": text if field == "title" else told.data["title"]}
    path = f"/sessions/{session['session_id']}/report"
    world.store.commit(
        [
            Put(documents.session_quiz_path(session["session_id"]), quiz_fields),
            Put(documents.player_path(session["session_id"], "p1"), player),
            Update(documents.session_path(session["session_id"]), {"title": quiz_fields["title"]}),
        ]
    )

    with caplog.at_level(logging.DEBUG):
        as_csv, as_xlsx = host.get(f"{path}?format=csv"), host.get(f"{path}?format=xlsx")

    assert (as_csv.status_code, as_xlsx.status_code) == (200, 200)
    rows = list(csv.reader(StringIO(as_csv.data.decode("utf-8-sig"), newline="")))
    book = openpyxl.load_workbook(BytesIO(as_xlsx.data))
    cells = [["" if cell is None else str(cell) for cell in row] for row in book["results"].iter_rows(values_only=True)]
    book.close()
    assert rows == cells
    assert len(rows) == 2
    assert (field == "title") or any(MARK in cell for row in rows for cell in row), "and it can be read"
    assert MARK not in caplog.text


def test_no_error_of_a_message_repeats_a_player_s_text() -> None:
    from quizcore.messages import AnswerSubmitted, MessageUnreadable, decode

    answer: dict[str, Any] = {
        "event_id": "e",
        "session_id": "s",
        "shard": 0,
        "at": 1,
        "player_id": "p",
        "question_index": 0,
    }
    with pytest.raises(ValueError, match="answer has either") as both:
        AnswerSubmitted(**answer, text=MARK, choices=(1,))
    with pytest.raises(ValueError, match="at most") as long:
        AnswerSubmitted(**answer, text=MARK * 100)
    with pytest.raises(MessageUnreadable) as unreadable:
        decode(b'{"type": "answer_submitted", "text": "%s"}' % MARK.encode())

    assert all(MARK not in str(caught.value) for caught in (both, long, unreadable))
