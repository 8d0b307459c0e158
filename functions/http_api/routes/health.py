"""GET /health: public, without a token."""

from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from http_api.context import ApiContext
from http_api.openapi import EVERYBODY


class Health(BaseModel):
    status: str


def register(api: APIBlueprint, _: ApiContext) -> None:
    @api.get("/health", summary="Is the API up", tags=EVERYBODY, responses={200: Health})
    def health() -> dict[str, str]:
        return Health(status="ok").model_dump()
