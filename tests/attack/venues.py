"""The venues that a token under attack may live on, and what whoever attacks it can do there.

A market of either has `collateral`, `debt`, `lltv`, the `venue_oracle` that its venue asks, the
`fill_oracle` that the token asks, and the `arguments` by which a position is told of it. Debt is
counted in units of the venue's own: shares on Morpho, about a million to the smallest unit of the
coin; scaled units on Aave, each worth one and more of these.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance

from scripts._devnet import LONG_LLTV, Devnet, Market, Pair, build_devnet
from tests.aave_now import NOW, aged, on_version, version_of
from tests.attack.actor import Call
from tests.attack.on_aave import OnAave, OnAaveNow, Reserves
from tests.attack.on_morpho import OnMorpho

Traded: TypeAlias = Market | Reserves


class Venue(Protocol):
    """What an attacker does to a venue, and what it says."""

    address: ContractInstance  # what coins are approved for
    position: ContractContainer
    # What it says of a call that would leave too much debt, or take on debt without collateral, of
    # the liquidation of the healthy, of a loan that it has not, of a price that is none, and of a
    # coin that keeps a part.
    ill: str
    nothing: str
    healthy: str
    empty: str
    priceless: str
    short: str
    doors: frozenset[str]  # of a position, besides those of all
    idle: frozenset[str]  # of these, which revert where there is nothing for them to do
    decimals: int  # that a coin must have
    whole: int  # units of debt that are worth about the least of its coin
    forwards: bool  # whether what is borrowed passes through the position
    writes_off: bool  # whether a debt without collateral is forgotten
    close_factor: Fraction  # of a debt, which may be repaid at its limit
    unknown: frozenset[str]  # why there is no position of coins that are not there

    def terms(self, market: Any) -> tuple:
        """What a position is told after the venue, one by one."""

    def told(self, position: str) -> tuple:
        """What a position says that it was told: the venue, and these terms."""

    def market(self, long: bool) -> Traded:
        """Where the devnet's tokens borrow."""

    def open(self, coins: Pair, price: int, lltv: int = LONG_LLTV) -> Traded:
        """A market of two test tokens that nobody uses; both of its oracles are settable."""

    def claim(self, coins: Pair, price: int) -> Traded:
        """What a creator may name a market, be there what may at these addresses."""

    def use(self, market: Any, lent: int, borrowed: int) -> None:
        """The lender lends and the borrower borrows some, well secured."""

    def accrue(self, market: Any) -> None:
        """Write the interest to now, where a venue writes it."""

    def books(self, market: Any, position: str) -> tuple[int, int]:
        """Collateral rounded down and debt rounded up, with the interest to now."""

    def most(self, market: Any) -> int:
        """Collateral that its books can hold for one account."""

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

    def callbacks(self, market: Any, position: str, actor: ContractInstance) -> dict[str, Call]:
        """Calls by which an actor is called back: what it gives, to a position too, and loans."""

    def take_back(self, market: Any, actor: ContractInstance) -> Call:
        """The call by which an actor takes all of its own collateral back."""

    def wipe(self, market: Any, position: str, liquidator: AccountAPI) -> None:
        """Seize all collateral of a position that owes more than it is worth."""

    def liquidate(
        self, market: Any, position: str, liquidator: AccountAPI, collateral: int | None = None
    ) -> None:
        """Seize about so much collateral by repaying what that is worth, or repay all one may."""


# Where tokens may live, by the name that tests ask for it; without one they live on the first. On a
# new Aave there is nothing to round: there they come to one that has been in use for years.
BUILD: dict[str, Callable[[], Devnet]] = {
    "morpho": build_devnet,
    "aave": lambda: aged(build_devnet(venue="aave")),
    "aave-3.6": lambda: aged(on_version(build_devnet(), NOW)),
}


def venue_of(devnet: Devnet) -> Venue:
    """The one that the devnet's tokens live on."""
    if devnet.aave is None:
        return OnMorpho(devnet)
    kind = OnAaveNow if version_of(devnet.aave) is NOW else OnAave
    return kind(devnet, devnet.aave)
