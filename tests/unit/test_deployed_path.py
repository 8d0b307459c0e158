"""Every test of the API uses the deployed path."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
THE_WAY = TESTS / "support" / "function.py"
SHORTCUTS = {"test_client", "test_request_context", "wsgi_app", "full_dispatch_request"}


def shortcuts(source: str) -> Iterator[int]:
    """Lines that call Flask's app without the function around it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in SHORTCUTS:
            yield node.lineno


def test_every_client_of_the_api_calls_main_py() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        if path != THE_WAY
        for line in shortcuts(path.read_text())
    ]

    assert not found, "use tests/support/function.py: a client of the app itself misses what main.py does"


def test_the_check_detects_a_shortcut() -> None:
    assert list(shortcuts(THE_WAY.read_text())), "the one file that may"
    assert list(shortcuts("app = create_app(context)\nclient = app.test_client()")) == [2]
    assert not list(shortcuts("client = client_of(context)"))
