"""Books that are just at an edge: what stands in the position's place says what it is told."""

import pytest
from ape import compilers, networks

from scripts._devnet import CAP, ENDLESS, USDC, WAD, create_token

SCHEDULED = 1
EMERGENCY = 2
CLOSED = (0, False, 0, 0, 0)
RAMP = 45 * 60  # seconds into the scheduled lane: the premium is highest
CENT = WAD // 2_000 // 10**6  # ETH for a unit of USDC

POSITION = """
# pragma version 0.4.3
@view
@external
def balances() -> (uint256, uint256):
    return {collateral}, {debt}

@view
@external
def books() -> (uint256, uint256, uint256):
    return {collateral}, {debt}, 0

@view
@external
def liquidity() -> uint256:
    return {liquidity}

@view
@external
def liquidation() -> (uint256, uint256):
    return {lltv}, {bonus}
"""


@pytest.fixture
def write(devnet):
    """`write(token, collateral, debt)`: what its position holds and owes from now on."""

    def _write(token, collateral: int, debt: int, liquidity: int = 0) -> None:
        source = POSITION.format(
            collateral=collateral,
            debt=debt,
            liquidity=liquidity,
            lltv=devnet.long.lltv,
            bonus=44 * WAD // 1_000,
        )
        made = compilers.compile_source("vyper", source, contractName="Position")
        networks.provider.set_code(token.position(), made.contract_type.runtime_bytecode.bytecode)

    return _write


@pytest.fixture
def bull_with(devnet, ballast):
    """`bull_with(emergency=…)`: another 3x token of ETH, with some rules changed."""
    return lambda **rules: create_token(devnet, ballast, "ETHBULL", **rules)


def test_auction_at_the_emergency_leverage_is_open_even_for_no_premium(bull_with, write, fill_time):
    bull = bull_with(emergency=4 * WAD, emergency_premium=0)
    fill_time(5 * 3_600, "2000")
    write(bull, 2 * WAD, 3_000 * USDC)

    auction = bull.auction()

    assert bull.leverage() == 4 * WAD
    assert (auction.lane, auction.premium, auction.brings) == (EMERGENCY, 0, 1_000 * USDC - 6)


def test_auction_in_both_lanes_at_one_premium_is_the_larger_one(bull_with, write, fill_time):
    premium = 4 * WAD // 1_000
    bull = bull_with(emergency=4 * WAD, emergency_premium=premium)
    fill_time(RAMP, "2000")
    write(bull, 2 * WAD, 3_000 * USDC)

    auction = bull.auction()

    assert (auction.lane, auction.premium) == (EMERGENCY, premium)


def test_auction_of_a_single_unit_is_open(bull, write, fill_time):
    fill_time(5 * 3_600, "2000")
    write(bull, 28 * CENT, 21)

    auction = bull.auction()

    assert bull.leverage() == 4 * WAD
    assert (auction.lane, auction.brings) == (EMERGENCY, 1)


def test_auction_at_the_bands_upper_edge_is_closed(bull, write, fill_time):
    """However large: there a unit of leverage is a million units of debt."""
    nav = 10**24
    value = 303 * nav // 100 + 999_999
    fill_time(RAMP, "2000")

    write(bull, value * CENT, value - nav)
    at_the_edge = bull.auction()
    write(bull, (value + 1) * CENT, value + 1 - nav)
    past_it = bull.auction()

    assert tuple(at_the_edge) == CLOSED
    assert past_it.lane == SCHEDULED


def test_max_mint_where_next_to_nothing_is_owed_is_what_the_cap_leaves(bull, write, minter):
    """However many shares more the venue's liquidity is enough for."""
    bull.mint(1_000_000 * WAD, ENDLESS, 0, sender=minter)
    write(bull, WAD, 1, liquidity=2**127)

    assert bull.maxMint(minter) == CAP - bull.totalSupply()
