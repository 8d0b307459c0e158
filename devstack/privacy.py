"""Write docs/privacy.md, the page for schools, from docs/privacy.yaml: `python -m devstack.privacy`."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from devstack.emulators import ROOT

SOURCE = ROOT / "docs" / "privacy.yaml"
PAGE = ROOT / "docs" / "privacy.md"

HEAD = """\
# Data protection sheet

This page is for schools, parents and data protection officers. It lists the data that Wordrush stores about people, the
purpose of each field, the readers, and the time until the deletion. The page is generated from `docs/privacy.yaml`
(`python -m devstack.privacy`). A test plays whole games and fails on every field that the list does not name.

| to be filled in by the operator of the service | |
|---|---|
| controller (the school, or the company that runs the service for the school) | |
| contact, data protection officer | |
| Google Cloud project and region | |
| legal basis (for instance the school's task, or consent) | |

## In short

- **Players need no account.** A guest types a name for the board, which can be any name, and picks a picture. A guest's
  game is deleted with its session, after 30 days.
- **An account is the person's own choice.** Only a person with a profile has a history and is on leaderboards.
- **No name is public by default.** A public leaderboard shows a name only when the person asks to be listed. A class's
  leaderboard shows names to the class and its host.
- **Access and erasure.** The screen `/me` shows everything that is stored about a person (JSON), and erases it. Within
  a minute the person is on no board, and no document names the person. A running session removes the player from its
  board at once, and deletes the player's other documents when it ends.
- **Processors.** Google (Firebase Authentication, Firestore, Pub/Sub, Cloud Run, Cloud Logging), on the operator's
  behalf. The service has no advertising, no analytics service, no profiling, and no script, font or picture of a third
  party.
- **Not stored:** real names, addresses, telephone numbers, birthdays, photos, locations, contacts. The address of a
  request is used in memory against guessing, and is in no document.
- **Exports.** A report or an archive that a host saves is a file that no erasure reaches; the host deletes it.
"""


def load() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return found


def page(listed: Mapping[str, Any]) -> str:
    return "\n".join([HEAD, *_documents(listed["documents"]), *_rest(listed)]) + "\n"


def _documents(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Documents in the database\n"
    for path, entry in documents.items():
        if not (entry["personal"] or "path" in entry):
            continue
        yield f"### {entry['what']}\n"
        yield f"`{path}` · read by: {entry['readers']} · stored: {_how_long(entry)}\n"
        yield "| field | for |"
        yield "|---|---|"
        if "path" in entry:
            yield f"| the ids in the path | {entry['path']} |"
        yield from (f"| `{name}` | {purpose} |" for name, purpose in entry["personal"].items())
        yield ""
    without = [f"`{path}`" for path, entry in documents.items() if not entry["personal"] and "path" not in entry]
    yield f"Without anything about a person: {', '.join(without)}.\n"


def _how_long(entry: Mapping[str, Any]) -> str:
    if "days" not in entry:
        return f"until {entry['until']}"
    return "1 day" if entry["days"] == 1 else f"{entry['days']} days"


def _rest(listed: Mapping[str, Any]) -> Iterator[str]:
    account, messages, log = listed["account"], listed["messages"], listed["log"]
    yield "## The account\n"
    yield f"Kept by {account['keeper']} {account['days']}. Guests have one without any of these but its age.\n"
    yield from _table(account["personal"])
    yield f"## Messages between the parts of the service, for {messages['days']} days\n"
    yield from _table(messages["personal"])
    yield f"## Log lines, for {log['days']} days\n"
    yield "No name, no answer and no e-mail address stands in a log line.\n"
    yield from _table(log["personal"])
    yield "## On the device\n"
    yield from _table(listed["device"])


def _table(fields: Mapping[str, str]) -> Iterator[str]:
    yield "| field | for |"
    yield "|---|---|"
    yield from (f"| `{name}` | {purpose} |" for name, purpose in fields.items())
    yield ""


def main() -> None:
    PAGE.write_text(page(load()), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
