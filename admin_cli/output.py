"""All output: tables for people, one JSON document for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from quizcore.domain.text import may_hold

console = Console()
errors = Console(stderr=True)


def shown(text: str, style: str = "") -> Text:
    """The text literally: without Rich's markup, and without characters that move the cursor or make a link."""
    return Text("".join(char if may_hold(char) else "\N{REPLACEMENT CHARACTER}" for char in text), style)


class Output:
    """`--json` anywhere on the command line switches all output to JSON on stdout. Data is never interpreted as Rich's
    markup."""

    as_json = False

    def value(self, data: Mapping[str, Any], text: str | Text) -> None:
        if self.as_json:
            typer.echo(_json(data))
        else:
            self.line(text)

    def line(self, text: str | Text) -> None:
        console.print(shown(text) if isinstance(text, str) else text, highlight=False)

    def rows(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
        if self.as_json:
            typer.echo(_json(list(rows)))
        elif not rows:
            self.line(empty)
        else:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for number, column in enumerate(columns):
                table.add_column(column, no_wrap=number == 0, overflow="fold")  # people copy ids
            for row in rows:
                table.add_row(*(_cell(row[c]) for c in columns))
            console.print(table)

    def error(self, code: str, message: str) -> None:
        if self.as_json:
            typer.echo(_json({"error": {"code": code, "message": message}}), err=True)
        else:
            errors.print(Text.assemble((code, "bold red"), ": ", shown(message)), highlight=False, soft_wrap=True)


def _cell(value: object) -> RenderableType:
    return shown("" if value is None else str(value))


def _json(data: object) -> str:
    """JSON with readable non-ASCII text. Characters that a terminal would obey are escaped, because JSON escapes only
    some of them."""
    text = json.dumps(data, ensure_ascii=False, default=str)
    return "".join(char if may_hold(char) else json.dumps(char)[1:-1] for char in text)


out = Output()
