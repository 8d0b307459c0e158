"""The Cloud Function `api`. Firebase discovers it here; everything else is in `http_api`."""

from firebase_functions import https_fn, options
from flask import Request
from werkzeug.wrappers import Response

from http_api.serving import THREADS, prepare_server, respond
from http_api.wiring import application

prepare_server()


@https_fn.on_request(
    region="europe-west1",
    memory=options.MemoryOption.MB_512,
    cpu=1,
    concurrency=THREADS,
    max_instances=50,
    timeout_sec=30,
    invoker="public",
)
def api(request: Request) -> Response:
    return respond(application, request)
