"""Three people with accounts who play two short games, so that a leaderboard and a history have something to show."""

import asyncio
import json
import random
import time
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from devstack import bots, demo
from devstack import player as players
from devstack.player import Endpoints, Person
from devstack.stack import Stack

REGULARS = {"Mai": "owl", "Noor": "cat", "Olu": "tiger"}
GAMES = 2
QUESTIONS = 3
REVIEW_S = 0.5
COUNTED_S = 60.0
console = Console()


def play(stack: Stack) -> None:
    """Play the games, then show the leaderboard of the day and a history. Raises ApiProblem, TimeoutError."""
    ends = Endpoints(stack.api, stack.emulators.host("auth"))
    people = asyncio.run(_sign_up(ends))
    for number in range(GAMES):
        _play_game(stack, people, number)
    games = asyncio.run(_counted(ends, people[0]))
    console.print(
        f"\n[bold]{', '.join(REGULARS)} have played {GAMES} games with accounts. The leaderboard of today:[/]"
    )
    console.print(demo.wordrush(stack, "board", "top", "global", "day").rstrip())
    console.print(_history(people[0], games))


async def _sign_up(ends: Endpoints) -> list[Person]:
    async with players.http_client() as http:
        return [await players.sign_up(http, ends, *regular) for regular in REGULARS.items()]


def _play_game(stack: Stack, people: list[Person], number: int) -> None:
    opened = demo.open_session(stack, demo.QUIZ, "--lead-ms", "500")
    services = demo.services_of(stack)
    with demo.heard(services.store, opened["session_id"]) as seen:
        asyncio.run(_play(demo.game_of(stack, seen, services.api.id_token), people, random.Random(number)))  # noqa: S311


async def _play(game: bots.Game, people: list[Person], rng: random.Random) -> None:
    async with players.http_client() as http:
        pin = game.seen.session["pin"]
        joined = await asyncio.gather(*(players.join_as(http, game.ends, pin, person) for person in people))
        await bots.play(http, game, joined, rng, QUESTIONS, REVIEW_S)


async def _counted(ends: Endpoints, person: Person) -> list[dict[str, Any]]:
    """The person's games, when all of them are counted. Raises TimeoutError."""
    latest = time.monotonic() + COUNTED_S
    async with players.http_client() as http:
        while time.monotonic() < latest:
            headers = {"Authorization": f"Bearer {person.id_token}"}
            found = await http.get(f"{ends.api}/api/v1/me/history", headers=headers)
            board = await http.get(f"{ends.api}/api/v1/boards/global/standings?period=day&m=0", headers=headers)
            games: list[dict[str, Any]] = json.loads(found.text).get("games", [])
            if len(games) == GAMES and (json.loads(board.text).get("own") or {}).get("games") == GAMES:
                return games
            await asyncio.sleep(1)
    raise TimeoutError(f"the games were not counted within {COUNTED_S:.0f} s")


def _history(person: Person, games: list[dict[str, Any]]) -> Table:
    table = Table(title=f"History of {person.nickname}", title_justify="left")
    for column in ("when (UTC)", "quiz", "points", "rank"):
        table.add_column(column, justify="right" if column == "points" else "left")
    for game in games:
        when = datetime.fromtimestamp(game["at"] / 1_000, UTC)
        table.add_row(f"{when:%Y-%m-%d %H:%M}", game["title"], str(game["points"]), f"{game['rank']} of {game['of']}")
    return table
