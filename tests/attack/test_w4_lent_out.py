"""T-W4: borrow all of the collateral, so that nobody gets out.

Aave lends collateral out, which Morpho never does: at full use of the reserve no withdrawal goes
through, and an attacker may hold on to it for as long as it pays the highest rate. Here who redeems
or fills may ask for aTokens, which move whatever is lent; they are worth the same, and earn that
rate. What a holder gets, and what is left per share, is the same to a grain.
"""

import pytest

from scripts._devnet import DAY, ENDLESS, WAD, now, warp_to
from tests.aave_now import refusal
from tests.attack.home import per_share_is_kept
from tests.attack.purse import report
from tests.unit.aave_position.reserves import drain

SHARES = 500 * WAD
STUCK = "Panic(17)"


@pytest.fixture
def stuck(home, raider, weth, usdc):
    """The attacker has borrowed all WETH against dollars."""
    usdc.mint(raider, 10**12 * 10**6, sender=raider)
    drain(home.aave, weth, usdc, raider, 0)
    return home


def redeem(home, who, **more) -> str:
    return refusal(home.token.redeem, SHARES, ENDLESS, 0, sender=who)


def test_w4_redemption_in_atokens_goes_through(stuck, minter, weth):
    home = stuck
    atoken, purse = home.aave.atoken(weth), weth.balanceOf(minter)
    refused = redeem(home, minter)
    before, told = home.state(), home.token.preview_redeem(SHARES)

    home.position.take_atokens(True, sender=minter)
    home.token.redeem(SHARES, ENDLESS, 0, sender=minter)

    assert refused == STUCK
    assert weth.balanceOf(minter) == purse
    assert atoken.balanceOf(minter) == pytest.approx(told[1], abs=home.position.grain())
    assert per_share_is_kept(before, home.state())


def test_w4_emergency_fill_in_atokens_goes_through(stuck, taker):
    """Whoever delevers is paid in them too: nothing waits for the attacker to be so kind."""
    home = stuck
    home.go_to_fills("1780")  # leverage is 4.3
    refused = refusal(home.token.fill_delever, 10**9, 0, sender=taker)

    home.position.take_atokens(True, sender=taker)
    leverage = home.token.leverage()
    home.token.fill_delever(10**9, 0, sender=taker)

    assert refused == STUCK
    assert home.token.leverage() < leverage


def test_w4_atokens_become_coins_once_some_come_back(stuck, raider, minter, weth):
    home = stuck
    home.position.take_atokens(True, sender=minter)
    taken = home.token.redeem(SHARES, ENDLESS, 0, sender=minter).return_value[1]
    home.aave.pool.repay(weth, 10**3 * WAD, 2, raider, sender=raider)
    purse = weth.balanceOf(minter)

    home.aave.pool.withdraw(weth, ENDLESS, minter, sender=minter)

    assert weth.balanceOf(minter) - purse == pytest.approx(taken, abs=2)


def test_w4_attacker_pays_for_every_day_of_it(stuck, raider, weth):
    """By what it owes, and what its pledge earns: it gains nothing, and our collateral does."""
    home = stuck
    wealth, held = net(home, raider, weth), home.position.balances()[0]

    warp_to(now() + 7 * DAY)

    assert home.position.balances()[0] > held
    report("w4", home.market, net(home, raider, weth) - wealth, 0)


def net(home, who, weth) -> int:
    """What the venue says that it has, in dollars' raw units."""
    data = home.aave.pool.getUserAccountData(who)
    return (data[0] - data[1]) // 100
