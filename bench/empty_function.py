"""A function that does nothing: what the platform costs before our first line runs."""

from flask import Request, Response

from http_api.serving import prepare_server

prepare_server()  # the same server as the API's: its threads, and its reading of bodies


def empty(_: Request) -> Response:
    return Response('{"receipt": "", "received_at": 0}', 202, mimetype="application/json")
