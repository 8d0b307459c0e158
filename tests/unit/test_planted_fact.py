"""A new fact of a player has four places (docs/architecture.md): one is planted there, in a copy of the product, and
followed from its message to the player's document and back."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = "functions/quizcore/"

# By file: the present text, and the text with the fact. The fact: the host gives a player a team.
PLANTED: dict[str, dict[str, str]] = {
    CORE + "domain/events.py": {
        "FactEvent = ": (
            "@dataclass(frozen=True, slots=True)\n"
            "class PlayerTeamed:\n    mark: Mark\n    player_id: str\n    team: str\n\n\n"
            "FactEvent = PlayerTeamed | "
        ),
    },
    CORE + "messages.py": {
        "class PlayerAdmitted(": (
            'class PlayerTeamed(_Message):\n    type: Literal["player_teamed"] = "player_teamed"\n'
            "    player_id: PlayerId\n    team: Nickname\n\n"
            "    def event(self) -> events.Event:\n"
            "        return events.PlayerTeamed(self.mark, self.player_id, self.team)\n\n\n"
            "class PlayerAdmitted("
        ),
        "\nAboutPlayer = ": "\nAboutPlayer = PlayerTeamed | ",
    },
    CORE + "domain/player.py": {
        "    PlayerRenamed,\n": "    PlayerRenamed,\n    PlayerTeamed,\n",
        "    removed: bool = False\n": "    removed: bool = False\n    teamed: PlayerTeamed | None = None\n",
        "            case PlayerAdmitted():\n": (
            "            case PlayerTeamed():\n                return self._replace(teamed=event)\n"
            "            case PlayerAdmitted():\n"
        ),
    },
    CORE + "documents/player.py": {
        "import Mark, PlayerJoined, PlayerRenamed\n": "import Mark, PlayerJoined, PlayerRenamed, PlayerTeamed\n",
        "class FactsFields(TypedDict):": (
            "class TeamFields(MarkFields):\n    team: Name\n\n\nclass FactsFields(TypedDict):"
        ),
        "    removed: bool\n": "    removed: bool\n    teamed: TeamFields | None\n",
        '        "removed": facts.removed,\n': (
            '        "removed": facts.removed,\n'
            '        "teamed": {**mark_fields(t.mark), "team": t.team} if (t := facts.teamed) else None,\n'
        ),
        '        removed=data["removed"],\n': (
            '        removed=data["removed"],\n'
            '        teamed=(t := data.get("teamed")) and PlayerTeamed(read_mark(t), player_id, t["team"]),\n'
        ),
    },
}

FOLLOWED = """
from quizcore import documents
from quizcore.domain.fold import State
from quizcore.messages import PlayerTeamed, decode, encode
from quizcore.ports import Put, Update
from tests.support import games
from workers.shard.baseline import Baseline, image
from workers.shard.plan import plan_commit

until = documents.expiry(games.START)
state = State(games.game())
state.apply([games.joined("ann"), games.joined("ben")], games.START)
board = documents.board_fields(state, seq=1, commit_id="first", top_k=5)
baseline = Baseline("s", 0, 1, until, 1, board, documents.clock_fields(state), None)
baseline.players |= {player_id: image(player) for player_id, player in state.players.items()}

message = PlayerTeamed(event_id="e", session_id="s", shard=0, at=games.START + 1, player_id="ann", team="red")
touched = state.apply([decode(encode(message)).event()], games.START + 1)
plan = plan_commit(state, touched, baseline, "second", 5)
(written,) = [write for write in plan.writes if write.path == documents.player_path("s", "ann")]
assert isinstance(written, Update), written
assert written.data["teamed"] == {"at": games.START + 1, "event_id": "e", "team": "red"}, written.data

document = documents.player_fields(state.players["ann"], until)
assert documents.read_player("ann", document).facts == state.players["ann"].facts
assert document == documents.player_fields(documents.read_player("ann", document), until)
others = plan_commit(state, ["ben"], baseline, "third", 5)  # it writes the timeline, which the baseline does not have
assert not [write for write in others.writes if "/players/" in write.path]
print("followed")
"""


def test_a_new_fact_of_a_player_has_four_places(tmp_path: Path) -> None:
    for folder in (CORE, "workers"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in PLANTED.items():
        file = tmp_path / name
        text = file.read_text(encoding="utf-8")
        for before, after in changes.items():
            assert text.count(before) == 1, f"{name}: {before!r}"
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")

    assert followed(tmp_path) == "followed\n"


def test_the_architecture_page_names_these_places_and_at_most_two_more() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("\n## A fact of a player\n")[2].partition("\n## ")[0]
    files = re.findall(r"^\| `([\w/.]+)` \|", table, re.MULTILINE)

    assert files[: len(PLANTED)] == list(PLANTED)
    assert len(files) <= 6
    assert all((ROOT / file).is_file() for file in files)


def followed(copy: Path) -> str:
    paths = [copy / "functions", copy, ROOT]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, "-c", FOLLOWED], env=environment, cwd=copy, capture_output=True, text=True, check=False
    )
    return done.stdout or done.stderr
