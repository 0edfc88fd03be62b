"""Leverage at the oracle's price, rounded down, without sign."""

import ape
import pytest

from scripts._devnet import DAY, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import books


@pytest.mark.parametrize("eth_usd", ["2000", "2200", "1800", "1999.87654321"])
def test_leverage_is_value_over_what_is_left(devnet, token, market, position, eth_usd):
    warp_to(now() + DAY)
    set_price(devnet, eth_usd)
    had, owed = books(devnet, market, position)

    leverage = token.leverage()

    value = had * market.fill_oracle.price() // 10**36
    short = 0 if token.rules().long else WAD
    assert leverage == value * WAD // (value - owed) - short


def test_leverage_at_creation_is_target(tokens):
    for symbol, target in (("ETHBULL", 3), ("ETHBEAR", 3), ("ETHHEDGE", 1)):
        assert tokens[symbol].target() == target * WAD
        assert tokens[symbol].leverage() == pytest.approx(target * WAD, rel=1e-6)


# Published moves from 3x: 10 % down, 10 % up; and to 4x: 1/9 down for long, 1/15 up for short
@pytest.mark.parametrize(
    ("symbol", "eth_usd", "expected"),
    [
        ("ETHBULL", "1800", 27 / 7),
        ("ETHBULL", "2200", 33 / 13),
        ("ETHBULL", "1777.77777778", 4),
        ("ETHBEAR", "2133.33333333", 4),
    ],
)
def test_leverage_drifts_as_published(devnet, tokens, symbol, eth_usd, expected):
    set_price(devnet, eth_usd)

    assert tokens[symbol].leverage() / WAD == pytest.approx(expected, rel=1e-6)


def test_leverage_of_an_insolvent_position_reverts(devnet, token):
    set_price(devnet, "1300" if token.rules().long else "2700")

    with ape.reverts("token: position is insolvent"):
        token.leverage(skip_trace=True)


def test_leverage_at_a_stale_price_reverts(token):
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.leverage(skip_trace=True)
