"""T-R7: a transfer of a coin that is not there, which succeeds.

A low-level call to an address without code does nothing and says so by success: whoever takes that
for a payment gives something for nothing. Here coins are called by their interface alone, which
asks for code first, also where a coin may answer nothing. Tried with a coin that never was, and
with one that is gone on the day.
"""

import pytest
from ape import networks, project
from hexbytes import HexBytes

from scripts._devnet import ENDLESS, WAD
from tests.attack.purse import fault, report

PRICE = 2 * 10**36  # both of 18 decimals
SHARES = 1_000 * WAD
NOWHERE = "0x00000000000000000000000000000000DeaDBeef"


def test_r7_no_code_where_a_coin_should_be_makes_no_token(
    venue, long_market, ballast, creation, minter, weth, usdc
):
    """Morpho takes a market of anything; nobody can lend to it or borrow, and so it is empty.

    Aave lists what its governance does.
    """
    absent = project.TestToken.at(NOWHERE)

    for pair in ((weth, absent), (absent, usdc)):
        market = venue.claim(pair, PRICE)
        order = ("Coin", "COIN", creation(long_market)[2], market.fill_oracle)
        rest = (minter, minter, WAD, market.arguments, WAD)
        refused = fault(lambda: ballast.factory.create.call(*order, *rest, sender=minter))  # noqa: B023
        assert refused in venue.unknown


@pytest.mark.parametrize("leg", ["collateral", "debt"])
def test_r7_no_code_any_more_gives_no_shares_and_takes_no_coins(
    token, market, worth, attacker, victim, leg
):
    """As if it had destroyed itself: neither can anybody bring it, nor be said to have."""
    for account in (victim, attacker):
        token.mint(SHARES, ENDLESS, 0, sender=account)
    supply, wealth = token.totalSupply(), worth(market, token, attacker)
    coin = getattr(market, leg)
    code = HexBytes(networks.provider.get_code(coin.address))
    networks.provider.set_code(coin.address, "0x")

    faults = [
        fault(lambda: token.mint(SHARES, ENDLESS, 0, sender=attacker)),
        fault(lambda: token.redeem(SHARES, ENDLESS, 0, sender=attacker)),
    ]

    networks.provider.set_code(coin.address, code.to_0x_hex())
    assert all(faults)
    assert (token.balanceOf(attacker), token.totalSupply()) == (SHARES, supply)
    report("r7", market, worth(market, token, attacker) - wealth, 0)
    token.redeem(SHARES, ENDLESS, 0, sender=attacker)
    assert token.balanceOf(attacker) == 0
