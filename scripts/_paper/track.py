"""One token on one path: everything that happened to it, point by point."""

from collections.abc import Iterable
from math import log

import numpy as np

from scripts._paper.book import Book
from scripts._paper.closed import margin
from scripts._paper.issuer import DAY, Charges, Issuer
from scripts._paper.told import Costs, Track
from scripts._prices.bars import POINTS, USD, Prices, path_of

REBALANCE = 2 * 60  # after midnight UTC: where a day of the report begins


def track(prices: Prices, issuer: Issuer, long: bool, charges: Charges) -> Track:
    """Live through all bars, each in the order that is adverse to the token: a row a bar."""
    points = path_of(prices.bars, prices.step, long)
    closes = range(POINTS - 1, len(points), POINTS)
    dollars = [(time, answer / USD) for time, answer in points]
    return follow(dollars, closes, issuer, long, charges, reach_of(prices.step))


def reach_of(step: int) -> int:
    """For so long takers look after a point of a bar: until there should be the next."""
    return -(-step // POINTS)


def follow(
    points: list[tuple[int, float]],
    rows: Iterable[int],
    issuer: Issuer,
    long: bool,
    charges: Charges,
    reach: int = DAY,
) -> Track:
    """Live through all points; `rows` are the numbers of those that get a row, besides the first.

    Takers look for `reach` seconds after each point. Times are seconds since 1970, prices dollars.
    """
    begun, first = points[0]
    book = Book(issuer, long, charges, begun, np.array([first]), reach)
    multiple = book.multiple
    books = _Books(book, multiple, first)
    wanted = set(rows)
    left = margin(np.array([price for _, price in points]), multiple)
    table = [(begun, first, 1.0, multiple, 1.0)]
    liquidations = []
    base, worth, day = first, 1.0, _day(begun)
    before = first
    for number, (time, price) in enumerate(points):
        if _day(time) != day:
            # the price of a day's rebalance is the last that was before it
            worth, base, day = (
                max(0.0, worth * (1 + multiple * (before / base - 1))),
                before,
                _day(time),
            )
            books.close()
        seen = book.liquidations[0]
        book.point(time, np.array([price]))
        if book.liquidations[0] > seen:
            liquidations.append(time)
        before = price
        if number in wanted:
            ideal = worth * max(0.0, 1 + multiple * (price / base - 1))
            level = float(book.leverage()[0])
            signed = level if long else -level
            table.append((time, price, float(book.share()[0]), signed, ideal))
    books.close()
    columns = [np.array(column) for column in zip(*table, strict=True)]
    sign = 1 if long else -1
    low, high = _band(issuer, long)
    return Track(
        issuer=issuer.name,
        token="BULL" if long else "BEAR",
        target=multiple,
        band=(sign * low, sign * high),
        times=columns[0].astype(np.int64),
        price=columns[1],
        nav=columns[2],
        leverage=columns[3],
        ideal=columns[4],
        margin=left[[0, *sorted(wanted)]],
        rebalances=[it._replace(before=sign * it.before, after=sign * it.after) for it in book.log],
        liquidations=liquidations,
        days=books.days,
        costs=books.costs,
        max_leverage=float(book.leverage(book.highest)[0]),
    )


class _Books:
    """Costs of a day: what the accounts say at its end less what they said at its beginning."""

    def __init__(self, book: Book, multiple: float, price: float) -> None:
        self.book, self.multiple = book, multiple
        self.days: list[int] = []
        self.costs: list[Costs] = []
        self.seen = self._read(price)
        self.begun = book.time

    def close(self) -> None:
        """The day is over, and the next begins. A token that is gone has no costs."""
        now = self._read(float(self.book.price[0]))
        if self.book.time == self.begun:
            return
        price, share, funding, premium, fee = (
            after - before for after, before in zip(now, self.seen, strict=True)
        )
        if np.isfinite(share):
            slippage = self.multiple * price - share - funding - premium - fee
            self.days.append(self.begun)
            self.costs.append(Costs(funding, fee, premium, slippage))
        self.seen, self.begun = now, self.book.time

    def _read(self, price: float) -> tuple[float, ...]:
        book = self.book
        share = float(book.share()[0])
        fee = book.issuer.management * (book.time - book.begun) / DAY
        funding, premium = float(book.funding[0]), float(book.premium[0])
        return log(price), log(share) if share > 0 else -np.inf, funding, premium, fee


def _band(issuer: Issuer, long: bool) -> tuple[float, float]:
    """Leverage, without sign, inside of which it does nothing; target, where it never does."""
    if issuer.every:
        return issuer.target * (1 - issuer.band), issuer.target * (1 + issuer.band)
    return issuer.below or issuer.target, issuer.above[not long] or issuer.target


def _day(time: int) -> int:
    return (time - REBALANCE) // DAY
