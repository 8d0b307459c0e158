"""Path parameters that several calls share."""

from pydantic import BaseModel

from quizcore.messages import Id


class SessionPath(BaseModel):
    session_id: Id
