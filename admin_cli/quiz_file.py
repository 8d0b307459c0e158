"""Quizzes as YAML files, which authors write, review and keep in version control."""

import difflib
import re
from collections.abc import Collection
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from admin_cli.faults import Fault, FileUnusable, read_text
from quizcore.domain.kinds import KindUnknown
from quizcore.domain.quiz import MAX_CHOICES, MAX_QUESTIONS, Kind, Question, Quiz, QuizInvalid
from quizcore.domain.text import unfit_character
from quizcore.usecases.save_quiz import AuthoredQuiz

VISIBILITIES = ("public", "private")
QUIZ_FIELDS = {
    *("id", "version", "title", "description", "language", "level", "visibility", "seconds", "points", "questions"),
}
QUESTION_FIELDS = {"prompt", "kind", "choices", "key", "seconds", "points", "media", "explanation"}
DEFAULT_SECONDS = 20
DEFAULT_POINTS = 1_000
MOST_NODES = 20_000  # 200 questions with eight choices and some accepted texts each have a third of this number
MOST_KEYS = 50
MOST_GUESSED_CHARS = 100  # comparing two texts takes time in proportion to the product of their lengths
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VERSION = re.compile(r"[0-9]{1,9}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def read_quiz_file(path: Path) -> AuthoredQuiz:
    """Raises FileUnusable with every fault and its line."""
    reader = _Reader(str(path))
    try:
        root = yaml.compose(read_text(path), Loader=_BoundedLoader)
    except RecursionError as error:
        raise FileUnusable([Fault(str(path), 1, "is nested too deep for a quiz")]) from error
    except yaml.reader.ReaderError as error:
        raise FileUnusable([Fault(str(path), 1, f"is not YAML: {error.reason}")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileUnusable([Fault(str(path), line, f"is not YAML: {error.problem}")]) from error
    except (ValueError, OverflowError) as error:  # for example an escape beyond Unicode, or a version of 5,000 digits
        raise FileUnusable([Fault(str(path), 1, f"is not YAML: {error}")]) from error
    authored = reader.quiz_file(root, default_id=path.stem)
    if reader.faults or authored is None:
        raise FileUnusable(sorted(reader.faults, key=lambda fault: fault.line))
    return authored


def quiz_text(quiz_id: str, quiz: Quiz, visibility: str, version: int) -> str:
    """The YAML that `read_quiz_file` reads back as the same quiz."""
    head = {
        "id": quiz_id,
        "version": version,
        "title": quiz.title,
        "description": quiz.description,
        "language": quiz.language,
        "level": quiz.level,
        "visibility": visibility,
        "questions": [_question_map(question) for question in quiz.questions],
    }
    return yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=100)


def _question_map(question: Question) -> dict[str, Any]:
    key = question.kind.rules.key_in_words(question)
    fields: dict[str, Any] = {"prompt": question.prompt, "kind": question.kind.value}
    if question.choices:
        fields["choices"] = list(question.choices)
    fields["key"] = key[0] if len(key) == 1 else key
    fields["seconds"] = (
        question.time_limit_ms / 1000 if question.time_limit_ms % 1000 else question.time_limit_ms // 1000
    )
    fields["points"] = question.points
    optional = {"media": question.media, "explanation": question.explanation}
    return fields | {name: value for name, value in optional.items() if value is not None}


class _BoundedLoader(yaml.SafeLoader):
    """Raises at node number `MOST_NODES` + 1; an alias counts as a node."""

    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=f"a quiz has at most {MOST_NODES} values", problem_mark=mark)
        return super().compose_node(parent, index)


class _Reader:
    """Reads YAML nodes, which know their lines, and collects faults instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def quiz_file(self, root: yaml.Node | None, default_id: str) -> AuthoredQuiz | None:
        if not isinstance(root, yaml.MappingNode):
            self._fault(root, "a quiz file is a mapping with title, language and questions")
            return None
        fields = self._fields(root, QUIZ_FIELDS)
        title, language = self._text(fields, "title", root), self._text(fields, "language", root)
        if language is not None and not LANGUAGE.fullmatch(language):
            self._fault(fields["language"], f"language is a tag such as en, de or pt-BR, not {language!r}")
        quiz_id = self._text(fields, "id", None) or default_id
        if not _ID.fullmatch(quiz_id):
            self._fault(fields.get("id", root), "id has 1 to 64 letters, digits, - and _")
        visibility = self._text(fields, "visibility", None) or "private"
        if visibility not in VISIBILITIES:
            self._fault(fields["visibility"], "visibility is public or private")
        version = self._version(fields)
        questions = self._questions(fields, root)
        description, level = self._text(fields, "description", None), self._text(fields, "level", None)
        if self.faults or title is None or language is None:
            return None
        try:
            quiz = Quiz(title, language, tuple(questions), description or "", level or "")
        except QuizInvalid as error:
            self._fault(root, str(error))
            return None
        return AuthoredQuiz(quiz_id, quiz, visibility, version)

    def _version(self, fields: dict[str, yaml.Node]) -> int | None:
        text = self._text(fields, "version", None)
        if text is None:
            return None
        if not _VERSION.fullmatch(text):
            self._fault(fields["version"], "version is a whole number, as `quiz export` writes it; it may be left out")
            return None
        return int(text)

    def _questions(self, fields: dict[str, yaml.Node], root: yaml.Node) -> list[Question]:
        node = fields.get("questions")
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._fault(node or root, "questions is a list of at least one question")
            return []
        if len(node.value) > MAX_QUESTIONS:
            self._fault(node, f"a quiz has 1 to {MAX_QUESTIONS} questions, not {len(node.value)}")
            return []
        seconds = self._number(fields, "seconds", DEFAULT_SECONDS)
        points = self._number(fields, "points", DEFAULT_POINTS)
        read = (self._question(one, seconds, points) for one in node.value)
        return [question for question in read if question is not None]

    def _question(self, node: yaml.Node, seconds: float, points: float) -> Question | None:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "a question is a mapping with prompt, choices and key")
            return None
        before = len(self.faults)
        fields = self._fields(node, QUESTION_FIELDS)
        prompt = self._text(fields, "prompt", node)
        try:
            kind = Kind.named(self._text(fields, "kind", None) or Kind.SINGLE.value)
        except KindUnknown as error:
            self._fault(fields["kind"], str(error))
            return None
        choices = self._texts(fields, "choices", MAX_CHOICES)
        key = self._texts(fields, "key", MOST_KEYS)
        media, explanation = self._text(fields, "media", None), self._text(fields, "explanation", None)
        if not key:
            self._fault(fields.get("key", node), "key names the right answer, or a list of them")
        chosen, unknown = kind.rules.key_of(key, choices)
        self._unknown_in_key(fields.get("key", node), unknown, choices)
        if len(self.faults) > before or prompt is None:
            return None
        try:
            return Question(
                prompt=prompt,
                kind=kind,
                key=chosen,
                choices=tuple(choices),
                time_limit_ms=round(self._number(fields, "seconds", seconds) * 1000),
                points=round(self._number(fields, "points", points)),
                media=media,
                explanation=explanation,
            )
        except QuizInvalid as error:
            self._fault(node, str(error))
            return None

    def _unknown_in_key(self, node: yaml.Node, unknown: list[str], choices: list[str]) -> None:
        for text in unknown:
            close = _closest(text, choices)
            hint = f"; did you mean {close!r}?" if close else ""
            self._fault(node, f"key {text[:MOST_GUESSED_CHARS]!r} is not one of the choices{hint}")

    def _fields(self, node: yaml.MappingNode, known: set[str]) -> dict[str, yaml.Node]:
        fields: dict[str, yaml.Node] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self._fault(name, "a field's name is a word")
                continue
            if name.value not in known:
                close = _closest(str(name.value), known)
                hint = f"; did you mean {close}?" if close else f"; known are {', '.join(sorted(known))}"
                self._fault(name, f"unknown field {name.value[:MOST_GUESSED_CHARS]!r}{hint}")
            elif name.value in fields:
                self._fault(name, f"field {name.value!r} occurs twice")
            fields[str(name.value)] = value
        return fields

    def _text(self, fields: dict[str, yaml.Node], name: str, required_in: yaml.Node | None) -> str | None:
        node = fields.get(name)
        if node is None:
            if required_in is not None:
                self._fault(required_in, f"{name} is missing")
            return None
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, f"{name} is a text")
            return None
        return self._fit(node, name)

    def _fit(self, node: yaml.ScalarNode, name: str) -> str:
        unfit = unfit_character(node.value)
        if unfit:
            self._fault(node, f"{name} contains {unfit}, which is not a character that people type")
        return str(node.value).strip()

    def _texts(self, fields: dict[str, yaml.Node], name: str, most: int) -> list[str]:
        """One text or a list of texts, exactly as written: `no` and `1` stay what the author typed."""
        node = fields.get(name)
        if node is None:
            return []
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if len(nodes) > most:
            self._fault(node, f"{name} has at most {most} texts")
            return []
        for one in nodes:
            if not isinstance(one, yaml.ScalarNode):
                self._fault(one, f"{name} is a list of texts; put a text with a colon in quotes")
        return [self._fit(one, name) for one in nodes if isinstance(one, yaml.ScalarNode)]

    def _number(self, fields: dict[str, yaml.Node], name: str, default: float) -> float:
        node = fields.get(name)
        if node is None:
            return default
        try:
            number = float(node.value)
        except (TypeError, ValueError):
            number = float("nan")
        if isfinite(number * 1_000):
            return number
        self._fault(node, f"{name} is a number")
        return default

    def _fault(self, node: yaml.Node | None, message: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.faults.append(Fault(self.file, line, message))


def _closest(text: str, known: Collection[str]) -> str | None:
    """The known name that the author may have meant; None when no name is similar."""
    if len(text) > MOST_GUESSED_CHARS:
        return None
    close = difflib.get_close_matches(text, [one for one in known if len(one) <= MOST_GUESSED_CHARS], 1)
    return close[0] if close else None
