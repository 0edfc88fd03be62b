"""What a NAV feed is made of, and what it calls itself."""

import pytest
from ape import networks, project
from web3.exceptions import ContractLogicError

from scripts._devnet import USD, WAD
from tests.attack.made import make_coins, make_market, make_token
from tests.unit.lens.odd import odd_coin

PRICE = 2 * 10**36


def refused(token) -> None:
    """The constructor does not take it."""
    creation = project.NavFeed.constructor.serialize_transaction(token).data
    with pytest.raises(ContractLogicError):
        networks.provider.web3.eth.call({"data": creation})


def test_init_finds_the_feeds_below(devnet, bull, bear, stranger):
    up, down = (stranger.deploy(project.NavFeed, token) for token in (bull, bear))

    assert (up.TOKEN(), up.BASE(), up.QUOTE()) == (bull, devnet.eth_feed, devnet.usdc_feed)
    assert (down.TOKEN(), down.BASE(), down.QUOTE()) == (bear, devnet.usdc_feed, devnet.eth_feed)


def test_init_names_it_after_token_and_quote_asset(bull, bear, hedge, stranger):
    named = [stranger.deploy(project.NavFeed, token).description() for token in (bull, bear, hedge)]

    assert named == ["ETHBULL / USDC", "ETHBEAR / USDC", "ETHHEDGE / USDC"]


def test_init_tells_its_decimals_and_version(feed):
    assert (feed.decimals(), feed.version()) == (18, 1)


def test_init_over_an_oracle_that_has_no_feeds_reverts(devnet, ballast, minter):
    """There is no age to tell."""
    market = make_market(devnet, make_coins(minter, 18, 18), PRICE)
    token = make_token(devnet, ballast, minter, market, 100 * WAD)

    refused(token)


@pytest.mark.parametrize(("length", "fits"), [(29, True), (30, False)])
def test_init_takes_a_symbol_that_fits_the_description(devnet, ballast, minter, length, fits):
    coins = odd_coin(minter), odd_coin(minter, b"x" * length, 6)
    market = make_market(devnet, coins, PRICE)
    feed = minter.deploy(project.Feed, 8, "ODD", 2 * USD)
    rules = (feed, 3_600, 1, 10**14)
    nobody = "0x" + "00" * 20
    oracle = minter.deploy(project.ChainlinkOracle, *coins, rules, (nobody, 0, 0, 0), nobody, 0)
    market.venue_oracle.set_price(oracle.price(), sender=minter)
    token = make_token(devnet, ballast, minter, market, 100 * WAD, oracle=oracle)

    if fits:
        made = minter.deploy(project.NavFeed, token)
        assert made.description() == "MADE / " + "x" * length
    else:
        refused(token)
