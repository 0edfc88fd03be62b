"""What prices are, in words."""

from datetime import UTC, datetime

from scripts._prices.bars import USD, Prices

SHOWN = 5  # gaps that are told one by one


def headline(prices: Prices) -> str:
    """From when to when."""
    begins, ends = prices.bars[0].time, prices.bars[-1].time + prices.step
    return f"{_time(begins)} to {_time(ends)} UTC"


def describe(prices: Prices) -> list[str]:
    """What they are, how they moved, and whether bars are missing."""
    first, last = prices.bars[0].open / USD, prices.bars[-1].close / USD
    told = [
        f"{len(prices.bars):,} bars of {prices.step / 60:g} minutes, {prices.source}: "
        f"{first:,.2f} → {last:,.2f}, {100 * (last / first - 1):+.1f} %"
    ]
    if prices.gaps:
        missing = sum(gap.missing for gap in prices.gaps)
        times = [_time(gap.after) for gap in prices.gaps[:SHOWN]]
        more = ["…"] if len(prices.gaps) > SHOWN else []
        after = ", ".join(times + more)
        told.append(f"{missing} bars are missing, after {after}: there the price jumps")
    return told


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
