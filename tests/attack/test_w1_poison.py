"""T-W1: supply something else in the position's name, so that it stands in the way.

On Aave anybody may supply in anybody's name, and a coin that was not there is put to use as
collateral. Once governance takes the LTV of such a coin away, none of our collateral can be
withdrawn before it: Index, dHEDGE and Morpho's optimizer met that. Here anybody can put it out of
use again, for good. Nor is there anything to be gained before the token exists: its address can be
known, and what lies there when it begins changes nothing.
"""

import pytest
from ape import project

from scripts._devnet import ENDLESS, WAD, undone
from tests.aave_now import refusal
from tests.attack.home import create, creation, list_third, per_share_is_kept
from tests.attack.purse import report
from tests.first_child import first_child
from tests.unit.aave_position.reserves import is_used, set_terms, supply

POISON = "LtvValidationFailed"  # 57
SHARES = 100 * WAD
CROWD = 12  # coins
GAS_EACH = 50_000


@pytest.fixture
def poisoned(home, raider):
    """A dollar of another coin is in use, and has lost its LTV."""
    supply(home.aave, home.third, home.position.address, raider, WAD)
    set_terms(home.aave, home.governor, home.third, (0, 6_000, 11_000))
    return home


def redeem(home, who, shares=SHARES) -> str:
    return refusal(home.token.redeem, shares, ENDLESS, 0, sender=who)


def test_w1_poison_stops_redemption_until_anybody_purges(poisoned, raider, minter):
    home = poisoned
    wealth = home.worth(raider)
    before = redeem(home, minter)
    state = home.state()

    home.position.purge(home.third, sender=raider)
    home.token.redeem(SHARES, ENDLESS, 0, sender=minter)

    assert before == POISON
    assert per_share_is_kept(state, home.state())
    report("w1", home.market, home.worth(raider) - wealth, 0)


def test_w1_poison_stops_payment_in_atokens_too(poisoned, minter):
    home = poisoned
    home.position.take_atokens(True, sender=minter)

    before = redeem(home, minter)
    home.position.purge(home.third, sender=minter)

    assert (before, redeem(home, minter)) == (POISON, "")


def test_w1_poison_stops_delevering_until_anybody_purges(poisoned, taker):
    home = poisoned
    home.go_to_fills("1900")

    before = refusal(home.token.fill_delever, ENDLESS, 0, sender=taker)
    home.position.purge(home.third, sender=taker)

    assert before == POISON
    assert refusal(home.token.fill_delever, ENDLESS, 0, sender=taker) == ""


def test_w1_coin_without_a_price_stops_redemption_until_anybody_purges(home, raider, minter):
    """Aave asks for the price of all that is in use: one that is dead stops them all."""
    supply(home.aave, home.third, home.position.address, raider, WAD)
    feed = project.Feed.at(home.aave.oracle.getSourceOfAsset(home.third))
    feed.set_failing(True, sender=raider)

    before = redeem(home, minter)
    home.position.purge(home.third, sender=minter)

    assert (before, redeem(home, minter)) == ("feed: told to fail", "")


def test_w1_crowd_of_coins_makes_redemption_dearer_by_little_until_they_are_purged(
    home, raider, minter
):
    """Aave looks at each that is in use: sixty, as many as it has, fit a block ten times."""
    plain = gas_of_redemption(home, minter)
    crowd = [list_third(home.version, home.devnet) for _ in range(CROWD)]
    for coin in crowd:
        supply(home.aave, coin, home.position.address, raider, 1)
    dearer = gas_of_redemption(home, minter) - plain

    for coin in crowd:
        home.position.purge(coin, sender=minter)

    assert 0 < dearer < CROWD * GAS_EACH
    assert gas_of_redemption(home, minter) - plain < dearer // 2


def gas_of_redemption(home, who) -> int:
    with undone():
        return home.token.redeem(WAD, ENDLESS, 0, sender=who).gas_used


def test_w1_poison_cannot_be_given_twice(poisoned, raider, minter):
    home = poisoned
    home.position.purge(home.third, sender=minter)
    set_terms(home.aave, home.governor, home.third, (5_000, 6_000, 11_000))

    supply(home.aave, home.third, home.position.address, raider, 10**6 * WAD)
    supply(home.aave, home.third, raider.address, raider, WAD)
    home.aave.atoken(home.third).transfer(home.position, WAD, sender=raider)
    set_terms(home.aave, home.governor, home.third, (0, 6_000, 11_000))

    assert not is_used(home.aave, home.position.address, home.third)
    assert redeem(home, minter) == ""


def test_w1_poison_leaves_minting_open(poisoned, minter):
    home = poisoned

    assert refusal(home.token.mint, SHARES, ENDLESS, 0, sender=minter) == ""


def test_w1_purge_of_our_collateral_is_refused(home, raider, weth):
    why = refusal(home.position.purge, weth, sender=raider)

    assert why == "purge: asset is the collateral"


@pytest.fixture
def to_be(home, minter):
    """The address of the position of a token that does not exist yet."""
    home.devnet.weth.approve(home.ballast.factory, ENDLESS, sender=minter)
    token = home.ballast.factory.create.call(*creation(home), sender=minter)
    return first_child(token)


@pytest.mark.parametrize("gift", ["third", "collateral", "debt", "atokens"])
def test_w1_gift_before_creation_changes_nothing(home, to_be, raider, minter, weth, usdc, gift):
    """Since 3.6 aTokens that arrive first would keep the seed's collateral out of use."""
    aave = home.aave
    if gift == "atokens":
        supply(aave, weth, raider.address, raider, WAD)
        aave.atoken(weth).transfer(to_be, 1, sender=raider)
    else:
        coin, amount = {
            "third": (home.third, 10**6 * WAD),
            "collateral": (weth, 10),
            "debt": (usdc, 10**6),
        }[gift]
        supply(aave, coin, to_be, raider, amount)

    token = create(home)
    position = project.AavePosition.at(token.position())

    assert position == to_be
    assert is_used(aave, to_be, weth)
    assert position.liquidation() == home.position.liquidation()
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-5)
    assert refusal(token.mint, SHARES, ENDLESS, 0, sender=minter) == ""
