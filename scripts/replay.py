"""Real prices, or made-up ones, lived through on a chain with the real protocols."""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand
from ape.logging import LogLevel, logger

from scripts._devnet import build_devnet, deploy_ballast
from scripts._life.books import Books
from scripts._life.on_chain import OnChain, begin, twin_of
from scripts._model.fixed_point import WAD
from scripts._paper.options import find_prices, price_options
from scripts._picture import LABELS
from scripts._prices.bars import USD, Prices
from scripts._prices.words import describe, headline
from scripts._replay.live import POOLED, Lived, live
from scripts._replay.report import lines, report
from scripts._replay.rows import write_rows

OUT = Path("out")
DAYS = 30  # of prices that are made up
TOKENS = ("BULL", "BEAR")


class _Tokens(click.ParamType):
    name = "tokens"

    def convert(self, value: Any, param: Any, context: Any) -> tuple[str, ...]:
        """Names between commas."""
        found = tuple(value.upper().split(","))
        if unknown := sorted(set(found) - set(TOKENS)):
            self.fail(f"expected some of {', '.join(TOKENS)}, not {unknown[0]!r}", param, context)
        return found


@click.command(cls=ConnectedProviderCommand)
@price_options(DAYS)
@click.option("--tokens", type=_Tokens(), default=",".join(TOKENS), show_default=True)
@click.option("--gas", default=0.0005, show_default=True, help="Ether for a fill.")
def cli(tokens: tuple[str, ...], gas: float, **asked: Any) -> None:
    """BULL and BEAR live through prices on the devnet, and the model beside them.

    On a fresh local chain of the real Morpho Blue and Uniswap v3: the price takes each bar's
    extremes in the order that is adverse to the token, and a keeper fills every daily and every
    emergency rebalance as soon as it pays. The model must say the same in every bar, to the last
    unit. Writes out/replay.csv, a row a bar, out/replay.json and out/replay.png. It needs no money
    and no network.
    """
    logger.set_level(LogLevel.ERROR)
    started = time.monotonic()
    prices = find_prices(asked.pop("prices"), usual_days=DAYS, **asked)
    click.secho("Building a chain of real protocols …", dim=True)
    devnet = build_devnet(Decimal(prices.bars[0].open) / USD, pooled=POOLED)
    places = begin(devnet, deploy_ballast(devnet), prices.bars)
    click.secho(f"\n{headline(prices)}", bold=True)
    click.echo("\n".join(describe(prices)))
    wanted = [place for place in places if ("BULL" if place.rules.long else "BEAR") in tokens]
    _write(prices, [_live(place, prices, int(gas * WAD)) for place in wanted], started)


def _live(place: OnChain, prices: Prices, gas: int) -> Lived:
    model = twin_of(place)
    label = LABELS["ETHBULL" if place.rules.long else "ETHBEAR"]
    progress: Any = click.progressbar(length=len(prices.bars), label=label)
    with progress as bar:
        return live(place, Books(model.token, model.shift), prices, gas, lambda: bar.update(1))


def _write(prices: Prices, lives: list[Lived], started: float) -> None:
    from scripts._report.picture import picture  # slow, and Ape imports this file for any command

    write_rows(OUT / "replay.csv", lives)
    picture(OUT / "replay.png", [lived.track for lived in lives], source=prices.source)
    told = report(prices, lives, time.monotonic() - started)
    (OUT / "replay.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf8")
    click.echo("\n" + "\n".join(lines(told)))
    wrong = told["model_mismatch_wei"]
    bars = sum(len(lived.bars) for lived in lives)
    verdict = f"differs by up to {wrong:,} units" if wrong else "says the same, to the last unit"
    click.secho(f"\nThe model {verdict}, in {bars:,} bars.", fg="red" if wrong else "green")
    click.echo(
        f"{told['seconds']:.0f} seconds. Look at {OUT}/replay.png; "
        f"the numbers are in {OUT}/replay.csv and {OUT}/replay.json."
    )
    sys.exit(bool(wrong))
