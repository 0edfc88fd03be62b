"""A crash, lived point by point: how late may the keeper be before the venue liquidates?

At every point of the walk the liquidator comes first: as soon as the venue lets it, it takes all
that it may. Then the keeper, if it is there. It sees a lane when filling pays: what it gets is
worth EDGE more than what it brings, and its gas on top. Late by `delay` bars, it comes so long
after it has seen one, fills all there is if filling pays then too, and goes; what it sees next, it
sees afresh. With no delay it fills where it sees. Between two points nobody does anything.

The same walk is taken on the chain, with the real Morpho Blue and Uniswap v3, and in the model,
which is fast enough to try many rules.
"""

from dataclasses import dataclass, field
from math import inf, prod
from typing import Any, NamedTuple, Protocol

from scripts._crash.bars import Bar, path_of
from scripts._devnet import USD
from scripts._model import leverage_math
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.premium_curve import liquidation_leverage
from scripts._model.rule_book import Rules
from scripts._model.token import Auction, Lane

STAKE = 100_000  # dollars of NAV

# What the keeper wants of what it trades: the pool's 0.05 %, what it moves the pool, its trouble.
EDGE = 12 * WAD // 10_000
FILL_WEI = 240_000 * 200 * 10**9  # for its gas, on a chain as crowded as it was that night


class Fill(NamedTuple):
    """What a keeper did: `paid` is the premium in parts of the NAV before."""

    time: int
    lane: Lane
    paid: float


class Liquidation(NamedTuple):
    """What the venue allowed: the part of the collateral that was seized."""

    time: int
    seized: float


@dataclass
class Life:
    """What a token lived through. Leverage and LTV are the highest of all points."""

    delay: float
    rules: Rules
    lltv: int
    max_leverage: float = 0.0  # infinite where nothing was left
    max_ltv: float = 0.0
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

    def move(self, time: int, answer: int) -> None:
        """It is `time`, and ETH costs `answer`."""

    def balances(self) -> tuple[int, int]:
        """Collateral held and debt owed."""

    def auction(self) -> Auction:
        """What is open."""

    def share(self) -> int:
        """What a whole share is worth, in raw units of the quote asset."""

    def fill(self, auction: Auction, least: int) -> None:
        """The keeper fills all that is open, for a profit of `least` of what it takes."""

    def liquidate(self, whole: bool) -> None:
        """The liquidator takes all of the collateral, or repays all of the debt."""


def scaled(answer: int, long: bool) -> int:
    """The oracle's price: USDC for WETH or WETH for USDC, raw for raw, scaled by 1e36."""
    return answer * 10**24 // USD if long else USD * 10**48 // answer


def walk(place: Place, bars: list[Bar], delay: float) -> Life:
    """Live through all bars, with a keeper late by `delay` of them."""
    long = place.rules.long
    life = Life(delay, place.rules, place.lltv)
    late = int(delay * (bars[1].time - bars[0].time))
    points = path_of(bars, long)
    place.move(*points[0])
    start, due = place.share(), None
    for time, answer in points:
        price = scaled(answer, long)
        place.move(time, answer)
        collateral, debt = _look(life, place, time, price)
        value = collateral * price // SCALE
        if value * place.lltv // WAD < debt:
            # all of the debt, or all of the collateral where that is less with the bonus
            place.liquidate(whole=debt * (WAD + place.bonus) >= value * WAD)
            left = place.balances()[0]
            life.liquidations.append(Liquidation(time, 1 - left / collateral))
            if left == 0:
                return life
            collateral, debt = _look(life, place, time, price)

        auction = place.auction()
        least = FILL_WEI if long != auction.levering else FILL_WEI * answer // 10**20
        pays = _profit(auction, price) >= least
        if due is None and pays:
            due = time + late
        if due is not None and time >= due:
            due = None
            if pays:
                place.fill(auction, least)
                nav = collateral * price / SCALE - debt
                life.fills.append(Fill(time, auction.lane, _premium(auction, price) / nav))
                _look(life, place, time, price)
    life.nav = place.share() / start
    return life


def _look(life: Life, place: Place, time: int, price: int) -> tuple[int, int]:
    """Collateral and debt, noted as leverage and LTV."""
    collateral, debt = place.balances()
    leverage = leverage_math.leverage(collateral, debt, price, life.rules.long)
    level = inf if leverage == leverage_math.NOTHING_LEFT else leverage / WAD
    life.trail.append((time, level))
    life.max_leverage = max(life.max_leverage, level)
    life.max_ltv = max(life.max_ltv, debt * SCALE / (collateral * price))
    return collateral, debt


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
