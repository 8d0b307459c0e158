"""Quizzes as YAML files: what authors write, review and keep in version control."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from admin_cli.faults import Fault, FileUnusable, read_text
from quizcore.domain.quiz import Kind, Question, Quiz, QuizInvalid

VISIBILITIES = ("public", "private")
QUIZ_FIELDS = {"id", "title", "description", "language", "level", "visibility", "seconds", "points", "questions"}
QUESTION_FIELDS = {"prompt", "kind", "choices", "key", "seconds", "points", "media", "explanation"}
DEFAULT_SECONDS = 20
DEFAULT_POINTS = 1_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class QuizFile:
    quiz_id: str
    quiz: Quiz
    visibility: str


def read_quiz_file(path: Path) -> QuizFile:
    """Raises FileUnusable with every fault and its line."""
    reader = _Reader(str(path))
    try:
        root = yaml.compose(read_text(path), Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise FileUnusable([Fault(str(path), 1, "is nested too deep for a quiz")]) from error
    except yaml.reader.ReaderError as error:
        raise FileUnusable([Fault(str(path), 1, f"is not YAML: {error.reason}")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileUnusable([Fault(str(path), line, f"is not YAML: {error.problem}")]) from error
    found = reader.quiz_file(root, default_id=path.stem)
    if reader.faults or found is None:
        raise FileUnusable(sorted(reader.faults, key=lambda fault: fault.line))
    return found


def quiz_text(quiz_id: str, quiz: Quiz, visibility: str) -> str:
    """The YAML that `read_quiz_file` reads back as the same quiz."""
    head = {
        "id": quiz_id,
        "title": quiz.title,
        "description": quiz.description,
        "language": quiz.language,
        "level": quiz.level,
        "visibility": visibility,
        "questions": [_question_map(question) for question in quiz.questions],
    }
    return yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=100)


def _question_map(question: Question) -> dict[str, Any]:
    is_text = question.kind is Kind.TEXT
    key = list(question.key) if is_text else [question.choices[int(i)] for i in question.key]
    found: dict[str, Any] = {"prompt": question.prompt, "kind": question.kind.value}
    if not is_text:
        found["choices"] = list(question.choices)
    found["key"] = key[0] if len(key) == 1 else key
    found["seconds"] = (
        question.time_limit_ms / 1000 if question.time_limit_ms % 1000 else question.time_limit_ms // 1000
    )
    found["points"] = question.points
    optional = {"media": question.media, "explanation": question.explanation}
    return found | {name: value for name, value in optional.items() if value is not None}


class _Reader:
    """Walks the YAML nodes, which know their lines, and gathers faults instead of stopping."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def quiz_file(self, root: yaml.Node | None, default_id: str) -> QuizFile | None:
        if not isinstance(root, yaml.MappingNode):
            self._fault(root, "a quiz file is a mapping with title, language and questions")
            return None
        fields = self._fields(root, QUIZ_FIELDS)
        title, language = self._text(fields, "title", root), self._text(fields, "language", root)
        if language is not None and not _LANGUAGE.fullmatch(language):
            self._fault(fields["language"], f"language is a tag such as en, de or pt-BR, not {language!r}")
        quiz_id = self._text(fields, "id", None) or default_id
        if not _ID.fullmatch(quiz_id):
            self._fault(fields.get("id", root), "id has 1 to 64 letters, digits, - and _")
        visibility = self._text(fields, "visibility", None) or "private"
        if visibility not in VISIBILITIES:
            self._fault(fields["visibility"], "visibility is public or private")
        questions = self._questions(fields, root)
        if self.faults or title is None or language is None:
            return None
        description, level = self._text(fields, "description", None), self._text(fields, "level", None)
        try:
            quiz = Quiz(title, language, tuple(questions), description or "", level or "")
        except QuizInvalid as error:
            self._fault(root, str(error))
            return None
        return QuizFile(quiz_id, quiz, visibility)

    def _questions(self, fields: dict[str, yaml.Node], root: yaml.Node) -> list[Question]:
        node = fields.get("questions")
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._fault(node or root, "questions is a list of at least one question")
            return []
        seconds = self._number(fields, "seconds", DEFAULT_SECONDS)
        points = self._number(fields, "points", DEFAULT_POINTS)
        found = (self._question(one, seconds, points) for one in node.value)
        return [question for question in found if question is not None]

    def _question(self, node: yaml.Node, seconds: float, points: float) -> Question | None:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "a question is a mapping with prompt, choices and key")
            return None
        before = len(self.faults)
        fields = self._fields(node, QUESTION_FIELDS)
        prompt = self._text(fields, "prompt", node)
        kind = self._text(fields, "kind", None) or Kind.SINGLE.value
        if kind not in list(Kind):
            self._fault(fields["kind"], f"kind is {', '.join(Kind)}, not {kind!r}")
            return None
        choices, key = self._texts(fields, "choices"), self._texts(fields, "key")
        if not key:
            self._fault(fields.get("key", node), "key names the right answer, or a list of them")
        chosen = key if kind == Kind.TEXT else self._indexes(fields.get("key", node), key, choices)
        if len(self.faults) > before or prompt is None:
            return None
        try:
            return Question(
                prompt=prompt,
                kind=Kind(kind),
                key=tuple(chosen),  # type: ignore[arg-type] # all of one type, by kind
                choices=tuple(choices),
                time_limit_ms=round(self._number(fields, "seconds", seconds) * 1000),
                points=round(self._number(fields, "points", points)),
                media=self._text(fields, "media", None),
                explanation=self._text(fields, "explanation", None),
            )
        except QuizInvalid as error:
            self._fault(node, str(error))
            return None

    def _indexes(self, node: yaml.Node, key: list[str], choices: list[str]) -> list[int]:
        for text in key:
            if text not in choices:
                close = get_close_matches(text, choices, 1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                self._fault(node, f"key {text!r} is not one of the choices{hint}")
        return sorted(choices.index(text) for text in key if text in choices)

    def _fields(self, node: yaml.MappingNode, known: set[str]) -> dict[str, yaml.Node]:
        fields: dict[str, yaml.Node] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self._fault(name, "a field's name is a word")
                continue
            if name.value not in known:
                close = get_close_matches(str(name.value), known, 1)
                hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"
                self._fault(name, f"unknown field {name.value!r}{hint}")
            elif name.value in fields:
                self._fault(name, f"field {name.value!r} stands twice")
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
        return str(node.value).strip()

    def _texts(self, fields: dict[str, yaml.Node], name: str) -> list[str]:
        """One text or a list of texts, exactly as written: `no` and `1` stay what the author typed."""
        node = fields.get(name)
        if node is None:
            return []
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for one in nodes:
            if not isinstance(one, yaml.ScalarNode):
                self._fault(one, f"{name} holds texts; put one with a colon in quotes")
        return [str(one.value).strip() for one in nodes if isinstance(one, yaml.ScalarNode)]

    def _number(self, fields: dict[str, yaml.Node], name: str, default: float) -> float:
        node = fields.get(name)
        if node is None:
            return default
        try:
            return float(node.value)
        except (TypeError, ValueError):
            self._fault(node, f"{name} is a number")
            return default

    def _fault(self, node: yaml.Node | None, message: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.faults.append(Fault(self.file, line, message))
