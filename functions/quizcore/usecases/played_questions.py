"""The questions of a session with their keys, after the end of the session."""

from quizcore import documents
from quizcore.documents import QuestionDocument, SessionDocument, SessionQuizDocument
from quizcore.domain.session import Phase
from quizcore.ports import Caller
from quizcore.usecases.members import check_let_in, check_member
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


def played_questions(services: Services, caller: Caller, session_id: str) -> list[QuestionDocument]:
    """The questions that were played, in order, for a player of the session or its host.

    Raises Rejected `unknown_session`, `forbidden`, `account_unusable` or `wrong_state`; StoreError.
    """
    session = services.session(session_id)
    if session["host_id"] != caller.uid:
        check_member(services, session_id, caller)
        check_let_in(services, session_id, session, caller)
    if not _revealed(session):
        session = services.session(session_id, max_age_ms=0)
    if not _revealed(session):
        raise Rejected("wrong_state", "the keys are published when the session is over")
    played = 0 if session["question_index"] is None else session["question_index"] + 1
    return _questions_of(services, session_id)[:played]


def _revealed(session: SessionDocument) -> bool:
    """Whether the session is over and the last question accepts no further answers."""
    never_asked = session["question_index"] is None
    return bool(session["state"] == Phase.FINISHED and (never_asked or session["reveal"] is not None))


def _questions_of(services: Services, session_id: str) -> list[QuestionDocument]:
    """A session's quiz never changes, so it is read once per process."""
    quizzes = services.memory.quizzes
    known = quizzes.get(session_id)
    if known is None:
        quiz = services.store.get(documents.session_quiz_path(session_id))
        known = quizzes[session_id] = quiz.read_as(SessionQuizDocument)["questions"] if quiz else []
    return known
