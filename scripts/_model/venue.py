"""One market of Morpho Blue, and a position on it as MorphoPosition.vy keeps it, bit for bit.

Source: morpho-blue 1.0.0, `Morpho.sol` and its libraries; the reverts are Morpho's own words. The
interest rate is the devnet's, fixed. Tokens are not moved here: amounts are returned instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scripts._model import port
from scripts._model.fixed_point import SCALE, WAD, mul_div_down, mul_div_up
from scripts._model.revert import atomic, check

VIRTUAL_SHARES = 10**6
VIRTUAL_ASSETS = 1
LIQUIDATION_CURSOR = 3 * WAD // 10
MAX_LIQUIDATION_FACTOR = 115 * WAD // 100
FEE_RECIPIENT = "fee recipient"

# What a position asks of its market before it settles there.
MIN_BORROWED = 10**4
MAX_SHARES_PER_ASSET = 2 * VIRTUAL_SHARES


@dataclass(frozen=True)
class Account:
    """What one user has on the market: shares of what is lent, shares of debt, raw collateral."""

    supply_shares: int = 0
    borrow_shares: int = 0
    collateral: int = 0


NOBODY = Account()


@dataclass
class Market:
    """One market: a clock, an oracle, totals, and users by name.

    `price` is debt units per collateral unit scaled by 1e36, `rate` WAD a second, `lltv` and `fee`
    (Morpho's part of the interest) WAD, `now` and `last_update` seconds, totals raw units.
    """

    lltv: int
    price: int
    now: int
    rate: int = 0
    fee: int = 0
    total_supply_assets: int = 0
    total_supply_shares: int = 0
    total_borrow_assets: int = 0
    total_borrow_shares: int = 0
    last_update: int = -1  # unless told: created now
    accounts: dict[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.last_update < 0:
            self.last_update = self.now

    def copy(self) -> "Market":
        """Another market just like this one."""
        return replace(self, accounts=dict(self.accounts))

    def snapshot(self) -> Callable[[], None]:
        """Remember the state; the answer puts it back."""
        state = {**vars(self), "accounts": dict(self.accounts)}
        return lambda: vars(self).update(state)

    def account(self, user: str) -> Account:
        """What `user` has; nothing for one who was never here."""
        return self.accounts.get(user, NOBODY)

    # Interest

    def interest(self) -> int:
        """Debt that all borrowers together have run up since `last_update`."""
        growth = taylor_compounded(self.rate, self.now - self.last_update)
        return mul_div_down(self.total_borrow_assets, growth, WAD)

    def accrue(self) -> None:
        """Write the interest to `now` into the totals."""
        interest = self.interest()
        self.total_borrow_assets += interest
        self.total_supply_assets += interest
        if self.fee:
            fee = mul_div_down(interest, self.fee, WAD)
            shares = to_shares_down(fee, self.total_supply_assets - fee, self.total_supply_shares)
            self._move(FEE_RECIPIENT, supply_shares=shares)
            self.total_supply_shares += shares
        self.last_update = self.now

    def owed(self, user: str) -> int:
        """Debt of `user`, rounded up, with interest to `now`."""
        shares = self.account(user).borrow_shares
        if shares == 0:
            return 0
        return to_assets_up(
            shares, self.total_borrow_assets + self.interest(), self.total_borrow_shares
        )

    # Lenders

    @atomic
    def supply(self, user: str, assets: int = 0, shares: int = 0) -> tuple[int, int]:
        """Lend by assets or by shares; returns both."""
        check((assets == 0) != (shares == 0), "inconsistent input")
        self.accrue()
        totals = self.total_supply_assets, self.total_supply_shares
        if assets > 0:
            shares = to_shares_down(assets, *totals)
        else:
            assets = to_assets_up(shares, *totals)
        self._move(user, supply_shares=shares)
        self.total_supply_shares += _u128(shares)
        self.total_supply_assets += _u128(assets)
        return assets, shares

    @atomic
    def withdraw(self, user: str, assets: int = 0, shares: int = 0) -> tuple[int, int]:
        """Take back what was lent, by assets or by shares; returns both."""
        check((assets == 0) != (shares == 0), "inconsistent input")
        self.accrue()
        totals = self.total_supply_assets, self.total_supply_shares
        if assets > 0:
            shares = to_shares_up(assets, *totals)
        else:
            assets = to_assets_down(shares, *totals)
        self._move(user, supply_shares=-shares)
        self.total_supply_shares -= shares
        self.total_supply_assets -= assets
        check(self.liquidity() >= 0, "insufficient liquidity")
        return assets, shares

    # Borrowers

    @atomic
    def supply_collateral(self, user: str, assets: int) -> None:
        """Add collateral: of one's own, or as a gift to another."""
        check(assets != 0, "zero assets")
        self._move(user, collateral=_u128(assets))

    @atomic
    def withdraw_collateral(self, user: str, assets: int) -> None:
        """Take collateral; what is left must be healthy."""
        check(assets != 0, "zero assets")
        self.accrue()
        self._move(user, collateral=-assets)
        check(self.is_healthy(user), "insufficient collateral")

    @atomic
    def borrow(self, user: str, assets: int = 0, shares: int = 0) -> tuple[int, int]:
        """Borrow by assets or by shares; returns both."""
        check((assets == 0) != (shares == 0), "inconsistent input")
        self.accrue()
        totals = self.total_borrow_assets, self.total_borrow_shares
        if assets > 0:
            shares = to_shares_up(assets, *totals)
        else:
            assets = to_assets_down(shares, *totals)
        self._move(user, borrow_shares=_u128(shares))
        self.total_borrow_shares += _u128(shares)
        self.total_borrow_assets += _u128(assets)
        check(self.is_healthy(user), "insufficient collateral")
        check(self.liquidity() >= 0, "insufficient liquidity")
        return assets, shares

    @atomic
    def repay(self, user: str, assets: int = 0, shares: int = 0) -> tuple[int, int]:
        """Repay by assets or by shares, one's own debt or another's; returns both."""
        check((assets == 0) != (shares == 0), "inconsistent input")
        self.accrue()
        totals = self.total_borrow_assets, self.total_borrow_shares
        if assets > 0:
            shares = to_shares_down(assets, *totals)
        else:
            assets = to_assets_up(shares, *totals)
        self._move(user, borrow_shares=-shares)
        self.total_borrow_shares -= shares
        self.total_borrow_assets = max(0, self.total_borrow_assets - assets)
        return assets, shares

    @atomic
    def liquidate(
        self, user: str, seized_assets: int = 0, repaid_shares: int = 0
    ) -> tuple[int, int]:
        """Repay debt of an unhealthy `user` for collateral at a bonus: seized and repaid assets.

        Debt that is left without any collateral is taken from the lenders.
        """
        check((seized_assets == 0) != (repaid_shares == 0), "inconsistent input")
        self.accrue()
        check(not self.is_healthy(user), "position is healthy")
        totals = self.total_borrow_assets, self.total_borrow_shares
        factor = WAD + self.liquidation_bonus()
        if seized_assets > 0:
            quoted = mul_div_up(seized_assets, self.price, SCALE)
            repaid_shares = to_shares_up(mul_div_up(quoted, WAD, factor), *totals)
        else:
            worth = mul_div_down(to_assets_down(repaid_shares, *totals), factor, WAD)
            seized_assets = mul_div_down(worth, SCALE, self.price)
        repaid_assets = to_assets_up(repaid_shares, *totals)

        self._move(user, borrow_shares=-repaid_shares)
        self.total_borrow_shares -= repaid_shares
        self.total_borrow_assets = max(0, self.total_borrow_assets - repaid_assets)
        self._move(user, collateral=-seized_assets)
        if self.account(user).collateral == 0:
            self._write_off(user)
        return seized_assets, repaid_assets

    def free(self) -> None:
        """Charge no interest any more."""
        self.rate = 0

    # Views

    def liquidity(self) -> int:
        """Debt tokens that are left to lend. Interest changes both sides alike."""
        return self.total_supply_assets - self.total_borrow_assets

    def liquidation_bonus(self) -> int:
        """What a liquidator gets on top, in WAD: min(1.15, 1 / (1 - 0.3 * (1 - lltv))) - 1."""
        discount = mul_div_down(LIQUIDATION_CURSOR, WAD - self.lltv, WAD)
        return min(WAD * WAD // (WAD - discount), MAX_LIQUIDATION_FACTOR) - WAD

    def is_healthy(self, user: str) -> bool:
        """Whether the debt of `user`, as of `last_update`, is within the liquidation LTV."""
        account = self.account(user)
        borrowed = to_assets_up(
            account.borrow_shares, self.total_borrow_assets, self.total_borrow_shares
        )
        worth = mul_div_down(account.collateral, self.price, SCALE)
        return mul_div_down(worth, self.lltv, WAD) >= borrowed

    def _move(
        self, user: str, supply_shares: int = 0, borrow_shares: int = 0, collateral: int = 0
    ) -> None:
        before = self.account(user)
        after = Account(
            before.supply_shares + supply_shares,
            before.borrow_shares + borrow_shares,
            before.collateral + collateral,
        )
        check(after.supply_shares >= 0, "")
        check(0 <= after.borrow_shares < 2**128, "")
        check(0 <= after.collateral < 2**128, "")
        self.accounts[user] = after

    def _write_off(self, user: str) -> None:
        shares = self.account(user).borrow_shares
        totals = self.total_borrow_assets, self.total_borrow_shares
        lost = min(self.total_borrow_assets, to_assets_up(shares, *totals))
        self.total_borrow_assets -= lost
        self.total_supply_assets -= lost
        self.total_borrow_shares -= shares
        self._move(user, borrow_shares=-shares)


@dataclass
class Position(port.Position[Market]):
    """Twin of MorphoPosition.vy."""

    def balances(self) -> tuple[int, int]:
        """Collateral held and debt owed, with interest to now."""
        return self.market.account(self.name).collateral, self.market.owed(self.name)

    def grain(self) -> int:
        """The most that a move may lose by rounding: nothing."""
        return 0

    def accrue(self) -> tuple[int, int, int]:
        """Balances and grain, and the interest is written into the market."""
        self.market.accrue()
        return super().accrue()

    def liquidity(self) -> int:
        """Debt tokens that the market has left to lend."""
        return self.market.liquidity()

    def liquidation(self) -> tuple[int, int]:
        """The liquidation LTV and the liquidator's bonus, in WAD."""
        return self.market.lltv, self.market.liquidation_bonus()

    def _supply(self, amount: int) -> None:
        self.market.supply_collateral(self.name, amount)

    def _borrow(self, amount: int) -> None:
        self.market.borrow(self.name, amount)

    def _repay(self, amount: int) -> int:
        if amount < self.market.owed(self.name):
            return self.market.repay(self.name, assets=amount)[0]
        shares = self.market.account(self.name).borrow_shares
        return self.market.repay(self.name, shares=shares)[0]

    def _withdraw(self, amount: int) -> None:
        self.market.withdraw_collateral(self.name, amount)


def used_market(
    *,
    lltv: int,
    price: int,
    now: int = 1_893_499_200,
    rate: int = 0,
    fee: int = 0,
    lent: int = 10**27,
    borrowed: int = 10**24,
) -> Market:
    """A market in use: somebody lends, somebody borrows against ten times as much collateral.

    The units are those of Market. The clock starts at 2030-01-01 12:00:00 UTC unless told.
    """
    market = Market(lltv=lltv, price=price, now=now, rate=rate, fee=fee)
    market.supply("lender", lent)
    market.supply_collateral("borrower", mul_div_up(10 * borrowed, SCALE, price))
    market.borrow("borrower", borrowed)
    return market


def taylor_compounded(rate: int, elapsed: int) -> int:
    """About e**(rate * elapsed) - 1 in WAD: the first three terms of its series."""
    first = rate * elapsed
    second = mul_div_down(first, first, 2 * WAD)
    third = mul_div_down(second, first, 3 * WAD)
    return first + second + third


def to_shares_down(assets: int, total_assets: int, total_shares: int) -> int:
    """Shares worth `assets`, rounded down."""
    return mul_div_down(assets, total_shares + VIRTUAL_SHARES, total_assets + VIRTUAL_ASSETS)


def to_shares_up(assets: int, total_assets: int, total_shares: int) -> int:
    """Shares worth `assets`, rounded up."""
    return mul_div_up(assets, total_shares + VIRTUAL_SHARES, total_assets + VIRTUAL_ASSETS)


def to_assets_down(shares: int, total_assets: int, total_shares: int) -> int:
    """Assets worth `shares`, rounded down."""
    return mul_div_down(shares, total_assets + VIRTUAL_ASSETS, total_shares + VIRTUAL_SHARES)


def to_assets_up(shares: int, total_assets: int, total_shares: int) -> int:
    """Assets worth `shares`, rounded up."""
    return mul_div_up(shares, total_assets + VIRTUAL_ASSETS, total_shares + VIRTUAL_SHARES)


def _u128(amount: int) -> int:
    """`amount`, which Morpho keeps in 128 bits."""
    check(amount < 2**128, "max uint128 exceeded")
    return amount
