"""T-W2: come and go so often, and so small, that rounding pays.

Aave counts in scaled units. Until 3.4 it rounds an amount to the nearest of them, so that every
other move takes more from the position than it was told or brings less; since 3.5 each does. A
port of Aave lost its dust that way, and Index needed a buffer. Here whoever acts brings so much
more and takes so much less: whatever the index, collateral per share never falls by a move and debt
per share never rises, by the venue's own books.
"""

import pytest
from ape import project
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, now, undone, warp_to
from tests.attack.home import create, per_share_is_kept
from tests.attack.purse import FREE, report
from tests.unit.aave_position.reserves import drain

YEAR = 365 * DAY

sizes = st.integers(10**10, 10**13) | st.integers(10**14, 10**16) | st.integers(WAD, 100 * WAD)
moves = st.lists(st.tuples(st.sampled_from(["mint", "redeem"]), sizes), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def free(home, lender):
    """The same with a token that takes no fee, of which the taker has some."""
    token = create(home, **FREE)
    taker = home.devnet.roles.liquidator
    for coin in (home.devnet.weth, home.devnet.usdc):
        coin.approve(token, ENDLESS, sender=taker)
    token.mint(1_000 * WAD, ENDLESS, 0, sender=taker)
    position = project.AavePosition.at(token.position())
    return home._replace(token=token, position=position)


@pytest.fixture(scope="module")
def lender(devnet):
    return devnet.roles.lender


@given(days=st.integers(0, 60), story=moves)
@example(days=0, story=[("mint", 10**10)] * 6)
@example(days=1, story=[("mint", 10**12 + 1), ("redeem", 10**12 + 1)] * 3)
def test_w2_rounding_is_never_at_the_holders_cost(free, lender, taker, weth, usdc, days, story):
    token = free.token
    with undone():
        drain(free.aave, usdc, weth, lender, 10**6 * 10**6)  # so that indices grow
        warp_to(now() + days * DAY)
        wealth = free.worth(taker)
        for deed, shares in story:
            before = free.state()
            getattr(token, deed)(shares, ENDLESS, 0, sender=taker)
            assert per_share_is_kept(before, free.state())
        gain = free.worth(taker) - wealth

    report("w2", free.market, gain, 0)


@pytest.mark.parametrize("years", [0, 1, 20])
def test_w2_round_trip_brings_nothing(free, lender, taker, weth, usdc, years):
    """I-M5 at indices that are far from one: the token is solvent, for its debt is repaid first."""
    token = free.token
    drain(free.aave, usdc, weth, lender, 10**6 * 10**6)
    usdc.approve(free.aave.pool, ENDLESS, sender=lender)
    owed = free.position.balances()[1]
    free.aave.pool.repay(usdc, owed - 10**6, 2, free.position, sender=lender)
    warp_to(now() + years * YEAR)

    brought, took = token.mint(WAD, ENDLESS, 0, sender=taker).return_value
    repaid, got = token.redeem(WAD, ENDLESS, 0, sender=taker).return_value

    assert got <= brought
    assert repaid >= took


@pytest.mark.parametrize("deed", ["mint", "redeem"])
def test_w2_preview_is_what_is_paid(free, lender, taker, weth, usdc, deed):
    """I-M7, grain and all."""
    token = free.token
    drain(free.aave, usdc, weth, lender, 10**6 * 10**6)
    warp_to(now() + 30 * DAY)
    told = tuple(getattr(token, f"preview_{deed}")(7 * WAD))

    paid = getattr(token, deed)(7 * WAD, ENDLESS, 0, sender=taker).return_value

    assert tuple(paid) == told
