"""The small pieces: messages, settings, shards, health."""

import urllib.error
import urllib.request

import pytest

from quizcore import messages
from quizcore.messages import AnswerSubmitted, MessageUnreadable, PlayerJoined, decode, encode
from quizcore.settings import ApiSettings, SettingsInvalid, WorkerSettings, load
from quizcore.shards import MOST_SHARDS, SLOTS, shard_of, slot_of, slots_of
from quizcore.telemetry import METRICS, Telemetry
from tests.support.world import worker_settings
from workers.health import Check, HealthServer

MESSAGE = PlayerJoined(event_id="e1", session_id="s1", shard=0, at=1, player_id="p1", nickname="Ann", avatar="fox")


def test_a_message_survives_the_wire() -> None:
    answer = AnswerSubmitted(event_id="e", session_id="s", shard=3, at=5, player_id="p", question_index=2, text="hi")

    assert decode(encode(MESSAGE)) == MESSAGE
    assert decode(encode(answer)) == answer
    assert messages.attributes(answer) == {"type": "answer_submitted", "v": "1"}
    assert answer.ordering_key == "s/3"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda body: body.replace(b'"v":1', b'"v":2'), "v"),
        (lambda body: body.replace(b'"at":1', b'"at":"x"'), "at"),
        (lambda body: body.replace(b'"p1"', b'"a/b"'), "player_id"),
        (lambda body: body[:-1] + b',"points":9}', "points"),
        (lambda body: body.replace(b"player_joined", b"coup"), "type"),
        (lambda body: body + b" " * 5_000, "bytes"),
        (lambda _: b"\xff", "body"),
    ],
)
def test_an_unreadable_message_is_reported_with_the_faulty_field(change: object, place: str) -> None:
    with pytest.raises(MessageUnreadable, match=place):
        decode(change(encode(MESSAGE)))  # type: ignore[operator]


def test_the_shard_of_a_player_is_the_same_in_every_process_and_release() -> None:
    assert [shard_of(f"player-{n}", 8) for n in range(6)] == [6, 7, 4, 5, 6, 7]
    assert {shard_of(f"player-{n}", 4) for n in range(100)} == {0, 1, 2, 3}


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 50, MOST_SHARDS])
def test_the_shards_of_a_session_share_out_all_slots(shards: int) -> None:
    slots = [slots_of(shard, shards) for shard in range(shards)]
    assert [slot for each in slots for slot in each] == list(range(SLOTS))
    assert all(slot_of(p) in slots[shard_of(p, shards)] for p in (f"player-{n}" for n in range(300)))


def test_settings_report_every_bad_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.delenv("GCLOUD_PROJECT", raising=False)
    monkeypatch.setenv("WORDRUSH_TOP_K", "0")
    monkeypatch.setenv("WORDRUSH_SOURCE", "kafka")

    with pytest.raises(SettingsInvalid) as caught:
        load(WorkerSettings)

    for name in ("GOOGLE_CLOUD_PROJECT", "WORDRUSH_TOP_K", "WORDRUSH_SOURCE"):
        assert name in str(caught.value)


def test_a_demo_project_without_its_emulators_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-x")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:8080")
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)

    with pytest.raises(SettingsInvalid, match="PUBSUB_EMULATOR_HOST"):
        load(ApiSettings)


def test_the_board_interval_grows_with_the_players() -> None:
    settings = worker_settings()

    assert [settings.board_interval_ms(n) for n in (1, 50, 51, 500, 501, 2_000, 2_001)] == [
        *(100, 100, 250, 250, 500, 500, 1_000)
    ]


def test_every_metric_is_shown_before_its_first_count() -> None:
    telemetry = Telemetry()
    telemetry.add("commits_made", 2)

    assert telemetry.snapshot() == dict.fromkeys(METRICS, 0) | {"commits_made": 2}


def test_health_fails_while_the_loop_stalls_and_recovers() -> None:
    stalled = [0.0]
    server = HealthServer("127.0.0.1", 0, {"loop_stalled_s": Check(lambda: stalled[0], 30.0)}, Telemetry())
    server.start()
    page = f"http://127.0.0.1:{server.port}"

    def status(path: str) -> int:
        try:
            with urllib.request.urlopen(page + path) as answer:  # noqa: S310 (our own loopback page)
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    found = []
    for seconds in (0.0, 30.0, 1.0):
        stalled[0] = seconds
        found.append(status("/health"))
    others = [status("/metrics"), status("/none")]
    server.stop()

    assert (found, others) == ([200, 503, 200], [200, 404])
