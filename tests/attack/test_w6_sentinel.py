"""T-W6: come when the venue's own guard of outages is there, or is not.

On a rollup Aave may ask a sentinel, which stops borrowing, and liquidations of all but the worst,
until some time after an outage. Version 3.7 has none. So nothing of ours may need it, nor be
stopped by it: without it deleveraging is open as always; with it, whatever it says, redeeming and
delevering are, and only what borrows waits. Isolated collateral is none for us: what a position
supplies of it Aave does not put to use.
"""

import pytest
from ape import project

from scripts._chain import deploy
from scripts._devnet import ENDLESS, WAD
from scripts._thirdparty import container
from tests.aave_now import refusal
from tests.attack.home import list_third
from tests.record import record
from tests.unit.aave_position.stub import Stub, send_stub

SHARES = 100 * WAD
GRACE = 3_600
UP, DOWN = 0, 1
WAIT = "PriceOracleSentinelCheckFailed"


@pytest.fixture
def sentinel(home):
    """Aave's own, over a feed of the sequencer's that says it is up, and long has been."""
    feed = deploy(project.Feed, home.governor, 0, "Sequencer", UP)
    made = deploy(
        container("aave/PriceOracleSentinel"), home.governor, home.aave.provider, feed, GRACE
    )
    home.aave.provider.setPriceOracleSentinel(made, sender=home.governor)
    return feed


def outcomes(home, minter, taker, price: str) -> dict[str, str]:
    """What each call is refused for at a price at which a fill is open."""
    home.go_to_fills(price)
    token = home.token
    asked = {
        "mint": (token.mint, minter, SHARES),
        "redeem": (token.redeem, minter, SHARES),
        "fill_lever": (token.fill_lever, taker, WAD),
        "fill_delever": (token.fill_delever, taker, 10**9),
    }
    open_now = {"1900": "fill_delever", "2100": "fill_lever"}[price]
    found = {}
    for name, (method, who, amount) in asked.items():
        if name in ("mint", "redeem", open_now):
            bounds = (ENDLESS, 0) if name in ("mint", "redeem") else (0,)
            found[name] = refusal(method, amount, *bounds, sender=who)
    return found


@pytest.mark.parametrize("price", ["1900", "2100"])
def test_w6_sentinel_that_is_not_there_stops_nothing(home, minter, taker, price):
    assert set(outcomes(home, minter, taker, price).values()) == {""}
    record("attack", "w6", threat="T-W6", gain=0, unit="calls that need a sentinel", bound=0)


@pytest.mark.parametrize("price", ["1900", "2100"])
def test_w6_sentinel_that_is_content_stops_nothing(home, sentinel, minter, taker, price):
    assert set(outcomes(home, minter, taker, price).values()) == {""}


@pytest.mark.parametrize("price", ["1900", "2100"])
def test_w6_sentinel_in_an_outage_stops_what_borrows_and_no_exit(
    home, sentinel, minter, taker, price
):
    sentinel.post(DOWN, sender=minter)

    found = outcomes(home, minter, taker, price)

    assert {name for name, why in found.items() if why} == {"mint", "fill_lever"} & set(found)
    assert {why for why in found.values() if why} == {WAIT}


def test_w6_sentinel_lets_the_worst_be_liquidated_whatever_it_says(
    home, sentinel, taker, weth, usdc
):
    """Its grace is none for a position that is far gone: ours must delever before, by itself."""
    home.devnet.eth_feed.post(1_500 * 10**8, sender=taker)
    sentinel.post(DOWN, sender=taker)
    usdc.approve(home.aave.pool, ENDLESS, sender=taker)
    asked = (weth, usdc, home.position, 10**6, False)

    assert refusal(home.aave.pool.liquidationCall, *asked, sender=taker) == ""


def test_w6_isolated_collateral_is_not_put_to_use(home, lender, usdc):
    """It is supplied, and nothing can be borrowed against it: no such token can be seeded."""
    third = list_third(home.version, home.devnet)
    home.aave.configurator.setDebtCeiling(third, 10**9, sender=home.governor)
    made = Stub(send_stub(home.governor), home.governor)
    blueprint = project.AavePosition.declare(sender=home.governor).contract_address
    made.make(blueprint, home.aave.pool, third, usdc, 0)
    third.transfer(made.position, WAD, sender=lender)
    data = made.position.lever.encode_input(WAD, 1, lender)

    why = refusal(made.contract.act, made.position, data, sender=home.governor)

    nothing = {"3.0": "CollateralBalanceIsZero", "3.6": "LtvValidationFailed"}
    assert why == nothing[home.version.name]
