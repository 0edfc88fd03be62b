"""T-M10: change what is true between the moment a transaction is signed and that it is mined.

TLX had no slippage protection that worked. Here each leg of mint and redemption has its bound, a
fill's two bounds are a price, and the router's calls have a bound and a deadline. Whatever happens
in between (gifts, repayments, fills, time, other people's mints), a call keeps them or is refused.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, POOL_FEE, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.fills import fill_all
from tests.attack.purse import fault, nav, report, rounding, supply

SHARES = 1_000 * WAD
OPEN = 45 * 60
BOUNDS = {
    "mint": ("mint: collateral above max", "mint: debt below min"),
    "redeem": ("redeem: debt above max", "redeem: collateral below min"),
    "fill": ("fill: debt below limit", "fill: collateral below limit"),
}

moves = st.lists(
    st.tuples(
        st.sampled_from(["mint", "redeem", "donate", "repay", "fill", "wait", "price"]),
        st.integers(1, 1_000),
    ),
    min_size=1,
    max_size=5,
)
slack = st.integers(-20, 200)  # of each bound, in ten-thousandths of what was told


@pytest.fixture
def act(devnet, venue, token, market, attacker) -> Callable[[str, int], None]:
    """`act("repay", 10)`: by ten thousandths of what there is, or as many seconds."""

    def _act(kind: str, size: int) -> None:
        held, owed = venue.books(market, token.position())
        if kind == "mint":
            token.mint(token.totalSupply() * size // 1_000, ENDLESS, 0, sender=attacker)
        elif kind == "redeem" and (shares := token.balanceOf(attacker) * size // 1_000):
            token.redeem(shares, ENDLESS, 0, sender=attacker)
        elif kind == "donate":
            venue.donate(market, token.position(), attacker, held * size // 10_000)
        elif kind == "repay":
            venue.repay(market, token.position(), attacker, assets=owed * size // 10_000)
        elif kind == "fill":
            fill_all(token, attacker)
        elif kind == "wait":
            warp_to(now() + size)
        elif kind == "price":
            set_price(devnet, str(1_980 + size // 25))

    return _act


@pytest.fixture
def opened(devnet, token, victim):
    """The scheduled lane is open, and the victim has shares."""
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + OPEN)
    set_price(devnet, "2050")
    return token


@given(moves=moves, call=st.sampled_from(["mint", "redeem", "fill"]), slack=st.tuples(slack, slack))
def test_m10_moved_state_is_within_bounds_or_refused(opened, victim, act, moves, call, slack):
    token = opened
    with undone():
        offer = token.auction()
        levering = offer.levering
        if call == "fill":
            told = offer.brings, offer.takes
            order = token.fill_lever if levering else token.fill_delever
        else:
            told = tuple((token.preview_mint if call == "mint" else token.preview_redeem)(SHARES))
            order = token.mint if call == "mint" else token.redeem
        most, least = (
            told[0] * (10_000 + slack[0]) // 10_000,
            told[1] * (10_000 - slack[1]) // 10_000,
        )
        bounds = (most, least) if call == "fill" else (SHARES, most, least)

        for move in moves:
            act(*move)
        refused = fault(lambda: order.call(*bounds, sender=victim, skip_trace=True))
        if refused:
            closed = call == "fill" and refused.startswith("fill: not open for")
            assert closed or refused in BOUNDS[call]
            return
        brought, taken = order(*bounds, sender=victim).return_value

        assert brought <= most
        assert taken * most >= least * brought if call == "fill" else taken >= least


@given(moves=moves)
def test_m10_moved_state_takes_nothing_from_a_victim_without_bounds(
    devnet, token, market, worth, attacker, victim, act, moves
):
    """I-N6: even so, in kind and pro rata, all that others can do to it in a block is to give."""
    with undone():
        purse, wealth = worth(market, token, attacker), worth(market, token, victim)
        for kind, size in moves:
            if kind not in ("fill", "wait", "price"):
                act(kind, size)
        token.mint(SHARES, ENDLESS, 0, sender=victim)
        if balance := token.balanceOf(attacker):
            token.redeem(balance, ENDLESS, 0, sender=attacker)
        lost = wealth - worth(market, token, victim)
        gain = worth(market, token, attacker) - purse
        share, units = nav(devnet, market, token) / supply(token), rounding(devnet, market, token)
        fee = -(-SHARES * WAD // (WAD - token.rules().mint_fee)) - SHARES

    # its fee, and a unit of each coin
    assert 0 < lost <= fee * share + units
    report("m10", market, gain, 0)


def test_m10_moved_state_after_the_deadline_is_refused(token, ballast, victim, usdc):
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    router, way = ballast.router, (token, usdc, POOL_FEE)
    deadline = now() + 60
    warp_to(deadline + 1)

    for order in (
        lambda: router.mint.call(*way, WAD, ENDLESS, victim, deadline, sender=victim),
        lambda: router.mint_exact_in.call(*way, 10**6, 0, victim, deadline, sender=victim),
        lambda: router.redeem.call(*way, WAD, 0, victim, deadline, sender=victim),
    ):
        assert fault(order) == "router: deadline has passed"
