"""People with accounts play twice; their boards over days, weeks and months are what the people's oracle says."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from devstack import player as players
from devstack.player import Endpoints, Player
from devstack.processes import Child
from devstack.stack import Stack
from quizcore.adapters.clock import RandomIds
from quizcore.documents.leaderboard import period_path
from quizcore.documents.person import person_path
from quizcore.domain.ranks import rank_in
from quizcore.ports import DocumentStore
from tests.support import people_oracle as oracle
from tests.support.games import SINGLE, quiz
from tests.support.live import LONG_MS, Live, endpoints, host_token, open_live
from tests.support.people_boards import differences, stored_people

ZONE = "Asia/Ho_Chi_Minh"
QUESTIONS = 2
NAMES = ("Ann", "Ben", "Cho")
GUESTS = 2


@dataclass(frozen=True)
class Account:
    nickname: str
    uid: str
    id_token: str


async def sign_up(http: httpx.AsyncClient, ends: Endpoints, nickname: str, *, listed: bool) -> Account:
    """An account by e-mail and password, with a profile."""
    url = f"http://{ends.auth}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=emulator"
    email = f"{RandomIds().secret_id()}@example.org"
    response = await http.post(url, json={"email": email, "password": "correct horse", "returnSecureToken": True})
    made = response.raise_for_status().json()
    profile = {"nickname": nickname, "avatar": "fox", "listed": listed, "language": "en"}
    saved = await http.put(f"{ends.api}/api/v1/me", json=profile, headers=_bearer(made["idToken"]))
    saved.raise_for_status()
    return Account(nickname, made["localId"], made["idToken"])


def _bearer(id_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {id_token}"}


class ThreePeople:
    """A class of three people with accounts, and what they have played."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self.stack = stack
        self.http = http
        self.ends = endpoints(stack)
        self.host_uid = f"host-{RandomIds().secret_id()}"
        self.quiz_id = f"quiz-{RandomIds().secret_id()}"
        self.class_id = ""
        self.accounts: list[Account] = []
        self.games: list[oracle.Game] = []
        self.people: dict[str, oracle.Person] = {}

    async def meet(self) -> None:
        host = await host_token(self.stack, self.http, self.host_uid)
        made = await players.call(self.http, f"{self.ends.api}/api/v1/classes", {"title": "7b", "zone": ZONE}, host)
        self.class_id = made["class_id"]
        for number, name in enumerate(NAMES):
            account = await sign_up(self.http, self.ends, name, listed=number == 1)
            await players.call(
                self.http, f"{self.ends.api}/api/v1/classes/join", {"code": made["code"]}, account.id_token
            )
            self.accounts.append(account)
            self.people[account.uid] = oracle.Person(name, listed=number == 1)

    @property
    def boards(self) -> set[str]:
        return {"global", f"quiz-{self.quiz_id}", f"class-{self.class_id}"}

    async def play(self, right: dict[str, int]) -> Live:
        """A whole game, in which each person has so many right answers; the guests have all."""
        made = quiz(*[replace(SINGLE, time_limit_ms=LONG_MS)] * QUESTIONS)
        live = await open_live(
            self.stack,
            self.http,
            made,
            host_uid=self.host_uid,
            quiz_id=self.quiz_id,
            class_id=self.class_id,
            scoring="flat",
        )
        joined = [await self._join(live, account) for account in self.accounts]
        guests = [await players.join(self.http, live.ends, live.pin, f"Guest {n}") for n in range(GUESTS)]
        await live.until(lambda: live.board()["player_count"] == len(joined) + GUESTS, "everybody is in")
        for index in range(QUESTIONS):
            await live.open_question(index)
            for player in (*joined, *guests):
                await live.answer(player, index, int(index < right.get(player.nickname, QUESTIONS)))
            await live.close_question()
        await live.command("finish")
        await live.until(lambda: live.session().get("result"), "final")
        self._note(live, [player.player_id for player in joined])
        return live

    async def _join(self, live: Live, account: Account) -> Player:
        body = {"pin": live.pin, "nickname": account.nickname, "avatar": "fox"}
        seat = await players.call(self.http, f"{live.ends.api}/api/v1/join", body, account.id_token)
        assert seat["player_id"] == account.uid, "an account plays as itself"
        return Player(account.nickname, live.session_id, account.uid, account.id_token)

    def _note(self, live: Live, uids: Iterable[str]) -> None:
        at = live.session()["result"]["finished_at"]
        scores = live.expected_scores()
        for uid in uids:
            game = oracle.Game(live.session_id, at, self.quiz_id, scores[uid], self.class_id, ZONE)
            self.people[uid].games[live.session_id] = game

    async def assert_boards(self, live: Live) -> None:
        """The documents of the people have what was played, and all boards follow from them."""
        zones = {self.class_id: ZONE}

        def wrong() -> list[str]:
            found = stored_people(live.store, zones)
            ours = {uid: found.get(uid) for uid in self.people}
            return (
                [f"{ours} are not {self.people}"]
                if ours != self.people
                else differences(live.store, found, self.boards)
            )

        try:
            await live.until(lambda: not wrong(), "boards are those of the oracle")
        except AssertionError as late:
            raise AssertionError("\n".join(wrong())) from late
        assert {place[0] for place in oracle.boards(self.people)} == self.boards

    def own_ranks(self, store: DocumentStore, uid: str) -> dict[oracle.Place, tuple[int, int]]:
        """A person's rank and points by board and period: one document of the person, and one of the board each."""
        person = store.get(person_path(uid))
        assert person is not None
        found = {}
        for board, periods in person.data["totals"].items():
            for period, (points, _games, _reached_at) in periods.items():
                table = store.get(period_path(board, period))
                assert table is not None
                assert table.data["error"] == 0
                found[board, period] = rank_in(table.data["scores"], points), points
        return found


def test_two_games_of_three_people_and_guests_are_exact_on_every_board(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            group = ThreePeople(stack, http)
            await group.meet()
            first = await group.play({"Ann": 2, "Ben": 1, "Cho": 0})
            await group.assert_boards(first)
            second = await group.play({"Ann": 1, "Ben": 2, "Cho": 2})
            await group.assert_boards(second)
            assert_own_ranks(group, second.store)

            cho = group.accounts[2]
            await second.command("remove", player_id=cho.uid)
            await second.until(lambda: second.sheet(cho.uid)["removed"], "removed after the end")
            del group.people[cho.uid].games[second.session_id]
            await group.assert_boards(second)
            assert_own_ranks(group, second.store)

    asyncio.run(play())


def assert_own_ranks(group: ThreePeople, store: DocumentStore) -> None:
    """Everybody's rank on the boards that only they are on, and on that of everybody."""
    expected = oracle.boards(stored_people(store, {group.class_id: ZONE}))
    for uid, person in group.people.items():
        found = group.own_ranks(store, uid)
        for place, (points, _) in oracle.totals(person.games.values()).items():
            assert found[place] == (oracle.rank(expected[place], points), points), (uid, place)


def test_a_person_without_a_profile_and_guests_leave_nothing_behind(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            group = ThreePeople(stack, http)
            await group.meet()
            live = await group.play({"Ann": 2, "Ben": 2, "Cho": 2})
            await group.assert_boards(live)

            known = {snapshot.name for snapshot in live.store.list("people")}
            playing: set[Any] = set(live.scores())
            assert len(playing - known) == GUESTS
            assert playing & known == set(group.people)

    asyncio.run(play())
