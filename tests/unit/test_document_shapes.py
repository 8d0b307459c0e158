"""mypy checks the shapes of documents in all product code, because no document is a dict of Any."""

import ast
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from typing_extensions import get_type_hints, is_typeddict

from quizcore import documents

ROOT = Path(__file__).parents[2]
PRODUCT = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "workers").rglob("*.py"), *(ROOT / "admin_cli").rglob("*.py")]

# These functions read or write JSON, YAML or documents of unknown shape.
UNKNOWN_SHAPE = {
    "functions/quizcore/ports/store.py": "the store takes and gives any document; Snapshot.read_as says which it is",
    "functions/quizcore/adapters": "adapters carry what a port carries, and the JSON of services",
    "functions/quizcore/sizes.py": "counts bytes of any document",
    "functions/quizcore/documents/session.py": "is_whole_session and read_options tell what a document is",
    "functions/quizcore/usecases/archive.py": "a session's file, which is JSON",
    "functions/quizcore/usecases/archive_check.py": "a session's file before it has been checked",
    "functions/quizcore/usecases/export_person.py": "a person's documents as JSON",
    "functions/http_api/routes/me.py": "a person's documents as JSON",
    "functions/quizcore/usecases/erase.py": "looks for a person in whatever lies in a collection",
    "functions/http_api/app.py": "the OpenAPI document",
    "functions/http_api/openapi.py": "the OpenAPI document; the JSON of a model that a route answers with",
    "admin_cli/accounts.py": "claims of an account",
    "admin_cli/firebase.py": "claims of an account",
    "admin_cli/api.py": "JSON from and to the API",
    "admin_cli/output.py": "JSON for whoever reads the command line",
    "admin_cli/costs.py": "JSON of prices and measurements",
    "admin_cli/quiz_file.py": "YAML that an author has written",
}

WRITES = ("Create", "Put", "Update", "Replace")


def named(file: Path) -> bool:
    path = file.relative_to(ROOT).as_posix()
    return any(path == name or path.startswith(f"{name}/") for name in UNKNOWN_SHAPE)


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Of parameters, results, variables and fields, and what stands for a type in an alias."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=ast.expr() as found) | ast.AsyncFunctionDef(returns=ast.expr() as found):
                yield found
            case ast.arg(annotation=ast.expr() as found) | ast.AnnAssign(annotation=found):
                yield found
            case ast.Assign(value=ast.Subscript() as found):
                yield found


def of_anything(annotation: ast.expr) -> bool:
    """Whether a `dict[str, Any]` or a `Mapping[str, Any]` is in it."""
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    return isinstance(text, str) and ("ict[str, Any]" in text or "Mapping[str, Any]" in text)


def dicts_of_anything(source: str) -> list[int]:
    return [each.lineno for each in annotations(ast.parse(source)) if of_anything(each)]


def blind_reads(source: str) -> list[int]:
    """Lines that read a field of a snapshot's data by its name without saying which document it is."""

    def is_data(node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "data"

    lines: list[int] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and is_data(node.value):
            lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            lines += [node.lineno] if is_data(node.func.value) else []
    return lines


def shapes_of_its_own(source: str) -> list[int]:
    """Lines that write a document whose fields are listed there."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITES
        for argument in node.args
        if isinstance(argument, ast.Dict) and any(isinstance(key, ast.Constant) for key in argument.keys)
    ]


@pytest.mark.parametrize("file", [f for f in PRODUCT if not named(f)], ids=lambda f: f.relative_to(ROOT).as_posix())
def test_no_signature_of_product_code_has_a_dict_of_anything(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    assert dicts_of_anything(source) == [], "name its shape: a TypedDict of quizcore/documents, or one beside the code"
    assert blind_reads(source) == [], "say which document it is: snapshot.read_as(documents.…Document)"
    assert shapes_of_its_own(source) == [], "a document's fields are listed in its file of quizcore/documents"


def test_the_checks_detect_what_they_forbid() -> None:
    assert dicts_of_anything("def f(a: int, b: 'dict[str, Any] | None') -> Iterator[dict[str, Any]]: ...") == [1, 1]
    assert dicts_of_anything("class A:\n    board: Mapping[str, Any]\n    clock: dict[str, int]\n") == [2]
    assert dicts_of_anything("Document = dict[str, Any]") == [1]
    assert blind_reads("shards = found.data['shards']\nfinal = found.data.get('final')\n") == [1, 2]
    assert blind_reads("shards = found.read_as(SessionDocument)['shards']; rows[name].data") == []
    assert blind_reads("row = {name: found.data[name] for name in names}") == [1]
    assert shapes_of_its_own("Create(path, {'player_id': uid})\nPut(path, nickname_fields(uid))\nDelete(path)") == [1]
    assert shapes_of_its_own("Create(path, {**board, **kept})") == []


def test_every_listed_exception_exists_and_is_needed() -> None:
    for name in UNKNOWN_SHAPE:
        path = ROOT / name
        files = path.rglob("*.py") if path.is_dir() else [path]
        sources = [file.read_text(encoding="utf-8") for file in files]
        assert any(dicts_of_anything(source) or blind_reads(source) for source in sources), name


# Their owners keep them as long as they want.
OF_AUTHORS = {"QuizDocument", "QuestionDocument"}
OF_PEOPLE = {"PersonDocument", "MonthDocument"}
OF_OPERATORS = {"AuditDocument"}
OF_CLASSES = {"ClassDocument", "ClassMemberDocument", "MembershipDocument", "ClassCodeDocument"}


def test_every_other_document_says_when_it_is_deleted() -> None:
    shapes = {n: shape for n, shape in vars(documents).items() if n.endswith("Document") and is_typeddict(shape)}
    kept = {n for n, shape in shapes.items() if get_type_hints(shape).get("expires_at") is not datetime}

    assert len(shapes) > 12
    assert kept == OF_AUTHORS | OF_PEOPLE | OF_CLASSES | OF_OPERATORS
