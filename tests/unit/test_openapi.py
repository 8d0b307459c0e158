"""The API as it is served is the API as it is documented."""

import json
from pathlib import Path

from tests.support.world import World

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
