"""The parts of the OpenAPI document that are not in the models: tokens and retries of the calls."""

from typing import Any

from flask_openapi3 import OpenAPI, Tag

from http_api.problems import documented

Reply = dict[str, Any]  # the JSON of a route's response model

HOST = [Tag(name="host", description="Opens sessions and drives them.")]
PLAYER = [Tag(name="player", description="Joins and answers.")]
PERSON = [Tag(name="person", description="Has an account, and with it a profile.")]
EVERYBODY = [Tag(name="everybody", description="Needs no token.")]
TOKEN: list[dict[str, list[str]]] = [{"token": []}]
SECURITY_SCHEMES = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "Firebase ID token"}}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A UUID or ULID of your making. A repeated request with the same key is one event.",
    "schema": {"type": "string", "minLength": 26, "maxLength": 36},
}


def document_retries(app: OpenAPI) -> None:
    """Add the header Idempotency-Key and the response for a late body to every POST. The header is no model, because
    the library would build a JSON schema for each request to check it; the API reads the header itself."""
    paths: dict[str, dict[str, dict[str, Any]]] = app.api_doc["paths"]
    for operations in paths.values():
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            operations["post"]["responses"] |= documented("too_slow")
