"""How late may the keeper be in the crash of March 2020, before the venue liquidates?"""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand
from ape.logging import LogLevel, logger

from scripts._crash.choices import (
    ENOUGH,
    MOST_LATE,
    Choice,
    choices,
    choose,
    liquidated,
    tails,
    verdict,
)
from scripts._crash.picture import draw
from scripts._devnet import build_devnet, deploy_ballast
from scripts._life.on_chain import begin, survive, twin_of
from scripts._life.walk import Life, walk
from scripts._model.fixed_point import WAD
from scripts._picture import LABELS
from scripts._prices.bars import POINTS, USD, Bar
from scripts._prices.read import PriceFileError, read_prices

OUT = Path("out")
DELAYS = (0, 1, 2, 3)
STARTS, FEWER_STARTS = 72, 18
TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
SOURCE = "https://data.binance.vision/data/spot/monthly/klines/ETHUSDT/5m/ETHUSDT-5m-2020-03.zip"
COLUMNS = "timestamp_utc,open,high,low,close"
WANTED = f"""Give --prices, a file of bars of ETH: CSV with the columns {COLUMNS},
or as Binance publishes them, gzipped, zipped or neither:
{SOURCE}"""

HEADER = (
    f"  {'token':5} {'bars late':>9}  {'leverage':>8}  {'LTV / LLTV':>13}  {'liquidated':>12}"
    f"  {'fills':>7}  {'premium':>8}  {'NAV':>7}  {'starts lost':>11}"
)
CHOICE_TITLES = (
    f"  {'':21}  {'usual emergency':>20}  {'halfway to it':>20}"
    f"  {f'from {100 * ENOUGH / WAD:g} %':>13}"
)
CHOICE_HEADER = (
    f"  {'token':5} {'target':>7}  {'LLTV':>6}"
    + f"  {'opens':>5}  {'late':>4}  {'NAV':>7}" * 2
    + f"  {'late':>4}  {'NAV':>7}"
)


def _given(context: click.Context, option: click.Parameter, value: Path | None) -> Path:
    if value is None:
        raise click.UsageError(WANTED)
    return value


@click.command(cls=ConnectedProviderCommand)
@click.option(
    "--prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_given,
    help="Bars of ETH, as a CSV file.",
)
@click.option("--start", type=TIME, default="2020-03-12", show_default=True, help="UTC.")
@click.option("--end", type=TIME, default="2020-03-13T12:00", show_default=True, help="UTC.")
def cli(prices: Path, start: datetime, end: datetime) -> None:
    """BULL and BEAR live through a crash, with a keeper who is 0, 1, 2 and 3 bars late.

    On a fresh local chain of the real Morpho Blue and Uniswap v3, in bars of 5 minutes, or what the
    file has: the price takes each bar's extremes in the order that is adverse to the token, and at
    each point a liquidator comes before the keeper. Shows what came of it, of how many moments to
    start from the venue liquidates, and what other rules would have made of it. Writes
    out/proof/crash.json, out/proof/crash_choices.json and out/crash.png.
    """
    logger.set_level(LogLevel.ERROR)
    started = time.monotonic()
    bars = read_bars(prices, start, end)
    click.secho("Building a chain of real protocols …", dim=True)
    lives = _survive_all(bars)
    draw(bars, lives, OUT / "crash.png")
    click.echo()
    for life in lives[:: len(DELAYS)]:
        _judge(bars, life)
    _choose_all(bars)
    seconds = time.monotonic() - started
    click.echo(f"\n{seconds:.0f} seconds. Look at {OUT}/crash.png; the numbers are in {OUT}/proof.")


def read_bars(path: Path, start: datetime, end: datetime) -> list[Bar]:
    """The bars from `start` up to `end`. Raises click.BadParameter if one in between is missing."""
    try:
        prices = read_prices(path, start, end)
    except PriceFileError as fault:
        raise click.BadParameter(str(fault), param_hint="--prices") from None
    bars = prices.bars
    wrong = "" if len(bars) > 1 else f"expected two bars or more from {start} to {end}"
    for after, missing in prices.gaps:
        if bars[0].time <= after < bars[-1].time:
            time = datetime.fromtimestamp(after, UTC)
            wrong = f"expected bars in equal steps, but {missing} are missing after {time:%F %R}"
    if wrong:
        raise click.BadParameter(f"{path}: {wrong}", param_hint="--prices")
    return bars


def _survive_all(bars: list[Bar]) -> list[Life]:
    """Live on the chain with each delay, and show it. The model must say the same."""
    step = bars[1].time - bars[0].time
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (bars[0].time, bars[-1].time + step))
    devnet = build_devnet(Decimal(bars[0].open) / USD)
    places = begin(devnet, deploy_ballast(devnet), bars)
    click.secho(f"\n{begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC", bold=True, nl=False)
    click.secho(f", {len(bars)} bars of {step / 60:g} minutes", bold=True)
    click.secho(HEADER, dim=True)
    starts = tails(bars, STARTS)
    lives, told = [], []
    for place in places:
        for delay in DELAYS:
            life = survive(place, bars, delay)
            if life != walk(twin_of(place), bars, delay):
                raise click.ClickException("the model says another than the chain")
            lost = liquidated(starts, life.rules, life.lltv, delay)
            lives.append(life)
            told.append(life.report() | {"starts": len(starts), "starts_liquidated": lost})
            _show(told[-1])
    _write("crash", told)
    return lives


def _judge(bars: list[Bar], life: Life) -> None:
    """Say at what delay the venue liquidates."""
    step = bars[1].time - bars[0].time
    click.secho(LABELS[life.symbol], bold=True)
    for where, number in (("the first bar", 1), (f"any of {STARTS} moments", STARTS)):
        choice = choose(tails(bars, number), life.rules, life.lltv, 2 * MOST_LATE)
        click.echo(f"  at its target in {where}: {verdict(choice, step, 2 * MOST_LATE)}")


def _show(told: dict[str, Any]) -> None:
    ltv = f"{100 * told['ltv']:.1f} / {100 * told['lltv']:.1f} %"
    seized = f"{told['liquidations']}, {100 * told['seized']:.1f} %"
    fills = f"{told['fills']['scheduled']} + {told['fills']['emergency']}"
    leverage = f"{told['max_leverage']:.2f}x" if told["max_leverage"] else "no NAV"
    click.secho(
        f"  {told['token']:5} {told['delay_bars']:>9}  {leverage:>8}  {ltv:>13}"
        f"  {seized if told['liquidations'] else 'no':>12}  {fills:>7}"
        f"  {100 * told['premium']:>6.2f} %  {told['nav']:>7.4f}"
        f"  {told['starts_liquidated']:>5} of {told['starts']:>2}",
        fg="red" if told["liquidations"] else None,
    )


def _choose_all(bars: list[Bar]) -> None:
    """Live in the model with other rules, and show a row for each token, target and LLTV."""
    starts = tails(bars, FEWER_STARTS)
    title = (
        f"What a deployer may choose: how many bars late a keeper may be, from any of {len(starts)}"
    )
    click.secho(f"\n{title}", bold=True)
    click.secho("moments, and NAV with one in time, by when the emergency lane opens", bold=True)
    click.secho(CHOICE_TITLES, dim=True)
    click.secho(CHOICE_HEADER, dim=True)
    chosen = list[Choice]()
    for usual, sooner, dearer in choices(starts):
        chosen += usual, sooner, dearer
        told = usual.report()
        lltv = f"{100 * told['lltv']:.1f} %"
        click.echo(
            f"  {told['token']:5} {told['target']:>6g}x  {lltv:>6}"
            f"  {_opens(usual)}  {_chosen(usual)}  {_opens(sooner)}  {_chosen(sooner)}"
            f"  {_chosen(dearer)}"
        )
    _write("crash_choices", [choice.report() for choice in chosen])


def _opens(choice: Choice) -> str:
    return f"{choice.rules.emergency / WAD:>4.2f}x"


def _chosen(choice: Choice) -> str:
    if choice.prompt is None:
        return f"{'refused':>13}"
    if choice.late is None:
        return f"{'none':>4}  {choice.prompt.nav:>7.4f}"
    most = "≥" if choice.late == MOST_LATE else ""
    return f"{f'{most}{choice.late / POINTS:g}':>4}  {choice.prompt.nav:>7.4f}"


def _write(name: str, figures: list[dict[str, Any]]) -> None:
    path = OUT / "proof" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf8")
