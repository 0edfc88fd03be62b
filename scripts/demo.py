"""Three leveraged tokens live through a trend, a chop and a crash on a local chain."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand
from ape.logging import LogLevel, logger

from scripts._attribution import attribute, ideal, margin
from scripts._command import venue_option
from scripts._devnet import build_devnet, deploy_ballast
from scripts._model.fixed_point import WAD
from scripts._picture import draw
from scripts._stories import STORIES, STORIES_ON_AAVE, Life, Row, Story, tell

OUT = Path("out")
HEADER = (
    f"  {'day':>3}  {'token':8}  {'ETH':>7}  {'NAV/share':>9}  {'leverage':>15}"
    f"  {'traded':>9}  {'premium':>8}"
)
RETURNS = ("1x", "margin", "ideal", "actual")
COSTS = ("in/out fees", "management", "funding", "rebalancing", "swaps", "remainder", "total")
WHY_TWICE = """
On Aave, BEAR is −2x. USDC is collateral up to an LTV of 75 % there and is liquidated at 78 %: three
times short owes 75 % of its collateral at target, so it could not be levered back to it, and ETH
4 % up would liquidate it, long before the 6.7 % at which its emergency lane opens."""
KEYS = {"ETHBULL": "BULL", "ETHBEAR": "BEAR", "ETHHEDGE": "HEDGE"}


@click.command(cls=ConnectedProviderCommand)
@venue_option("Lending market that the tokens live on.", "morpho")
def cli(venue: str) -> None:
    """Three leveraged tokens live through a trend, a chop and a crash.

    Builds a chain of the real lending market and Uniswap v3, mints each token with 10,000 USDC
    through the router, lets a keeper rebalance it every day, redeems it, and shows what came out
    beside a margin position and an ideal token, and where the difference went. Writes out/demo.png
    and out/demo.json, on Aave out/demo-aave.png and .json. It needs no money and no network but a
    local one.
    """
    logger.set_level(LogLevel.ERROR)
    started = time.monotonic()
    click.secho("Building a chain of real protocols …", dim=True)
    devnet = build_devnet("100", venue=venue)
    ballast = deploy_ballast(devnet)
    transactions = sum(account.nonce for account in vars(devnet.roles).values())

    told: list[tuple[Story, list[Life]]] = []
    stories: dict[str, dict[str, Any]] = {}
    if venue == "aave":
        click.echo(WHY_TWICE)
    for story in STORIES_ON_AAVE if venue == "aave" else STORIES:
        _announce(story)
        lives, sent = tell(devnet, ballast, story, _show)
        transactions += sent
        told.append((story, lives))
        stories.setdefault(story.name, {}).update(_summary(story, lives))

    name = "demo" if venue == "morpho" else f"demo-{venue}"
    draw([(story, lives) for story, lives in told if len(lives) > 1], OUT / f"{name}.png")
    seconds = round(time.monotonic() - started, 1)
    report = {"stories": stories, "transactions": transactions, "seconds": seconds}
    (OUT / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    click.echo(
        f"\n{transactions} transactions in {seconds:.0f} seconds. "
        f"Look at out/{name}.png; the numbers are in out/{name}.json."
    )


def _announce(story: Story) -> None:
    path = " → ".join((story.start, *(price for day in story.days for price in day)))
    if len(story.days) > 1:
        title = f"{story.name}: ETH {path}, a price a day"
    else:
        title = f"{story.name}: ETH {path} within a day"
    click.secho(f"\n{title}", bold=True)
    click.secho(HEADER, dim=True)


def _show(life: Life, row: Row) -> None:
    sign = "+" if life.start.rules.long else "-"
    change = f"{sign}{row.before:.3f} → {sign}{row.after:.3f}"
    click.echo(
        f"  {row.day:>3}  {life.symbol:8}  {row.price:>7.2f}  {row.nav:>9.4f}  {change:>15}"
        f"  {row.traded:>9,.0f}  {row.premium:>+8.2f}{'  emergency' if row.emergency else ''}"
    )


def _summary(story: Story, lives: list[Life]) -> dict[str, Any]:
    """Print what came out and where the difference to an ideal token went, and return both."""
    points = story.points
    summary: dict[str, Any] = {}
    for life in lives:
        multiple = life.start.rules.target / WAD * (1 if life.start.rules.long else -1)
        summary[KEYS[life.symbol]] = {
            "spot": ideal(points, 1),
            "margin": margin(points, multiple),
            "ideal": ideal(points, multiple),
            "actual": life.actual,
            "leverage": [[row.before, row.after] for row in life.rows],
            "costs": asdict(attribute(life, points, multiple)),
        }

    click.secho(f"\n  {'return':9}" + "".join(f"{name:>10}" for name in RETURNS), dim=True)
    for key, out in summary.items():
        numbers = (out[name] for name in ("spot", "margin", "ideal", "actual"))
        click.echo(f"  {key:9}" + "".join(f"{100 * n:>+9.2f}%" for n in numbers))
    click.secho("\n  ideal less actual, in points of the money put in:", dim=True)
    click.secho(f"  {'':9}" + "".join(f"{name:>13}" for name in COSTS), dim=True)
    for key, out in summary.items():
        costs = [*out["costs"].values(), sum(out["costs"].values())]
        click.echo(f"  {key:9}" + "".join(f"{100 * cost:>+13.3f}" for cost in costs))
    return summary
