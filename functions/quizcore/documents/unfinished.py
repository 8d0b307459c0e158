"""`private/unfinished-{shard}`: a commit is made in parts."""

from quizcore.documents.session import session_path


def unfinished_path(session_id: str, shard: int) -> str:
    """There while a commit of this shard is made in parts: players' documents may be ahead of its board."""
    return f"{session_path(session_id)}/private/unfinished-{shard}"
