"""A function that does nothing: it shows the cost of the platform alone."""

from flask import Request, Response

from http_api.serving import prepare_server

prepare_server()  # the same server as the API's: its threads, and its reading of bodies


def empty(_: Request) -> Response:
    return Response('{"receipt": "", "received_at": 0}', 202, mimetype="application/json")
