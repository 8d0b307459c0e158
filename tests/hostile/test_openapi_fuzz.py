"""Schemathesis against the API's own OpenAPI document: every response is as documented."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.function import function_app
from tests.support.world import HOST, World

UNLIMITED = {"joins_per_minute": 10**9, "answers_per_minute": 10**9, "commands_per_minute": 10**9}
WORLD = World()
WORLD.add_quiz()
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", function_app(WORLD.api(**UNLIMITED)))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@SCHEMA.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_responds_as_its_openapi_document_describes(case: Any) -> None:
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {HOST}"})
