"""`wordrush cost`: the bill of a game."""

from typing import Annotated

import typer

from admin_cli.costs import CostScenario, cost_report
from admin_cli.output import out


def cost(
    players: Annotated[int, typer.Option(help="How many play.", min=1)] = 30,
    questions: Annotated[int, typer.Option(help="How many questions.", min=1)] = 20,
    within_s: Annotated[float, typer.Option(help="Time in which all answers arrive, in seconds.", min=1)] = 10.0,
    lobby_s: Annotated[float, typer.Option(help="How long people join, in seconds.", min=1)] = 60.0,
    review_s: Annotated[float, typer.Option(help="Between two questions, in seconds.", min=0)] = 10.0,
) -> None:
    """Print the cost of a game on Google Cloud, by part: [bold]wordrush cost --players 1000 --questions 20[/]

    Computed from measured ratios and a dated price table, without free tiers; docs/cost.md explains the formula.
    """
    report = cost_report(CostScenario(players, questions, within_s, lobby_s, review_s))
    usage, bill = report["spent"], report["bill"]
    lines = [f"{players:,} players, {questions} questions, {report['shards']} shards"]
    lines += [f"  {name:18} {amount:10.4f} {report['currency']}" for name, amount in bill.items()]
    lines.append(
        f"{usage['writes']:,} writes ({usage['board_writes']:,} of them boards), {usage['reads']:,} reads "
        f"({usage['reads_by_listeners']:,} by listeners), {usage['messages']:,} messages"
    )
    boards = report["leaderboards"]
    lines.append(
        f"leaderboards over time, if everybody has a profile: {boards['amount']:.6f} {report['currency']}, "
        f"{boards['share'] * 100:.2f} % of the game ({boards['reads']:,} reads, {boards['writes']:,} writes, "
        f"{boards['deletes']:,} deletes, no requests)"
    )
    lines.append(f"prices of {report['prices_read_on']}, without free tiers")
    out.value(report, "\n".join(lines))
