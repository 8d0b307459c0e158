"""Mutants of the security rules: each is one small change that a person might make by mistake."""

import re
from collections.abc import Iterator

Mutant = tuple[str, str]  # what was changed, the rules

_ALLOW = re.compile(r"allow (?P<what>[\w, ]+): if (?P<condition>[^;]+);")
_RETURN = re.compile(r"return (?P<condition>[^;]+);")
_WIDER = {"get": "read", "read": "read, write", "list": "read", "get, list": "read, write"}


def mutants(rules: str) -> list[Mutant]:
    return [*_conditions(rules), *_wider(rules), *_comparisons(rules), *_operands(rules)]


def _conditions(rules: str) -> Iterator[Mutant]:
    """A condition that is always true, or always false."""
    for pattern in (_ALLOW, _RETURN):
        for found in pattern.finditer(rules):
            for value in ("true", "false"):
                yield f"{_line(rules, found.start())}: {value}", _put(rules, found.span("condition"), value)


def _wider(rules: str) -> Iterator[Mutant]:
    """More operations than were meant."""
    for found in _ALLOW.finditer(rules):
        what, everything = found["what"].strip(), "read, write"
        for wider in {_WIDER[what]: None, everything: None}:
            yield f"{what} → {wider}: {found['condition']}", _put(rules, found.span("what"), wider)


def _comparisons(rules: str) -> Iterator[Mutant]:
    for found in re.finditer(r"==|!=", rules):
        other = "!=" if found[0] == "==" else "=="
        yield f"{_line(rules, found.start())}: {other}", _put(rules, found.span(), other)
    for found in re.finditer(r"'[\w|+\[\]-]+\|[\w|+\[\]-]+'", rules):  # a choice of names
        names = found[0].strip("'").split("|")
        for name in names:
            rest = "|".join(other for other in names if other != name)
            yield f"{_line(rules, found.start())}: without {name}", _put(rules, found.span(), f"'{rest}'")
        yield f"{_line(rules, found.start())}: any name", _put(rules, found.span(), "'.*'")


def _operands(rules: str) -> Iterator[Mutant]:
    """One side of an `and` or `or` alone, and the one in place of the other."""
    for pattern in (_ALLOW, _RETURN):
        for whole in pattern.finditer(rules):
            start, condition = whole.start("condition"), whole["condition"]
            for found in re.finditer(r"&&|\|\|", condition):
                other = "||" if found[0] == "&&" else "&&"
                at = (start + found.start(), start + found.end())
                yield f"{_line(rules, at[0])}: {other}", _put(rules, at, other)
                left, right = _sides(condition, found.start(), found.end())
                for side in (left, right):
                    span = (start + side[0], start + side[1])
                    neutral = "true" if found[0] == "&&" else "false"
                    yield f"{_line(rules, at[0])}: without an operand", _put(rules, span, neutral)


def _sides(condition: str, begin: int, end: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The operands around an operator: up to the next operator or bracket of the same depth."""
    left, depth = begin, 0
    while left > 0:
        char, two = condition[left - 1], condition[left - 2 : left]
        depth += {")": 1, "(": -1}.get(char, 0)
        if depth < 0 or (depth == 0 and two in ("&&", "||")):
            break
        left -= 1
    right, depth = end, 0
    while right < len(condition):
        char, two = condition[right], condition[right : right + 2]
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0 or (depth == 0 and two in ("&&", "||")):
            break
        right += 1
    return (left, begin), (end, right)


def _put(rules: str, span: tuple[int, int], text: str) -> str:
    return f"{rules[: span[0]]} {text} {rules[span[1] :]}"


def _line(rules: str, at: int) -> str:
    return f"line {rules.count(chr(10), 0, at) + 1}"
