"""NAV of a share, exactly, and as old as the older of the feeds below."""

from fractions import Fraction

import ape
import pytest
from ape import project
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, USD, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.made import make_market, make_token
from tests.attack.purse import supply
from tests.unit.morpho_position.markets import books, ceil_div, donate

LIFT = 10**12  # of an answer of 18 decimals over a coin of 6


def nav(devnet, token, market) -> int:
    """In raw units of the dollar, from the venue's storage."""
    held, owed = books(devnet, market, token.position())
    price = market.fill_oracle.price()
    if token.rules().long:
        return held * price // 10**36 - owed
    return held - ceil_div(owed * 10**36, price)


def test_answer_at_creation_is_a_dollar(tokens, stranger):
    for token in tokens.values():
        answer = stranger.deploy(project.NavFeed, token).latestRoundData()[1]

        assert answer == pytest.approx(WAD, rel=1e-6)


@given(dollars=st.integers(1_700, 2_300), days=st.integers(0, 400), seconds=st.integers(0, DAY))
def test_answer_is_the_exact_nav_of_a_share(devnet, token, market, feed, dollars, days, seconds):
    with undone():
        warp_to(now() + days * DAY + seconds + 1)
        set_price(devnet, str(dollars))

        answer = feed.latestRoundData()[1]

        exact = Fraction(nav(devnet, token, market) * LIFT * WAD, supply(token))
        assert answer == exact.numerator // exact.denominator > 0


def test_answer_has_18_decimals_whatever_the_coin_has(devnet, ballast, minter):
    """The same share at the same price, counted in coins of 0, 6 and 18 decimals."""
    rates = []
    for decimals in (0, 6, 18):
        coins = [minter.deploy(project.TestToken, "Coin", "COIN", each) for each in (18, decimals)]
        scale = 10**decimals * 10**36 // 10**18
        market = make_market(devnet, coins, 2_000_000 * scale, lent=10**30)
        feed = minter.deploy(project.Feed, 8, "COIN / COIN", 2_000_000 * USD)
        nobody = "0x" + "00" * 20
        rules = (feed, 3_600, 1, 10**18)
        oracle = minter.deploy(project.ChainlinkOracle, *coins, rules, (nobody, 0, 0, 0), nobody, 0)
        token = make_token(devnet, ballast, minter, market, WAD, oracle=oracle)
        rates.append(minter.deploy(project.NavFeed, token).latestRoundData()[1])

    assert rates == [pytest.approx(WAD, rel=1e-5)] * 3


def test_answer_when_nothing_is_left_is_zero(devnet, token, feed):
    set_price(devnet, "1300" if token.rules().long else "2700")

    assert feed.latestRoundData()[1] == 0


def test_answer_follows_a_donation(devnet, token, market, feed):
    """Which is why nobody should lend against it."""
    before = feed.latestRoundData()

    gift = books(devnet, market, token.position())[0]
    donate(devnet, market, token.position(), devnet.roles.lender, gift)

    after = feed.latestRoundData()
    assert after[1] > 3 * before[1]
    assert after[2:4] == before[2:4]


@pytest.mark.parametrize("older", ["base", "quote"])
def test_updated_at_is_that_of_the_older_feed(devnet, token, feed, owner, older):
    feeds = {"base": feed.BASE(), "quote": feed.QUOTE()}
    first = project.Feed.at(feeds.pop(older))
    (other,) = feeds.values()
    first.refresh(sender=owner)
    long_ago = now()
    warp_to(now() + 600)
    project.Feed.at(other).refresh(sender=owner)
    for each in (first, project.Feed.at(other)):
        each.set_started_at(1, sender=owner)

    round_id, answer, started_at, updated_at, answered_in = feed.latestRoundData()

    assert updated_at == started_at == long_ago < now()
    assert round_id == answered_in == long_ago


@pytest.mark.parametrize("leg", ["base", "quote"])
def test_updated_at_is_that_of_the_only_feed(devnet, ballast, minter, leg):
    """A feed of collateral in debt, or one of debt in collateral."""
    coins = [minter.deploy(project.TestToken, "Coin", "COIN", 18) for _ in range(2)]
    price = 2 * 10**36 if leg == "base" else 10**36 // 2
    market = make_market(devnet, coins, price)
    source = minter.deploy(project.Feed, 8, "COIN / COIN", 2 * USD)
    nobody = "0x" + "00" * 20
    legs = [(source, 3_600, 1, 10**14), (nobody, 0, 0, 0)]
    if leg == "quote":
        legs.reverse()
    oracle = minter.deploy(project.ChainlinkOracle, *coins, *legs, nobody, 0)
    token = make_token(devnet, ballast, minter, market, 100 * WAD, oracle=oracle)
    feed = minter.deploy(project.NavFeed, token)
    posted = now()

    warp_to(now() + 3_000)

    assert feed.latestRoundData()[2:4] == (posted, posted)
    assert {feed.BASE(), feed.QUOTE()} == {source.address, nobody}


def test_round_at_a_stale_price_reverts_as_the_oracle_does(feed):
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        feed.latestRoundData(skip_trace=True)


def test_answer_is_not_moved_by_mint_and_redemption(token, feed, minter):
    before = feed.latestRoundData()

    token.mint(10**20, ENDLESS, 0, sender=minter)
    token.redeem(10**20, ENDLESS, 0, sender=minter)

    assert feed.latestRoundData()[1] == pytest.approx(before[1], rel=1e-6)


def test_answer_changes_within_a_round(token, feed):
    """By interest and fees, while both feeds say what they said."""
    before = feed.latestRoundData()

    warp_to(next_0002(now()) - DAY + 12 * 3_600 + 600)

    after = feed.latestRoundData()
    assert after[0] == before[0]
    assert after[1] != before[1]
