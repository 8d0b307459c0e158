"""The API as it is deployed: `functions/main.py` under functions-framework, with its services in memory behind it."""

from collections.abc import Callable
from functools import cache
from unittest.mock import patch

import functions_framework
from flask import Flask
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI, utils

from devstack.emulators import ROOT
from http_api import wiring
from http_api.app import create_app
from http_api.context import ApiContext
from tests.support.documented import API_DOC, DocumentedClient

MAIN = ROOT / "functions" / "main.py"
# Each world has an app of its own; the schemas of the same models took half of the time that one takes to make.
_schema_of = cache(utils.get_model_schema)


def function_of(application: Callable[[], Flask]) -> Flask:
    """The WSGI app that the platform's server runs. `main.py` is loaded again, so each function has its own API."""
    with patch.object(wiring, "application", application):
        function: Flask = functions_framework.create_app("api", str(MAIN))  # type: ignore[no-untyped-call]
    return function


def client_around(application: Callable[[], Flask]) -> FlaskClient:
    """Calls of the deployed path without a socket. What concerns threads or late bodies needs a server: `served.py`."""
    client: FlaskClient = function_of(application).test_client()
    return client


def app_of(context: ApiContext) -> OpenAPI:
    with patch.object(utils, "get_model_schema", _schema_of):
        return create_app(context)


def function_app(context: ApiContext) -> Flask:
    app = app_of(context)
    return function_of(lambda: app)


def client_of(context: ApiContext) -> FlaskClient:
    app = app_of(context)
    function = function_of(lambda: app)
    function.extensions[API_DOC] = app.api_doc
    function.test_client_class = DocumentedClient
    client: FlaskClient = function.test_client()
    return client
