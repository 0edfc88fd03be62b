"""Aave v3, as attackers of a token on it meet it: see `venues`."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance
from eth_utils import keccak

from scripts._aave import RAY, VARIABLE, Aave, AaveMarket
from scripts._devnet import ENDLESS, LONG_LLTV, LONG_RATE, WAD, Devnet, Pair
from scripts._model.fixed_point import SCALE
from scripts._thirdparty import container
from tests.aave_now import aged, version_of
from tests.attack.actor import Call, call
from tests.unit.aave_position import reserves

WORDLESS = "Transaction failed."  # what is said of a fault without words, as of an overflow
BASIS = 10**4
USD = 10**8
HIGHEST = 10**12  # dollars that a coin of a market of its own costs: so its price is finer
USUAL_BONUS = 10_500  # one and a liquidator's, in basis points
MARGIN = 250  # basis points from what may be borrowed to what is liquidated


@dataclass(frozen=True)
class Quote:
    """The price of a pair by Aave's oracle, scaled by 1e36 raw for raw; it is set by its feed."""

    place: Aave
    collateral: ContractInstance
    debt: ContractInstance

    @cached_property
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


@dataclass(frozen=True, kw_only=True)
class Reserves(AaveMarket):
    """Two reserves of Aave, with what a market of Morpho says of itself."""

    place: Aave

    @cached_property
    def venue_oracle(self) -> Quote:
        return Quote(self.place, self.collateral, self.debt)

    @property
    def lltv(self) -> int:
        """The liquidation threshold, in WAD."""
        return self._terms[2] * WAD // BASIS

    @property
    def bonus(self) -> Fraction:
        return Fraction(self._terms[3] - BASIS, BASIS)

    @property
    def _terms(self) -> tuple:
        data = container("aave/AaveProtocolDataProvider")
        return data.at(self.place.provider.getPoolDataProvider()).getReserveConfigurationData(
            self.collateral
        )


def selector(error: str) -> str:
    """By which an error without arguments is told."""
    return "0x" + keccak(text=f"{error}()")[:4].hex()


class OnAave:
    """Aave v3 as it began, 3.0, which the devnet has."""

    ill = "35"
    nothing = "34"
    healthy = "45"
    empty = priceless = WORDLESS
    short = "transfer: balance too low"  # the coin's own
    doors = frozenset({"take_atokens", "purge", "claim_rewards"})
    idle = doors - {"take_atokens"}
    decimals, highest = 0, 2**128 - 1  # of scaled units
    whole = 1
    forwards = True
    writes_off = False
    close_factor = Fraction(1, 2)
    unknown = frozenset({"position: collateral unlisted", "position: debt unlisted"})

    def __init__(self, devnet: Devnet, place: Aave) -> None:
        self.devnet, self.place, self.address = devnet, place, place.pool
        self.position = project.AavePosition

    def terms(self, market: Reserves) -> tuple:
        return market.collateral, market.debt, market.category

    def told(self, position: str) -> tuple:
        there = self.position.at(position)
        return there.POOL(), there.collateral(), there.debt(), there.CATEGORY()

    def market(self, long: bool) -> Reserves:
        market = self.devnet.market(long)
        pair = market.collateral, market.debt
        return Reserves(*pair, market.fill_oracle, place=self.place)

    def open(self, coins: Pair, price: int, lltv: int = LONG_LLTV) -> Reserves:
        """In no e-mode; LTV is `MARGIN` below `lltv`. What is listed of the debt stays as it is."""
        deployer, place = self.devnet.roles.deployer, self.place
        threshold = lltv * BASIS // WAD
        bonus = min(USUAL_BONUS, BASIS**2 // threshold)
        for coin in coins:
            if int(place.pool.getReserveData(coin).aTokenAddress, 16):
                assert coin == coins[1]
                continue
            feed = deployer.deploy(project.Feed, 8, "coin / USD", HIGHEST * USD)
            place.oracle.setAssetSources([coin], [feed], sender=deployer)
            terms = (threshold - MARGIN, threshold, bonus)
            treasury = self.devnet.roles.stranger
            version_of(place).list_reserve(
                *(deployer, place, coin), LONG_RATE, terms, treasury, "COIN"
            )
        fill_oracle = deployer.deploy(project.SettableOracle, price)
        market = Reserves(*coins, fill_oracle, place=place)
        market.venue_oracle.set_price(price, sender=deployer)
        return market

    def claim(self, coins: Pair, price: int) -> Reserves:
        """None that is not listed is there."""
        oracle = self.devnet.roles.deployer.deploy(project.SettableOracle, price)
        return Reserves(*coins, oracle, place=self.place)

    def use(self, market: Reserves, lent: int, borrowed: int) -> None:
        lender, borrower = self.devnet.roles.lender, self.devnet.roles.borrower
        pledged = -(-10 * borrowed * SCALE // market.venue_oracle.price())
        market.debt.mint(lender, lent, sender=lender)
        self._supply(market.debt, lender, lent)
        market.collateral.mint(borrower, pledged, sender=borrower)
        self._supply(market.collateral, borrower, pledged)
        self.borrow(market, borrower, borrowed)
        part = market.collateral, pledged // 100, VARIABLE, 0, lender
        self.place.pool.borrow(*part, sender=lender)
        aged(self.devnet)

    def accrue(self, market: Reserves) -> None:
        """Its views know the interest."""

    def books(self, market: Reserves, position: str) -> tuple[int, int]:
        held, owed = reserves.books(self.place, market, position)
        return int(held), -int(-owed // 1)

    def most(self, market: Reserves) -> int:
        index = self.place.pool.getReserveNormalizedIncome(market.collateral)
        return self.highest * index // RAY

    def held(self, market: Reserves, position: str) -> Fraction:
        return reserves.held(self.place, market, position)

    def owed(self, market: Reserves, position: str) -> Fraction:
        return reserves.owed(self.place, market, position)

    def grain(self, position: str) -> int:
        return self.position.at(position).grain()

    def tick(self, market: Reserves) -> int:
        oracle = market.venue_oracle
        return max(1, oracle.unit // self.place.oracle.getAssetPrice(market.debt))

    def units(self, market: Reserves, account: str) -> int:
        return self.place.debt_token(market.debt).scaledBalanceOf(account)

    def liquidity(self, market: Reserves) -> int:
        return market.debt.balanceOf(self.place.atoken(market.debt))

    def raise_rate(self, market: Reserves) -> None:
        """It is there already."""

    def bonus(self, market: Reserves) -> Fraction:
        return market.bonus

    def donate(self, market: Reserves, position: str, giver: AccountAPI, amount: int) -> None:
        """What it would round to nothing it refuses, and is not given."""
        if self.units_of(amount, self.place.pool.getReserveNormalizedIncome(market.collateral)):
            reserves.supply(self.place, market.collateral, position, giver, amount)

    def repay(
        self, market: Reserves, position: str, giver: AccountAPI, assets: int = 0, units: int = 0
    ) -> None:
        """Of all units more is offered than is owed: Aave takes what is. As for a gift."""
        index = self.place.pool.getReserveNormalizedVariableDebt(market.debt)
        if units:
            everything = units == self.units(market, position)
            assets = (units * index + RAY // 2) // RAY + (2 if everything else 0)
        if self.units_of(assets, index):
            reserves.repay(self.place, market.debt, position, giver, assets)

    def units_of(self, amount: int, index: int) -> int:
        """Scaled units that an amount is taken for: the nearest."""
        return (amount * RAY + index // 2) // index

    def borrow(self, market: Reserves, borrower: AccountAPI, amount: int) -> None:
        terms = (market.debt, amount, VARIABLE, 0, borrower)
        self.place.pool.borrow(*terms, sender=borrower)

    def callbacks(
        self, market: Reserves, position: str, actor: ContractInstance
    ) -> dict[str, Call]:
        """It takes what is given without a word."""
        flash = self.place.pool.flashLoanSimple
        held, owed = self.books(market, position)
        return {
            "flash loan": call(flash, actor, market.debt, owed, b"", 0),
            "flash loan of collateral": call(flash, actor, market.collateral, held, b"", 0),
        }

    def take_back(self, market: Reserves, actor: ContractInstance) -> Call:
        return call(self.place.pool.withdraw, market.collateral, ENDLESS, actor)

    def wipe(self, market: Reserves, position: str, liquidator: AccountAPI) -> None:
        self.liquidate(market, position, liquidator)

    def liquidate(
        self, market: Reserves, position: str, liquidator: AccountAPI, collateral: int | None = None
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

    ill = selector("HealthFactorLowerThanLiquidationThreshold")
    nothing = selector("CollateralBalanceIsZero")
    healthy = selector("HealthFactorNotBelowThreshold")
    idle = frozenset[str]()
    decimals, highest = 6, 2**120 - 1
    writes_off = True

    def units_of(self, amount: int, index: int) -> int:
        """Whole ones."""
        return amount * RAY // index
