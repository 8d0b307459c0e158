"""The Cloud Function `api`. Firebase discovers it here; everything else is in `http_api`."""

from firebase_functions import https_fn, options
from flask import Request, Response

from http_api.wiring import application


@https_fn.on_request(
    region="europe-west1",
    memory=options.MemoryOption.MB_512,
    cpu=1,
    concurrency=80,
    max_instances=50,
    timeout_sec=30,
    invoker="public",
)
def api(request: Request) -> Response:
    app = application()
    with app.request_context(request.environ):
        return app.full_dispatch_request()
