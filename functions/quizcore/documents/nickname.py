"""`nicknames/{folded}`: whose a nickname is, so that no two players have the same."""

from quizcore.documents.session import session_path


def nicknames_path(session_id: str) -> str:
    return f"{session_path(session_id)}/nicknames"


def nickname_path(session_id: str, folded: str) -> str:
    return f"{nicknames_path(session_id)}/{folded}"
