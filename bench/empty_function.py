"""A function that does nothing: what the platform costs before our first line runs."""

from flask import Request, Response


def empty(_: Request) -> Response:
    return Response('{"receipt": "", "received_at": 0}', 202, mimetype="application/json")
