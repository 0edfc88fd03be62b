"""T-W3: be there when Aave's governance has capped, frozen or paused something.

A supply cap stopped Index's rebalances and locked its settings; a frozen cETH stopped the
redemptions of ETH2x-FLI. Here is each switch that Aave has, and what becomes of each of our calls
under it: it goes through or says why not, in a word. Nothing is remembered of a call that failed,
so that all is as before once the switch is turned back.
"""

import pytest

from scripts._devnet import ENDLESS, WAD
from tests.aave_now import refusal
from tests.record import record
from tests.unit.aave_position.reserves import drain, set_terms, supply

SHARES = 100 * WAD
CALLS = ["mint", "redeem", "fill_lever", "fill_delever", "purge", "settle"]
CLOSED = "fill: not open for levering"  # seen before it is tried: there is nothing to borrow
PAUSED, FROZEN, NO_LTV = "ReservePaused", "ReserveFrozen", "LtvValidationFailed"
ONLY_36 = {"3.0": "", "3.6": NO_LTV}  # there what is frozen has no LTV either
UNCOVERED = "CollateralCannotCoverNewBorrow"  # the stranger's dollar has an LTV

# What each call is refused for; those that are not named go through. "other" is a coin that a
# stranger has supplied in the position's name.
TABLE = {
    "as it is": {},
    "collateral at its supply cap": {
        "mint": "SupplyCapExceeded",
        "fill_lever": "SupplyCapExceeded",
    },
    # what has an LTV must stay while ours has none; it stands in nothing's way
    "collateral frozen": {"mint": FROZEN, "fill_lever": FROZEN, "purge": ONLY_36},
    "collateral paused": {
        "mint": PAUSED,
        "redeem": PAUSED,
        "fill_lever": PAUSED,
        "fill_delever": PAUSED,
    },
    "collateral without LTV": {"mint": UNCOVERED, "fill_lever": UNCOVERED, "purge": NO_LTV},
    "collateral lent out": {"redeem": "Panic(17)", "fill_delever": "Panic(17)"},
    "debt at its borrow cap": {"mint": "BorrowCapExceeded", "fill_lever": CLOSED},
    "debt at its supply cap": {},
    "debt frozen": {"mint": FROZEN, "fill_lever": CLOSED},
    "debt paused": {
        "mint": PAUSED,
        "redeem": PAUSED,
        "fill_lever": CLOSED,
        "fill_delever": PAUSED,
    },
    "debt not to be borrowed": {"mint": "BorrowingNotEnabled", "fill_lever": CLOSED},
    "debt lent out": {"mint": "Panic(17)", "fill_lever": CLOSED},
    "debt lent out but for a gift": {
        "mint": "Panic(17)",
        "fill_lever": {"3.0": "", "3.6": "Panic(17)"},  # which counts no gifts
    },
    "other frozen": {"redeem": ONLY_36, "fill_delever": ONLY_36},
    "other paused": {"purge": PAUSED},
    "other without LTV": {"redeem": NO_LTV, "fill_delever": NO_LTV},
    "other paused without LTV": {"redeem": NO_LTV, "fill_delever": NO_LTV, "purge": PAUSED},
    "all paused": {
        "mint": PAUSED,
        "redeem": PAUSED,
        "fill_lever": CLOSED,
        "fill_delever": PAUSED,
        "purge": PAUSED,
    },
}


@pytest.fixture
def turn(home, lender, weth, usdc):
    """Bring about a state of the table."""
    aave, governor, other = home.aave, home.governor, home.third
    settings = aave.configurator

    def _turn(state: str) -> None:
        coin = {"collateral": weth, "debt": usdc, "other": other}.get(state.split()[0])
        if state.endswith("at its supply cap"):
            settings.setSupplyCap(coin, 1, sender=governor)
        if state.endswith("at its borrow cap"):
            settings.setBorrowCap(coin, 1, sender=governor)
        if "frozen" in state:
            settings.setReserveFreeze(coin, True, sender=governor)
        if "without LTV" in state:
            own = {weth: (0, 8_300, 10_500), other: (0, 6_000, 11_000)}
            set_terms(aave, governor, coin, own[coin])
        if "paused" in state and coin:
            settings.setReservePause(coin, True, sender=governor)
        if state == "all paused":
            settings.setPoolPause(True, sender=governor)
        if state == "debt not to be borrowed":
            settings.setReserveBorrowing(coin, False, sender=governor)
        if state == "collateral lent out":
            drain(aave, weth, usdc, lender, 0)
        if state.startswith("debt lent out"):
            drain(aave, usdc, weth, lender, 0)
        if state.endswith("a gift"):
            usdc.transfer(aave.atoken(usdc), 100 * 10**6, sender=lender)

    return _turn


def outcome(home, call: str, minter, taker) -> str:
    """Why it is refused, if it is."""
    asked = {
        "mint": (home.token.mint, SHARES, ENDLESS, 0),
        "redeem": (home.token.redeem, SHARES, ENDLESS, 0),
        "fill_lever": (home.token.fill_lever, WAD, 0),
        "fill_delever": (home.token.fill_delever, 1_000 * 10**6, 0),
        "purge": (home.position.purge, home.third),
        "settle": (home.token.settle,),
    }
    method, *args = asked[call]
    return refusal(method, *args, sender=taker if call.startswith("fill") else minter)


@pytest.fixture(params=CALLS)
def tried(request, home, lender):
    """A call, at a time and price at which it goes through; a stranger's coin is in use."""
    supply(home.aave, home.third, home.position.address, lender, WAD)
    home.go_to_fills("1900" if request.param == "fill_delever" else "2100")
    return request.param


@pytest.mark.parametrize("state", TABLE)
def test_w3_switch_has_the_outcome_of_the_table(home, turn, tried, minter, taker, state):
    expected = TABLE[state].get(tried, "")
    if isinstance(expected, dict):
        expected = expected[home.version.name]
    assert outcome(home, tried, minter, taker) == ""

    turn(state)

    assert outcome(home, tried, minter, taker) == expected
    record("attack", "w3", threat="T-W3", gain=0, unit="calls with another outcome", bound=0)


def test_w3_redemption_needs_no_switch_but_the_pause(turn):
    """What stops a redemption: a pause, collateral that is lent out, and a stranger's coin."""
    stopped = {state for state, told in TABLE.items() if "redeem" in told}

    assert stopped == {
        "collateral paused",
        "collateral lent out",
        "debt paused",
        "other frozen",
        "other without LTV",
        "other paused without LTV",
        "all paused",
    }


def test_w3_pause_of_the_venue_leaves_our_own_settings_open(home, turn, owner):
    turn("all paused")

    for method, argument in (("set_paused", True), ("set_cap", 0), ("set_treasury", owner)):
        assert refusal(getattr(home.token, method), argument, sender=owner) == ""


def test_w3_switch_that_is_turned_back_leaves_nothing(home, turn, minter, taker):
    turn("all paused")
    before = home.state()
    assert outcome(home, "redeem", minter, taker) == PAUSED

    home.aave.configurator.setPoolPause(False, sender=home.governor)

    assert home.state() == before
    assert outcome(home, "redeem", minter, taker) == ""


@pytest.mark.parametrize(
    ("setting", "coin", "value", "why"),
    [
        ("setDebtCeiling", "weth", 1, "ReserveLiquidityNotZero"),
        ("setSiloedBorrowing", "usdc", True, "ReserveDebtNotZero"),
        ("setReserveActive", "weth", False, "ReserveLiquidityNotZero"),
    ],
)
def test_w3_what_is_in_use_cannot_be_isolated_siloed_or_closed(home, setting, coin, value, why):
    asked = getattr(home.aave.configurator, setting)
    told = getattr(home.devnet, coin)

    assert refusal(asked, told, value, sender=home.governor) == why
