"""Writes, replaces and deletes a whole stored quiz, for its owner. Concurrent changes are detected."""

from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import QuestionDocument, QuizDocument
from quizcore.domain.quiz import Quiz
from quizcore.ports import Conflict, Create, Delete, DocumentStore, Put, Replace, Snapshot, Write
from quizcore.usecases.rejected import Rejected


@dataclass(frozen=True, slots=True)
class AuthoredQuiz:
    """`version`: the stored version that the file was made from; None when the file names none."""

    quiz_id: str
    quiz: Quiz
    visibility: str
    version: int | None = None


def write_quiz(store: DocumentStore, authored: AuthoredQuiz, *, owner: str, now: int, replace: bool = False) -> int:
    """Write the quiz in one commit, and delete the questions that it no longer has. Returns the new version.

    Raises Rejected `other_owner`, `changed_meanwhile` when somebody else's version would be lost, or `no_version` when
    the file does not say from which version it was made; with `replace` any version is replaced.
    """
    quiz_id = authored.quiz_id
    before = store.get(documents.quiz_path(quiz_id))
    if before is not None:
        _check_owner(before, owner)
    at = before.read_as(QuizDocument)["version"] if before else 0
    if before is not None and authored.version is None and not (replace or _says_the_same(store, before, authored)):
        raise _without_version(quiz_id, at)
    if authored.version is not None and authored.version != at and not replace:
        raise _changed(quiz_id, f"is at version {at}, and this file was made from version {authored.version}")
    head = documents.quiz_fields(
        authored.quiz, owner_id=owner, visibility=authored.visibility, version=at + 1, updated_at=now
    )
    path = documents.quiz_path(quiz_id)
    writes: list[Write] = [Replace(path, head, before.version) if before else Create(path, head)]
    for index, question in enumerate(authored.quiz.questions):
        writes.append(Put(documents.question_path(quiz_id, index), documents.question_fields(question)))
    if before:
        writes += _without(quiz_id, range(len(authored.quiz.questions), before.read_as(QuizDocument)["question_count"]))
    try:
        store.commit(writes)
    except Conflict:
        written = store.get(path)
        # when they are equal, this commit succeeded and only its response was lost
        if written is None or written.data != head:
            raise _changed(quiz_id, "was written by another person at the same time") from None
    return at + 1


def _says_the_same(store: DocumentStore, before: Snapshot, authored: AuthoredQuiz) -> bool:
    head = before.read_as(QuizDocument)
    return stored_quiz(store, before) == authored.quiz and head["visibility"] == authored.visibility


def stored_quiz(store: DocumentStore, head: Snapshot) -> Quiz:
    questions = {q.name: q.read_as(QuestionDocument) for q in store.list(documents.questions_path(head.name))}
    return documents.read_stored_quiz(head.read_as(QuizDocument), questions)


def delete_quiz(store: DocumentStore, quiz_id: str, *, owner: str) -> int:
    """Delete the quiz. Returns the number of its questions. Sessions have their own copy, so running sessions go on.

    Raises Rejected `unknown_quiz`, `other_owner` or `changed_meanwhile`."""
    before = owned_quiz(store, quiz_id, owner)
    count = before.read_as(QuizDocument)["question_count"]
    try:
        store.commit([Delete(before.path, before.version), *_without(quiz_id, range(count))])
    except Conflict:
        if store.get(before.path) is None:  # this commit succeeded, and only its answer was lost
            return count
        raise _changed(quiz_id, "was written by another person at the same time") from None
    return count


def owned_quiz(store: DocumentStore, quiz_id: str, owner: str) -> Snapshot:
    """Raises Rejected `unknown_quiz` or `other_owner`."""
    quiz = store.get(documents.quiz_path(quiz_id))
    if quiz is None:
        raise unknown(quiz_id)
    _check_owner(quiz, owner)
    return quiz


def unknown(quiz_id: str) -> Rejected:
    return Rejected("unknown_quiz", f"there is no quiz {quiz_id}; `wordrush quiz list` shows them")


def _without(quiz_id: str, indexes: range) -> list[Write]:
    return [Delete(documents.question_path(quiz_id, index)) for index in indexes]


def _check_owner(quiz: Snapshot, owner: str) -> None:
    owned_by = quiz.read_as(QuizDocument)["owner_id"]
    if owned_by != owner:
        raise Rejected(
            "other_owner",
            f"the quiz {quiz.name} belongs to {owned_by}, not to {owner}; give this one another id, "
            "or act for its owner with --owner",
        )


def _without_version(quiz_id: str, at: int) -> Rejected:
    advice = f"put `version: {at}` into the file if it was made from that version, or import with --replace"
    return Rejected("no_version", f"the quiz {quiz_id} is at version {at}, and this file names none: {advice}")


def _changed(quiz_id: str, what: str) -> Rejected:
    advice = "export it, bring the changes together, and import again; --replace replaces any version"
    return Rejected("changed_meanwhile", f"the quiz {quiz_id} {what}: {advice}")
