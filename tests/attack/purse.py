"""What an attacker walks away with: what an account is worth, and the report of its best gain.

W = c * P + d + shares * N            coins, and shares at NAV, in raw units of the debt token

C, D and S are read from the venue's own books and exact: nothing is rounded for or against anyone.
"""

from collections.abc import Callable
from fractions import Fraction

from ape.contracts import ContractInstance
from ape.exceptions import ContractLogicError

from scripts._devnet import Devnet, now
from scripts._model import streaming_fee
from scripts._model.fixed_point import SCALE
from tests.attack.on_aave import WORDLESS
from tests.attack.venues import Traded, venue_of
from tests.record import record

FREE = {"mint_fee": 0, "redeem_fee": 0, "management_fee": 0}  # rules that an attacker likes best

# The best gain of each attack over all its tries, in whole coins, and what bounded it: by the coin
# that it is counted in.
best: dict[str, dict[str, tuple[float, float]]] = {}


def true_price(market: Traded) -> Fraction:
    """Raw debt units for a raw unit of collateral, where the venue's oracle is right."""
    return Fraction(market.venue_oracle.price(), SCALE)


def supply(token: ContractInstance) -> int:
    """Shares, with the management fee to this block."""
    minted, rate = token.totalSupply(), token.rules().management_fee
    return minted + streaming_fee.shares(minted, rate, now() - token.settled_at())


def owed(devnet: Devnet, market: Traded, token: ContractInstance) -> Fraction:
    """Debt of the token's position at the market's newest accrual, not rounded."""
    return venue_of(devnet).owed(market, token.position())


def nav(
    devnet: Devnet, market: Traded, token: ContractInstance, price: Fraction | None = None
) -> Fraction:
    """What all shares are worth; nothing where more is owed than held."""
    price = true_price(market) if price is None else price
    held = venue_of(devnet).held(market, token.position())
    return max(Fraction(0), held * price - owed(devnet, market, token))


def worth(
    devnet: Devnet,
    market: Traded,
    token: ContractInstance,
    account: object,
    price: Fraction | None = None,
) -> Fraction:
    """What `account` has, at `price` or at the venue's; but for what it has pledged there."""
    price = true_price(market) if price is None else price
    coins = market.collateral.balanceOf(account) * price + market.debt.balanceOf(account)
    return coins + nav(devnet, market, token, price) * token.balanceOf(account) / supply(token)


def backing(devnet: Devnet, market: Traded, token: ContractInstance) -> tuple[Fraction, Fraction]:
    """Collateral and debt behind a share: exact, or as the venue's books count whole units."""
    venue, position, shares = venue_of(devnet), token.position(), supply(token)
    held, debt = venue.held(market, position), venue.owed(market, position)
    if venue.grain(position):
        held, debt = map(Fraction, venue.books(market, position))
    return held / shares, debt / shares


def rounding(devnet: Devnet, market: Traded, token: ContractInstance) -> Fraction:
    """What one act may lose: a unit of each coin; where the venue rounds, its grain and another."""
    grain = venue_of(devnet).grain(token.position())
    return (2 + grain if grain else 1) * (1 + true_price(market))


def report(name: str, market: Traded, gain: Fraction | int, bound: Fraction | int) -> None:
    """An attacker may gain at most `bound`; its best gain so far is what the report says.

    `name` is the threat's id in lower case: "m1" is T-M1. Amounts are raw units of the debt token;
    the report keeps markets of different ones apart.
    """
    assert gain <= bound
    coin, unit = market.debt.symbol(), 10 ** market.debt.decimals()
    found = float(Fraction(gain) / unit), float(Fraction(bound) / unit)
    coins = best.setdefault(name, {})
    coins[coin] = max(coins.get(coin, found), found)
    told = {each: {"gain": most, "bound": limit} for each, (most, limit) in coins.items()}
    record("attack", name, threat=f"T-{name.upper()}", gains=told)


def fault(call: Callable[[], object]) -> str:
    """Why `call` is refused, in words if there are any; nothing where it goes through."""
    try:
        call()
    except ContractLogicError as refusal:
        words = str(refusal.message)
        for added in ("execution reverted: ", "custom error "):
            words = words.removeprefix(added)
        return WORDLESS if words.startswith("panic:") else words
    return ""
