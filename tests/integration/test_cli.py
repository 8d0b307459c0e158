"""The command line against the running stack, as an operator and an author use it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import firebase_admin
import httpx
import openpyxl
import pytest
from firebase_admin import auth as firebase_auth
from google.cloud import firestore

from devstack import player as players
from devstack.emulators import ROOT
from devstack.player import Player
from devstack.processes import Child
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.ports import Delete
from quizcore.telemetry import Telemetry
from quizcore.usecases.archive import archived
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.games import SINGLE, quiz
from tests.support.live import Live, endpoints, open_live

QUIZZES = sorted(str(path) for path in (ROOT / "quizzes").glob("*.yaml"))


class Wordrush:
    def __init__(self, stack: Stack) -> None:
        self.project = stack.project
        self._env = {**os.environ, **stack.env, "WORDRUSH_HOST_UID": "cli-test"}

    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "admin_cli", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self._env | env, capture_output=True, text=True, check=False, timeout=300
        )

    def json(self, *arguments: str) -> Any:
        done = self.run("--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(name="wordrush")
def _wordrush(stack: Stack) -> Wordrush:
    return Wordrush(stack)


def test_quizzes_are_imported_listed_and_exported_unchanged(wordrush: Wordrush, tmp_path: Path) -> None:
    imported = wordrush.json("quiz", "import", *QUIZZES)
    listed = {row["quiz"]: row for row in wordrush.json("quiz", "list")}
    target = tmp_path / "everyday-a2.yaml"
    wordrush.json("quiz", "export", "everyday-a2", "--to", str(target))
    again = wordrush.json("quiz", "import", str(target))
    stale = wordrush.run("--json", "quiz", "import", str(target))

    assert {row["quiz"] for row in imported["imported"]} == {"everyday-a2", "academic-b2", "phrasal-verbs"}
    assert listed["academic-b2"]["question_count"] == 16
    assert again["imported"][0]["version"] == imported["imported"][1]["version"] + 1
    assert wordrush.run("quiz", "check", str(target)).returncode == 0
    assert json.loads(stale.stdout)["faults"][0]["code"] == "changed_meanwhile", "made from the version before"


def test_a_waiting_player_is_listed_admitted_and_renamed(wordrush: Wordrush, stack: Stack, worker: Child) -> None:
    wordrush.json("quiz", "import", QUIZZES[0])
    opened = wordrush.json("session", "open", "academic-b2", "--approval")
    session = opened["session_id"]
    assert wordrush.run("session", "waiting", session).stdout.strip() == "no player waits"

    async def join() -> Player:
        async with players.http_client() as http:
            return await players.join(http, endpoints(stack), opened["pin"], "Ann")

    ann = asyncio.run(join()).player_id
    eventually(lambda: wordrush.json("session", "waiting", session) or None, "ann waits")
    assert wordrush.json("session", "waiting", session) == [{"player": ann, "nickname": "Ann"}]
    wordrush.json("session", "rename", session, ann, "Anna")
    wordrush.json("session", "admit", session, ann)
    store = FirestoreStore(firestore.Client(project=wordrush.project), Telemetry())
    eventually(lambda: shown(store, session) == ["Anna"] or None, "anna is in")
    assert wordrush.json("session", "waiting", session) == []


def shown(store: FirestoreStore, session_id: str) -> list[str]:
    board = store.get(documents.board_path(session_id))
    return [row["nickname"] for row in board.data["top"]] if board else []


def test_a_word_list_and_a_faulty_file_are_imported_side_by_side(wordrush: Wordrush, tmp_path: Path) -> None:
    words, bad = tmp_path / "animals.csv", tmp_path / "bad.yaml"
    words.write_text("word,meaning\nHund,dog\nKatze,cat\nKatze,kitty\n")
    bad.write_text("title: x\n")

    done = wordrush.run("--json", "quiz", "import", str(words), str(bad), "--language", "de")
    found = json.loads(done.stdout)

    assert done.returncode == 1
    assert found["imported"][0]["quiz"] == "animals"
    assert found["skipped"][0]["reason"] == "the word 'Katze' is in an earlier row"
    assert {fault["file"] for fault in found["faults"]} == {str(bad)}
    assert wordrush.run("quiz", "check", str(bad)).returncode == 1


def test_a_session_is_controlled_reported_and_verified(wordrush: Wordrush, worker: Child, tmp_path: Path) -> None:
    wordrush.json("quiz", "import", QUIZZES[0])
    shown = wordrush.run("session", "open", "academic-b2", "--lead-ms", "0")
    opened = wordrush.json("session", "open", "academic-b2", "--lead-ms", "0")
    session = opened["session_id"]
    assert "█" in shown.stdout, "a QR code"

    assert wordrush.run("session", "close", session).returncode == 3
    wordrush.json("session", "next", session)
    eventually(lambda: state(wordrush, session) == "question", "a question is open")
    wordrush.json("session", "close", session)
    eventually(lambda: state(wordrush, session) == "closed", "it is closed")
    wordrush.json("session", "finish", session)
    watched = wordrush.run("--json", "session", "watch", session, "--until-final")
    assert json.loads(watched.stdout.splitlines()[-1])["final"] is True

    files = wordrush.json("session", "report", session, "--to", str(tmp_path))["files"]
    assert Path(files[0]).read_text(encoding="utf-8-sig").startswith("rank,nickname,score,right")
    book = openpyxl.load_workbook(files[1])
    assert book["results"]["A1"].value == "rank"
    book.close()
    assert wordrush.json("verify", session)["differences"] == []

    kept = tmp_path / "session.json"
    told = wordrush.json("session", "export", session, str(kept))
    assert told["documents"] == len(json.loads(kept.read_text())["documents"])
    assert wordrush.run("session", "import", str(kept), "--yes").returncode == 3, "it is there"
    store = FirestoreStore(firestore.Client(project=wordrush.project), Telemetry())
    store.commit([Delete(path) for path in json.loads(kept.read_text())["documents"]])
    assert wordrush.run("verify", session).returncode == 3
    assert wordrush.json("session", "import", str(kept), "--yes")["session"] == session
    assert wordrush.json("verify", session)["differences"] == []
    nightly = wordrush.run("verify", "--all")
    assert nightly.returncode == 0, nightly.stdout
    assert "wordrush_sessions_different 0" in nightly.stdout.splitlines()


def test_a_player_is_erased_from_every_document_and_the_boards_stay_right(
    wordrush: Wordrush, stack: Stack, worker: Child
) -> None:
    async def play() -> tuple[Live, list[Player]]:
        async with players.http_client() as http:
            live = await open_live(stack, http, quiz(SINGLE), shards=2)
            joined = await live.join(4)
            await live.open_question(0)
            for player in joined:
                await live.answer(player, 0, 1)
            assert wordrush.run("user", "erase", joined[0].player_id, "--yes").returncode == 3, "it still runs"
            await live.close_question()
            await live.command("finish")
            await live.until(lambda: live.session()["final"], "the podium")
            return live, joined

    live, joined = asyncio.run(play())
    uid = joined[0].player_id
    before = wordrush.json("user", "erase", uid)
    assert not before["erased"]
    assert live.sheet(uid), "nothing is done without --yes"

    told = wordrush.json("user", "erase", uid, "--yes")

    assert len(told["documents"]) == 2
    assert told["account"]
    assert told["remains"]
    kept = archived(live.store, live.session_id)["documents"]
    assert uid not in json.dumps(kept), "no trace in any document of the session"
    assert joined[0].nickname not in json.dumps(kept)
    assert [row["player_id"] for row in live.board()["top"]] != []
    assert wordrush.json("verify", live.session_id)["differences"] == []
    assert wordrush.json("user", "erase", uid)["documents"] == []


def state(wordrush: Wordrush, session: str) -> str:
    return next(str(row["state"]) for row in wordrush.json("session", "list") if row["session"] == session)


def test_doctor_shows_running_and_missing_services(wordrush: Wordrush, worker: Child) -> None:
    wordrush.json("quiz", "import", QUIZZES[0])

    well = wordrush.run("doctor")
    ill = wordrush.run("doctor", WORDRUSH_API="http://127.0.0.1:9")

    assert well.returncode == 0, well.stdout
    assert ill.returncode == 1
    assert "MISSING" in ill.stdout


class Auth:
    """The Auth emulator, as a browser uses it."""

    def __init__(self, stack: Stack) -> None:
        self._host = stack.emulators.host("auth")
        self._project = stack.project

    def call(self, what: str, **body: Any) -> dict[str, Any]:
        url = f"http://{self._host}/identitytoolkit.googleapis.com/v1/accounts:{what}?key=k"
        found: dict[str, Any] = httpx.post(url, json=body, timeout=PATIENCE_S).raise_for_status().json()
        return found

    def by_password(self, email: str) -> dict[str, Any]:
        return self.call("signUp", email=email, password="secret1", returnSecureToken=True)

    def by_link(self, email: str) -> dict[str, Any]:
        self.call("sendOobCode", requestType="EMAIL_SIGNIN", email=email, continueUrl="http://localhost/host")
        url = f"http://{self._host}/emulator/v1/projects/{self._project}/oobCodes"
        sent = httpx.get(url, timeout=PATIENCE_S).json()["oobCodes"]
        code = next(one["oobCode"] for one in reversed(sent) if one["email"] == email)
        return self.call("signInWithEmailLink", email=email, oobCode=code)


def test_an_address_is_made_a_host_only_once_its_owner_has_proven_it(wordrush: Wordrush, stack: Stack) -> None:
    auth, address = Auth(stack), "teacher@school.example"
    squatter = auth.by_password(address)

    refused = wordrush.run("--json", "role", "grant", "host", address)

    assert (refused.returncode, json.loads(refused.stderr)["error"]["code"]) == (3, "unproven_address")
    assert squatter["localId"] in refused.stderr
    assert (
        opening(stack, auth.call("signInWithPassword", email=address, password="secret1", returnSecureToken=True))
        == 403
    )

    owner = auth.by_link(address)
    granted = wordrush.json("role", "grant", "host", address)

    assert (granted["uid"], granted["role"], granted["address_proven"]) == (owner["localId"], "host", True)
    assert opening(stack, auth.by_link(address)) != 403, "the owner hosts"
    with pytest.raises(httpx.HTTPStatusError):  # the account that signed up first, by password, is locked out
        auth.call("signInWithPassword", email=address, password="secret1", returnSecureToken=True)
    assert {"uid": owner["localId"], "role": "host", "email": address} in wordrush.json("role", "list")
    assert wordrush.json("role", "revoke", "host", address)["role"] is None
    newest = wordrush.json("role", "log", "--most", "2")
    assert [(entry["action"], entry["account"], entry["done"]) for entry in newest] == [
        ("revoke", owner["localId"], True),
        ("grant", owner["localId"], True),
    ]
    assert owner["localId"] not in [listed["uid"] for listed in wordrush.json("role", "list")]
    unknown = wordrush.run("--json", "role", "grant", "host", "nobody@school.example")
    assert (unknown.returncode, json.loads(unknown.stderr)["error"]["code"]) == (3, "unknown_account")


def test_a_role_by_uid_takes_effect_when_the_address_is_proven(wordrush: Wordrush, stack: Stack) -> None:
    auth, address = Auth(stack), "by-uid@school.example"
    uid = auth.by_password(address)["localId"]
    admin = firebase_admin.initialize_app(options={"projectId": stack.project}, name="by-uid")
    try:
        firebase_auth.set_custom_user_claims(uid, {"role": "host"}, app=admin)  # as it may have been done by hand
    finally:
        firebase_admin.delete_app(admin)
    unproven = auth.call("signInWithPassword", email=address, password="secret1", returnSecureToken=True)
    assert opening(stack, unproven) == 403

    granted = wordrush.json("role", "grant", "host", uid)

    assert (granted["uid"], granted["address_proven"], granted["password_removed"]) == (uid, False, True)
    assert opening(stack, auth.by_link(address)) != 403


def opening(stack: Stack, signed_in: dict[str, Any]) -> int:
    """The status of opening a session of a quiz that is not there: 403 for who is no host, else 404."""
    headers = {"Authorization": f"Bearer {signed_in['idToken']}"}
    url, body = f"{stack.api}/api/v1/sessions", {"quiz_id": "none"}
    return httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S).status_code


def test_an_owner_s_quiz_is_deleted_and_another_owner_s_is_not_replaced(wordrush: Wordrush, tmp_path: Path) -> None:
    words = tmp_path / "deleted.csv"
    words.write_text("word,meaning\nHund,dog\nKatze,cat\n")
    wordrush.json("quiz", "import", str(words))

    other = wordrush.run("--json", "quiz", "import", str(words), WORDRUSH_HOST_UID="somebody-else")
    assert (other.returncode, json.loads(other.stdout)["faults"][0]["code"]) == (1, "other_owner")
    assert wordrush.run("quiz", "delete", "deleted", "--yes", WORDRUSH_HOST_UID="somebody-else").returncode == 3
    assert wordrush.json("quiz", "delete", "deleted", "--yes")["deleted"] is True

    assert wordrush.run("quiz", "export", "deleted").returncode == 3


def test_errors_are_one_sentence_with_a_code_and_an_exit_code(wordrush: Wordrush) -> None:
    cases = {
        ("session", "next", "none"): (3, "unknown_session"),
        ("session", "open", "none"): (3, "unknown_quiz"),
        ("verify", "none"): (3, "unknown_session"),
        ("quiz", "export", "none"): (3, "unknown_quiz"),
    }
    for arguments, (code, name) in cases.items():
        done = wordrush.run("--json", *arguments)
        assert (done.returncode, json.loads(done.stderr)["error"]["code"]) == (code, name)
        assert "Traceback" not in done.stderr
    unset = wordrush.run("quiz", "list", GOOGLE_CLOUD_PROJECT="", GCLOUD_PROJECT="")
    assert unset.returncode == 5
    assert wordrush.run("quiz", "burn").returncode == 2
