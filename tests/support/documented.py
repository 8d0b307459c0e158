"""A test client that compares every response with the OpenAPI document."""

import re
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

API_DOC = "api-doc"
# Of no call of its own: docs/client-protocol.md alone tells them.
ANY_CALL = {"unknown_path", "wrong_method", "internal", "unattested", "not_through_site"}


class DocumentedClient(FlaskClient):
    """Fails when a call answers with a status, a shape or a code that its OpenAPI document does not name."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check_documented(self.application.extensions[API_DOC], response)
        return response


def check_documented(document: dict[str, Any], response: TestResponse) -> None:
    """Raises AssertionError."""
    answers = _answers(document, response)
    if response.mimetype == "application/problem+json":
        code = (response.json or {})["code"]
        codes = {each for answer in answers.values() for each in re.findall(r"`(\w+)`", answer["description"])}
        assert code in ANY_CALL | codes, f"{response.request.path} is not said to give {code}"
        _check_shape(document, "#/components/schemas/Problem", response)
    elif answers:
        assert str(response.status_code) in answers, f"{response.request.path} is not said to give {response.status}"
        if "content" not in answers[str(response.status_code)]:
            assert not response.data, f"{response.request.path} is said to answer without a body"
            return
        schema = answers[str(response.status_code)]["content"].get(response.content_type, {}).get("schema")
        assert schema is not None, f"{response.request.path} is not said to give {response.content_type}"
        if "$ref" in schema:
            _check_shape(document, schema["$ref"], response)


def _answers(document: dict[str, Any], response: TestResponse) -> dict[str, Any]:
    """By status, of the call; nothing for a path that is no call."""
    method, path = response.request.method.lower(), response.request.path
    for template, operations in document["paths"].items():
        if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", template), path) and method in operations:
            answers: dict[str, Any] = operations[method]["responses"]
            return answers
    return {}


def _check_shape(document: dict[str, Any], ref: str, response: TestResponse) -> None:
    """Every documented field exists with its type, and no other field. Clients must ignore unknown fields, so the
    document itself does not forbid them."""
    schema = {"$ref": ref, "components": {"schemas": _closed(document["components"]["schemas"])}}
    faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(response.json)]
    assert not faults, f"{response.request.path} is not as documented: {faults}"


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed = {"additionalProperties": False, "required": sorted(schema["properties"])} | closed
    return closed
