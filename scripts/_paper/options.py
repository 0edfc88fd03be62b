"""Options of the commands that live on paper: which prices, what is charged, which issuers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from scripts._files.issuer import issuer_names, load_issuer
from scripts._paper.issuer import Charges, Issuer
from scripts._prices.bars import Prices
from scripts._prices.make import MARKETS, make_bars
from scripts._prices.read import PriceFileError, read_funding, read_prices

F = TypeVar("F", bound=Callable[..., Any])

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PRICE = 2_000.0  # dollars, where prices are made
PART = click.FloatRange(0, 0.1)  # of what is traded


class _Funding(click.ParamType):
    name = "rate|file"

    def convert(self, value: Any, param: Any, context: Any) -> Any:
        """A rate of NAV a day, or what a file says."""
        try:
            rate = float(value)
        except ValueError:
            pass
        else:
            if not -1 < rate < 1:
                self.fail(f"{value} is not a part of NAV, from -1 to 1", param, context)
            return rate
        try:
            return tuple(read_funding(Path(value)))
        except (OSError, PriceFileError) as fault:
            self.fail(str(fault), param, context)


def scheduler_option(command: F) -> F:
    """Where the work is done."""
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Of a Dask cluster to work on, such as tcp://host:8786; without, on all cores here.",
    )(command)


def price_options(days: int) -> Callable[[F], F]:
    """Where prices come from: a file, or a market that is made up."""
    options = [
        click.option(
            "--prices",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="OHLC bars, CSV or Parquet; without, they are made up.",
        ),
        click.option(
            "--from",
            "begin",
            type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
            help="The first bar, UTC.  [default: the file's]",
        ),
        click.option(
            "--days",
            type=click.IntRange(1),
            help=f"For so long.  [default: all of the file, or {days}]",
        ),
        click.option(
            "--market",
            type=click.Choice(list(MARKETS)),
            default="gbm",
            show_default=True,
            help="What moves prices that are made up.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=1,
            show_default=True,
            help="Of prices that are made up.",
        ),
        click.option(
            "--step",
            type=click.IntRange(60, 86_400),
            default=3_600,
            show_default=True,
            help="Seconds a bar that is made up.",
        ),
    ]

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def charge_options(command: F) -> F:
    """What the world charges."""
    usual = Charges()
    options = [
        click.option(
            "--funding",
            type=_Funding(),
            default=usual.funding,
            show_default=True,
            help="Of NAV a day at target; or a file of times and rates that long exposure pays.",
        ),
        click.option(
            "--fee",
            type=PART,
            default=usual.fee,
            show_default=True,
            help="Of the pool, of what is traded.",
        ),
        click.option(
            "--depth",
            type=click.FloatRange(0),
            default=usual.depth,
            help="Dollars that move its price by 1 %; 0: no limit.",
        ),
        click.option(
            "--profit",
            type=PART,
            default=usual.profit,
            show_default=True,
            help="A keeper's, of its trade.",
        ),
        click.option(
            "--gas",
            type=click.FloatRange(0),
            default=usual.gas,
            show_default=True,
            help="Ether for a fill.",
        ),
        click.option(
            "--stake",
            type=click.FloatRange(0, min_open=True),
            default=usual.stake,
            show_default=True,
            help="Dollars put in.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def find_prices(
    path: Path | None,
    begin: datetime | None,
    days: int | None,
    market: str,
    seed: int,
    step: int,
    usual_days: int,
) -> Prices:
    """As asked for. Raises click.BadParameter for a file that is not what it should be."""
    start = begin.replace(tzinfo=UTC) if begin else None
    if path is None:
        made = make_bars(MARKETS[market], seed, start or BEGIN, days or usual_days, step, PRICE)
        return made._replace(source=f"made up, {made.source}")
    try:
        found = read_prices(path, start, start + timedelta(days) if start and days else None)
    except (OSError, PriceFileError) as fault:
        raise click.BadParameter(str(fault), param_hint="--prices") from None
    if days and not start:
        end = found.bars[0].time + days * 86_400
        found = found._replace(
            bars=[bar for bar in found.bars if bar.time < end],
            gaps=[gap for gap in found.gaps if gap.after < end],
        )
    return found


def find_charges(
    funding: Any, fee: float, depth: float, profit: float, gas: float, stake: float
) -> Charges:
    """As asked for."""
    if isinstance(funding, tuple):
        return Charges(0.0, funding, fee, depth, profit, gas, stake)
    return Charges(funding, (), fee, depth, profit, gas, stake)


def check_rates(charges: Charges, begin: int, end: int) -> None:
    """Raises click.BadParameter where there are rates, and none of them is between two times."""
    times = [time for time, _ in charges.rates]
    if times and not any(begin < time < end for time in times):
        rates, prices = (
            f"{datetime.fromtimestamp(first, UTC):%Y-%m-%d} to "
            f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d}"
            for first, last in ((min(times), max(times)), (begin, end))
        )
        fault = f"expected rates for the prices, {prices}, not for {rates}"
        raise click.BadParameter(fault, param_hint="--funding")


def issuers_option(command: F) -> F:
    """Whose rules."""
    return click.option(
        "--issuers",
        default=",".join(issuer_names()),
        show_default=True,
        help="Files of scripts/issuers.",
        callback=lambda _context, _option, value: list(dict.fromkeys(value.split(","))),
    )(command)


def find_issuers(names: list[str]) -> dict[str, Issuer]:
    """By the names of their files. Raises FileError."""
    return {name: load_issuer(name) for name in names}
