"""The mutated parts, and the unit tests that must detect the mutants of each part."""

from dataclasses import dataclass

DOMAIN = "quizcore/domain"
FOUND = ("found_on_the_bus", "found_on_the_boards", "found_in_parts")


@dataclass(frozen=True, slots=True)
class Part:
    """`modules` are paths below the packages' parent; `tests` are names of `tests/unit/test_*.py`."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = {
    "text": Part((f"{DOMAIN}/text.py",), ("scoring", "text")),
    "scoring": Part((f"{DOMAIN}/scoring.py",), ("scoring",)),
    "kinds": Part((f"{DOMAIN}/kinds/*",), ("kinds", "kinds_examples", "scoring", "quiz")),
    "quiz": Part((f"{DOMAIN}/quiz.py",), ("quiz",)),
    "ranks": Part((f"{DOMAIN}/ranks.py",), ("ranks",)),
    "standings": Part((f"{DOMAIN}/standings.py",), ("standings",)),
    "commands": Part((f"{DOMAIN}/commands.py",), ("commands",)),
    "session": Part((f"{DOMAIN}/session.py",), ("timeline", "sheet", "kinds")),
    "pacing": Part((f"{DOMAIN}/pacing/*", f"{DOMAIN}/schedule.py"), ("timeline", "sheet", "pacing")),
    "fold": Part(
        (f"{DOMAIN}/fold.py", f"{DOMAIN}/player.py", f"{DOMAIN}/events.py"),
        ("sheet", "state", "player_facts", "timeline", "kinds", "pacing"),
    ),
    "sheet": Part((f"{DOMAIN}/sheet.py",), ("sheet", "timeline", "fold")),
    "deliveries": Part(("workers/deliveries.py",), ("deliveries",)),
    "pacer": Part(("workers/pacer.py",), ("pacer",)),
    "fenced_job": Part(("workers/fenced_job.py",), ("fenced_job",)),
    "turnout": Part((f"{DOMAIN}/turnout.py",), ("auto_close", "merging")),
    "closing": Part(("workers/closing.py", "workers/coordinator/auto_close.py"), ("auto_close",)),
    "leaderboard": Part((f"{DOMAIN}/leaderboard/*",), ("leaderboard_domain", "leaderboards", "plays")),
    "shard_plan": Part(
        ("workers/shard/plan.py", "workers/shard/parts.py"), (*FOUND, "large_commits", "worker_ranks", "final_pages")
    ),
}
