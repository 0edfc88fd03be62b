"""Twin of LeveragedToken.vy: shares of one levered position, as a small state machine.

The same calls give the same numbers, and the same faults as Revert, in the contract's own order.
Holders are names. The tokens of the pair are not moved here: a call returns what the contract's
event says, and the caller keeps the purses. Approvals are not modelled.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Generic, TypeVar

from scripts._model import (
    daily_schedule,
    leverage_math,
    port,
    premium_curve,
    rule_book,
    streaming_fee,
)
from scripts._model.fixed_point import MAX, SCALE, WAD, mul_div_down, mul_div_up
from scripts._model.revert import atomic, check
from scripts._model.rule_book import Rules
from scripts._model.venue import MAX_SHARES_PER_ASSET, MIN_BORROWED, Market, Position

P = TypeVar("P", bound=port.Position)

MAX_CAP = 2**112
LOCKED = "locked"  # holds the seed shares
SHARE_DECIMALS = 18
MIN_SEED = 10**15  # shares
MAX_DISAGREEMENT = 2 * WAD // 100  # between the token's and the venue's oracle


class Lane(IntEnum):
    """Which auction is open; the numbers are the contract's flags."""

    CLOSED = 0
    SCHEDULED = 1
    EMERGENCY = 2


@dataclass(frozen=True)
class Minted:
    """Shares for the receiver, fee shares for the treasury, collateral brought, debt taken."""

    shares: int
    fee: int
    collateral: int
    debt: int


@dataclass(frozen=True)
class Redeemed:
    """Shares given up, fee shares among them, debt brought, collateral taken."""

    shares: int
    fee: int
    debt: int
    collateral: int


@dataclass(frozen=True)
class Filled:
    """A fill: collateral and debt changed hands in the directions that `levering` says."""

    lane: Lane
    levering: bool
    premium: int
    collateral: int
    debt: int


@dataclass(frozen=True)
class Auction:
    """What is open now: `brings` and `takes` are raw units of what the taker brings and takes."""

    lane: Lane = Lane.CLOSED
    levering: bool = False
    premium: int = 0
    brings: int = 0
    takes: int = 0


@dataclass(frozen=True)
class Offer:
    """What a taker may do now.

    `reach` is the debt leg that would reach the band's edge (target in an emergency), `open` what
    may be filled of it, `price` the deal's: debt for a unit of collateral, scaled by 1e36.
    """

    lane: Lane = Lane.CLOSED
    levering: bool = False
    premium: int = 0
    reach: int = 0
    open: int = 0
    price: int = 0


@dataclass
class Token(Generic[P]):
    """A leveraged token over a position, on whatever venue.

    `price` is its oracle's, debt units per collateral unit scaled by 1e36; with a `fault` the
    oracle refuses to answer for that reason. The clock is the market's. `balances` are shares by
    name and sum up to `supply`.
    """

    rules: Rules
    position: P
    price: int
    treasury: str = "treasury"
    cap: int = MAX_CAP
    paused: bool = False
    settled_at: int = 0
    parcel: int = 0
    supply: int = 0
    balances: dict[str, int] = field(default_factory=dict)
    fault: str = ""

    def copy(self) -> "Token":
        """Another token just like this one, on a venue just like its own: for looking ahead."""
        return replace(self, position=self.position.copy(), balances=dict(self.balances))

    def snapshot(self) -> Callable[[], None]:
        """Remember the state, the venue's too; the answer puts it back."""
        state = {**vars(self), "balances": dict(self.balances)}
        undo_position = self.position.snapshot()

        def undo() -> None:
            vars(self).update(state)
            undo_position()

        return undo

    @property
    def now(self) -> int:
        """Seconds since 1970: the venue's clock."""
        return self.position.market.now

    def at(self, now: int | None = None, price: int | None = None) -> "Token":
        """Move the clock, or the price of both oracles, or both; returns the token itself."""
        if now is not None:
            self.position.market.now = now
        if price is not None:
            self.position.market.price = price
            self.price = price
        return self

    # Calls

    @atomic
    def seed(self, shares: int, collateral: int, debt: int) -> Minted:
        """Mint the first shares and lock them."""
        check(self.settled_at == 0, "seed: already seeded")
        self.settled_at = self.now
        self._issue(LOCKED, shares)
        self.position.lever(collateral, debt)
        return Minted(shares, 0, collateral, debt)

    @atomic
    def mint(
        self, receiver: str, shares: int, max_collateral: int = MAX, min_debt: int = 0
    ) -> Minted:
        """Bring collateral, take debt, and give `receiver` exactly `shares`."""
        check(not self.paused, "mint: paused")
        *position, grain = self.position.accrue()
        self.settle()
        check(shares <= self._room(self.supply), "mint: cap exceeded")
        legs = *position, self.supply, grain
        fee, collateral, debt = mint_legs(shares, self.rules.mint_fee, *legs)
        check(collateral <= max_collateral, "mint: collateral above max")
        check(debt >= min_debt, "mint: debt below min")

        self._issue(receiver, shares)
        self._issue(self.treasury, fee)
        self.position.lever(collateral, debt)
        return Minted(shares, fee, collateral, debt)

    @atomic
    def redeem(
        self, owner: str, shares: int, max_debt: int = MAX, min_collateral: int = 0
    ) -> Redeemed:
        """Give up `shares` of `owner`, bring debt and take collateral."""
        check(shares <= self.balance(owner), "redeem: shares above balance")
        *position, grain = self.position.accrue()
        self.settle()
        legs = *position, self.supply, grain
        fee, debt, collateral = redeem_legs(shares, self.rules.redeem_fee, *legs)
        check(debt <= max_debt, "redeem: debt above max")
        check(collateral >= min_collateral, "redeem: collateral below min")

        self._issue(owner, fee - shares)
        self.transfer(owner, self.treasury, fee)
        self.position.delever(debt, collateral)
        return Redeemed(shares, fee, debt, collateral)

    @atomic
    def fill_lever(self, max_collateral: int, min_debt: int = 0) -> Filled:
        """Below target: bring collateral and take debt at the auction's price."""
        check(not self.paused, "fill: levering is paused")
        *_, grain = self.position.accrue()
        offer = self.offer()
        check(offer.levering, "fill: not open for levering")
        collateral, debt = _fill_legs(max_collateral, offer, grain)
        check(debt > 0, "fill: nothing to take")
        check(_within(debt, collateral, min_debt, max_collateral), "fill: debt below limit")

        self._use_parcel(offer, debt + grain)
        self.position.lever(collateral, debt)
        return Filled(offer.lane, True, offer.premium, collateral, debt)

    @atomic
    def fill_delever(self, max_debt: int, min_collateral: int = 0) -> Filled:
        """Above target: bring debt and take collateral at the auction's price."""
        *_, grain = self.position.accrue()
        offer = self.offer()
        check(offer.lane != Lane.CLOSED and not offer.levering, "fill: not open for delevering")
        debt, collateral = _fill_legs(max_debt, offer, grain)
        check(collateral > 0, "fill: no collateral to take")
        kept = _within(collateral, debt, min_collateral, max_debt)
        check(kept, "fill: collateral below limit")

        self._use_parcel(offer, min(max_debt, offer.open))
        self.position.delever(debt, collateral)
        return Filled(offer.lane, False, offer.premium, collateral, debt)

    def settle(self) -> int:
        """Mint the management fee to now; returns the fee shares."""
        fee = self._accrued()
        if fee > 0:
            self.settled_at = self.now
            self._issue(self.treasury, fee)
        return fee

    def set_treasury(self, treasury: str) -> None:
        """Name the receiver of fees to come; what has accrued goes to the old one."""
        self.settle()
        self.treasury = treasury

    def transfer(self, owner: str, receiver: str, amount: int) -> None:
        """Move shares."""
        check(amount <= self.balance(owner), "transfer: balance too low")
        self.balances[owner] = self.balance(owner) - amount
        self.balances[receiver] = self.balance(receiver) + amount

    # Views

    def preview_mint(self, shares: int) -> tuple[int, int]:
        """Collateral to bring and debt to take for `shares` now."""
        legs = *self.position.balances(), self.true_supply(), self.position.grain()
        return mint_legs(shares, self.rules.mint_fee, *legs)[1:]

    def preview_redeem(self, shares: int) -> tuple[int, int]:
        """Debt to bring and collateral to take for `shares` now."""
        legs = *self.position.balances(), self.true_supply(), self.position.grain()
        return redeem_legs(shares, self.rules.redeem_fee, *legs)[1:]

    def preview_fill_lever(self, max_collateral: int) -> tuple[int, int]:
        """Collateral to bring and debt to take now; zeros when closed."""
        offer = self.offer()
        if not offer.levering:
            return 0, 0
        return _fill_legs(max_collateral, offer, self.position.grain())

    def preview_fill_delever(self, max_debt: int) -> tuple[int, int]:
        """Debt to bring and collateral to take now; zeros when closed."""
        offer = self.offer()
        if offer.lane == Lane.CLOSED or offer.levering:
            return 0, 0
        return _fill_legs(max_debt, offer, self.position.grain())

    def auction(self) -> Auction:
        """The lane that is open, its premium, the largest fill and what that pays."""
        offer = self.offer()
        grain = self.position.grain()
        brings, takes = _fill_legs(MAX, offer, grain) if offer.open > 0 else (0, 0)
        if takes == 0:
            return Auction()
        return Auction(offer.lane, offer.levering, offer.premium, brings, takes)

    def offer(self) -> Offer:
        """What is open now. Where both lanes are, the one in which a taker earns more."""
        collateral, debt = self.position.balances()
        price = self._ask()
        leverage = self._leverage(collateral, debt, price)
        offer = self._scheduled(collateral, debt, price, leverage)
        if not self._is_emergency(leverage):
            return offer
        lltv, bonus = self.position.liquidation()
        premium = premium_curve.emergency(
            leverage,
            self._trigger(),
            premium_curve.liquidation_leverage(lltv, self.rules.long),
            self.rules.emergency_premium,
            premium_curve.highest(self.rules.emergency_premium, bonus),
        )
        gearing = leverage_math.gearing(self.rules.target, self.rules.long)
        reach = leverage_math.most_delever(collateral, debt, price, gearing, premium)
        if reach == 0 or premium * reach < offer.premium * offer.open:
            return offer
        deal = leverage_math.delever_price(price, premium)
        return Offer(Lane.EMERGENCY, False, premium, reach, reach, deal)

    def leverage(self) -> int:
        """Leverage at the oracle's price, without sign, in WAD. Raises Revert when NAV <= 0."""
        return self._leverage(*self.position.balances(), self._ask())

    def is_emergency(self) -> bool:
        """Whether leverage opens the emergency lane. Raises Revert when NAV <= 0."""
        return self._is_emergency(self.leverage())

    def next_rebalance(self) -> int:
        """When the scheduled lane opens next."""
        return daily_schedule.opened(self.now) + daily_schedule.DAY

    def total_assets(self) -> int:
        """NAV at the oracle's price, in raw units of the quote asset, rounded down."""
        return leverage_math.assets(*self.position.balances(), self._ask(), self.rules.long)

    def convert_to_assets(self, shares: int) -> int:
        """What `shares` are worth before fees, in raw units of the quote asset."""
        return mul_div_down(shares, self.total_assets(), self.true_supply())

    def convert_to_shares(self, assets: int) -> int:
        """Shares worth `assets` raw units of the quote asset, before fees."""
        nav = self.total_assets()
        return 0 if nav == 0 else mul_div_down(assets, self.true_supply(), nav)

    def max_mint(self) -> int:
        """Shares that could be minted now: by pause, cap and the venue's liquidity."""
        collateral, debt = self.position.balances()
        if self.paused or collateral == 0:
            return 0
        supply = self.true_supply()
        room = self._room(supply)
        if debt == 0:
            return room
        gross = mul_div_down(self.position.liquidity(), supply, debt)
        return min(room, mul_div_down(gross, WAD - self.rules.mint_fee, WAD))

    def balance(self, owner: str) -> int:
        """Shares of `owner`."""
        return self.balances.get(owner, 0)

    def true_supply(self) -> int:
        """The supply with the management fee to now."""
        return self.supply + self._accrued()

    # Parts

    def _ask(self) -> int:
        check(not self.fault, self.fault)
        return self.price

    def _accrued(self) -> int:
        elapsed = self.now - self.settled_at
        return streaming_fee.shares(self.supply, self.rules.management_fee, elapsed)

    def _issue(self, receiver: str, amount: int) -> None:
        self.supply += amount
        self.balances[receiver] = self.balance(receiver) + amount

    def _room(self, supply: int) -> int:
        return max(0, self.cap - supply)

    def _leverage(self, collateral: int, debt: int, price: int) -> int:
        leverage = leverage_math.leverage(collateral, debt, price, self.rules.long)
        check(leverage != leverage_math.NOTHING_LEFT, "token: position is insolvent")
        return leverage

    def _trigger(self) -> int:
        """The emergency leverage, or what is near liquidation if that is sooner."""
        near = premium_curve.near_liquidation(self.position.liquidation()[0], self.rules.long)
        return min(self.rules.emergency, near)

    def _is_emergency(self, leverage: int) -> bool:
        return leverage > self.rules.target and leverage >= self._trigger()

    def _scheduled(self, collateral: int, debt: int, price: int, leverage: int) -> Offer:
        rules = self.rules
        opened = daily_schedule.opened(self.now)
        elapsed = self.now - opened
        if elapsed >= rules.window:
            return Offer()
        premium = premium_curve.scheduled(
            elapsed, rules.premium_start, rules.premium_end, rules.ramp
        )
        if leverage < rules.lowest and not self.paused:
            edge = leverage_math.gearing(rules.lowest, rules.long)
            reach = leverage_math.most_lever(collateral, debt, price, edge, premium)
            most = min(daily_schedule.left(self.parcel, opened, reach), self.position.liquidity())
            deal = leverage_math.lever_price(price, premium)
        elif leverage > rules.highest:
            edge = leverage_math.gearing(rules.highest, rules.long)
            reach = leverage_math.most_delever(collateral, debt, price, edge, premium)
            most = daily_schedule.left(self.parcel, opened, reach)
            deal = leverage_math.delever_price(price, premium)
        else:
            return Offer()
        if most == 0:
            return Offer()
        return Offer(Lane.SCHEDULED, leverage < rules.lowest, premium, reach, most, deal)

    def _use_parcel(self, offer: Offer, amount: int) -> None:
        if offer.lane == Lane.SCHEDULED:
            opened = daily_schedule.opened(self.now)
            self.parcel = daily_schedule.take(self.parcel, opened, offer.reach, amount)


def mint_legs(
    shares: int, fee_wad: int, collateral: int, debt: int, supply: int, grain: int
) -> tuple[int, int, int]:
    """Fee shares, collateral to bring (rounded up) and debt to take (rounded down).

    gross = shares / (1 - fee), and the legs are gross / supply of `collateral` and `debt`, with the
    venue's grain against whoever acts.
    """
    check(shares > 0, "mint: zero shares")
    check(collateral > 0, "mint: position is empty")
    gross = mul_div_up(shares, WAD, WAD - fee_wad)
    return (
        gross - shares,
        mul_div_up(collateral, gross, supply) + grain,
        max(0, mul_div_down(debt, gross, supply) - grain),
    )


def redeem_legs(
    shares: int, fee_wad: int, collateral: int, debt: int, supply: int, grain: int
) -> tuple[int, int, int]:
    """Fee shares (rounded up), debt to bring (rounded up) and collateral to take (rounded down).

    net = shares * (1 - fee), and the legs are net / supply of `debt` and `collateral`, with the
    venue's grain against whoever acts; of debt never more than there is.
    """
    check(shares > 0, "redeem: zero shares")
    fee = mul_div_up(shares, fee_wad, WAD)
    net = shares - fee
    brings = mul_div_up(debt, net, supply)
    return (
        fee,
        min(brings + grain, max(brings, debt)),
        max(0, mul_div_down(collateral, net, supply) - grain),
    )


def _fill_legs(most: int, offer: Offer, grain: int) -> tuple[int, int]:
    """What a taker of an offer brings, at most `most`, and takes; zeros if that is nothing."""
    legs = leverage_math.lever_legs if offer.levering else leverage_math.delever_legs
    brings, takes = legs(max(0, most - grain), offer.open, offer.price)
    return (brings + grain, takes - grain) if takes > grain else (0, 0)


def _within(takes: int, brings: int, least: int, most: int) -> bool:
    """Whether a fill pays no less for each unit brought than `least` for `most`."""
    return least < 2**128 and takes >= mul_div_up(least, brings, most)


def create(
    market: Market,
    rules: Rules,
    collateral: int,
    quote_decimals: int,
    *,
    name: str = "token",
    price: int | None = None,
    treasury: str = "treasury",
    cap: int = MAX_CAP,
) -> Token:
    """Twin of Factory.create: a token on `market`, checked and seeded with `collateral` raw units.

    `quote_decimals` are those of the quote asset: debt for a long token, collateral for a short
    one. `price` is the token's oracle's, the market's unless told. Raises Revert as the position's
    constructor, the rule book and the factory do.
    """
    check(market.total_borrow_assets >= MIN_BORROWED, "position: market is empty")
    most_shares = market.total_borrow_assets * MAX_SHARES_PER_ASSET
    check(market.total_borrow_shares <= most_shares, "position: market is spoiled")
    check(cap <= MAX_CAP, "token: cap out of bounds")
    price = market.price if price is None else price
    position = Position(market, name)
    rule_book.check(rules, *position.liquidation())
    disagreement = abs(price - market.price) * WAD
    check(disagreement <= price * MAX_DISAGREEMENT, "factory: oracles disagree")

    shares, debt = seed_legs(rules, price, collateral, quote_decimals)
    token = Token(rules, position, price, treasury, cap)
    token.seed(shares, collateral, debt)
    return token


def seed_legs(rules: Rules, price: int, collateral: int, quote_decimals: int) -> tuple[int, int]:
    """Seed shares, one for a whole unit of the quote asset, and the debt behind them."""
    gearing = leverage_math.gearing(rules.target, rules.long)
    value = mul_div_down(collateral, price, SCALE)
    debt = mul_div_down(value, gearing - WAD, gearing)

    check(quote_decimals <= SHARE_DECIMALS, "factory: too many decimals")
    assets = leverage_math.assets(collateral, debt, price, rules.long)
    shares = assets * 10 ** (SHARE_DECIMALS - quote_decimals)
    check(shares >= MIN_SEED, "factory: seed too small")
    return shares, debt
