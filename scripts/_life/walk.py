"""A token's life, point by point: the price moves, a liquidator looks, a keeper looks.

At every point of the walk the liquidator comes first: as soon as the venue lets it, it takes all
that it may. Then the keeper, if it is there. It sees a lane when filling pays: what it gets is
worth EDGE more than what it brings, and its gas on top. Late by `delay` bars, it comes so long
after it has seen one, fills all there is if filling pays then too, and goes; what it sees next, it
sees afresh. With no delay it fills where it sees.

Between two points nobody does anything, unless the keeper looks by the minute: in the scheduled
lane its premium rises by the second, so then it looks at every whole minute for which the premium
rises, at the price of the last point, while the lane is open. What becomes of a token thus does not
depend on how long the bars are. Where bars are missing the price jumps, and nobody looks.

The same walk is taken on the chain, with the real Morpho Blue and Uniswap v3, and in the model,
which is fast enough to try many rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, prod
from typing import Any, NamedTuple, Protocol

from scripts._model import leverage_math
from scripts._model.daily_schedule import DAY, opened
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.premium_curve import liquidation_leverage
from scripts._model.rule_book import Rules
from scripts._model.token import Auction, Lane
from scripts._prices.bars import POINTS, USD, Bar, path_of

STAKE = 100_000  # dollars of NAV
MINUTE = 60
MANY = 10**12  # whole shares that are asked for their worth, so that rounding does not show

# What the keeper wants of what it trades: the pool's 0.05 %, what it moves the pool, its trouble.
EDGE = 12 * WAD // 10_000
FILL_WEI = 240_000 * 200 * 10**9  # for its gas, on a chain as crowded as it was that night

Point = tuple[int, int]  # time, and what ETH costs


class Fill(NamedTuple):
    """What a keeper did: `paid` is the premium in parts of the NAV before.

    `before` and `after` are leverage, without sign.
    """

    time: int
    lane: Lane
    paid: float
    before: float
    after: float


class Liquidation(NamedTuple):
    """What the venue allowed: the part of the collateral that was seized."""

    time: int
    seized: float


class Step(NamedTuple):
    """A token at the close of a bar, and what happened to it since the one before.

    Collateral and debt are raw units, `nav` is what MANY shares are worth in raw units of the quote
    asset, `leverage` is WAD. All are zero where nothing is left.
    """

    bar: Bar
    collateral: int
    debt: int
    nav: int
    leverage: int
    fills: Sequence[Fill]
    liquidations: Sequence[Liquidation]


@dataclass
class Life:
    """What a token lived through. Leverage and LTV are the highest of all points."""

    delay: float
    rules: Rules
    lltv: int
    gas: int = FILL_WEI  # wei that a fill costs the keeper
    max_leverage: float = 0.0  # infinite where nothing was left
    max_ltv: float = 0.0
    start: int = 0  # what MANY shares were worth, in raw units of the quote asset
    nav: float = 0.0  # of a share at the end, in parts of what it was
    fills: list[Fill] = field(default_factory=list)
    liquidations: list[Liquidation] = field(default_factory=list)
    trail: list[tuple[int, float]] = field(default_factory=list)  # time, leverage

    @property
    def symbol(self) -> str:
        return "ETHBULL" if self.rules.long else "ETHBEAR"

    @property
    def liquidation_leverage(self) -> float:
        return liquidation_leverage(self.lltv, self.rules.long) / WAD

    def report(self) -> dict[str, Any]:
        """The figures, ready for JSON; no leverage where nothing was left."""
        lanes = [fill.lane for fill in self.fills]
        return {
            "delay_bars": self.delay,
            "token": self.symbol.removeprefix("ETH"),
            "max_leverage": None if self.max_leverage == inf else self.max_leverage,
            "ltv": self.max_ltv,
            "lltv": self.lltv / WAD,
            "liquidations": len(self.liquidations),
            "seized": 1 - prod(1 - it.seized for it in self.liquidations),
            "fills": {lane.name.lower(): lanes.count(lane) for lane in Lane if lane},
            "premium": sum(fill.paid for fill in self.fills),
            "nav": self.nav,
        }


class Place(Protocol):
    """Where a token lives: on the chain or in the model."""

    rules: Rules
    lltv: int
    bonus: int  # a liquidator's, in WAD

    def expect(self, looks: Sequence[Point]) -> None:
        """Where it will be moved, in order; some of it may be left out."""

    def move(self, time: int, answer: int) -> None:
        """It is `time`, and ETH costs `answer`."""

    def balances(self) -> tuple[int, int]:
        """Collateral held and debt owed."""

    def auction(self) -> Auction:
        """What is open."""

    def worth(self) -> int:
        """Of MANY shares, in raw units of the quote asset."""

    def leverage(self) -> int:
        """In WAD, without sign."""

    def fill(self, auction: Auction, least: int) -> None:
        """The keeper fills all that is open, for a profit of `least` of what it takes."""

    def liquidate(self, whole: bool) -> None:
        """The liquidator takes all of the collateral, or repays all of the debt."""


def scaled(answer: int, long: bool) -> int:
    """The oracle's price: USDC for WETH or WETH for USDC, raw for raw, scaled by 1e36."""
    return answer * 10**24 // USD if long else USD * 10**48 // answer


def walk(place: Place, bars: Sequence[Bar], delay: float) -> Life:
    """Live through all bars, with a keeper late by `delay` of them."""
    life = Life(delay, place.rules, place.lltv)
    for _ in steps(life, place, bars, bars[1].time - bars[0].time):
        pass
    return life


def steps(
    life: Life, place: Place, bars: Sequence[Bar], step: int, by_minute: bool = False
) -> Iterator[Step]:
    """Live through bars of `step` seconds, note it in `life`, and pause after each.

    Ends early where nothing is left. With `by_minute` the keeper looks between two points, too.
    """
    points = path_of(bars, step, place.rules.long)
    minutes = [
        _minutes(*two, step, place.rules.ramp) if by_minute else [] for two in pairwise(points)
    ]
    looks = list(zip(points, [*minutes, []], strict=True))
    place.expect([(time, price) for (at, price), later in looks for time in (at, *later)])
    place.move(*points[0])
    life.start = place.worth()
    there = _Actors(life, place, int(life.delay * step))
    for number, bar in enumerate(bars):
        seen = len(life.fills), len(life.liquidations)
        left = all(there.live(*point, later) for point, later in looks[number * POINTS :][:POINTS])
        happened = life.fills[seen[0] :], life.liquidations[seen[1] :]
        if not left:
            yield Step(bar, 0, 0, 0, 0, *happened)
            return
        yield Step(bar, *place.balances(), place.worth(), place.leverage(), *happened)
    life.nav = (place.worth() // MANY) / (life.start // MANY)


def _minutes(point: Point, following: Point, step: int, ramp: int) -> list[int]:
    """Whole minutes since the scheduled lane has opened, while its premium rises.

    They lie between two points, and in what is a point's of its bar.
    """
    begin, end = point[0], min(following[0], point[0] - (-step // POINTS))
    return [
        time
        for opening in range(opened(begin), end, DAY)
        for time in range(opening, opening + ramp + 1, MINUTE)
        if begin < time < end
    ]


@dataclass
class _Actors:
    """The liquidator, and the keeper, who is there once `due`."""

    life: Life
    place: Place
    late: int  # seconds
    due: int | None = None

    def live(self, time: int, answer: int, minutes: Iterable[int]) -> bool:
        """All act at a point, and the keeper in the minutes after it. Whether anything is left."""
        self.place.move(time, answer)
        if not self._liquidate(time, answer):
            return False
        self._fill(time, answer)
        for minute in minutes:
            self.place.move(minute, answer)
            if not self._fill(minute, answer):
                break
        return True

    def _liquidate(self, time: int, answer: int) -> bool:
        life, place = self.life, self.place
        price = scaled(answer, life.rules.long)
        collateral, debt = self._look(time, price)
        value = collateral * price // SCALE
        if value * place.lltv // WAD >= debt:
            return True
        # all of the debt, or all of the collateral where that is less with the bonus
        place.liquidate(whole=debt * (WAD + place.bonus) >= value * WAD)
        left = place.balances()[0]
        life.liquidations.append(Liquidation(time, 1 - left / collateral))
        if left:
            self._look(time, price)
        return left > 0

    def _fill(self, time: int, answer: int) -> bool:
        """The keeper looks, and fills if it is there and that pays. Whether a lane was open."""
        life, place = self.life, self.place
        price = scaled(answer, life.rules.long)
        auction = place.auction()
        in_ether = life.rules.long != auction.levering
        least = life.gas if in_ether else life.gas * answer // 10**20
        pays = _profit(auction, price) >= least
        if self.due is None and pays:
            self.due = time + self.late
        if self.due is not None and time >= self.due:
            self.due = None
            if pays:
                collateral, debt = place.balances()
                before = _level(collateral, debt, price, life.rules.long)
                place.fill(auction, least)
                after = _level(*self._look(time, price), price, life.rules.long)
                paid = _premium(auction, price) / (collateral * price / SCALE - debt)
                life.fills.append(Fill(time, auction.lane, paid, before, after))
        return auction.lane != Lane.CLOSED

    def _look(self, time: int, price: int) -> tuple[int, int]:
        """Collateral and debt, noted as leverage and LTV."""
        life = self.life
        collateral, debt = self.place.balances()
        level = _level(collateral, debt, price, life.rules.long)
        life.trail.append((time, level))
        life.max_leverage = max(life.max_leverage, level)
        life.max_ltv = max(life.max_ltv, debt * SCALE / (collateral * price))
        return collateral, debt


def _level(collateral: int, debt: int, price: int, long: bool) -> float:
    leverage = leverage_math.leverage(collateral, debt, price, long)
    return inf if leverage == leverage_math.NOTHING_LEFT else leverage / WAD


def _profit(auction: Auction, price: int) -> int:
    """What a keeper gets beyond what it brings and its edge, in units of what it gets."""
    if auction.lane == Lane.CLOSED:
        return -1
    numerator, denominator = (price, SCALE) if auction.levering else (SCALE, price)
    brings = auction.brings * numerator // denominator
    return auction.takes - brings * (WAD + EDGE) // WAD


def _premium(auction: Auction, price: int) -> float:
    """What a fill pays beyond what it is brought, in debt units at the oracle's price."""
    if auction.levering:
        return auction.takes - auction.brings * price / SCALE
    return auction.takes * price / SCALE - auction.brings
