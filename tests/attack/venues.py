"""The venues that a token under attack may live on, and what whoever attacks it can do there.

A market of either has `collateral`, `debt`, `lltv`, the `venue_oracle` that its venue asks, the
`fill_oracle` that the token asks, and the `arguments` by which a position is told of it. Debt is
counted in units of the venue's own: shares on Morpho, about a million to the smallest unit of the
coin; scaled units on Aave, of one and more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance
from eth_utils import keccak

from scripts._aave import RAY, VARIABLE, Aave, AaveMarket
from scripts._devnet import DAY, ENDLESS, LONG_LLTV, LONG_RATE, WAD, Devnet, Market, build_devnet
from scripts._model.fixed_point import SCALE
from tests.aave_now import NOW, on_version, version_of
from tests.unit.aave_position import reserves
from tests.unit.morpho_position import markets

WORDLESS = "Transaction failed."  # what is said of a fault without words, as of an overflow
BASIS = 10**4
HIGHEST = 10**12  # dollars that a coin of an Aave market of its own costs: its price is finer so
USD = 10**8
USUAL_BONUS = 10_500  # one and a liquidator's bonus on Aave, in basis points
HIGHEST_RATE = 8 * WAD // (365 * DAY)  # a second: Morpho's highest, four times 200 % a year
MARGIN = 250  # basis points from what may be borrowed on Aave to what is liquidated


@dataclass(frozen=True)
class Quote:
    """The price of a pair by Aave's oracle, scaled by 1e36 raw for raw; it is set by its feed."""

    place: Aave
    collateral: ContractInstance
    debt: ContractInstance

    @property
    def unit(self) -> int:
        return SCALE * 10 ** self.debt.decimals() // 10 ** self.collateral.decimals()

    def price(self) -> int:
        base, quote = (
            self.place.oracle.getAssetPrice(coin) for coin in (self.collateral, self.debt)
        )
        return base * self.unit // quote

    def set_price(self, price: int, sender: AccountAPI) -> None:
        """The coin owed stays what it costs."""
        feed = project.Feed.at(self.place.oracle.getSourceOfAsset(self.collateral))
        quote = self.place.oracle.getAssetPrice(self.debt)
        feed.post(price * quote // self.unit, sender=sender)


@dataclass(frozen=True)
class Pair(AaveMarket):
    """Two reserves of Aave, with what a market of Morpho says of itself."""

    place: Aave | None = None

    @property
    def venue_oracle(self) -> Quote:
        assert self.place
        return Quote(self.place, self.collateral, self.debt)

    @property
    def lltv(self) -> int:
        """The liquidation threshold, in WAD."""
        return (self._terms >> 16 & 0xFFFF) * WAD // BASIS

    @property
    def bonus(self) -> Fraction:
        return Fraction((self._terms >> 32 & 0xFFFF) - BASIS, BASIS)

    @property
    def _terms(self) -> int:
        assert self.place
        answer = self.place.pool.getConfiguration(self.collateral)
        # a struct of one field: Ape gives it as that or as a tuple
        return answer if isinstance(answer, int) else answer[0]


Traded: TypeAlias = Market | Pair


class Venue(Protocol):
    """What an attacker does to a venue, and what it says."""

    address: ContractInstance  # what coins are approved for
    position: ContractContainer
    # What it says of a call that would leave too much debt, of the liquidation of the healthy, of a
    # loan that it has not, of a price that is none, and of a coin that keeps a part.
    ill: str
    healthy: str
    empty: str
    priceless: str
    short: str
    doors: frozenset[str]  # of a position, besides those of all
    idle: frozenset[str]  # of these, which revert where there is nothing for them to do
    decimals: int  # that a coin must have
    most: int  # collateral that its books can hold, at a new index
    whole: int  # units of debt that are worth about the least of its coin
    forwards: bool  # whether what is borrowed passes through the position
    unknown: frozenset[str]  # why there is no position of coins that are not there

    def terms(self, market: Any) -> tuple:
        """What a position is told after the venue, one by one."""

    def market(self, long: bool) -> Traded:
        """Where the devnet's tokens borrow."""

    def open(
        self, collateral: ContractInstance, debt: ContractInstance, price: int, lltv: int
    ) -> Traded:
        """A market of two test tokens that nobody uses; both of its oracles are settable."""

    def claim(self, collateral: ContractInstance, debt: ContractInstance, price: int) -> Traded:
        """What a creator may name a market, be there what may at these addresses."""

    def use(self, market: Any, lent: int, borrowed: int) -> None:
        """The lender lends and the borrower borrows some, well secured."""

    def accrue(self, market: Any) -> None:
        """Write the interest to now, where a venue writes it."""

    def books(self, market: Any, position: str) -> tuple[int, int]:
        """Collateral rounded down and debt rounded up, with the interest to now."""

    def held(self, market: Any, position: str) -> Fraction:
        """Collateral, not rounded."""

    def owed(self, market: Any, position: str) -> Fraction:
        """Debt at the newest accrual, not rounded."""

    def grain(self, position: str) -> int:
        """What a move may lose by the venue's rounding, in units of either coin."""

    def tick(self, market: Any) -> int:
        """The least difference of prices that its oracle can tell."""

    def units(self, market: Any, account: str) -> int:
        """Units of debt that an account owes."""

    def liquidity(self, market: Any) -> int:
        """Coins that can be borrowed, at the newest accrual."""

    def raise_rate(self, market: Any) -> None:
        """To the highest of the venue's curve, where everything is lent."""

    def bonus(self, market: Any) -> Fraction:
        """The most that a liquidator gets over what it repays."""

    def donate(self, market: Any, position: str, giver: AccountAPI, amount: int) -> None:
        """Add collateral to a position, or to an account of one's own."""

    def repay(
        self, market: Any, position: str, giver: AccountAPI, assets: int = 0, units: int = 0
    ) -> None:
        """Repay debt of a position, given in `assets` or in `units`."""

    def borrow(self, market: Any, borrower: AccountAPI, amount: int) -> None:
        """Against what the borrower has supplied."""

    def unpledge(self, market: Any, owner: AccountAPI, amount: int) -> None:
        """Take one's own collateral back."""

    def wipe(self, market: Any, position: str, liquidator: AccountAPI) -> None:
        """Seize all collateral of a position that owes more than it is worth."""

    def liquidate(
        self, market: Any, position: str, liquidator: AccountAPI, collateral: int | None = None
    ) -> None:
        """Seize about so much collateral by repaying what that is worth, or repay all one may."""


# Where tokens may live, by the name that tests ask for it; without one they live on the first.
BUILD: dict[str, Callable[[], Devnet]] = {
    "morpho": build_devnet,
    "aave": lambda: build_devnet(venue="aave"),
    "aave-3.6": lambda: on_version(build_devnet(), NOW),
}


def selector(error: str) -> str:
    """By which an error without arguments is told, in hex."""
    return keccak(text=f"{error}()")[:4].hex()


def venue_of(devnet: Devnet) -> Venue:
    """The one that the devnet's tokens live on."""
    if devnet.aave is None:
        return OnMorpho(devnet)
    kind = OnAaveNow if version_of(devnet.aave) is NOW else OnAave
    return kind(devnet, devnet.aave)


class OnMorpho:
    """Morpho Blue."""

    ill = "insufficient collateral"
    healthy = "position is healthy"
    empty = "insufficient liquidity"
    priceless = "settable oracle: no price"
    short = "transferFrom reverted"
    doors = idle = frozenset[str]()
    decimals, most = 0, 2**128 - 1
    whole = markets.VIRTUAL_SHARES
    forwards = False
    unknown = frozenset({"position: market is empty"})

    def __init__(self, devnet: Devnet) -> None:
        self.devnet, self.address = devnet, devnet.morpho
        self.position = project.MorphoPosition

    def terms(self, market: Market) -> tuple:
        return (market.id,)

    def market(self, long: bool) -> Market:
        return self.devnet.long if long else self.devnet.short

    def open(
        self,
        collateral: ContractInstance,
        debt: ContractInstance,
        price: int,
        lltv: int = LONG_LLTV,
    ) -> Market:
        return markets.open_market(self.devnet, collateral, debt, price, lltv)

    def claim(self, collateral: ContractInstance, debt: ContractInstance, price: int) -> Market:
        """Anybody may open it; if these are no coins, it stays empty."""
        return self.open(collateral, debt, price)

    def use(self, market: Market, lent: int, borrowed: int) -> None:
        markets.use_market(self.devnet, market, lent, borrowed)

    def accrue(self, market: Market) -> None:
        self.devnet.morpho.accrueInterest(market.params, sender=self.devnet.roles.lender)

    def books(self, market: Market, position: str) -> tuple[int, int]:
        return markets.books(self.devnet, market, position)

    def held(self, market: Market, position: str) -> Fraction:
        return Fraction(self.devnet.morpho.position(market.id, position).collateral)

    def owed(self, market: Market, position: str) -> Fraction:
        total = self.devnet.morpho.market(market.id)
        worth = total.totalBorrowAssets + markets.VIRTUAL_ASSETS
        shares = total.totalBorrowShares + markets.VIRTUAL_SHARES
        return Fraction(self.units(market, position) * worth, shares)

    def grain(self, position: str) -> int:
        return 0

    def tick(self, market: Market) -> int:
        return 1

    def units(self, market: Market, account: str) -> int:
        return self.devnet.morpho.position(market.id, account).borrowShares

    def liquidity(self, market: Market) -> int:
        total = self.devnet.morpho.market(market.id)
        return total.totalSupplyAssets - total.totalBorrowAssets

    def raise_rate(self, market: Market) -> None:
        market.irm.set_rate(HIGHEST_RATE, sender=self.devnet.roles.lender)

    def bonus(self, market: Market) -> Fraction:
        return 1 / (1 - Fraction(3, 10) * (1 - Fraction(market.lltv, WAD))) - 1

    def donate(self, market: Market, position: str, giver: AccountAPI, amount: int) -> None:
        markets.donate(self.devnet, market, position, giver, amount)

    def repay(
        self, market: Market, position: str, giver: AccountAPI, assets: int = 0, units: int = 0
    ) -> None:
        markets.repay(self.devnet, market, position, giver, assets, units)

    def borrow(self, market: Market, borrower: AccountAPI, amount: int) -> None:
        terms = (market.params, amount, 0, borrower, borrower)
        self.devnet.morpho.borrow(*terms, sender=borrower)

    def unpledge(self, market: Market, owner: AccountAPI, amount: int) -> None:
        terms = (market.params, amount, owner, owner)
        self.devnet.morpho.withdrawCollateral(*terms, sender=owner)

    def wipe(self, market: Market, position: str, liquidator: AccountAPI) -> None:
        self.liquidate(market, position, liquidator, self.books(market, position)[0])

    def liquidate(
        self, market: Market, position: str, liquidator: AccountAPI, collateral: int | None = None
    ) -> None:
        if collateral is None:
            order = (market.params, position, 0, self.units(market, position), b"")
            self.devnet.morpho.liquidate(*order, sender=liquidator)
        else:
            markets.liquidate(self.devnet, market, position, liquidator, collateral)


class OnAave:
    """Aave v3 as it began, 3.0, which the devnet has."""

    ill = "35"
    healthy = "45"
    empty = priceless = WORDLESS
    short = "transfer: balance too low"  # the coin's own
    doors = frozenset({"take_atokens", "purge", "claim_rewards"})
    idle = doors - {"take_atokens"}
    decimals, most = 0, 2**128 - 1
    whole = 1
    forwards = True
    unknown = frozenset({"position: collateral unlisted", "position: debt unlisted"})

    def __init__(self, devnet: Devnet, place: Aave) -> None:
        self.devnet, self.place, self.address = devnet, place, place.pool
        self.position = project.AavePosition

    def terms(self, market: Pair) -> tuple:
        return market.collateral, market.debt, market.category

    def market(self, long: bool) -> Pair:
        market = self.devnet.market(long)
        return Pair(market.collateral, market.debt, market.fill_oracle, place=self.place)

    def open(
        self,
        collateral: ContractInstance,
        debt: ContractInstance,
        price: int,
        lltv: int = LONG_LLTV,
    ) -> Pair:
        """Of the e-modes of its own none; what may be borrowed is `MARGIN` less than `lltv`."""
        deployer, place = self.devnet.roles.deployer, self.place
        threshold = lltv * BASIS // WAD
        bonus = min(USUAL_BONUS, BASIS**2 // threshold)
        for coin in (collateral, debt):
            if int(self.place.pool.getReserveData(coin).aTokenAddress, 16):
                continue  # it is listed already
            feed = deployer.deploy(project.Feed, 8, "coin / USD", HIGHEST * USD)
            place.oracle.setAssetSources([coin], [feed], sender=deployer)
            terms = (threshold - MARGIN, threshold, bonus)
            treasury = self.devnet.roles.stranger
            version_of(place).list_reserve(
                *(deployer, place, coin), LONG_RATE, terms, treasury, "COIN"
            )
        fill_oracle = deployer.deploy(project.SettableOracle, price)
        market = Pair(collateral, debt, fill_oracle, place=place)
        market.venue_oracle.set_price(price, sender=deployer)
        return market

    def claim(self, collateral: ContractInstance, debt: ContractInstance, price: int) -> Pair:
        """None that is not listed is there."""
        oracle = self.devnet.roles.deployer.deploy(project.SettableOracle, price)
        return Pair(collateral, debt, oracle, place=self.place)

    def use(self, market: Pair, lent: int, borrowed: int) -> None:
        lender, borrower = self.devnet.roles.lender, self.devnet.roles.borrower
        pledged = -(-10 * borrowed * SCALE // market.venue_oracle.price())
        market.debt.mint(lender, lent, sender=lender)
        self._supply(market.debt, lender, lent)
        market.collateral.mint(borrower, pledged, sender=borrower)
        self._supply(market.collateral, borrower, pledged)
        self.borrow(market, borrower, borrowed)

    def accrue(self, market: Pair) -> None:
        """Its views know the interest."""

    def books(self, market: Pair, position: str) -> tuple[int, int]:
        held, owed = reserves.books(self.place, market, position)
        return int(held), -int(-owed // 1)

    def held(self, market: Pair, position: str) -> Fraction:
        return reserves.books(self.place, market, position).collateral

    def owed(self, market: Pair, position: str) -> Fraction:
        return reserves.books(self.place, market, position).debt

    def grain(self, position: str) -> int:
        return self.position.at(position).grain()

    def tick(self, market: Pair) -> int:
        oracle = market.venue_oracle
        return max(1, oracle.unit // self.place.oracle.getAssetPrice(market.debt))

    def units(self, market: Pair, account: str) -> int:
        return self.place.debt_token(market.debt).scaledBalanceOf(account)

    def liquidity(self, market: Pair) -> int:
        return market.debt.balanceOf(self.place.atoken(market.debt))

    def raise_rate(self, market: Pair) -> None:
        """It is there already."""

    def bonus(self, market: Pair) -> Fraction:
        return market.bonus

    def donate(self, market: Pair, position: str, giver: AccountAPI, amount: int) -> None:
        reserves.supply(self.place, market.collateral, position, giver, amount)

    def repay(
        self, market: Pair, position: str, giver: AccountAPI, assets: int = 0, units: int = 0
    ) -> None:
        """Of all units more is offered than is owed: Aave takes what is."""
        if units:
            index = self.place.pool.getReserveNormalizedVariableDebt(market.debt)
            everything = units == self.units(market, position)
            assets = (units * index + RAY // 2) // RAY + (2 if everything else 0)
        reserves.repay(self.place, market.debt, position, giver, assets)

    def borrow(self, market: Pair, borrower: AccountAPI, amount: int) -> None:
        terms = (market.debt, amount, VARIABLE, 0, borrower)
        self.place.pool.borrow(*terms, sender=borrower)

    def unpledge(self, market: Pair, owner: AccountAPI, amount: int) -> None:
        self.place.pool.withdraw(market.collateral, amount, owner, sender=owner)

    def wipe(self, market: Pair, position: str, liquidator: AccountAPI) -> None:
        self.liquidate(market, position, liquidator)

    def liquidate(
        self, market: Pair, position: str, liquidator: AccountAPI, collateral: int | None = None
    ) -> None:
        """Of the debt at most half, unless the position is a twentieth beyond its limit."""
        market.debt.approve(self.place.pool, ENDLESS, sender=liquidator)
        repaid = ENDLESS
        if collateral is not None:
            value = collateral * market.venue_oracle.price() // SCALE
            repaid = max(1, int(value / (1 + market.bonus)))
        terms = (market.collateral, market.debt, position, repaid, False)
        self.place.pool.liquidationCall(*terms, sender=liquidator)

    def _supply(self, coin: ContractInstance, giver: AccountAPI, amount: int) -> None:
        reserves.supply(self.place, coin, giver.address, giver, amount)


class OnAaveNow(OnAave):
    """Aave v3 as it is today, 3.6, which says by name what is wrong."""

    ill = f"0x{selector('HealthFactorLowerThanLiquidationThreshold')}"
    healthy = f"0x{selector('HealthFactorNotBelowThreshold')}"
    idle = frozenset({"purge"})
    decimals, most = 6, 2**120 - 1
