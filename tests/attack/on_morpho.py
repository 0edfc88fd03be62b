"""Morpho Blue, as attackers of a token on it meet it: see `venues`."""

from fractions import Fraction

from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._devnet import DAY, LONG_LLTV, WAD, Devnet, Market, Pair
from tests.attack.actor import Call, call
from tests.unit.morpho_position import markets

HIGHEST_RATE = 8 * WAD // (365 * DAY)  # a second: the curve's highest, four times 200 % a year


class OnMorpho:
    """A `Venue`."""

    ill = nothing = "insufficient collateral"
    healthy = "position is healthy"
    empty = "insufficient liquidity"
    priceless = "settable oracle: no price"
    short = "transferFrom reverted"
    doors = idle = frozenset[str]()
    decimals = 0
    whole = markets.VIRTUAL_SHARES
    forwards = False
    writes_off = True
    close_factor = Fraction(1)
    unknown = frozenset({"position: market is empty"})

    def __init__(self, devnet: Devnet) -> None:
        self.devnet, self.address = devnet, devnet.morpho
        self.position = project.MorphoPosition

    def terms(self, market: Market) -> tuple:
        return (market.id,)

    def told(self, position: str) -> tuple:
        there = self.position.at(position)
        return there.MORPHO(), there.ID()

    def market(self, long: bool) -> Market:
        return self.devnet.long if long else self.devnet.short

    def open(self, coins: Pair, price: int, lltv: int = LONG_LLTV) -> Market:
        return markets.open_market(self.devnet, *coins, price, lltv)

    def claim(self, coins: Pair, price: int) -> Market:
        """Anybody may open it; if these are no coins, it stays empty."""
        return self.open(coins, price)

    def use(self, market: Market, lent: int, borrowed: int) -> None:
        markets.use_market(self.devnet, market, lent, borrowed)

    def accrue(self, market: Market) -> None:
        self.devnet.morpho.accrueInterest(market.params, sender=self.devnet.roles.lender)

    def books(self, market: Market, position: str) -> tuple[int, int]:
        return markets.books(self.devnet, market, position)

    def most(self, market: Market) -> int:
        return 2**128 - 1

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

    def callbacks(self, market: Market, position: str, actor: ContractInstance) -> dict[str, Call]:
        held, owed = self.books(market, position)
        morpho, data = self.devnet.morpho, b"\x01"
        supply, repay = morpho.supplyCollateral, morpho.repay
        return {
            "repay": call(repay, market.params, owed // 2, 0, position, data),
            "supply": call(supply, market.params, held, position, data),
            "own supply": call(supply, market.params, held, actor, data),
            "flash loan": call(morpho.flashLoan, market.debt, owed, data),
            "flash loan of collateral": call(morpho.flashLoan, market.collateral, held, data),
        }

    def take_back(self, market: Market, actor: ContractInstance) -> Call:
        own = self.devnet.morpho.position(market.id, actor).collateral
        return call(self.devnet.morpho.withdrawCollateral, market.params, own, actor, actor)

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
