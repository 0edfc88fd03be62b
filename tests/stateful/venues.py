"""The venues that a token of a machine may live on: what to ask them, and what strangers do there.

Each acts in both, on the chain and in the model, and pays from purse to purse.
"""

from collections.abc import Mapping
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from scripts._aave import BASE_UNIT, VARIABLE, Aave, AaveMarket
from scripts._devnet import Devnet, Market
from scripts._model import aave, venue
from scripts._model.fixed_point import SCALE, WAD, mul_div_down
from scripts._model.revert import Revert
from scripts._model.token import Token
from scripts._twin import NAME

from .node import Call
from .questions import Question, Size, part

if TYPE_CHECKING:
    from .stage import Stage
    from .world import Twin, World

Address: TypeAlias = Mapping[str, str]

PLEDGE = 10**12  # dollars, for which the lender may borrow all that others lend on Aave


class Venue(Protocol):
    """What a world and its machine ask of a venue.

    Of debt it has so many shares, each worth `rate`; of these it takes `spare` for itself when it
    rounds, and word `word` of its answer to "venue.account" has those of the position.
    """

    spare: int
    word: int
    addresses: Address  # "venue", and where the coins are: "collateral reserve", "debt reserve"
    people: Address  # whom the model must tell apart
    reasons: frozenset[str]  # of its own, that a campaign must see
    ill: str  # why it refuses to let collateral go

    def prepare(self, world: "World") -> None:
        """Before anyone acts."""

    def complete(self, world: "World", model: Token) -> None:
        """Tell the model what it does not know of the lender."""

    def questions(self, world: "World") -> dict[str, Question]:
        """What must be alike."""

    def rate(self, market: Any) -> tuple[int, int]:
        """What a share of debt is worth now, as a fraction."""

    def is_healthy(self, market: Any) -> bool:
        """Whether nobody may liquidate the position now."""

    def can_borrow(self, market: Any) -> bool:
        """Whether more may be borrowed at the loan-to-value that there is."""

    def too_early(self) -> tuple[str, Call]:
        """To liquidate the healthy, and why that is refused."""

    def donate(self, stage: "Stage", giver: str, amount: int) -> None:
        """Somebody adds collateral."""

    def repay(self, stage: "Stage", giver: str, size: Size, left: int) -> None:
        """Somebody repays: all but `left` shares, or a part where that is negative."""

    def liquidate(self, stage: "Stage", liquidator: str, size: Size, by_debt: bool) -> bool:
        """Somebody liquidates a part, if there is anything to gain."""

    def wipe_out(self, stage: "Stage", liquidator: str) -> bool:
        """Somebody takes all collateral, if there is less than the debt is worth."""

    def leave(self, stage: "Stage", wanted: int) -> None:
        """The lender sees to it that `wanted` is left to borrow."""


def venue_of(devnet: Devnet, market: Market | AaveMarket) -> Venue:
    """The one that the devnet's tokens live on."""
    if isinstance(market, Market):
        return OnMorpho(devnet, market)
    assert devnet.aave is not None
    return OnAave(devnet, devnet.aave, market)


# Morpho Blue

POSITION = "position(bytes32,address)"
TOTALS = "market(bytes32)"
DONATE = "supplyCollateral(uint256,address,bytes)"
SUPPLY = "supply(uint256,uint256,address,bytes)"
WITHDRAW = "withdraw(uint256,uint256,address,address)"
REPAY = "repay(uint256,uint256,address,bytes)"
LIQUIDATE = "liquidate(address,uint256,uint256,bytes)"


class OnMorpho:
    """A market of Morpho Blue, which counts debt in shares, about a million to the unit."""

    spare = 1
    word = 1
    people: Address = {}
    reasons = frozenset({"insufficient collateral", "insufficient liquidity"})
    ill = "insufficient collateral"

    def __init__(self, devnet: Devnet, market: Market) -> None:
        self.market = market
        morpho = devnet.morpho.address
        places = ("venue", "collateral reserve", "debt reserve")
        self.addresses: Address = dict.fromkeys(places, morpho)

    def prepare(self, world: "World") -> None:
        self.world = world

    def complete(self, world: "World", model: Token) -> None:
        (lent, _, _) = world.words("venue", POSITION, self.market.id, "lender")
        model.position.market.accounts["lender"] = venue.Account(supply_shares=lent)

    def questions(self, world: "World") -> dict[str, Question]:
        identity = self.market.id
        account = world.call("venue", POSITION, identity, "position")
        found = {
            "venue.account": Question(account, _account),
            "venue.totals": Question(world.call("venue", TOTALS, identity), _totals),
        }
        for other in world.others:
            asked = world.call("venue", "isAuthorized(address,address)", "position", other)
            found[f"venue.trusts({other})"] = Question(asked, lambda m: 0, seldom=True)
        return found

    def rate(self, market: venue.Market) -> tuple[int, int]:
        assets = market.total_borrow_assets + market.interest()
        return assets + venue.VIRTUAL_ASSETS, market.total_borrow_shares + venue.VIRTUAL_SHARES

    def is_healthy(self, market: venue.Market) -> bool:
        accrued = market.copy()
        accrued.accrue()
        return accrued.is_healthy(NAME)

    def can_borrow(self, market: venue.Market) -> bool:
        return self.is_healthy(market)

    def too_early(self) -> tuple[str, Call]:
        return "position is healthy", self._call(LIQUIDATE, "position", 1, 0, b"")

    def donate(self, stage: "Stage", giver: str, amount: int) -> None:
        stage.market.supply_collateral(NAME, amount)
        stage.send(giver, self._call(DONATE, amount, "position", b""))
        stage.model.pay("collateral", amount, giver, "venue")

    def repay(self, stage: "Stage", giver: str, size: Size, left: int) -> None:
        assets = shares = 0
        if left >= 0:
            shares = max(1, stage.borrow_shares - left)
        else:
            assets = part(size, self._repayable(stage))
        repaid, _ = stage.market.repay(NAME, assets, shares)
        stage.send(giver, self._call(REPAY, assets, shares, "position", b""))
        stage.model.pay("debt", repaid, giver, "venue")

    def liquidate(self, stage: "Stage", liquidator: str, size: Size, by_debt: bool) -> bool:
        seizable, payable = self._seizable(stage), self._payable(stage)
        if min(seizable, payable) == 0:
            return False
        if by_debt:
            self._liquidate(stage, liquidator, repaid_shares=part(size, payable))
        else:
            self._liquidate(stage, liquidator, seized_assets=part(size, seizable))
        return True

    def wipe_out(self, stage: "Stage", liquidator: str) -> bool:
        if self._seizable(stage) != stage.collateral:
            return False
        self._liquidate(stage, liquidator, seized_assets=stage.collateral)
        return True

    def leave(self, stage: "Stage", wanted: int) -> None:
        change = wanted - stage.market.liquidity()
        if change > 0:
            stage.market.supply("lender", assets=change)
            stage.send("lender", self._call(SUPPLY, change, 0, "lender", b""))
        elif change < 0:
            stage.market.withdraw("lender", assets=-change)
            stage.send("lender", self._call(WITHDRAW, -change, 0, "lender", "lender"))
        stage.model.pay("debt", change, "lender", "venue")

    def _call(self, function: str, *args: Any) -> Call:
        """A call about our market: the `MarketParams` come first."""
        params = "(address,address,address,address,uint256)"
        asked = function.replace("(", f"({params},")
        return self.world.call("venue", asked, self.market.params, *args)

    def _liquidate(
        self, stage: "Stage", liquidator: str, seized_assets: int = 0, repaid_shares: int = 0
    ) -> None:
        seized, repaid = stage.market.liquidate(NAME, seized_assets, repaid_shares)
        stage.send(liquidator, self._call(LIQUIDATE, "position", seized_assets, repaid_shares, b""))
        stage.model.pay("debt", repaid, liquidator, "venue")
        stage.model.pay("collateral", seized, "venue", liquidator)

    def _repayable(self, stage: "Stage") -> int:
        """The most debt that can be repaid by assets."""
        return stage.borrow_shares * self.rate(stage.market)[0] // self.rate(stage.market)[1]

    def _seizable(self, stage: "Stage") -> int:
        """The most collateral that a liquidator can get."""
        market = stage.market
        value = mul_div_down(self._repayable(stage), WAD + market.liquidation_bonus(), WAD)
        return min(stage.collateral, mul_div_down(value, SCALE, market.price))

    def _payable(self, stage: "Stage") -> int:
        """The most borrow shares that a liquidator can repay."""
        market, (worth, shares) = stage.market, self.rate(stage.market)
        value = mul_div_down(stage.collateral, market.price, SCALE)
        debt = mul_div_down(value, WAD, WAD + market.liquidation_bonus())
        return min(stage.borrow_shares, mul_div_down(debt, shares, worth))


def _account(model: "Twin") -> tuple[int, ...]:
    return astuple(model.token.position.market.account(NAME))


def _totals(model: "Twin") -> tuple[int, ...]:
    market = model.token.position.market
    return (
        market.total_supply_assets,
        market.total_supply_shares,
        market.total_borrow_assets,
        market.total_borrow_shares,
        market.last_update,
        market.fee,
    )


# Aave v3

A_SUPPLY = "supply(address,uint256,address,uint16)"
A_BORROW = "borrow(address,uint256,uint256,uint16,address)"
A_REPAY = "repay(address,uint256,uint256,address)"
A_LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
SCALED = "getScaledUserBalanceAndSupply(address)"
COINS = ("collateral", "debt")


class OnAave:
    """Two reserves of Aave v3, which rounds to whole scaled units: our callers pay for that."""

    spare = 0
    word = 0
    reasons = frozenset({"35", "36"})
    ill = "35"

    def __init__(self, devnet: Devnet, place: Aave, market: AaveMarket) -> None:
        self.place, self.market = place, market
        self.people: Address = {"lender": devnet.roles.lender.address}
        self.addresses: Address = {
            "venue": place.pool.address,
            "collateral reserve": place.atoken(market.collateral).address,
            "debt reserve": place.atoken(market.debt).address,
            "debt token": place.debt_token(market.debt).address,
        }

    def prepare(self, world: "World") -> None:
        self.world = world
        coin = self.market.collateral
        price = self.place.oracle.getAssetPrice(coin)
        pledge = PLEDGE * 10 ** coin.decimals() * BASE_UNIT // price
        world.send("lender", "venue", A_SUPPLY, "collateral", pledge, "lender", 0)

    def complete(self, world: "World", model: Token) -> None:
        """It knows: the lender is one of its people."""

    def questions(self, world: "World") -> dict[str, Question]:
        found = {
            "venue.account": Question(world.call("debt token", SCALED, "position"), _owed),
            "venue.supplied": Question(
                world.call("collateral reserve", SCALED, "position"), _supplied
            ),
            "venue.health": Question(
                world.call("venue", "getUserAccountData(address)", "position"), _health
            ),
        }
        for coin in COINS:
            asked = world.call("venue", "getReserveNormalizedIncome(address)", coin)
            found[f"venue.income({coin})"] = Question(asked, _income_of(coin))
            asked = world.call("venue", "getReserveNormalizedVariableDebt(address)", coin)
            found[f"venue.owing({coin})"] = Question(asked, _owing_of(coin))
        trust = {
            "collateral reserve": "allowance(address,address)",
            "debt token": "borrowAllowance(address,address)",
        }
        for other in world.others:
            for where, view in trust.items():
                asked = world.call(where, view, "position", other)
                label = f"venue.trusts({other}) in {where}"
                found[label] = Question(asked, lambda m: 0, seldom=True)
        return found

    def rate(self, market: aave.Market) -> tuple[int, int]:
        return market.debt.owing_at(market.now), aave.RAY

    def is_healthy(self, market: aave.Market) -> bool:
        return market.is_healthy(NAME)

    def can_borrow(self, market: aave.Market) -> bool:
        health = market.health(NAME)
        most = health.collateral * health.ltv // aave.BASIS
        return health.factor > WAD and health.debt + health.debt // 10**6 < most

    def too_early(self) -> tuple[str, Call]:
        return "45", self._liquidation(1)

    def donate(self, stage: "Stage", giver: str, amount: int) -> None:
        asked = self.world.call("venue", A_SUPPLY, "collateral", amount, "position", 0)
        market = stage.market
        done = stage.tries(giver, asked, lambda: market.supply(market.collateral, NAME, amount))
        if not isinstance(done, str):
            stage.model.pay("collateral", amount, giver, "venue")

    def repay(self, stage: "Stage", giver: str, size: Size, left: int) -> None:
        amount = max(1, stage.debt - left) if left >= 0 else part(size, stage.debt)
        asked = self.world.call("venue", A_REPAY, "debt", amount, VARIABLE, "position")
        market = stage.market
        paid = stage.tries(giver, asked, lambda: market.repay(market.debt, NAME, amount))
        if not isinstance(paid, str):
            stage.model.pay("debt", paid, giver, "venue")

    def liquidate(self, stage: "Stage", liquidator: str, size: Size, by_debt: bool) -> bool:
        amount = part(size, stage.debt)
        market = stage.market
        done = stage.tries(
            liquidator, self._liquidation(amount), lambda: market.liquidate(NAME, amount)
        )
        if isinstance(done, str):
            assert done in ("24", "25", "46")
            return False
        seized, repaid = done
        stage.model.pay("debt", repaid, liquidator, "venue")
        stage.model.pay("collateral", seized, "venue", liquidator)
        return True

    def wipe_out(self, stage: "Stage", liquidator: str) -> bool:
        left = stage.market.copy()
        try:
            left.liquidate(NAME, stage.debt)
        except Revert:
            return False
        if left.collateral.supplied[NAME] > 0:
            return False
        return self.liquidate(stage, liquidator, stage.debt, by_debt=True)

    def leave(self, stage: "Stage", wanted: int) -> None:
        """More than is wanted is lent and borrowed, as Aave may round a few units to nothing."""
        market = stage.market
        change, more = wanted - market.liquidity(), 2 * stage.position.grain()
        if change == 0:
            return
        lent, borrowed = more + max(0, change), more + max(0, -change)
        market.supply(market.debt, "lender", lent)
        market.borrow(market.debt, "lender", borrowed)
        loan = "debt", borrowed, VARIABLE, 0, "lender"
        stage.send("lender", self.world.call("venue", A_SUPPLY, "debt", lent, "lender", 0))
        stage.send("lender", self.world.call("venue", A_BORROW, *loan))
        stage.model.pay("debt", change, "lender", "venue")

    def _liquidation(self, amount: int) -> Call:
        return self.world.call("venue", A_LIQUIDATE, *COINS, "position", amount, False)


def _scaled(tokens: Mapping[str, int]) -> tuple[int, int]:
    return tokens.get(NAME, 0), sum(tokens.values())


def _owed(model: "Twin") -> tuple[int, int]:
    return _scaled(model.token.position.market.debt.owed)


def _supplied(model: "Twin") -> tuple[int, int]:
    return _scaled(model.token.position.market.collateral.supplied)


def _health(model: "Twin") -> tuple[int, ...]:
    health = model.token.position.market.health(NAME)
    more = max(0, aave.percent_mul(health.collateral, health.ltv) - health.debt)
    return (
        health.collateral,
        health.debt,
        more,
        health.threshold,
        health.ltv,
        health.factor,
    )


def _income_of(coin: str) -> Any:
    return lambda model: getattr(model.token.position.market, coin).income_at(model.token.now)


def _owing_of(coin: str) -> Any:
    return lambda model: getattr(model.token.position.market, coin).owing_at(model.token.now)
