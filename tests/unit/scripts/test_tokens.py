"""The tokens in scripts/tokens are safe, those of ETH are the devnet's, and networks carry them."""

from dataclasses import asdict
from decimal import Decimal

import pytest

from scripts import _aave, _devnet
from scripts._files import load_network, load_token, network_names, token_names
from scripts._files.reading import to_wad
from scripts._model import rule_book
from scripts._model.revert import Revert

MAINNETS = ["arbitrum", "base", "ethereum"]
WAD = 10**18


@pytest.fixture(params=token_names())
def token(request):
    return load_token(request.param)


def test_five_tokens_are_shipped_and_three_for_aave():
    on_aave = [symbol for symbol in token_names() if load_token(symbol).venue == "aave"]

    assert on_aave == ["ETHBEARAAVE", "ETHBULLAAVE", "ETHHEDGEAAVE"]
    assert sorted({*token_names()} - {*on_aave}) == [
        *("BTCBEAR", "BTCBULL", "ETHBEAR", "ETHBULL", "ETHHEDGE")
    ]


def test_rules_pass_the_rule_book_with_points_to_spare(token):
    """Aave liquidates sooner than the markets of Morpho that are joined: there less is left."""
    lltv, bonus = token.liquidation

    rule_book.check(token.rules, lltv, bonus)

    left = rule_book.distance(token.rules.target, token.rules.emergency, lltv, token.long)
    assert left >= rule_book.MIN_DISTANCE * (2 if token.venue == "morpho" else Decimal("1.5"))


@pytest.mark.parametrize("symbol", _devnet.TOKENS_ON_AAVE)
def test_token_on_aave_is_the_one_of_the_devnet(symbol):
    token = load_token(f"{symbol}AAVE")
    name, own = _devnet.TOKENS_ON_AAVE[symbol]
    _, threshold, bonus = _aave.WETH_TERMS if own["long"] else _aave.USDC_TERMS

    assert asdict(token.rules) == _devnet.RULES | own
    assert token.name == f"{name} on Aave"
    assert token.liquidation == (threshold * WAD // 10**4, (bonus - 10**4) * WAD // 10**4)
    assert (token.cap * WAD, token.seed) == (_devnet.CAP, _devnet.SEED)


def test_three_times_short_is_unsafe_by_what_aave_takes_the_dollar_for():
    """It would be liquidated four points above its target, before its emergency could open."""
    short = load_token("ETHBEAR").rules
    lltv, bonus = load_token("ETHBEARAAVE").liquidation

    with pytest.raises(Revert, match="rules: emergency too near ruin"):
        rule_book.check(short, lltv, bonus)
    assert rule_book.distance(short.target, short.emergency, lltv, short.long) < 0


@pytest.mark.parametrize("symbol", _devnet.TOKENS)
def test_token_of_ether_is_the_one_of_the_devnet(symbol):
    token = load_token(symbol)
    name, own = _devnet.TOKENS[symbol]
    lltv = _devnet.LONG_LLTV if own["long"] else _devnet.SHORT_LLTV

    assert asdict(token.rules) == _devnet.RULES | own
    assert (token.name, to_wad(token.market.lltv)) == (name, lltv)
    assert (token.cap * WAD, token.seed) == (_devnet.CAP, _devnet.SEED)


@pytest.mark.parametrize("direction", ["BULL", "BEAR"])
def test_token_of_bitcoin_has_the_rules_of_the_one_of_ether(direction):
    bitcoin, ether = load_token(f"BTC{direction}"), load_token(f"ETH{direction}")

    assert bitcoin.rules == ether.rules
    assert (bitcoin.market, bitcoin.cap, bitcoin.seed) == (ether.market, ether.cap, ether.seed)


def test_feeds_are_of_the_pair_in_its_order(token):
    assert token.feeds == tuple(f"{coin.removeprefix('W')}/USD" for coin in token.pair)


def test_owner_and_treasury_are_whoever_deploys(token):
    assert token.owner == token.treasury == "deployer"


@pytest.mark.parametrize("name", MAINNETS)
def test_every_token_can_live_on_every_mainnet(token, name):
    network = load_network(name, sandbox=False)

    assert network.lender(token.venue)
    assert network.fee(*token.pair) in (500, 3000)
    for coin, feed in zip(token.pair, token.feeds, strict=True):
        assert network.coin(coin)
        assert network.feed(feed).floor < network.feed(feed).ceiling


@pytest.mark.parametrize("name", sorted({*network_names()} - {*MAINNETS}))
def test_testnet_is_known_for_one_and_has_no_venue_of_its_own(name):
    network = load_network(name, sandbox=False)

    assert network.is_testnet
    assert network.morpho is network.irm is network.aave is None
