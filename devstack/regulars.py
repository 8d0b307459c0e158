"""Three people with accounts who play two short games, so that a leaderboard and a history have something to show."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from devstack import player as players
from devstack.bots import given
from devstack.player import Endpoints, Player
from quizcore.domain.quiz import Question

PEOPLE = {"Mai": "owl", "Noor": "cat", "Olu": "tiger"}
PASSWORD = "only-on-the-emulator"  # noqa: S105 (accounts of the Auth emulator, gone with it)
