"""The address of a caller: through Hosting, by the function's own URL, and with forged headers."""

import ipaddress
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from http_api.app import create_app
from quizcore.settings import ApiSettings, SettingsInvalid, load
from tests.support.api_calls import refused
from tests.support.function import client_around, client_of
from tests.support.world import EMULATORS, HOST, QUIZ_ID, Person, World

FEW = {"wrong_pins_per_address": 3, "wrong_pins_per_account": 2}
HOSTINGS_HOP, ANOTHER_HOP = "142.250.9.9", "2a00:1450:4001::5"
ANN, MALLORY = "192.0.2.2", "192.0.2.1"


def through_hosting(caller: str, hop: str = HOSTINGS_HOP, **more: str) -> dict[str, str]:
    """As Hosting hands a request on: Google's front end appends the address it was called from, Hosting's."""
    return {"X-Forwarded-For": f"{caller}, {hop}", "Fastly-Client-IP": caller, **more}


def directly(caller: str, forged: str = "", **more: str) -> dict[str, str]:
    """By the function's own URL: the caller's headers stay, and the caller's address is appended."""
    return {"X-Forwarded-For": f"{forged}, {caller}" if forged else caller, **more}


def opened(world: World, **settings: Any) -> tuple[FlaskClient, str]:
    client = world.client(**FEW, **settings)
    session = Person(client, HOST).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    return client, session["pin"]


def join(client: FlaskClient, pin: str, headers: dict[str, str]) -> TestResponse:
    return client.post("/api/v1/join", json={"pin": pin, "nickname": "Somebody"}, headers=headers)


def guess(client: FlaskClient, pin: str, headers: dict[str, str], times: int = 4) -> None:
    for number in range(times):
        join(client, f"{(int(pin) + number + 1) % 1_000_000:06}", headers)


def test_a_guesser_behind_hosting_blocks_only_their_own_address(world: World) -> None:
    client, pin = opened(world)
    guess(client, pin, through_hosting(MALLORY))

    assert refused(join(client, pin, through_hosting(MALLORY, ANOTHER_HOP))) == (429, "slow_down")
    assert join(client, pin, through_hosting(ANN)).status_code == 201


def test_a_direct_caller_cannot_choose_an_address(world: World) -> None:
    client, pin = opened(world)
    for number in range(4):
        made_up = f"198.51.100.{number}"
        guess(client, pin, directly(MALLORY, f"{made_up}, {HOSTINGS_HOP}", **{"Fastly-Client-IP": made_up}), times=1)

    forged = directly(MALLORY, f"{ANN}, {HOSTINGS_HOP}", **{"Fastly-Client-IP": ANN})
    assert refused(join(client, pin, forged)) == (429, "slow_down")
    assert join(client, pin, directly(ANN)).status_code == 201


def test_without_a_proxy_no_header_counts(world: World) -> None:
    client, pin = opened(world, trusted_proxies=0)
    for number in range(4):
        guess(client, pin, through_hosting(f"192.0.2.{number}"), times=1)

    assert refused(join(client, pin, through_hosting("192.0.2.77"))) == (429, "slow_down")


def test_the_header_and_the_networks_are_settings(world: World) -> None:
    client, pin = opened(world, client_address_header="X-Real-IP", hosting_networks="203.0.113.0/24, 2001:db8::/32")
    for hop in ("203.0.113.7", "2001:db8::7"):
        guess(client, pin, directly(hop, **{"X-Real-IP": MALLORY}))

    assert refused(join(client, pin, directly("203.0.113.8", **{"X-Real-IP": MALLORY}))) == (429, "slow_down")
    assert join(client, pin, directly("203.0.113.8", **{"X-Real-IP": ANN})).status_code == 201


def test_networks_are_read_from_the_environment_and_invalid_ones_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in EMULATORS.items():
        monkeypatch.setenv({"project": "GCLOUD_PROJECT"}.get(name, f"{name}_host".upper()), value)
    monkeypatch.setenv("WORDRUSH_HOSTING_NETWORKS", "203.0.113.0/24, 2001:db8::/32")
    assert [str(network) for network in load(ApiSettings).hosting_networks] == ["203.0.113.0/24", "2001:db8::/32"]

    monkeypatch.setenv("WORDRUSH_HOSTING_NETWORKS", "203.0.113.0/24,hosting")
    with pytest.raises(SettingsInvalid, match="WORDRUSH_HOSTING_NETWORKS"):
        load(ApiSettings)


def test_an_unknown_hop_is_logged_once(world: World) -> None:
    client, pin = opened(world)

    with capture_logs() as said:
        for number in range(3):
            join(client, pin, through_hosting(ANN, f"203.0.113.{number}"))
        join(client, pin, directly(ANN))
        join(client, pin, through_hosting(ANN))

    told = [line for line in said if "WORDRUSH_HOSTING_NETWORKS" in line["event"]]
    assert [line["network"] for line in told] == ["203.0.113.0/24"]


def test_a_direct_caller_is_refused_when_configured(world: World) -> None:
    client, closed = opened(world)[0], world.client(only_through_hosting=True)

    for path in ("/api/v1/time", "/api/v1/health", "/api/v1/none"):
        forged = directly(MALLORY, f"{ANN}, {HOSTINGS_HOP}", **{"Fastly-Client-IP": ANN})
        assert refused(closed.get(path, headers=forged)) == (403, "not_through_site")
    assert closed.get("/api/v1/time", headers=through_hosting(ANN)).status_code == 200
    assert client.get("/api/v1/time", headers=directly(MALLORY)).status_code == 200


# --- any headers of a caller ---------------------------------------------------------------------

addresses = st.ip_addresses()
words = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), max_size=30)
entries = st.lists(st.one_of(addresses.map(str), words), max_size=4)


def probe() -> FlaskClient:
    """The deployed path with one more call, which returns the address that the API sees."""
    world = World()
    app: Flask = create_app(world.api())
    app.add_url_rule("/probe", view_func=lambda: {"address": request.remote_addr})
    return client_around(lambda: app)


PROBE = probe()


def seen(headers: dict[str, str]) -> str:
    return str((PROBE.get("/probe", headers=headers).json or {})["address"])


def is_googles(address: Any) -> bool:
    settings = World().api().settings
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in settings.hosting_networks)


@given(caller=addresses, forged=entries, header=st.one_of(addresses.map(str), words))
def test_a_direct_caller_s_address_does_not_depend_on_its_headers(caller: Any, forged: list[str], header: str) -> None:
    if is_googles(caller):
        return

    told = seen(directly(str(caller), ", ".join(forged), **{"Fastly-Client-IP": header}))

    assert told == seen(directly(str(caller)))


@given(caller=addresses, hop=st.sampled_from([HOSTINGS_HOP, ANOTHER_HOP]), forged=entries)
def test_a_caller_through_hosting_has_the_address_in_hosting_s_header(caller: Any, hop: str, forged: list[str]) -> None:
    headers = through_hosting(str(caller), hop)
    headers["X-Forwarded-For"] = ", ".join([*forged, headers["X-Forwarded-For"]])

    told = ipaddress.ip_address(seen(headers))

    if caller.version == 4:
        assert told == caller
    elif caller.ipv4_mapped:
        assert told == caller.ipv4_mapped
    else:
        assert int(told) == int(caller) >> 64 << 64, "a whole /64 is one caller"


@given(header=words, hop=st.sampled_from([HOSTINGS_HOP, ANOTHER_HOP]))
def test_a_header_without_an_address_is_ignored(header: str, hop: str) -> None:
    assert seen(directly(hop, **{"Fastly-Client-IP": header})) == seen(directly(hop))


# --- the site ------------------------------------------------------------------------------------


def join_url(world: World, headers: dict[str, str], **settings: Any) -> str:
    client = client_of(world.api(**settings))
    answer = client.post(
        "/api/v1/sessions", json={"quiz_id": QUIZ_ID}, headers={"Authorization": f"Bearer {HOST}", **headers}
    )
    return str((answer.json or {})["join_url"]).partition("/join")[0]


def test_the_join_link_begins_with_the_site_that_the_host_calls(world: World) -> None:
    real = {"firestore_emulator": None, "pubsub_emulator": None, "project": "words-at-school"}
    site = {"X-Forwarded-Host": "quiz.school.example"}

    assert join_url(world, through_hosting(ANN, **site), **real) == "https://quiz.school.example"
    assert join_url(world, directly(MALLORY, **site), **real) == "https://words-at-school.web.app"
    assert join_url(world, through_hosting(ANN), **real) == "https://words-at-school.web.app"
    hostile = {"X-Forwarded-Host": "a.example/../b@c"}
    assert join_url(world, through_hosting(ANN, **hostile), **real) == "https://words-at-school.web.app"
    set_url = {**real, "public_url": "https://words.example/"}
    assert join_url(world, through_hosting(ANN, **site), **set_url) == "https://words.example"
    assert join_url(world, {}) == "http://localhost", "on emulators: where the request went"
