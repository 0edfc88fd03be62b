"""A token on `MockVenue`, made by the real Factory, and the twin of that venue in plain integers.

world = open_token(lab, MODES["half-up"], PAIRS["18/6"])
world.model                                    the token's model over the venue's twin
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from fractions import Fraction
from typing import Any, cast

from scripts._model import port
from scripts._model.fixed_point import MAX, SCALE, WAD, mul_div_down, mul_div_up
from scripts._model.revert import check
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import LOCKED, Token, seed_legs

from .lab import ACCOUNTS, Lab, kind

RAY = 10**27
OWNER, TREASURY, *OTHERS = ACCOUNTS
ACTORS = tuple(OTHERS[:3])
NOON = 1_893_499_200  # 2030-01-01 12:00:00 UTC
LLTV = 86 * WAD // 100
BONUS = 44 * WAD // 1000
ENDLESS = MAX
COINS = 10**33  # raw units of each coin, for each actor
LENT = 10**30
DUST = 10**5  # units of which the venue's margin may be less than a rounding
LOCKED_AT = "0x000000000000000000000000000000000000dEaD"


@dataclass(frozen=True)
class Mode:
    """How a venue counts: `fineness` units for an amount of one, and which indices move from there.

    What is counted by an index that moves is rounded by less than `slip`: of a unit when it is
    written, of an amount of one when it is read.
    """

    half_up: bool
    fineness: int
    collateral_moves: bool
    debt_moves: bool
    slip: Fraction


MODES = {
    "exact": Mode(False, 1, False, False, Fraction(0)),
    "morpho": Mode(False, 10**6, False, True, Fraction(1)),
    "half-up": Mode(True, 1, True, True, Fraction(1, 2)),
    "directional": Mode(False, 1, True, True, Fraction(1)),
}


@dataclass(frozen=True)
class Pair:
    """Decimals of collateral and debt, and how many whole debt coins a collateral coin costs."""

    collateral: int
    debt: int
    costs: Fraction
    long: bool

    @property
    def price(self) -> int:
        """Debt units per collateral unit, scaled by 1e36."""
        return int(self.costs * SCALE * 10**self.debt / 10**self.collateral)


PAIRS = {
    "18/6": Pair(18, 6, Fraction(2_000), True),
    "8/18": Pair(8, 18, Fraction(60_000), True),
    "6/18": Pair(6, 18, Fraction(1, 2_000), False),
}


@dataclass
class Venue:
    """Twin of MockVenue.vy."""

    half_up: bool
    one: int
    lltv: int
    bonus: int
    price: int
    now: int
    collateral_index: int
    debt_index: int
    updated_at: int
    cash: int  # debt tokens left to lend
    collateral_units: int = 0
    debt_units: int = 0
    collateral_rate: int = 0
    debt_rate: int = 0

    def copy(self) -> "Venue":
        return replace(self)

    def free(self) -> None:
        self.collateral_rate = self.debt_rate = 0

    def snapshot(self) -> Callable[[], None]:
        state = dict(vars(self))
        return lambda: vars(self).update(state)

    def indices(self) -> tuple[int, int]:
        elapsed = self.now - self.updated_at
        return (
            self.collateral_index + self.collateral_index * self.collateral_rate * elapsed // WAD,
            self.debt_index + self.debt_index * self.debt_rate * elapsed // WAD,
        )

    def accrue(self) -> None:
        self.collateral_index, self.debt_index = self.indices()
        self.updated_at = self.now

    def balances(self) -> tuple[int, int]:
        of_collateral, of_debt = self.indices()
        return (
            self._round(self.collateral_units, of_collateral, self.one, False),
            self._round(self.debt_units, of_debt, self.one, True),
        )

    def grain(self) -> int:
        coarsest = max(self.indices())
        return 0 if coarsest <= self.one else mul_div_up(coarsest, 1, self.one)

    def true(self) -> tuple[Fraction, Fraction]:
        """Collateral and debt before the last rounding."""
        of_collateral, of_debt = self.indices()
        return (
            Fraction(self.collateral_units * of_collateral, self.one),
            Fraction(self.debt_units * of_debt, self.one),
        )

    def supply(self, amount: int) -> None:
        self.accrue()
        self.collateral_units += self._round(amount, self.one, self.collateral_index, False)

    def repay(self, amount: int) -> int:
        self.accrue()
        _, owed = self.balances()
        units = self.debt_units
        if amount < owed:
            units = min(units, self._round(amount, self.one, self.debt_index, False))
        self.debt_units -= units
        self.cash += min(amount, owed)
        return min(amount, owed)

    def borrow(self, amount: int) -> None:
        self.accrue()
        self.debt_units += self._round(amount, self.one, self.debt_index, True)
        check(self.healthy(), "venue: too little collateral")
        check(amount <= self.cash, "venue: too little to lend")
        self.cash -= amount

    def withdraw(self, amount: int) -> None:
        self.accrue()
        held, _ = self.balances()
        check(amount <= held, "venue: too little collateral")
        units = self._round(amount, self.one, self.collateral_index, True)
        self.collateral_units -= min(self.collateral_units, units)
        check(self.healthy(), "venue: too little collateral")

    def liquidate(self, repaid: int) -> tuple[int, int]:
        """Debt repaid and collateral seized."""
        self.accrue()
        check(not self.healthy(), "venue: position is healthy")
        held, owed = self.balances()
        worth = mul_div_down(min(repaid, owed), SCALE, self.price)
        seized = min(held, mul_div_down(worth, WAD + self.bonus, WAD))
        units = self.debt_units
        if repaid < owed:
            units = min(units, self._round(repaid, self.one, self.debt_index, False))
        self.debt_units -= units
        if seized == held:
            self.collateral_units = self.debt_units = 0
        else:
            units = self._round(seized, self.one, self.collateral_index, True)
            self.collateral_units -= min(self.collateral_units, units)
        self.cash += min(repaid, owed)
        return min(repaid, owed), seized

    def healthy(self) -> bool:
        collateral, owed = self.balances()
        return owed <= collateral * self.price // SCALE * self.lltv // WAD

    def _round(self, x: int, y: int, denominator: int, up: bool) -> int:
        check(x * y <= MAX, "")
        if self.half_up:
            return (x * y + denominator // 2) // denominator
        return mul_div_up(x, y, denominator) if up else x * y // denominator


@dataclass
class Position(port.Position[Venue]):
    """Twin of MockPosition.vy."""

    def balances(self) -> tuple[int, int]:
        return self.market.balances()

    def grain(self) -> int:
        return self.market.grain()

    def accrue(self) -> tuple[int, int, int]:
        self.market.accrue()
        return super().accrue()

    def liquidity(self) -> int:
        return self.market.cash

    def liquidation(self) -> tuple[int, int]:
        return self.market.lltv, self.market.bonus

    def _supply(self, amount: int) -> None:
        self.market.supply(amount)

    def _borrow(self, amount: int) -> None:
        self.market.borrow(amount)

    def _repay(self, amount: int) -> int:
        return self.market.repay(amount)

    def _withdraw(self, amount: int) -> None:
        self.market.withdraw(amount)


def position_of(token: Token) -> Position:
    """The position of a token that was opened here."""
    return cast(Any, token.position)


@dataclass(frozen=True)
class World:
    """A token on chain, and its model as it is in the beginning."""

    mode: Mode
    pair: Pair
    token: str
    position: str
    venue: str
    oracle: str
    collateral: str
    debt: str
    model: Token


def open_token(lab: Lab, mode: Mode, pair: Pair, **rules: Any) -> World:
    """A token of 3x, long or short, with shares of each actor; actors have approved it."""
    if lab.now < NOON:
        lab.warp(NOON)
    collateral, debt = (
        lab.deploy("TestToken", "Coin", "COIN", decimals)
        for decimals in (pair.collateral, pair.debt)
    )
    lltv = LLTV if pair.long else 915 * WAD // 1000
    venue = lab.deploy("MockVenue", collateral, debt, mode.half_up, mode.fineness, lltv, BONUS)
    oracle = lab.deploy("SettableOracle", pair.price)
    lab.send(OWNER, venue, "set_price(uint256)", pair.price)
    for coin in (collateral, debt):
        lab.send(OWNER, coin, "mint(address,uint256)", venue, LENT)
    blueprints = lab.declare("LeveragedToken"), lab.declare("MockPosition")
    factory = lab.deploy("Factory", *blueprints, venue)

    target = rules.pop("target", 3 * WAD)
    emergency = rules.pop("emergency", usual_emergency(target, pair.long))
    fixed = Rules(long=pair.long, target=target, emergency=emergency, **rules)
    seed = 10**pair.collateral * (1 if pair.long else 1_000)
    quote = pair.debt if pair.long else pair.collateral
    lab.send(OWNER, collateral, "mint(address,uint256)", OWNER, seed)
    lab.send(OWNER, collateral, "approve(address,uint256)", factory, ENDLESS)
    create = kind("Factory").forms["create"][0]
    given = ("3x", "T", astuple(fixed), oracle, TREASURY, OWNER, 2**112, b"", seed)
    output = lab.chain.send(OWNER, factory, create.calldata(given)).output
    token = create.answer(output)
    position = f"0x{lab.word(token, 'position()'):040x}"

    one = RAY * mode.fineness
    ledger = Venue(mode.half_up, one, lltv, BONUS, pair.price, lab.now, RAY, RAY, lab.now, LENT)
    model = Token(fixed, Position(ledger, "token"), pair.price, TREASURY)
    shares, borrowed = seed_legs(fixed, pair.price, seed, quote)
    model.seed(shares, seed, borrowed)
    model.balances = {LOCKED_AT: model.balances.pop(LOCKED)}

    for actor in ACTORS:
        for coin in (collateral, debt):
            lab.send(actor, coin, "mint(address,uint256)", actor, COINS)
            for spender in (token, venue):
                lab.send(actor, coin, "approve(address,uint256)", spender, ENDLESS)
        model.mint(actor, shares)
        mint = "mint(uint256,uint256,uint256,address,address)"
        lab.send(actor, token, mint, shares, ENDLESS, 0, actor, actor)
    return World(mode, pair, token, position, venue, oracle, collateral, debt, model)
