"""Worth is counted in what a person counts in, whichever side of the position that is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from scripts._model.fixed_point import SCALE, WAD
from scripts._wallet.prices import quote_of, quoted, worth, worth_of_shares

from .test_screen import AT_TARGET, BEAR, BULL, USDC

ETH_IN_USDC = 2_000 * USDC * SCALE // WAD
USDC_IN_ETH = WAD * SCALE // (2_000 * USDC)


@pytest.mark.parametrize(
    ("raw", "is_debt", "price", "long"),
    [
        (4_000 * USDC, True, ETH_IN_USDC, True),
        (2 * WAD, False, ETH_IN_USDC, True),
        (4_000 * USDC, False, USDC_IN_ETH, False),
        (2 * WAD, True, USDC_IN_ETH, False),
    ],
)
def test_two_ether_are_four_thousand_dollars(raw, is_debt, price, long):
    assert worth(raw, is_debt, price, long) == 4_000 * USDC


def test_shares_are_worth_their_part_of_the_nav():
    state = replace(AT_TARGET, assets=3_000 * USDC, supply=1_000 * WAD)

    assert worth_of_shares(10 * WAD, state) == 30 * USDC


@pytest.mark.parametrize(
    ("facts", "price"), [(BULL, Decimal(ETH_IN_USDC)), (BEAR, Decimal(USDC_IN_ETH))]
)
def test_price_is_dollars_for_an_ether_of_either_token(facts, price):
    assert quoted(price / SCALE, facts) == 2_000
    assert quote_of(facts) == ("USDC", 6)
