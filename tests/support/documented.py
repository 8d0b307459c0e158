"""A test client that knows what each call may refuse with."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

API_DOC = "api-doc"
# Of no call of its own: docs/client-protocol.md alone tells them.
ANY_CALL = {"unknown_path", "wrong_method", "internal", "unattested", "not_through_site"}


class DocumentedClient(FlaskClient):
    """Fails when a call refuses with a code that its OpenAPI document does not name."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "application/problem+json":
            code = (response.json or {})["code"]
            assert code in ANY_CALL | self._documented(response), f"{response.request.path} is not said to give {code}"
        return response

    def _documented(self, response: TestResponse) -> set[str]:
        method, path = response.request.method, response.request.path
        for template, operations in self.application.extensions[API_DOC]["paths"].items():
            pattern = re.sub(r"{[^}]*}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                answers = operations[method.lower()]["responses"].values()
                return {code for answer in answers for code in re.findall(r"`(\w+)`", answer["description"])}
        return set()
