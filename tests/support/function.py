"""The API as it is deployed: `functions/main.py` under functions-framework, with a Door in memory behind it."""

from unittest.mock import patch

import functions_framework
from flask import Flask
from flask.testing import FlaskClient

from devstack.emulators import ROOT
from http_api import wiring
from http_api.app import create_app
from http_api.door import Door

MAIN = ROOT / "functions" / "main.py"


def function_app(door: Door) -> Flask:
    """The WSGI app that the platform's server runs. `main.py` is loaded anew, so each app keeps its own Door."""
    app = create_app(door)
    with patch.object(wiring, "application", lambda: app):
        function: Flask = functions_framework.create_app("api", str(MAIN))
    return function


def client_of(door: Door) -> FlaskClient:
    """Calls of the deployed path without a socket. What concerns threads or slow bodies needs a server: `Served`."""
    client: FlaskClient = function_app(door).test_client()
    return client
