"""GET /time: public, without a token."""

from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from http_api.context import ApiContext
from http_api.openapi import EVERYBODY


class ServerTime(BaseModel):
    """Milliseconds since the epoch, by the clock that stamps the answers."""

    now: int


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get("/time", summary="The server's clock", tags=EVERYBODY, responses={200: ServerTime})
    def server_time() -> dict[str, int]:
        return ServerTime(now=context.clock.now_ms()).model_dump()
