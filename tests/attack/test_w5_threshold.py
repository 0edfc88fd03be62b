"""T-W5: have the token believe in another liquidation threshold than applies.

Index read its e-mode wrong, which made it "completely broken". Here the threshold is of the e-mode
where the collateral is in it, and otherwise of the collateral, as the account's own data have it.
It is read in every fill: where governance lowers it, the emergency lane opens at once, and pays
what it pays near liquidation.
"""

from fractions import Fraction

import pytest
from ape import project

from scripts._devnet import ENDLESS, WAD, set_price
from tests.aave_now import refusal
from tests.attack.home import create, creation
from tests.attack.purse import report
from tests.unit.aave_position.reserves import set_terms

CATEGORY = 3
CATEGORY_TERMS = (9_000, 9_300, 10_100)
NO_LANE, EMERGENCY = 0, 2


def told(home, position) -> int:
    """The account's liquidation threshold as Aave reckons it, in WAD."""
    return home.aave.pool.getUserAccountData(position)[3] * WAD // 10**4


def categorize(home, *assets) -> None:
    home.version.categorize(home.governor, home.aave, CATEGORY, CATEGORY_TERMS, assets)


def test_w5_threshold_is_what_the_account_has(home):
    assert home.position.liquidation()[0] == told(home, home.position) == 83 * WAD // 100


def test_w5_threshold_in_an_e_mode_is_what_the_account_has(home, weth, usdc):
    categorize(home, weth, usdc)

    token = create(home, category=CATEGORY)
    position = project.AavePosition.at(token.position())

    assert position.liquidation()[0] == told(home, position) == 93 * WAD // 100


def test_w5_e_mode_makes_rules_safe_that_are_not_without(home, minter, weth, usdc):
    """Five times long is safe at 93 %, and not at 83 %."""
    rules = {"target": 5 * WAD, "emergency": 6 * WAD, "emergency_premium": 0}
    home.devnet.weth.approve(home.ballast.factory, ENDLESS, sender=minter)
    categorize(home, weth, usdc)

    with_it, without = (
        refusal(home.ballast.factory.create, *creation(home, mode, **rules), sender=minter)
        for mode in (CATEGORY, 0)
    )

    assert (with_it, without) == ("", "rules: emergency too near ruin")


def test_w5_e_mode_that_the_collateral_is_not_in_lends_its_threshold_to_nobody(home, minter, usdc):
    """What Index was found with: the category's terms, for a position that has the asset's own."""
    rules = {"target": 5 * WAD, "emergency": 6 * WAD, "emergency_premium": 0}
    home.devnet.weth.approve(home.ballast.factory, ENDLESS, sender=minter)
    categorize(home, usdc)

    asked = creation(home, CATEGORY, **rules)

    assert refusal(home.ballast.factory.create, *asked, sender=minter) == (
        "rules: emergency too near ruin"
    )


def test_w5_category_that_lends_no_more_stops_what_borrows_and_no_exit(home, minter, weth, usdc):
    categorize(home, weth, usdc)
    token = create(home, category=CATEGORY)
    token.mint(WAD, ENDLESS, 0, sender=minter)
    settings, governor = home.aave.configurator, home.governor
    if home.version.name == "3.0":
        settings.setAssetEModeCategory(usdc, 0, sender=governor)
    else:
        settings.setAssetBorrowableInEMode(usdc, CATEGORY, False, sender=governor)

    why = refusal(token.mint, WAD, ENDLESS, 0, sender=minter)

    assert (
        why
        == {"3.0": "InconsistentEModeCategory", "3.6": "NotBorrowableInEMode"}[home.version.name]
    )
    assert refusal(token.redeem, WAD, ENDLESS, 0, sender=minter) == ""


def test_w5_lowered_threshold_opens_the_emergency_lane_at_once(home, raider, taker, weth):
    """Leverage is 3.3: above the band, far from 3.857, and from ruin at 83 % but not at 72 %."""
    token = home.token
    set_price(home.devnet, "1913")
    before = token.auction()
    wealth = home.worth(raider)

    set_terms(home.aave, home.governor, weth, (7_000, 7_200, 10_500))
    after = token.auction()
    token.fill_delever(ENDLESS, 0, sender=raider)

    assert token.rules().emergency > 33 * WAD // 10
    assert before.lane == NO_LANE
    assert after.lane == EMERGENCY
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-4)
    gain = home.worth(raider) - wealth
    report("w5", home.market, gain, bound(home, after))


def bound(home, auction) -> Fraction:
    """The premium on what was open, and no more."""
    return Fraction(auction.brings * auction.premium, WAD)


def test_w5_threshold_that_is_lowered_a_little_opens_nothing(home, weth):
    set_price(home.devnet, "1913")

    set_terms(home.aave, home.governor, weth, (8_000, 8_250, 10_500))

    assert home.token.auction().lane == NO_LANE


def test_w5_stranger_moves_the_threshold_nowhere(home, raider):
    """A coin of another threshold is averaged in by Aave, over more collateral."""
    before = home.position.liquidation()

    home.aave.pool.supply(home.third, 10**6 * WAD, home.position, 0, sender=raider)

    assert told(home, home.position) < before[0]
    assert tuple(home.position.liquidation()) == tuple(before)
