"""A preview is the wei that the call of the same second moves, interest and fee included."""

import ape
import pytest

from scripts._devnet import DAY, ENDLESS, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import books, liquidate

SHARES = [1, 2, 12_345, 500 * WAD + 1]


@pytest.mark.parametrize("elapsed", [0, 1, 400 * DAY])
def test_preview_mint_is_what_mint_moves(token, minter, elapsed):
    warp_to(now() + 10 + elapsed)

    previews = [tuple(token.preview_mint(shares)) for shares in SHARES]

    moved = [tuple(token.mint.call(shares, ENDLESS, 0, sender=minter)) for shares in SHARES]
    assert previews == moved
    assert token.mint(SHARES[-1], ENDLESS, 0, sender=minter).return_value == previews[-1]


@pytest.mark.parametrize("elapsed", [0, 1, 400 * DAY])
def test_preview_redeem_is_what_redeem_moves(token, holder, elapsed):
    warp_to(now() + 10 + elapsed)

    previews = [tuple(token.preview_redeem(shares)) for shares in SHARES]

    moved = [tuple(token.redeem.call(shares, ENDLESS, 0, sender=holder)) for shares in SHARES]
    assert previews == moved
    assert token.redeem(SHARES[-1], ENDLESS, 0, sender=holder).return_value == previews[-1]


def test_preview_mint_of_nothing_reverts(token):
    with ape.reverts("mint: zero shares"):
        token.preview_mint(0, skip_trace=True)


def test_preview_redeem_of_nothing_reverts(token):
    with ape.reverts("redeem: zero shares"):
        token.preview_redeem(0, skip_trace=True)


def test_preview_mint_of_a_wiped_position_reverts(devnet, bull, taker):
    position = bull.position()
    set_price(devnet, "1000")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0])

    with ape.reverts("mint: position is empty"):
        bull.preview_mint(WAD, skip_trace=True)


def test_preview_fill_lever_is_what_a_fill_moves(token, fill_time, below, taker):
    fill_time(600, below)
    offers = [token.auction().brings // part for part in (7, 2, 1)]

    previews = [tuple(token.preview_fill_lever(offer)) for offer in offers]

    moved = [tuple(token.fill_lever.call(offer, 0, sender=taker)) for offer in offers]
    assert all(previews[0])
    assert previews == moved
    assert token.fill_lever(offers[-1], 0, sender=taker).return_value == previews[-1]


def test_preview_fill_delever_is_what_a_fill_moves(token, fill_time, above, taker):
    fill_time(600, above)
    offers = [token.auction().brings // part for part in (7, 2, 1)]

    previews = [tuple(token.preview_fill_delever(offer)) for offer in offers]

    moved = [tuple(token.fill_delever.call(offer, 0, sender=taker)) for offer in offers]
    assert all(previews[0])
    assert previews == moved
    assert token.fill_delever(offers[-1], 0, sender=taker).return_value == previews[-1]


def test_preview_fill_inside_the_band_is_nothing(token, fill_time):
    fill_time(600, "2000")

    assert tuple(token.preview_fill_lever(ENDLESS)) == (0, 0)
    assert tuple(token.preview_fill_delever(ENDLESS)) == (0, 0)


def test_preview_fill_of_the_other_side_is_nothing(token, fill_time, below, above):
    fill_time(600, below)
    assert tuple(token.preview_fill_delever(ENDLESS)) == (0, 0)

    fill_time(600, above)
    assert tuple(token.preview_fill_lever(ENDLESS)) == (0, 0)


@pytest.mark.parametrize("eth_usd", ["1900", "2100"])
def test_preview_fill_of_nothing_is_nothing(token, fill_time, eth_usd):
    fill_time(600, eth_usd)

    assert tuple(token.preview_fill_lever(0)) == (0, 0)
    assert tuple(token.preview_fill_delever(0)) == (0, 0)


def test_preview_fill_at_a_stale_price_reverts(token, fill_time):
    fill_time(600, "2100")
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.preview_fill_lever(ENDLESS, skip_trace=True)
    with ape.reverts("oracle: price is stale"):
        token.preview_fill_delever(ENDLESS, skip_trace=True)
