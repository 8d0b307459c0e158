"""The served API agrees with the documented API."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from http_api.problems import STATUS
from quizcore import documents
from quizcore.domain.player import Player, PlayerFacts
from quizcore.messages import AnswerSubmitted
from quizcore.ports import Put
from tests.support.api_calls import open_question, set_state
from tests.support.documented import ANY_CALL, API_DOC, check_documented
from tests.support.people import ANN_UID, PROFILE, account
from tests.support.world import QUIZ_ID, Person, World

PROTOCOL = Path(__file__).parents[2] / "docs" / "client-protocol.md"
COMMAND_LINE = {"other_owner", "changed_meanwhile", "no_version"}  # of use cases that no route has
DOCUMENTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_live_document_is_the_one_in_docs() -> None:
    live = World().client().get("/api/v1/openapi.json").json

    assert json.loads(DOCUMENTED.read_text()) == live, "run: make openapi"


def test_every_call_documents_its_token_and_every_post_its_repetition() -> None:
    paths = json.loads(DOCUMENTED.read_text())["paths"]
    operations = {(path, verb): found for path, verbs in paths.items() for verb, found in verbs.items()}

    protected = {path for (path, _), found in operations.items() if found.get("security")}
    of_accounts = ("/api/v1/sessions", "/api/v1/me", "/api/v1/classes", "/api/v1/boards")
    assert protected == {path for path in paths if path.startswith(of_accounts)}
    for (_, verb), found in operations.items():
        names = [parameter["name"] for parameter in found.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (verb == "post")


def test_the_api_serves_its_documentation_page() -> None:
    client = World().client()

    page = client.get("/api/docs", follow_redirects=True)

    assert page.status_code == 200
    assert b"swagger" in page.data.lower()


def codes_of_the_protocol() -> dict[str, int]:
    """The first column of the table under *Refusals*: statuses, and the codes that follow each."""
    table = PROTOCOL.read_text().partition("## Refusals")[2]
    cells = re.findall(r"^\| (\d{3} .*?) \|", table, re.MULTILINE)
    found: dict[str, int] = {}
    for status, code in re.findall(r"(?:(\d{3}) )?`(\w+)`", " · ".join(cells)):
        found[code] = int(status or list(found.values())[-1])
    return found


def test_the_protocol_page_lists_exactly_the_codes_with_their_statuses() -> None:
    assert codes_of_the_protocol() == STATUS


def test_the_openapi_document_lists_exactly_the_codes_with_their_statuses() -> None:
    document = json.loads(DOCUMENTED.read_text())
    told = {
        (code, int(status))
        for operations in document["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        for code in re.findall(r"`(\w+)`", answer["description"])
        if int(status) >= 400
    }

    assert told == {(code, status) for code, status in STATUS.items() if code not in ANY_CALL}
    assert document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(STATUS)


def test_the_code_raises_no_other_code() -> None:
    functions = Path(__file__).parents[2] / "functions"
    sources = [*(functions / "http_api").rglob("*.py"), *(functions / "quizcore" / "usecases").glob("*.py")]
    raised = {
        code for source in sources for code in re.findall(r"(?:Rejected|problem)\(\s*\"(\w+)\"", source.read_text())
    }

    assert raised >= {"key_reused", "no_free_pin", "account_unusable", "too_many_sessions"}
    assert raised - COMMAND_LINE <= STATUS.keys()


def test_each_call_responds_as_documented(world: World, host: Person, session: dict[str, str], player: Person) -> None:
    """The client of the tests compares each answer with the document; here every call is made with success."""
    path = f"/sessions/{session['session_id']}"
    called = [
        host.get("/time"),
        host.get("/health"),
        host.post("/sessions", {"quiz_id": QUIZ_ID}),
        host.get("/sessions?limit=1"),
        Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ben"}),
        host.post(f"{path}/commands", {"command": "next"}),
        host.get(f"{path}/report?format=csv"),
        host.get(f"{path}/report?format=xlsx"),
    ]
    open_question(world, session)
    called.append(player.post(f"{path}/answers", {"question_index": 0, "choices": [1]}))
    back = player.post(f"{path}/return-code", {})
    called += [back, Person(host.client).post("/return", {"code": (back.json or {})["code"]})]
    count(world, session)
    called += [player.get(f"{path}/standings"), player.get(f"{path}/questions")]
    ann = account(world, host)
    called += [ann.put("/me", PROFILE), ann.get("/me")]
    called.append(ann.post("/me/kept", {"session_id": session["session_id"], "guest_token": player.token}))
    made = host.post("/classes", {"title": "7b", "zone": "UTC"})
    class_id, code = ((made.json or {})[name] for name in ("class_id", "code"))
    called += [made, host.get("/classes"), ann.post("/classes/join", {"code": code})]
    called += [ann.get("/boards/global/standings"), ann.get("/boards/global/range?from=2026-11-01&to=2026-11-24")]
    called += [ann.delete(f"/classes/{class_id}/members/{ANN_UID}"), host.post(f"/classes/{class_id}/code", {})]
    called += [host.delete(f"/classes/{class_id}"), ann.get("/me/history"), ann.get("/me/export"), ann.delete("/me")]

    assert [answer.status_code for answer in called[:11]] == [200, 200, 201, 200, 201, 202, 200, 200, 202, 201, 200]
    assert [answer.status_code for answer in called[11:16]] == [200, 200, 200, 200, 201]
    assert [answer.status_code for answer in called[16:]] == [201, 200, 201, 200, 200, 204, 201, 204, 200, 200, 202]
    documented = json.loads(DOCUMENTED.read_text())["paths"]
    calls = [(answer.request.method.lower(), answer.request.path) for answer in called]
    names = {
        path: "/sessions/{session_id}",
        class_id: "{class_id}",
        ANN_UID: "{uid}",
        "/boards/global": "/boards/{board}",
    }
    made_calls = {(verb, _with_names(at, names)) for verb, at in calls}
    assert made_calls == {(verb, template) for template, verbs in documented.items() for verb in verbs}


def _with_names(path: str, names: dict[str, str]) -> str:
    for value, name in names.items():
        path = path.replace(value, name)
    return path


def count(world: World, session: dict[str, str]) -> None:
    """Write the documents as a worker does when it has counted Ann and the session is over."""
    session_id = session["session_id"]
    (ann,) = {message.player_id for message in world.bus.published if isinstance(message, AnswerSubmitted)}
    fields = documents.player_fields(Player(ann, PlayerFacts()), documents.expiry(world.clock.ms))
    shown = {"nickname": "Ann", "avatar": "fox", "place": documents.place_key(0)}
    world.store.commit([Put(documents.player_path(session_id, ann), fields | shown)])
    set_state(world, session, state="finished", reveal={"key": [1], "explanation": None})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda body: body | {"more": 1}, "unexpected"),
        (lambda body: {"now": str(body["now"])}, "is not of type 'integer'"),
        (lambda _: {}, "is a required property"),
    ],
)
def test_an_undocumented_response_is_detected(world: World, change: Any, fault: str) -> None:
    client = world.client()
    answer = client.get("/api/v1/time")
    answer.set_data(json.dumps(change(answer.json)))
    answer.__dict__.pop("json", None)

    with pytest.raises(AssertionError, match=fault):
        check_documented(client.application.extensions[API_DOC], answer)
