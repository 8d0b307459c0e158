"""What the OpenAPI document says beside the models: who calls what, with which token, and retries."""

from typing import Any

from flask_openapi3 import OpenAPI, Tag

from http_api.problems import documented

Reply = dict[str, Any]  # the JSON of the model that a route answers with

HOST = [Tag(name="host", description="Opens sessions and drives them.")]
PLAYER = [Tag(name="player", description="Joins and answers.")]
PERSON = [Tag(name="person", description="Has an account, and with it a profile.")]
EVERYBODY = [Tag(name="everybody", description="Asks for no token.")]
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
    """Add to every POST the header, and what a body that comes late is answered. As a model the header would be checked
    by building a JSON schema for each request; the API reads it itself."""
    paths: dict[str, dict[str, dict[str, Any]]] = app.api_doc["paths"]
    for operations in paths.values():
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            operations["post"]["responses"] |= documented("too_slow")
