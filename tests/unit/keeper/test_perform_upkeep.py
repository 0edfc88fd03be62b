"""Automation's way in: an order that is filled like any other, and pays whom it names."""

import ape
import pytest
from ape import compilers
from eth_abi import encode

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, next_0002, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted
from tests.unit.router.zaps import move_pool

ORDER = ["address", "bool", "uint24", "uint256", "uint256", "address"]
ZERO = "0x" + "00" * 20
PAYS = 45 * 60  # seconds into the scheduled lane: the premium is highest

# What Chainlink's registry calls an upkeep through: it can do nothing else.
FORWARDER = """
# pragma version 0.4.3
interface Upkeep:
    def performUpkeep(performData: Bytes[192]): nonpayable

@external
def forward(upkeep: Upkeep, data: Bytes[192]):
    extcall upkeep.performUpkeep(data)
"""

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def order(token, stranger):
    """An order for the stranger's profit in the direction that is open, or with other terms."""

    def _order(
        of=token, levering=None, fee=POOL_FEE, max_in=ENDLESS, min_profit=0, receiver=stranger
    ) -> bytes:
        names = [str(getattr(party, "address", party)) for party in (of, receiver)]
        if levering is None:
            levering = token.target() > token.leverage()
        return encode(ORDER, [names[0], levering, fee, max_in, min_profit, names[1]])

    return _order


@pytest.fixture
def forward(keeper, keeper_account):
    """Perform through a forwarder."""
    kind = compilers.compile_source("vyper", FORWARDER, contractName="Forwarder")
    forwarder = keeper_account.deploy(kind)

    def _forward(data: bytes):
        return forwarder.forward(keeper, data, sender=keeper_account)

    _forward.address = forwarder.address
    return _forward


@pytest.fixture
def refused(keeper, keeper_account):
    """Performing reverts, for this reason."""

    def _refused(data: bytes, reason: str | None) -> None:
        with ape.reverts(reason) if reason else ape.reverts():
            keeper.performUpkeep.call(data, sender=keeper_account, skip_trace=True)

    return _refused


@pytest.mark.parametrize("side", ["below", "above", "far_above"])
def test_upkeep_pays_the_receiver_and_leaves_the_forwarder_nothing(
    request, keeper, token, forward, order, collateral, debt, stranger, keeper_account, side
):
    request.getfixturevalue(side)
    earned = debt if side == "below" else collateral
    terms = (token, POOL_FEE, ENDLESS, 0, stranger)
    profit = keeper.fill.call(*terms, sender=keeper_account)
    purse = earned.balanceOf(stranger)

    receipt = forward(order(min_profit=profit))

    assert earned.balanceOf(stranger) == purse + profit > purse
    (filled,) = emitted(receipt, token)
    assert (filled[0], filled[1]["taker"]) == ("Filled", keeper)
    for coin in (collateral, debt):
        assert coin.balanceOf(forward.address) == 0


@pytest.mark.usefixtures("below")
def test_upkeep_brings_no_more_than_the_order_says(token, forward, order):
    most = token.auction().brings // 3

    receipt = forward(order(max_in=most))

    (filled,) = emitted(receipt, token)
    assert 0 < filled[1]["collateral"] <= most
    assert token.auction().brings > most


@pytest.mark.usefixtures("below")
def test_upkeep_uses_the_pool_of_its_fee(order, refused):
    refused(order(fee=100), "swap: unknown pool")


@pytest.mark.usefixtures("above")
def test_upkeep_that_earns_less_than_it_must_reverts(
    keeper, token, order, refused, keeper_account, stranger
):
    terms = (token, POOL_FEE, ENDLESS, 0, stranger)
    profit = keeper.fill.call(*terms, sender=keeper_account)

    refused(order(min_profit=profit + 1), "keeper: profit below minimum")


def test_upkeep_after_the_pool_has_moved_reverts(
    devnet, keeper, token, market_at, order, refused, minter, weth, usdc
):
    """What was worth it when it was checked, and is not any more."""
    warp_to(next_0002(now()) + PAYS)
    market_at("2100" if token.rules().long else "1900")
    assert keeper.checkUpkeep(order(min_profit=1))[0]
    moved = (usdc, 9 * 10**6 * USDC) if token.rules().long else (weth, 4_500 * WAD)

    move_pool(devnet, minter, *moved)

    refused(order(min_profit=1), "keeper: profit below minimum")


@pytest.mark.parametrize("side", ["below", "above"])
def test_upkeep_of_the_other_direction_reverts(request, order, refused, side):
    """What it must earn is meant in the other coin: five dollars would be five wei of ether's."""
    request.getfixturevalue(side)

    refused(order(levering=side == "above"), "keeper: nothing to fill")


@pytest.mark.parametrize("levering", [True, False])
def test_upkeep_when_closed_reverts(market_at, order, refused, levering):
    warp_to(next_0002(now()) + 8 * 3_600)
    market_at("2050")

    refused(order(levering=levering), "keeper: nothing to fill")


@pytest.mark.usefixtures("below")
def test_upkeep_a_second_time_reverts(forward, order, refused):
    forward(order())

    refused(order(), "keeper: nothing to fill")


@pytest.mark.usefixtures("above")
def test_upkeep_of_an_unregistered_token_reverts(order, refused, usdc):
    refused(order(of=usdc), "keeper: unknown token")


@pytest.mark.usefixtures("above")
def test_upkeep_for_nobody_reverts(order, refused):
    """A coin such as WETH would be gone."""
    refused(order(receiver=ZERO), "keeper: receiver is zero")


@pytest.mark.usefixtures("above")
@pytest.mark.parametrize("length", [0, 32, 191])
def test_upkeep_with_data_that_is_no_order_reverts(order, refused, length):
    refused(order()[:length], None)


@pytest.mark.usefixtures("above")
def test_upkeep_with_words_that_are_out_of_range_reverts(order, refused):
    for at in (0, 32, 64, 160):
        data = bytearray(order())
        data[at] = 0xFF
        refused(bytes(data), None)


def test_upkeep_at_a_stale_price_reverts(devnet, token, market_at, order, refused):
    warp_to(next_0002(now()) + PAYS)
    set_price(devnet, "2100")
    warp_to(now() + 3_601)

    refused(order(levering=True), "oracle: price is stale")
