"""What a screen shows is what the Lens says, and what the Lens cannot say is shown as words."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from scripts._lens import Facts, Fault, Lane, Rules, State
from scripts._model.fixed_point import MAX, SCALE, WAD
from scripts._wallet.screen import FAULTS, INSOLVENT, LIQUIDATED, describe, table

USDC = 10**6
NOON = 1_893_499_200
ADDRESS = "0x" + "11" * 20

RULES = Rules(
    long=True,
    target=3 * WAD,
    band=WAD // 100,
    emergency=27 * WAD // 7,
    window=7_200,
    ramp=2_700,
    premium_start=-5 * WAD // 1000,
    premium_end=4 * WAD // 1000,
    emergency_premium=WAD // 2000,
    mint_fee=WAD // 1000,
    redeem_fee=WAD // 1000,
    management_fee=3 * WAD // 10_000,
)
BULL = Facts(
    token=ADDRESS,
    faults=Fault(0),
    name="3x Long Ether",
    symbol="ETHBULL",
    position=ADDRESS,
    oracle=ADDRESS,
    collateral=ADDRESS,
    collateral_symbol="WETH",
    collateral_decimals=18,
    debt=ADDRESS,
    debt_symbol="USDC",
    debt_decimals=6,
    lltv=86 * WAD // 100,
    bonus=4 * WAD // 100,
    rules=RULES,
    owner=ADDRESS,
    treasury=ADDRESS,
)
# 1,000 shares of two dollars: three ETH at 2,000 held, 4,000 dollars owed.
AT_TARGET = State(
    token=ADDRESS,
    faults=Fault(0),
    supply=1_000 * WAD,
    collateral=3 * WAD,
    debt=4_000 * USDC,
    price=2_000 * USDC * SCALE // WAD,
    venue_price=2_000 * USDC * SCALE // WAD,
    assets=2_000 * USDC,
    leverage=3 * WAD,
    lane=Lane.CLOSED,
    levering=False,
    premium=0,
    brings=0,
    takes=0,
    next_rebalance=NOON + 43_320,
    liquidity=90_000_000 * USDC,
    max_mint=9_999_000 * WAD,
    paused=False,
    cap=10_000_000 * WAD,
    settled_at=NOON,
)
BEAR = replace(
    BULL,
    symbol="ETHBEAR",
    collateral_symbol="USDC",
    collateral_decimals=6,
    debt_symbol="WETH",
    debt_decimals=18,
    lltv=915 * WAD // 1000,
    rules=replace(RULES, long=False, emergency=4 * WAD),
)
BEAR_AT_TARGET = replace(
    AT_TARGET,
    collateral=8_000 * USDC,
    debt=3 * WAD,
    price=WAD * SCALE // (2_000 * USDC),
    venue_price=WAD * SCALE // (2_000 * USDC),
    liquidity=45_000 * WAD,
)
OPEN = replace(
    AT_TARGET,
    leverage=35 * WAD // 10,
    lane=Lane.SCHEDULED,
    premium=-5 * WAD // 1000,
    brings=700 * USDC,
    takes=WAD // 3,
)


def screen(state: State, facts: Facts = BULL) -> str:
    return table([describe(state, facts)], "local", 1_234, NOON)


def test_long_token_at_target():
    told = describe(AT_TARGET, BULL)

    assert told["nav"] == "2"
    assert (told["leverage"], told["target"], told["band"]) == ("3", "3", ["2.97", "3.03"])
    assert (told["lane"], told["side"], told["premium"]) == ("closed", None, None)
    assert told["liquidity"] == "90000000"
    assert Decimal(told["to_liquidation"]) == pytest.approx(Decimal("-0.2248062"))
    assert told["faults"] == []


def test_short_token_counts_in_its_collateral_and_has_a_negative_leverage():
    told = describe(BEAR_AT_TARGET, BEAR)

    assert (told["nav"], told["quote"], told["debt"]) == ("2", "USDC", "WETH")
    assert (told["leverage"], told["band"], told["emergency"]) == ("-3", ["-2.97", "-3.03"], "-4")
    assert Decimal(told["to_liquidation"]) == pytest.approx(Decimal("0.22"))


@pytest.mark.parametrize(
    ("levering", "brings", "takes", "side"),
    [(False, 700 * USDC, WAD // 3, "delever"), (True, WAD // 3, 700 * USDC, "lever")],
)
def test_open_lane_tells_what_a_taker_brings_and_takes(levering, brings, takes, side):
    told = describe(replace(OPEN, levering=levering, brings=brings, takes=takes), BULL)

    assert (told["lane"], told["side"], told["premium"]) == ("scheduled", side, "-0.005")
    eth, dollars = "0.333333333333333333", "700"
    assert (told["brings"], told["takes"]) == ((eth, dollars) if levering else (dollars, eth))


def test_table_shows_what_is_open():
    text = screen(OPEN)

    assert "next rebalance 2030-01-02 00:02:00 UTC, in 12 h 2 min" in text
    for cell in ("+3.500x", "+2.97 to +3.03", "scheduled, delever", "-0.50 %", "700.0000 USDC"):
        assert cell in text


def test_machine_can_read_it_back():
    assert json.loads(json.dumps(describe(OPEN, BULL)))["takes"] == "0.333333333333333333"


# What depends on a fault is zero, as the Lens has it.
WITHOUT_PRICE = {"price": 0, "assets": 0, "leverage": 0, "lane": Lane.CLOSED}


@pytest.mark.parametrize(
    ("fault", "zero", "unread"),
    [
        (Fault.PRICE | Fault.AUCTION, WITHOUT_PRICE, ["nav", "leverage", "lane"]),
        (Fault.VENUE_PRICE, {"venue_price": 0}, ["to_liquidation"]),
        (Fault.AUCTION, {}, ["lane"]),
        (Fault.POSITION | Fault.AUCTION, WITHOUT_PRICE | {"debt": 0}, ["nav", "liquidity", "lane"]),
        (Fault.COIN, {}, ["nav", "liquidity", "to_liquidation"]),
        (Fault.UNKNOWN, WITHOUT_PRICE | {"supply": 0, "collateral": 0}, ["nav", "lane"]),
    ],
)
def test_fault_is_shown_as_words_and_hides_what_it_spoils(fault, zero, unread):
    state = replace(AT_TARGET, faults=fault, **zero)

    told = describe(state, BULL)

    assert [told[field] for field in unread] == [None] * len(unread)
    assert told["faults"] == [words for kind, words in FAULTS.items() if fault & kind]
    assert all(words in screen(state) for words in told["faults"])


def test_insolvent_token_has_no_leverage():
    state = replace(AT_TARGET, assets=0, leverage=MAX)

    told = describe(state, BULL)

    assert (told["nav"], told["leverage"]) == ("0", None)
    assert told["faults"] == [INSOLVENT]


def test_liquidated_token_says_that_nothing_is_left():
    state = replace(AT_TARGET, collateral=0, debt=0, assets=0, leverage=MAX, faults=Fault.AUCTION)

    told = describe(state, BULL)

    assert told["to_liquidation"] is None
    assert told["faults"] == [FAULTS[Fault.AUCTION], LIQUIDATED]


def test_token_without_debt_cannot_be_liquidated():
    assert "never" in screen(replace(AT_TARGET, debt=0, leverage=WAD))


def test_pause_is_shown():
    assert "ETHBULL: minting and levering are paused" in screen(replace(AT_TARGET, paused=True))
