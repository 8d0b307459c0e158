"""The leaderboard of quizzes: what the documents of plays add up to."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from quizcore.documents.plays import PlaysDocument
from quizcore.usecases.boards_again.person import Place, Sum, periods_of

OF_QUIZZES = "quizzes"
KEPT_DAYS = 40  # of older days the documents have one sum


def is_open(period: str, now: int) -> bool:
    """Whether the documents have every day of this period (now in ms since the epoch)."""
    span, _, name = period.partition("-")
    if span == "all":
        return True
    pattern = {"day": "%Y-%m-%d", "week": "%G-W%V-%u", "month": "%Y-%m"}[span]
    first = datetime.strptime(f"{name}-1" if span == "week" else name, pattern).replace(tzinfo=UTC).date()
    return first >= datetime.fromtimestamp(now / 1_000, UTC).date() - timedelta(days=KEPT_DAYS)


def quiz_sums(document: PlaysDocument, now: int) -> dict[Place, Sum]:
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    players, last_at = document["before"]
    found["all"].append((players, last_at))
    for day, (players, last_at) in document["days"].items():
        for period in periods_of(date.fromisoformat(day)):
            found[period].append((players, last_at))
    sums = {
        (OF_QUIZZES, period): Sum(sum(n for n, _ in of_period), 0, max(at for _, at in of_period))
        for period, of_period in found.items()
        if is_open(period, now)
    }
    return {place: total for place, total in sums.items() if total.points}
