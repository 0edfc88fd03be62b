"""A position is created on a market that exists, is in use and is not spoiled."""

import pytest

from scripts._devnet import ENDLESS, WAD
from tests.unit.morpho_position.markets import donate, open_market, use_market

PRICE = 2_000 * 10**24  # of 18 decimals in 6
LENT = 10**12


def test_init_keeps_what_it_is_given(devnet, market, position, token):
    assert position.TOKEN() == token
    assert position.MORPHO() == devnet.morpho
    assert position.ID() == market.id
    assert position.collateral() == devnet.weth
    assert position.debt() == devnet.usdc


def test_init_lets_the_venue_take_both_tokens(devnet, position):
    for coin in (devnet.weth, devnet.usdc):
        assert coin.allowance(position, devnet.morpho) == ENDLESS


def test_init_authorizes_nobody(devnet, position, token, stranger):
    for someone in (token, stranger, devnet.roles.deployer, position):
        assert not devnet.morpho.isAuthorized(position, someone)


def test_init_is_empty(position):
    assert tuple(position.balances()) == (0, 0)


def test_init_on_an_unknown_market_reverts(devnet, fault):
    assert fault(devnet.morpho, b"\x01" * 32) == "position: market is unknown"


def test_init_on_an_unused_market_reverts(devnet, coins, fault):
    market = open_market(devnet, *coins, PRICE)

    assert fault(devnet.morpho, market.id) == "position: market is empty"


def test_init_on_a_market_with_hardly_any_debt_reverts(devnet, coins, fault, deploy):
    market = open_market(devnet, *coins, PRICE)
    use_market(devnet, market, lent=LENT, borrowed=9_999)
    borrower = devnet.roles.borrower

    assert fault(devnet.morpho, market.id) == "position: market is empty"
    devnet.morpho.borrow(market.params, 1, 0, borrower, borrower, sender=borrower)
    assert tuple(deploy(market).balances()) == (0, 0)


@pytest.fixture
def blown_up(devnet, coins, stranger):
    """
    A market whose first borrower took `shares` of a debt of nothing, which Morpho allows below a
    million. Each unit of a debt then costs 10**6 + shares more.
    """

    def _blown_up(shares, borrowed=10_000):
        market = open_market(devnet, *coins, PRICE)
        market.collateral.mint(stranger, WAD, sender=stranger)
        donate(devnet, market, stranger.address, stranger, WAD)
        devnet.morpho.borrow(market.params, 0, shares, stranger, stranger, sender=stranger)
        assert devnet.morpho.market(market.id).totalBorrowAssets == 0
        use_market(devnet, market, lent=LENT, borrowed=borrowed)
        return market

    return _blown_up


def test_init_on_a_market_of_too_many_shares_reverts(devnet, blown_up, fault):
    market = blown_up(999_901)  # more than two million for each unit of debt

    assert fault(devnet.morpho, market.id) == "position: market is spoiled"


def test_init_on_a_market_of_just_few_enough_shares_passes(blown_up, deploy):
    market = blown_up(999_900)

    assert tuple(deploy(market).balances()) == (0, 0)


def test_init_on_a_market_of_just_two_million_shares_a_unit_passes(devnet, blown_up, deploy):
    market = blown_up(999_920, borrowed=12_499)
    total = devnet.morpho.market(market.id)
    assert total.totalBorrowShares == 2_000_000 * total.totalBorrowAssets

    assert tuple(deploy(market).balances()) == (0, 0)
