"""T-M8: repay somebody's debt in front of its redemption, so that this asks for too much.

Liquity V2 and Morpho's own callers met it: an amount that was computed before the transaction is
more than is owed, and its repayment underflows. Here the debt is read in the transaction, and the
last of it is repaid by shares, or on Aave by its grain more. The griefer's gift is the holders',
and the redemption goes through.
"""

import pytest

from scripts._devnet import ENDLESS, WAD, undone
from tests.attack.purse import FREE, fault, owed, report, rounding

SHARES = 10**6 * WAD
PRICE = 2_000


def one_unit(debt: int, shares: int) -> dict:
    return {"assets": 1}


def one_share(debt: int, shares: int) -> dict:
    return {"units": 1}


def half(debt: int, shares: int) -> dict:
    return {"units": shares // 2}


def all_but_a_unit(debt: int, shares: int) -> dict:
    return {"assets": debt - 1}


def all_but_a_share(debt: int, shares: int) -> dict:
    return {"units": shares - 1}


def everything(debt: int, shares: int) -> dict:
    return {"units": shares}


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("pair", [(18, 6), (8, 18), (18, 8)])
@pytest.mark.parametrize(
    "grief", [one_unit, one_share, half, all_but_a_unit, all_but_a_share, everything]
)
def test_m8_repay_in_front_of_a_redemption_is_a_gift(
    devnet, venue, open_token, worth, minter, stranger, grief, pair, alone
):
    """The holder brings and takes what it was told before; with others who borrow, or without.

    Against the exact worth of its shares it loses the rounding alone: a unit of each coin, and the
    venue's grain.
    """
    collateral, debt = pair
    token, market = open_token(collateral, debt, PRICE * 10 ** (36 + debt - collateral), **FREE)
    position, borrower = token.position(), devnet.roles.borrower
    if alone:
        others = venue.units(market, borrower)
        market.debt.mint(borrower, 10 ** (9 + debt), sender=borrower)
        venue.repay(market, borrower, borrower, units=others)
    token.mint(SHARES, ENDLESS, 0, sender=minter)
    told = token.preview_redeem(SHARES)
    griefer, holder = worth(market, token, stranger), worth(market, token, minter)

    shares = venue.units(market, position)
    venue.repay(market, position, stranger, **grief(venue.books(market, position)[1], shares))
    brought, taken = token.redeem(SHARES, *told, sender=minter).return_value

    assert brought <= told[0] and taken == told[1]
    assert worth(market, token, minter) >= holder - rounding(devnet, market, token)
    assert owed(devnet, market, token) == 0 or venue.books(market, position)[0] > 0
    report("m8", market, worth(market, token, stranger) - griefer, 0)


def test_m8_repay_within_a_redemption_is_tolerated_or_refused_whole(
    venue, token, market, attacker, victim, ballast, usdc
):
    """The same in front of the router, which computes its swap in the transaction too."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    order = (token, usdc, 500, 1_000 * WAD)
    expected = ballast.router.quote_redeem.call(*order)
    shares = venue.units(market, token.position())

    for grief in (1, shares // 3, shares - 1, shares):
        with undone():
            venue.repay(market, token.position(), attacker, units=grief)
            zap = (*order, expected, victim, ENDLESS)
            assert fault(lambda: ballast.router.redeem.call(*zap, sender=victim)) == ""  # noqa: B023
