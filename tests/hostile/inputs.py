"""Hostile requests, each with the status and code that the API documents for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

API = "/api/v1"
WRONG_METHOD = (405, "wrong_method")
INVALID = (400, "invalid")
TOO_LARGE = (413, "too_large")
UNAUTHENTICATED = (401, "unauthenticated")
UNKNOWN_PATH = (404, "unknown_path")

# Values that no field of any body accepts.
WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "a float": 1.5,
    "minus one": -1,
    "a huge integer": 10**400,
    "an int64 too far": 2**63,
    "a list": [1],
    "nested lists": [[[[1]]]],
    "an object": {"a": 1},
    "an operator": {"$gt": ""},
    "an empty object": {},
    "an empty list": [],
}
# Texts that no id, PIN, command or index is.
TEXTS = {
    "empty": "",
    "NUL": "\x00",
    "control characters": "a\x07\x1b[31m",
    "a new line": "a\nb",
    "a bidi override": "\u202eabc",
    "zero width": "a\u200bb",
    "a lone surrogate": "\ud800",
    "an astral flood": "\U0001f4a5" * 300,
    "a path up": "../../etc/passwd",
    "a path in the store": "sessions/x/private/quiz",
    "a template": "{{7*7}}",
    "SQL": "' OR 1=1 --",
    "a tag": "<script>alert(1)</script>",
    "a formula": "=HYPERLINK(1)",
    "a very long one": "x" * 5_000,
    "digits of another script": "\u0661\u0662\u0663\u0664\u0665\u0666",
    "a delete": "a\x7fb",
    "a C1 control": "a\x85b",
    "a noncharacter": "a\uffffb",
    "a noncharacter of a block": "a\ufdd0b",
    "a noncharacter of a plane": "a\U0001fffeb",
    "a tab before a formula": "\t=1+1",
    "a line before a formula": "\n=1+1",
    "a full-width formula": "\uff1d1+1",
    "a formula behind a semicolon": "x;=1+1",
    "Rich markup": "[/x] [bold",
    "an OSC 8 link": "\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\",
    "full-width digits": "\uff11\uff12\uff13\uff14\uff15\uff16",
}
# Bodies that are not what they say.
BODIES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "nothing": (b"", INVALID),
    "not JSON": (b"{not json", INVALID),
    "half": (b'{"pin": "1234', INVALID),
    "two": (b"{}{}", INVALID),
    "a BOM": (b"\xef\xbb\xbf{}", INVALID),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), INVALID),
    "not UTF-8": (b'{"a": "\xff\xfe"}', INVALID),
    "NaN": (b'{"question_index": NaN, "choices": [1]}', INVALID),
    "infinity": (b'{"question_index": -Infinity, "choices": [1]}', INVALID),
    "a string": (b'"hello"', INVALID),
    "a number": (b"7", INVALID),
    "a list": (b"[]", INVALID),
    "null": (b"null", INVALID),
    "deep lists": (b"[" * 3_900 + b"]" * 3_900, INVALID),
    "deep objects": (b'{"a":' * 1_300 + b"1" + b"}" * 1_300, INVALID),
    "deep inside a field": (b'{"pin": ' + b"[" * 3_000 + b"]" * 3_000 + b"}", INVALID),
    "a number of 8,000 digits": (b'{"question_index": ' + b"9" * 8_000 + b"}", INVALID),
    "10 MB": (b"x" * 10_000_000, TOO_LARGE),
    "one byte too many": (b" " * (8 * 1024 + 1), TOO_LARGE),
    "the prototype": (b'{"__proto__": {"admin": true}, "constructor": 1}', INVALID),
    "a form": (b"pin=123456&nickname=Ann", INVALID),
    "XML": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', INVALID),
}
PATHS = (
    "/api/v1/sessions/../../etc/passwd",
    "/api/v1/sessions/%2e%2e%2f%2e%2e/answers",
    "/api/v1/sessions/a%00b/report",
    "/api/v1/sessions/a/b/c/d",
    "/api/v1/sessions//answers",
    "/api/v1//join/",
    "/api/v1/join/..;/sessions",
    "/api/v1/%6aoin2",
    "/api/v2/join",
    "/api/v1/admin",
    "/.env",
    "/.git/config",
    "/api/v1/sessions/\u202e/answers",
    "/api/" + "a/" * 500,
    "/api/v1/" + "x" * 6_000,
)
TOKENS = {
    "none": None,
    "empty": "Bearer ",
    "basic": "Basic aG9zdC0xOg==",
    "no scheme": "host-token",
    "two": "Bearer host-token, Bearer host-token",
    "unknown": "Bearer somebody",
    "alg none": "Bearer eyJhbGciOiJub25lIn0.eyJ1aWQiOiJob3N0LTEifQ.",
    "dots": "Bearer ...",
    "long": "Bearer " + "x" * 4_000,
    "a path": "Bearer ../../host-token",
    "latin": "Bearer h\u00f6st",
    "null": "Bearer null",
}
KEYS = {
    "words": "please",
    "a path": "../../x",
    "too long": "0" * 500,
    "almost a UUID": "018f6b1e-0000-7000-8000-00000000000",
    "a UUID and more": "018f6b1e-0000-7000-8000-000000000001 ",
    "a ULID with an I": "01ARZ3NDEKTSV4RRFFQ69G5FAI",
    "a bell": "018f6b1e-0000-7000-8000-00000000000\x07",
}


@dataclass(frozen=True, slots=True)
class Hostile:
    name: str
    method: str
    path: str
    body: bytes
    expected: frozenset[tuple[int, str]]
    headers: dict[str, str] = field(default_factory=dict)
    as_player: bool = False


def _json(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def hostile_inputs(session_id: str, pin: str) -> Iterator[Hostile]:
    """All of them, against a session in which question 0 is open and whose player and host are signed in."""
    session = f"{API}/sessions/{session_id}"
    good: dict[str, dict[str, Any]] = {
        f"{API}/join": {"pin": pin, "nickname": "Mallory", "avatar": "fox"},
        f"{API}/sessions": {"quiz_id": "words", "options": {}, "expected_players": 1},
        f"{session}/answers": {"question_index": 0, "choices": [1]},
        f"{session}/commands": {"command": "close"},
        f"{API}/me/kept": {"session_id": session_id, "guest_token": "a-guest"},
        f"{API}/return": {"code": "XXXXXX"},
        f"{API}/classes": {"title": "7b", "zone": "UTC"},
        f"{API}/classes/join": {"code": "XXXXXX"},
    }
    yield from _bodies(good)
    yield from _fields(good)
    yield from _names(f"{session}/commands")
    yield from _paths_and_methods(good, session)
    yield from _headers(good, session)


def _post(name: str, path: str, body: bytes, *expected: tuple[int, str], **headers: str) -> Hostile:
    as_player = path.endswith(("/answers", "/standings"))
    told = {"Content-Type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
    return Hostile(f"{path.rpartition('/')[2]}: {name}", "POST", path, body, frozenset(expected), told, as_player)


def _bodies(good: dict[str, dict[str, Any]]) -> Iterator[Hostile]:
    for path, told in good.items():
        for name, (body, expected) in BODIES.items():
            yield _post(name, path, body, expected)
        yield _post("a form's type", path, _json(told), INVALID, Content_Type="application/x-www-form-urlencoded")
        yield _post("text", path, _json(told), INVALID, Content_Type="text/plain")


def _fields(good: dict[str, dict[str, Any]]) -> Iterator[Hostile]:
    unknown = ((404, "unknown_pin"), (404, "unknown_quiz"), (404, "unknown_code"), (404, "no_profile"))
    refused = (INVALID, *unknown, (422, "nickname_refused"))
    for path, body in good.items():
        for name in body:
            for what, value in (WRONG | TEXTS).items():
                if (name, value) in HARMLESS or (name == "nickname" and what in HARMLESS_NAMES):
                    continue
                if name == "title" and what in TEXTS:
                    continue  # any text that people see may be a title (tests/unit/test_api_classes.py)
                yield _post(f"{name} is {what}", path, _json(body | {name: value}), *refused)
            if name not in {"options", "expected_players", "avatar"}:
                yield _post(f"no {name}", path, _json({k: v for k, v in body.items() if k != name}), INVALID)
        for extra in ("points", "score", "at", "elapsed_ms", "player_id_", "event_id", "session_id", "host_id", "role"):
            yield _post(f"{extra} besides", path, _json(body | {extra: 1}), INVALID)


def _names(commands: str) -> Iterator[Hostile]:
    """The fields of the host's commands about one player: an id and a nickname."""
    for command, named in {"rename": {"nickname": "Mallory"}, "admit": {}, "remove": {}}.items():
        body: dict[str, Any] = {"command": command, "player_id": "player-1", **named}
        for name in ("player_id", *named):
            for what, value in (WRONG | TEXTS).items():
                if name == "nickname" and what in HARMLESS_NAMES:
                    continue
                told = _json(body | {name: value})
                # Any text may be the uid of a signed-in player; nobody in this session has it.
                expected = (409, "wrong_state") if name == "player_id" else (422, "nickname_refused")
                yield _post(f"{command}: {name} is {what}", commands, told, INVALID, expected)
            without = _json({key: kept for key, kept in body.items() if key != name})
            yield _post(f"{command}: no {name}", commands, without, INVALID)
        yield _post(f"{command}: a stranger", commands, _json(body | {"player_id": "x" * 32}), (409, "wrong_state"))
        yield _post(f"{command}: players besides", commands, _json(body | {"players": 3}), INVALID)


STRANGERS = {f"{API}/join", f"{API}/return"}  # what is called without a token
HARMLESS = [("options", {}), ("choices", [1])]
# These are names, once what is invisible has been taken out; they are tried for what is shown (tests/unit).
HARMLESS_NAMES = {"a bidi override", "zero width", "digits of another script", "full-width digits"}


def _paths_and_methods(good: dict[str, dict[str, Any]], session: str) -> Iterator[Hostile]:
    lost = frozenset({UNKNOWN_PATH, UNAUTHENTICATED, INVALID, (404, "unknown_session"), (405, "wrong_method")})
    for path in PATHS:
        for method in ("GET", "POST"):
            yield Hostile(f"path {path[:60]!r}", method, path, b"{}", lost, {"Content-Type": "application/json"})
    for path in (*good, f"{session}/report", f"{session}/standings"):
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            # A class could have the id `join`, and may be deleted.
            told = (404, "unknown_class") if (method, path) == ("DELETE", f"{API}/classes/join") else WRONG_METHOD
            yield Hostile(f"{method} {path[-20:]}", method, path, b"", frozenset({told}))
    queries = ("around=../x", "around=", "m=-1", "m=99999999999999999999", "m=NaN", "around=me&m=1.5", "m[]=1&m[]=2")
    for query in queries:
        path = f"{session}/standings?{query}"
        expected = frozenset({INVALID, (404, "unknown_path"), (409, "wrong_state"), (403, "forbidden")})
        yield Hostile(f"standings?{query}", "GET", path, b"", expected, as_player=True)


def _headers(good: dict[str, dict[str, Any]], session: str) -> Iterator[Hostile]:
    for path, body in good.items():
        for name, token in TOKENS.items():
            if path in STRANGERS and token is None:
                continue  # a stranger may join
            headers = {"Content-Type": "application/json"} | ({} if token is None else {"Authorization": token})
            what = f"{path.rpartition('/')[2]}: token {name}"
            yield Hostile(what, "POST", path, _json(body), frozenset({UNAUTHENTICATED}), headers)
        for name, key in KEYS.items():
            yield _post(f"key {name}", path, _json(body), INVALID, Idempotency_Key=key)
    for path in (f"{API}/sessions", f"{session}/report", f"{session}/standings"):
        for name, token in TOKENS.items():
            headers = {} if token is None else {"Authorization": token}
            yield Hostile(f"GET {path[-9:]}: token {name}", "GET", path, b"", frozenset({UNAUTHENTICATED}), headers)
