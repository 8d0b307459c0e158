"""Path parameters of several calls."""

from pydantic import BaseModel

from quizcore.messages import Id


class SessionPath(BaseModel):
    session_id: Id
