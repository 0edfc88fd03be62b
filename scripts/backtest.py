"""What tokens of several issuers would have done: on one path bar by bar, and on many."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from scripts._paper.error import worst_error
from scripts._paper.figures import judge, judge_track
from scripts._paper.issuer import Charges
from scripts._paper.many import Entry, Plan
from scripts._paper.options import (
    PRICE,
    charge_options,
    check_rates,
    find_charges,
    find_issuers,
    find_prices,
    issuers_option,
    price_options,
    scheduler_option,
)
from scripts._paper.pool import workers
from scripts._paper.study import Measured, both, on_paths, on_prices, swept
from scripts._paper.tables import show_outcomes, show_tracks
from scripts._paper.told import Cell, Outcomes, Track
from scripts._prices.bars import Prices
from scripts._prices.make import MARKETS
from scripts._prices.words import describe, headline
from scripts._report.amounts import OURS

OUT = Path("out")
TITLE = "What a leveraged token would have done"
DAY = 86_400
DAYS = 365
HOUR = 3_600
SWEPT = 200  # paths that every combination of band, schedule and cost lives through


@click.command()
@price_options(DAYS)
@click.option(
    "--paths",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="Of a year, by the hour.",
)
@issuers_option
@charge_options
@scheduler_option
def cli(
    prices: Path | None,
    begin: datetime | None,
    days: int | None,
    market: str,
    seed: int,
    step: int,
    paths: int,
    issuers: list[str],
    scheduler: str | None,
    **charged: Any,
) -> None:
    """What tokens of several issuers would have done: on one path bar by bar, and on many.

    BULL and BEAR of every issuer live through the same bars, each in the order that is adverse to
    it, and through many paths of a year. Ballast's also have other bands, schedules and costs: on
    the prices of a file, or else on some of the many paths. How far all this is from the exact
    model is measured. Writes out/backtest.json; out/report.html, a page with every chart; and
    out/report.png, one picture of the main charts.
    """
    begun = time.monotonic()
    found, charges = find_issuers(issuers), find_charges(**charged)
    path = find_prices(prices, begin, days, market, seed, step, DAYS)
    check_rates(charges, path.bars[0].time, path.bars[-1].time)
    midnight = path.bars[0].time // DAY * DAY
    plan = Plan(MARKETS[market], seed, paths, DAYS * DAY // HOUR, HOUR, PRICE, midnight)
    everyone = list(found.values())
    ours = next((issuer for issuer in everyone if issuer.name == OURS), everyone[0])
    click.secho(headline(path), bold=True)
    click.echo("\n".join(describe(path)))
    with workers(scheduler) as pool:
        alone = on_paths(
            pool, plan, [Entry(ours, True)], charges, f"{paths:,} years of {ours.name}"
        )
        tracks = on_prices(pool, path, everyone, charges, "every issuer on these bars")
        world = path if prices else plan._replace(paths=min(paths, SWEPT))
        cells = swept(pool, ours, charges, world, "band × schedule × cost")
        outcomes = on_paths(
            pool, plan, both(everyone), charges, "every issuer on many paths"
        ).outcomes
        error = worst_error(pool, MARKETS[market], seed)
    click.secho(
        "\nOn these prices: returns; logs of NAV that were lost; how deep, how high", bold=True
    )
    show_tracks(tracks)
    click.secho(f"\nOn {paths:,} made-up paths of a year: how likely", bold=True)
    show_outcomes(outcomes)
    click.echo(
        f"\n{paths:,} paths of {plan.steps:,} hours of one token in {alone.seconds:.1f} seconds "
        f"and {alone.peak_mb:,.0f} MB; off the exact model by at most {error:.3f} bp of NAV a year."
    )
    OUT.mkdir(exist_ok=True)
    told = _tell(issuers, tracks, outcomes, alone, error)
    (OUT / "backtest.json").write_text(json.dumps(told, indent=2) + "\n")
    _draw(tracks, outcomes, cells, _facts(path, charges, plan, market, error), path.source)
    click.echo(f"{time.monotonic() - begun:.0f} seconds in all. Look at {OUT}/report.html.")


def _draw(
    tracks: list[Track],
    outcomes: list[Outcomes],
    cells: list[Cell],
    facts: dict[str, str],
    source: str,
) -> None:
    from scripts._report.page import page  # slow, and Ape imports this file for any command
    from scripts._report.picture import picture

    page(OUT / "report.html", TITLE, tracks, outcomes, cells, facts)
    picture(OUT / "report.png", tracks, outcomes, source)


def _facts(
    prices: Prices, charges: Charges, plan: Plan, market: str, error: float
) -> dict[str, str]:
    """What the report says about itself."""
    funding = "from a file" if charges.rates else f"{100 * charges.funding:.4f} % of NAV a day"
    depth = f"{charges.depth:,.0f} dollars a percent" if charges.depth else "no limit"
    return {
        "Prices": f"{headline(prices)}: {describe(prices)[0]}",
        "Funding": funding,
        "Trading": f"{100 * charges.fee:.2f} % of the pool, depth {depth}",
        "Keeper": f"{100 * charges.profit:.2f} % for itself, {charges.gas:g} ether of gas a fill",
        "Stake": f"{charges.stake:,.0f} dollars",
        "Many paths": f"{plan.paths:,} of a year by the hour, {market}, seed {plan.seed}",
        "Exactness": f"within {error:.3f} bp of NAV a year of the contracts' integers",
    }


def _tell(
    names: list[str], tracks: list[Track], outcomes: list[Outcomes], alone: Measured, error: float
) -> dict[str, Any]:
    """For a machine: each rule's figures are BULL's, on the path; BEAR's and the paths' below."""
    rules: dict[str, Any] = {}
    for number, name in enumerate(names):
        bull, bear = (judge_track(track) for track in tracks[2 * number :][:2])
        many = {found.token: judge(found) for found in outcomes[2 * number :][:2]}
        rules[name] = bull | {"bear": bear, "paths": many}
    return {
        "paths": len(alone.outcomes[0].nav),
        "steps_per_path": alone.steps,
        "seconds": round(alone.seconds, 2),
        "peak_mb": round(alone.peak_mb),
        "error_bp_per_year": error,
        "rules": rules,
    }
