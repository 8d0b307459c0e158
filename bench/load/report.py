"""The closing report: a table on the terminal, a page with charts, JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import floor, log10
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup
from rich.console import Console
from rich.table import Table

from bench.load.game import Plan
from bench.load.measure import SHARES, Measured

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 900, 280, 60, 30, 24
Points = Sequence[tuple[float, float]]


def show(plan: Plan, measured: Measured) -> None:
    table = Table("ms", *SHARES, title=f"{plan.players:,} players within {plan.within_s:g} s, {plan.shards} shard(s)")
    for step, values in measured.latencies.items():
        table.add_row(step, *(f"{values[share]:.0f}" for share in SHARES))
    spent = ", ".join(f"{amount:.3f} {unit}" for unit, amount in measured.per_answer.items())
    console = Console(width=110)
    console.print(table)
    console.print(f"an answer costs the workers {spent}")
    for name, part in measured.usage.items():
        console.print(f"  {name:24} {part['cores']:5.2f} cores {part['rss_mib']:6} MiB")
    console.print(f"{measured.accepted} of {measured.asked} accepted; {measured.lost} lost, {measured.doubled} doubled")
    console.print(measured.verify)


def write(folder: Path, stem: str, plan: Plan, measured: Measured, about: dict[str, str]) -> list[Path]:
    """Write the measurement as JSON, without the single values, and as a page with charts. Gives both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = {name: value for name, value in asdict(measured).items() if name != "values"}
    data = folder / f"{stem}.json"
    data.write_text(json.dumps({**about, "plan": asdict(plan), **summary}, indent=1, ensure_ascii=False) + "\n")
    page = folder / f"{stem}.html"
    page.write_text(_page(plan, measured, about))
    return [data, page]


def _page(plan: Plan, measured: Measured, about: dict[str, str]) -> str:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape())
    shown = _steps([(0.0, 0), *((ms / 1000, answered) for ms, answered in measured.boards_at)])
    values: dict[str, Any] = {
        "curves": _chart(
            [
                ("POST", _distribution(measured.values["POST"])),
                ("receipt → seen by a listener", _distribution(measured.values["receipt → seen by a listener"])),
            ],
            "ms",
            "% of answers",
        ),
        "timeline": _chart([("received", measured.arrivals), ("on the board", shown)], "s after the first", "answers"),
    }
    template = environment.get_template("report.html.j2")
    return template.render(plan=plan, measured=measured, shares=list(SHARES), **values, **about)


def _steps(points: Points) -> Points:
    """A board stays until the next one."""
    corners: list[tuple[float, float]] = []
    for x, y in points:
        corners += [(x, corners[-1][1] if corners else y), (x, y)]
    return corners


def _nice(most: float) -> float:
    """The next larger number of the form 1, 2, 4 or 8 times a power of ten, because quarters of it are short."""
    power = 10.0 ** floor(log10(most))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= most)


def _distribution(values: Sequence[float]) -> Points:
    """For sorted values: (value, percent of values that are at most it)."""
    if not values:
        return [(0, 0)]
    return [(values[min(len(values) - 1, len(values) * share // 100)], share) for share in range(101)]


def _chart(curves: Sequence[tuple[str, Points]], across: str, up: str) -> Markup:
    most_x = _nice(max((x for _, points in curves for x, _ in points), default=0) or 1)
    most_y = _nice(max((y for _, points in curves for _, y in points), default=0) or 1)

    def coordinates(x: float, y: float) -> str:
        return f"{LEFT + x / most_x * (WIDTH - LEFT - 30):.1f},{TOP + (HEIGHT - BOTTOM - TOP) * (1 - y / most_y):.1f}"

    drawn = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        left, right = coordinates(0, most_y * share), coordinates(most_x, most_y * share)
        y = left.split(",")[1]
        drawn.append(f'<path class="grid" d="M{left} L{right}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y}" text-anchor="end" dy="4">{most_y * share:,.0f}</text>')
        x, unit = coordinates(most_x * share, 0).split(",")[0], f" {across}" if share == 1 else ""
        anchor = "end" if share == 1 else "middle"
        drawn.append(f'<text x="{x}" y="{HEIGHT}" text-anchor="{anchor}">{most_x * share:,.5g}{unit}</text>')
    for number, (name, points) in enumerate(curves):
        kind = "ab"[number]
        line = " L".join(coordinates(x, y) for x, y in points)
        drawn.append(f'<path class="{kind}" d="M{line}"/>')
        drawn.append(f'<path class="{kind}" d="M{LEFT + 10 + 250 * number},6 h20"/>')
        drawn.append(f'<text x="{LEFT + 36 + 250 * number}" y="10">{name}</text>')
    label = f"{up} over {across}"
    drawn.append(f'<text x="{WIDTH - 30}" y="12" text-anchor="end">{up}</text>')
    inside = "".join(drawn)
    return Markup(f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 4}" role="img" aria-label="{label}">{inside}</svg>')  # noqa: S704 (our own numbers)
