"""The API as it is served is the API as it is documented."""

import json
import re
from pathlib import Path

from http_api.problems import STATUS
from tests.support.documented import ANY_CALL
from tests.support.world import World

PROTOCOL = Path(__file__).parents[2] / "docs" / "client-protocol.md"
COMMAND_LINE = {"other_owner", "changed_meanwhile", "no_version"}  # of use cases that no route has
DOCUMENTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_live_document_is_the_one_in_docs() -> None:
    live = World().client().get("/api/v1/openapi.json").json

    assert json.loads(DOCUMENTED.read_text()) == live, "run: make openapi"


def test_every_call_says_which_token_it_asks_for_and_every_post_how_it_is_repeated() -> None:
    paths = json.loads(DOCUMENTED.read_text())["paths"]
    operations = {(path, verb): found for path, verbs in paths.items() for verb, found in verbs.items()}

    protected = {path for (path, _), found in operations.items() if found.get("security")}
    assert protected == {path for path in paths if path.startswith("/api/v1/sessions")}
    for (_, verb), found in operations.items():
        names = [parameter["name"] for parameter in found.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (verb == "post")


def test_the_page_to_read_it_is_served_from_here() -> None:
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


def test_the_protocol_tells_every_code_with_its_status_and_no_other() -> None:
    assert codes_of_the_protocol() == STATUS


def test_the_openapi_document_tells_every_code_with_its_status_and_no_other() -> None:
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
