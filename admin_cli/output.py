"""Everything that is printed: tables for people, one JSON document for programs."""

import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

console = Console()
errors = Console(stderr=True)


class Output:
    """`--json` anywhere on the line switches every answer to JSON on stdout."""

    as_json = False

    def value(self, data: dict[str, Any], text: str) -> None:
        if self.as_json:
            typer.echo(json.dumps(data, ensure_ascii=False, default=str))
        else:
            console.print(text, highlight=False)

    def rows(self, rows: Sequence[dict[str, Any]], columns: Sequence[str], empty: str) -> None:
        if self.as_json:
            typer.echo(json.dumps(list(rows), ensure_ascii=False, default=str))
        elif not rows:
            console.print(empty)
        else:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for number, column in enumerate(columns):
                table.add_column(column, no_wrap=number == 0, overflow="fold")  # ids are there to be copied
            for row in rows:
                table.add_row(*("" if row[c] is None else str(row[c]) for c in columns))
            console.print(table)

    def error(self, code: str, message: str) -> None:
        if self.as_json:
            typer.echo(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False), err=True)
        else:
            errors.print(f"[bold red]{code}[/]: {message}", highlight=False, soft_wrap=True)


out = Output()
