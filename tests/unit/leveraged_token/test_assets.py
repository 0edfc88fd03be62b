"""What wallets know from ERC-4626: the quote asset, NAV in it, and shares to and from it."""

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import books, ceil_div


def nav(devnet, token, market) -> int:
    had, owed = books(devnet, market, token.position())
    price = market.fill_oracle.price()
    if token.rules().long:
        return had * price // 10**36 - owed
    return had - ceil_div(owed * 10**36, price)


def grown(token, taker) -> int:
    """The supply with the fee to this second."""
    supply = token.totalSupply()
    fees = [log.shares for log in token.settle(sender=taker).decode_logs(token.FeeAccrued)]
    return supply + sum(fees)


def test_asset_is_the_quote_asset(bull, bear, hedge, usdc):
    assert bull.asset() == bear.asset() == hedge.asset() == usdc


def test_asset_of_a_long_is_the_debt_and_of_a_short_the_collateral(bull, bear):
    assert bull.asset() == bull.debt()
    assert bear.asset() == bear.collateral()


@pytest.mark.parametrize("eth_usd", ["2000", "2111.11111111", "1888.88888888"])
def test_total_assets_is_nav_with_interest(devnet, token, market, eth_usd):
    warp_to(now() + 30 * DAY)
    set_price(devnet, eth_usd)

    assert token.totalAssets() == nav(devnet, token, market)


def test_total_assets_of_an_insolvent_position_is_nothing(devnet, token):
    set_price(devnet, "1300" if token.rules().long else "2700")

    assert token.totalAssets() == 0


def test_total_assets_at_a_stale_price_reverts(token):
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.totalAssets(skip_trace=True)


def test_share_is_worth_one_dollar_at_creation(tokens):
    for token in tokens.values():
        assert token.totalAssets() == pytest.approx(100 * USDC, abs=3)
        assert token.convertToAssets(WAD) == pytest.approx(USDC, abs=1)


def test_convert_to_assets_counts_the_pending_fee(devnet, token, market, taker):
    warp_to(now() + 30 * DAY)
    set_price(devnet, "2100")
    shares = 7 * WAD + 1
    worth = token.convertToAssets(shares)

    assert worth == shares * nav(devnet, token, market) // grown(token, taker)


def test_convert_to_shares_counts_the_pending_fee(devnet, token, market, taker):
    warp_to(now() + 30 * DAY)
    set_price(devnet, "2100")
    assets = 7 * USDC + 1
    shares = token.convertToShares(assets)

    assert shares == assets * grown(token, taker) // nav(devnet, token, market)


def test_convert_there_and_back_gains_nothing(token):
    for shares in (1, 10**12, 5 * WAD + 3):
        assert token.convertToShares(token.convertToAssets(shares)) <= shares


def test_convert_in_an_insolvent_position_is_nothing(devnet, token):
    set_price(devnet, "1300" if token.rules().long else "2700")

    assert token.convertToAssets(WAD) == 0
    assert token.convertToShares(USDC) == 0
