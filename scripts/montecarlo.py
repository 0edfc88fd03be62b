"""Many paths of a made-up market: what a token may come to, and how likely."""

import json
from pathlib import Path
from typing import Any

import click

from scripts._paper.figures import judge
from scripts._paper.many import BEGIN, Plan
from scripts._paper.options import (
    PRICE,
    charge_options,
    find_charges,
    find_issuers,
    issuers_option,
    scheduler_option,
)
from scripts._paper.pool import workers
from scripts._paper.study import both, on_paths
from scripts._paper.tables import show_outcomes
from scripts._prices.make import MARKETS

OUT = Path("out")
DAY = 86_400


@click.command()
@click.option(
    "--market",
    type=click.Choice(list(MARKETS)),
    default="gbm",
    show_default=True,
    help="What moves the price.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the paths.")
@click.option("--paths", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--days", type=click.IntRange(1), default=365, show_default=True, help="A path's.")
@click.option(
    "--step", type=click.IntRange(1, DAY), default=3_600, show_default=True, help="Seconds."
)
@issuers_option
@charge_options
@scheduler_option
def cli(
    market: str,
    seed: int,
    paths: int,
    days: int,
    step: int,
    issuers: list[str],
    scheduler: str | None,
    **charged: Any,
) -> None:
    """Many paths of a made-up market: what a token may come to, and how likely.

    BULL and BEAR of every issuer live on the same paths. Writes out/montecarlo.json and
    out/montecarlo.html.
    """
    from scripts._report.page import page  # slow, and Ape imports this file for any command

    charges = find_charges(**charged)
    begin = charges.rates[0][0] // DAY * DAY if charges.rates else BEGIN
    plan = Plan(MARKETS[market], seed, paths, days * DAY // step, step, PRICE, begin)
    entries = both(list(find_issuers(issuers).values()))
    with workers(scheduler) as pool:
        label = f"{paths:,} paths of {days} days"
        measured = on_paths(pool, plan, entries, charges, label)
    show_outcomes(measured.outcomes)

    told: dict[str, Any] = {"paths": paths, "steps_per_path": plan.steps, "market": market}
    told |= {"seconds": round(measured.seconds, 1), "peak_mb": round(measured.peak_mb), "rules": {}}
    for number, found in enumerate(measured.outcomes):
        told["rules"].setdefault(issuers[number // 2], {})[found.token] = judge(found)
    OUT.mkdir(exist_ok=True)
    (OUT / "montecarlo.json").write_text(json.dumps(told, indent=2) + "\n")
    facts = {"Paths": f"{paths:,} of {days} days, {market}, seed {seed}"}
    page(OUT / "montecarlo.html", "What may become of a token", [], measured.outcomes, [], facts)
    click.echo(f"\n{measured.seconds:.0f} seconds. Look at {OUT}/montecarlo.html.")
