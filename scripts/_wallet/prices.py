"""What amounts of a token's pair are worth at its oracle's price, in what a person counts in."""

from decimal import Decimal

from scripts._lens import Facts, State
from scripts._model.fixed_point import SCALE
from scripts._wallet.amounts import EXACT, from_raw


def worth(raw: int, is_debt: bool, price: int, long: bool) -> Decimal:
    """Raw units of the quote asset that `raw` of the debt, or of the collateral, is worth.

    `price` is debt for one collateral, scaled by 1e36; the quote asset is the debt of a long token
    and the collateral of a short one.
    """
    if is_debt == long:
        return Decimal(raw)
    if long:
        return EXACT.divide(Decimal(raw * price), Decimal(SCALE))
    return EXACT.divide(Decimal(raw * SCALE), Decimal(price))


def worth_of_shares(shares: int, state: State) -> Decimal:
    """Raw units of the quote asset that `shares` are worth, before fees."""
    return EXACT.divide(Decimal(shares * state.assets), Decimal(state.supply))


def quote_of(facts: Facts) -> tuple[str, int]:
    """Symbol and decimals of what a person counts in: the debt if long, the collateral if short."""
    if facts.rules.long:
        return facts.debt_symbol, facts.debt_decimals
    return facts.collateral_symbol, facts.collateral_decimals


def quoted(price: Decimal, facts: Facts) -> Decimal:
    """Coins of the quote asset for one of the other; `price` is debt for collateral, both raw."""
    decimals = facts.collateral_decimals - facts.debt_decimals
    coins = EXACT.multiply(price, from_raw(1, -decimals))
    return coins if facts.rules.long else EXACT.divide(Decimal(1), coins)
