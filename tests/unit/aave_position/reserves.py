"""Aave's own books of a position, exact; and what strangers and governors do to them."""

from fractions import Fraction
from typing import NamedTuple

from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._aave import RAY, VARIABLE, Aave, AaveMarket
from scripts._devnet import ENDLESS


class Books(NamedTuple):
    """What an account holds and owes of a pair, not rounded."""

    collateral: Fraction
    debt: Fraction


def held(aave: Aave, market: AaveMarket, position: str) -> Fraction:
    """From the scaled balance and the index of this second."""
    scaled = aave.atoken(market.collateral).scaledBalanceOf(position)
    return Fraction(scaled * aave.pool.getReserveNormalizedIncome(market.collateral), RAY)


def owed(aave: Aave, market: AaveMarket, position: str) -> Fraction:
    """Likewise."""
    scaled = aave.debt_token(market.debt).scaledBalanceOf(position)
    return Fraction(scaled * aave.pool.getReserveNormalizedVariableDebt(market.debt), RAY)


def books(aave: Aave, market: AaveMarket, position: str) -> Books:
    """Both."""
    return Books(held(aave, market, position), owed(aave, market, position))


def is_used(aave: Aave, position: str, asset: ContractInstance) -> bool:
    """Whether Aave takes what the position has of `asset` as its collateral."""
    (data,) = alone(aave.pool.getUserConfiguration(position))
    return bool(data >> (2 * aave.pool.getReserveData(asset).id + 1) & 1)


def is_empty(aave: Aave, position: str) -> bool:
    """Whether nothing is used as collateral, and nothing borrowed."""
    return alone(aave.pool.getUserConfiguration(position)) == (0,)


def alone(answer) -> tuple[int, ...]:
    # a struct of one field: Ape gives it as that or as a tuple
    return (answer,) if isinstance(answer, int) else tuple(answer)


def supply(
    aave: Aave, asset: ContractInstance, position: str, giver: AccountAPI, amount: int
) -> None:
    """`giver` supplies `asset` in the position's name."""
    asset.approve(aave.pool, ENDLESS, sender=giver)
    aave.pool.supply(asset, amount, position, 0, sender=giver)


def repay(
    aave: Aave, asset: ContractInstance, position: str, giver: AccountAPI, amount: int
) -> None:
    """`giver` repays what the position owes of `asset`."""
    asset.approve(aave.pool, ENDLESS, sender=giver)
    aave.pool.repay(asset, amount, VARIABLE, position, sender=giver)


def drain(
    aave: Aave, asset: ContractInstance, pledge: ContractInstance, who: AccountAPI, left: int
) -> None:
    """`who` borrows `asset` against as much of another as it has, until only `left` can be had."""
    supply(aave, pledge, who.address, who, pledge.balanceOf(who) // 2)
    there = asset.balanceOf(aave.atoken(asset))
    aave.pool.borrow(asset, there - left, VARIABLE, 0, who, sender=who)


def set_terms(
    aave: Aave, governor: AccountAPI, asset: ContractInstance, terms: tuple[int, int, int]
) -> None:
    """LTV, liquidation threshold, and one and the bonus, of a collateral: basis points."""
    aave.configurator.configureReserveAsCollateral(asset, *terms, sender=governor)
