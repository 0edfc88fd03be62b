"""Two reserves of Aave v3, and a position on them as AavePosition.vy keeps it, bit for bit.

Source: @aave/core-v3 1.19.3, whose functions the docstrings name; the reverts are Aave's own words,
which are numbers (`Errors.sol`). Here is what a token lives on: reserves that are active, at the
variable rate, without e-mode, isolation, supply cap and fee on liquidations. Tokens are not moved
here, and who pays can. Indices and rates (a year) are in ray, percentages in basis points.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scripts._model import port
from scripts._model.fixed_point import SCALE, WAD, mul_div_down, mul_div_up
from scripts._model.revert import atomic, check

RAY = 10**27
BASIS = 10**4
WAD_TO_RAY = 10**9
YEAR = 365 * 86_400
ENDLESS = 2**256 - 1

HALF = BASIS // 2  # of a debt, that is liquidated at once
CLOSE_FACTOR = 95 * WAD // 100  # the health factor from which it is all


@dataclass(frozen=True)
class Terms:
    """What governance has set for a reserve; `bonus` is one and the liquidator's.

    `unit` is one whole token, `borrow_cap` so many of these (zero: none). A rate begins at `base`
    and rises by `slope` up to the `kink`, a usage in ray, and by `steep` above it.
    """

    unit: int
    ltv: int
    threshold: int
    bonus: int
    factor: int  # of the interest, to Aave
    kink: int
    base: int
    slope: int
    steep: int
    borrow_cap: int = 0


@dataclass
class Reserve:
    """One asset: `supplied` and `owed` are scaled balances by name, `used` are who pledges it.

    `answer` is the oracle's, of one whole token in its currency; `there` are the raw units that lie
    in the aToken, `treasury` the scaled ones that Aave has earned and not minted.
    """

    terms: Terms
    answer: int
    last_update: int
    there: int = 0
    income: int = RAY  # liquidityIndex, at `last_update`
    owing: int = RAY  # variableBorrowIndex, at `last_update`
    income_rate: int = 0
    owing_rate: int = 0
    treasury: int = 0
    supplied: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def copy(self) -> "Reserve":
        """Another reserve just like this one."""
        return replace(
            self, supplied=dict(self.supplied), owed=dict(self.owed), used=set(self.used)
        )

    # Views

    def income_at(self, now: int) -> int:
        """ReserveLogic.getNormalizedIncome: what a scaled unit supplied is worth."""
        if now == self.last_update:
            return self.income
        return ray_mul(linear(self.income_rate, now - self.last_update), self.income)

    def owing_at(self, now: int) -> int:
        """ReserveLogic.getNormalizedDebt: what a scaled unit owed is worth."""
        if now == self.last_update:
            return self.owing
        return ray_mul(compounded(self.owing_rate, now - self.last_update), self.owing)

    def balance(self, user: str, now: int) -> int:
        """AToken.balanceOf: to the nearest unit."""
        return ray_mul(self.supplied.get(user, 0), self.income_at(now))

    def debt(self, user: str, now: int) -> int:
        """VariableDebtToken.balanceOf: to the nearest unit."""
        return ray_mul(self.owed.get(user, 0), self.owing_at(now))

    def total_debt(self, now: int) -> int:
        """VariableDebtToken.totalSupply."""
        return ray_mul(sum(self.owed.values()), self.owing_at(now))

    def worth(self, amount: int) -> int:
        """`amount` in the oracle's currency, rounded down."""
        return amount * self.answer // self.terms.unit

    # Parts of every action

    def update(self, now: int) -> None:
        """ReserveLogic.updateState: write the interest to `now` into the indices."""
        if now == self.last_update:
            return
        income, owing = self.income_at(now), self.owing_at(now)
        scaled = sum(self.owed.values())
        if self.income_rate != 0:
            self.income = income
        if scaled != 0:
            interest = ray_mul(scaled, owing) - ray_mul(scaled, self.owing)
            self.owing = owing
            earned = percent_mul(interest, self.terms.factor)
            self.treasury += ray_div(earned, self.income)
        self.last_update = now

    def flow(self, amount: int) -> None:
        """Coins come, or go where `amount` is negative; rates follow.

        ReserveLogic.updateInterestRates, DefaultReserveInterestRateStrategy.
        """
        check(self.there + amount >= 0, "")
        self.there += amount
        terms, debt = self.terms, ray_mul(sum(self.owed.values()), self.owing)
        usage = ray_div(debt, self.there + debt) if debt else 0
        if usage > terms.kink:
            excess = ray_div(usage - terms.kink, RAY - terms.kink)
            self.owing_rate = terms.base + terms.slope + ray_mul(terms.steep, excess)
        else:
            self.owing_rate = terms.base + ray_div(ray_mul(terms.slope, usage), terms.kink)
        paid = 0
        if debt:
            paid = ray_div(ray_mul(debt * WAD_TO_RAY, self.owing_rate), debt * WAD_TO_RAY)
        self.income_rate = percent_mul(ray_mul(paid, usage), BASIS - terms.factor)

    def mint(self, tokens: dict[str, int], user: str, amount: int, index: int) -> None:
        """ScaledBalanceTokenBase._mintScaled."""
        scaled = ray_div(amount, index)
        check(scaled != 0, "24")
        tokens[user] = tokens.get(user, 0) + scaled

    def burn(self, tokens: dict[str, int], user: str, amount: int, index: int) -> None:
        """ScaledBalanceTokenBase._burnScaled."""
        scaled = ray_div(amount, index)
        check(scaled != 0, "25")
        check(scaled <= tokens.get(user, 0), "")
        tokens[user] -= scaled

    def stop_interest(self) -> None:
        """Charge nothing from `last_update` on."""
        self.terms = replace(self.terms, base=0, slope=0, steep=0)
        self.income_rate = self.owing_rate = 0


@dataclass(frozen=True)
class Health:
    """GenericLogic.calculateUserAccountData: collateral and debt in the oracle's currency, LTV and
    liquidation threshold averaged over what is used, and the health factor in WAD.
    """

    collateral: int
    debt: int
    ltv: int
    threshold: int
    factor: int


@dataclass
class Market:
    """The reserves of a token's pair, users by name, and the clock in seconds.

    `collateral_moves` says which answer follows where the price is set: the other one is steady.
    """

    collateral: Reserve
    debt: Reserve
    now: int
    collateral_moves: bool = True

    def copy(self) -> "Market":
        """Another market just like this one."""
        return replace(self, collateral=self.collateral.copy(), debt=self.debt.copy())

    def snapshot(self) -> Callable[[], None]:
        """Remember the state; the answer puts it back."""
        state = vars(self.copy())
        here = self.collateral, self.debt

        def undo() -> None:
            collateral, debt = here
            vars(collateral).update(vars(state["collateral"]))
            vars(debt).update(vars(state["debt"]))
            vars(self).update(state, collateral=collateral, debt=debt)

        return undo

    # Price

    @property
    def price(self) -> int:
        """Debt units per collateral unit, scaled by 1e36 and rounded down."""
        return mul_div_down(self.collateral.answer, self._price_unit(), self.debt.answer)

    @price.setter
    def price(self, price: int) -> None:
        if self.collateral_moves:
            self.collateral.answer = mul_div_up(price, self.debt.answer, self._price_unit())
        else:
            self.debt.answer = mul_div_down(self.collateral.answer, self._price_unit(), price)

    @property
    def steady(self) -> Reserve:
        """The one whose answer stays where the price is set."""
        return self.debt if self.collateral_moves else self.collateral

    def _price_unit(self) -> int:
        return SCALE * self.debt.terms.unit // self.collateral.terms.unit

    # Users

    @atomic
    def supply(self, reserve: Reserve, user: str, amount: int) -> None:
        """SupplyLogic.executeSupply: of one's own, or as a gift to another."""
        reserve.update(self.now)
        check(amount != 0, "26")
        reserve.flow(amount)
        if reserve.supplied.get(user, 0) == 0 and reserve.terms.ltv != 0:
            reserve.used.add(user)
        reserve.mint(reserve.supplied, user, amount, reserve.income)

    @atomic
    def withdraw(self, reserve: Reserve, user: str, amount: int) -> int:
        """SupplyLogic.executeWithdraw: returns what was taken. ENDLESS is all there is."""
        reserve.update(self.now)
        balance = reserve.balance(user, self.now)
        amount = balance if amount == ENDLESS else amount
        check(amount != 0, "26")
        check(amount <= balance, "32")
        reserve.flow(-amount)
        used = user in reserve.used
        if amount == balance:
            reserve.used.discard(user)
        reserve.burn(reserve.supplied, user, amount, reserve.income)
        if used:
            check(self.health(user).factor >= WAD, "35")
        return amount

    @atomic
    def borrow(self, reserve: Reserve, user: str, amount: int) -> None:
        """BorrowLogic.executeBorrow, ValidationLogic.validateBorrow."""
        reserve.update(self.now)
        check(amount != 0, "26")
        terms, health = reserve.terms, self.health(user)
        if terms.borrow_cap != 0:
            after = reserve.total_debt(self.now) + amount
            check(after <= terms.borrow_cap * terms.unit, "50")
        check(health.collateral != 0, "34")
        check(health.ltv != 0, "57")
        check(health.factor > WAD, "35")
        needed = percent_div(health.debt + reserve.worth(amount), health.ltv)
        check(needed <= health.collateral, "36")
        reserve.mint(reserve.owed, user, amount, reserve.owing)
        reserve.flow(-amount)

    @atomic
    def repay(self, reserve: Reserve, user: str, amount: int) -> int:
        """BorrowLogic.executeRepay: returns what was paid, at most all that `user` owes."""
        reserve.update(self.now)
        debt = reserve.debt(user, self.now)
        check(amount != 0, "26")
        check(debt != 0, "39")
        paid = min(amount, debt)
        reserve.burn(reserve.owed, user, paid, reserve.owing)
        reserve.flow(paid)
        return paid

    @atomic
    def liquidate(self, user: str, amount: int) -> tuple[int, int]:
        """LiquidationLogic.executeLiquidationCall: collateral seized and debt repaid of `user`.

        At most `amount` is repaid, and at most half unless the user is far beyond the threshold.
        """
        self.debt.update(self.now)
        factor = self.health(user).factor
        debt = self.debt.debt(user, self.now)
        most = percent_mul(debt, HALF if factor > CLOSE_FACTOR else BASIS)
        check(factor < WAD, "45")
        check(user in self.collateral.used, "46")
        check(debt != 0, "47")
        balance = self.collateral.balance(user, self.now)
        seized, repaid = self._seizable(min(amount, most), balance)
        if seized == balance:
            self.collateral.used.discard(user)
        self.debt.burn(self.debt.owed, user, repaid, self.debt.owing)
        self.debt.flow(repaid)
        self.collateral.update(self.now)
        self.collateral.flow(-seized)
        self.collateral.burn(self.collateral.supplied, user, seized, self.collateral.income)
        return seized, repaid

    @atomic
    def stop_using(self, reserve: Reserve, user: str) -> None:
        """SupplyLogic.executeUseReserveAsCollateral, to false."""
        check(reserve.balance(user, self.now) != 0, "43")
        if user in reserve.used:
            reserve.used.discard(user)
            check(self.health(user).factor >= WAD, "35")

    def free(self) -> None:
        """Charge no interest any more."""
        for reserve in (self.collateral, self.debt):
            reserve.stop_interest()

    # Views

    @property
    def lltv(self) -> int:
        """The collateral's liquidation threshold, in WAD."""
        return self.collateral.terms.threshold * WAD // BASIS

    def liquidation_bonus(self) -> int:
        """What a liquidator gets on top, in WAD."""
        return (max(self.collateral.terms.bonus, BASIS) - BASIS) * WAD // BASIS

    def liquidity(self) -> int:
        """What may still be borrowed: by what is there, and by the borrow cap."""
        terms = self.debt.terms
        cap = terms.borrow_cap * terms.unit
        if cap == 0:
            return self.debt.there
        return min(self.debt.there, max(0, cap - self.debt.total_debt(self.now)))

    def health(self, user: str) -> Health:
        """Of `user`, with interest to now."""
        collateral = debt = ltv = threshold = 0
        for reserve in (self.collateral, self.debt):
            if user in reserve.used:
                value = reserve.worth(reserve.balance(user, self.now))
                collateral += value
                ltv += value * reserve.terms.ltv
                threshold += value * reserve.terms.threshold
            debt += reserve.worth(reserve.debt(user, self.now))
        ltv, threshold = (x // collateral if collateral else 0 for x in (ltv, threshold))
        factor = ENDLESS
        if debt:
            backed = percent_mul(collateral, threshold)
            factor = (backed * WAD + debt // 2) // debt
        return Health(collateral, debt, ltv, threshold, factor)

    def is_healthy(self, user: str) -> bool:
        """Whether nobody may liquidate `user`."""
        return self.health(user).factor >= WAD

    def _seizable(self, amount: int, balance: int) -> tuple[int, int]:
        """LiquidationLogic._calculateAvailableCollateralToLiquidate: seized and repaid."""
        collateral, debt = self.collateral, self.debt
        units = debt.answer * collateral.terms.unit, collateral.answer * debt.terms.unit
        seized = percent_mul(amount * units[0] // units[1], collateral.terms.bonus)
        if seized <= balance:
            return seized, amount
        return balance, percent_div(balance * units[1] // units[0], collateral.terms.bonus)


@dataclass
class Position(port.Position[Market]):
    """Twin of AavePosition.vy."""

    def balances(self) -> tuple[int, int]:
        """Collateral held (rounded down) and debt owed (rounded up), with interest to now."""
        held, owed = self.scaled()
        income, owing = self._indices()
        return mul_div_down(held, income, RAY), mul_div_up(owed, owing, RAY)

    def grain(self) -> int:
        """The most that one move may lose by rounding, in units of either token."""
        return mul_div_up(max(self._indices()), 1, RAY)

    def scaled(self) -> tuple[int, int]:
        """What is held and owed in scaled units."""
        market = self.market
        return market.collateral.supplied.get(self.name, 0), market.debt.owed.get(self.name, 0)

    def liquidity(self) -> int:
        """Debt tokens that may still be borrowed."""
        return self.market.liquidity()

    def liquidation(self) -> tuple[int, int]:
        """The loan-to-value at which Aave liquidates, and the liquidator's bonus, in WAD."""
        return self.market.lltv, self.market.liquidation_bonus()

    def _supply(self, amount: int) -> None:
        self.market.supply(self.market.collateral, self.name, amount)

    def _borrow(self, amount: int) -> None:
        self.market.borrow(self.market.debt, self.name, amount)

    def _repay(self, amount: int) -> int:
        return self.market.repay(self.market.debt, self.name, amount)

    def _withdraw(self, amount: int) -> None:
        self.market.withdraw(self.market.collateral, self.name, amount)

    def _indices(self) -> tuple[int, int]:
        """What a scaled unit of collateral, and of debt, is worth."""
        now = self.market.now
        return self.market.collateral.income_at(now), self.market.debt.owing_at(now)


def linear(rate: int, elapsed: int) -> int:
    """MathUtils.calculateLinearInterest: one and the interest at `rate`, in ray."""
    return RAY + rate * elapsed // YEAR


def compounded(rate: int, elapsed: int) -> int:
    """MathUtils.calculateCompoundedInterest: the first three terms of (1 + rate) ** elapsed."""
    if elapsed == 0:
        return RAY
    squared = ray_mul(rate, rate) // (YEAR * YEAR)
    cubed = ray_mul(squared, rate) // YEAR
    second = elapsed * (elapsed - 1) * squared // 2
    third = elapsed * (elapsed - 1) * max(0, elapsed - 2) * cubed // 6
    return RAY + rate * elapsed // YEAR + second + third


def ray_mul(a: int, b: int) -> int:
    """WadRayMath.rayMul: to the nearest, half up."""
    return (a * b + RAY // 2) // RAY


def ray_div(a: int, b: int) -> int:
    """WadRayMath.rayDiv: to the nearest, half up."""
    return (a * RAY + b // 2) // b


def percent_mul(value: int, percentage: int) -> int:
    """PercentageMath.percentMul: to the nearest, half up."""
    return (value * percentage + HALF) // BASIS


def percent_div(value: int, percentage: int) -> int:
    """PercentageMath.percentDiv: to the nearest, half up."""
    return (value * BASIS + percentage // 2) // percentage
