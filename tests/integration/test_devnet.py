"""The devnet is what it says: the real protocols, funded, priced by feeds that obey."""

import json
import re
from decimal import Decimal

import ape
import pytest
from ape import chain, networks, project
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak

from scripts import _devnet
from scripts import devnet as command
from scripts._devnet import DAY, USDC, WAD
from scripts._files import load_network
from scripts._thirdparty import NAMES, artifact
from scripts._wallet import place
from scripts._wallet.node import Node

POOL_INIT_CODE_HASH = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
BASIS_POINT = Decimal("0.0001")
LINK = re.compile(r"__\$[0-9a-f]{34}\$__")


# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture(params=["long", "short"])
def market(request, devnet):
    return getattr(devnet, request.param)


def apart(a, b) -> Decimal:
    return abs(Decimal(a) / Decimal(b) - 1)


def price_36(devnet, market) -> Decimal:
    """The feeds' price of the market's collateral in its debt, scaled as oracles scale it."""
    price = _devnet.price(devnet) * 10**36 * USDC / WAD
    return price if market is devnet.long else 10**72 / price


# The protocols are the real ones


def test_morpho_has_the_size_it_has_on_mainnet(devnet):
    size = len(networks.provider.get_code(devnet.morpho.address))

    assert size == len(artifact("Morpho").runtime) // 2 - 1
    assert 15_500 < size < 15_700


def test_pool_has_the_address_that_mainnet_init_code_gives(devnet):
    pair = [devnet.pool.token0(), devnet.pool.token1(), devnet.pool.fee()]
    factory = bytes.fromhex(devnet.uniswap_factory.address[2:])
    salt = keccak(encode(["address", "address", "uint24"], pair))
    expected = keccak(b"\xff" + factory + salt + bytes.fromhex(POOL_INIT_CODE_HASH))[12:]

    assert keccak(hexstr=artifact("UniswapV3Pool").bytecode).hex() == POOL_INIT_CODE_HASH
    assert devnet.pool.address.lower() == "0x" + expected.hex()


@pytest.mark.parametrize("name", NAMES)
def test_artifact_is_complete(name):
    """But for the addresses of libraries, which are filled in where the artifact says."""
    compiled = artifact(name)
    creation, runtime = (LINK.sub("00" * 20, x[2:]) for x in (compiled.bytecode, compiled.runtime))

    assert compiled.abi
    assert len(bytes.fromhex(creation)) > len(bytes.fromhex(runtime)) > 0
    places = sorted(place for found in compiled.links.values() for place in found)
    assert places == [match.start() // 2 for match in LINK.finditer(compiled.bytecode[2:])]


# Prices


def test_pool_begins_at_the_price_of_the_feeds(devnet):
    assert _devnet.price(devnet) == 2000
    assert apart(_devnet.pool_price(devnet), 2000) < BASIS_POINT / 100


@pytest.mark.parametrize("eth_usd", ["1600", "1999.99", "2000", "2500.12345678"])
def test_arbitrage_brings_the_pool_to_the_feeds(devnet, eth_usd):
    _devnet.set_price(devnet, eth_usd)
    _devnet.arbitrage(devnet)

    assert _devnet.price(devnet) == Decimal(eth_usd)
    assert apart(_devnet.pool_price(devnet), eth_usd) < BASIS_POINT / 100


def test_arbitrage_follows_a_depeg_of_the_dollar(devnet):
    devnet.usdc_feed.post(90_000_000, sender=devnet.roles.stranger)
    _devnet.arbitrage(devnet)

    assert apart(_devnet.pool_price(devnet), Decimal(2000) / Decimal("0.9")) < BASIS_POINT / 100


def test_arbitrage_at_the_right_price_does_nothing(devnet):
    _devnet.arbitrage(devnet)
    block = chain.blocks.height
    _devnet.arbitrage(devnet)

    assert chain.blocks.height == block


def test_pool_is_deep(devnet):
    trader = devnet.roles.trader
    dollars = 10_000 * USDC
    swap = (devnet.usdc, devnet.weth, devnet.pool.fee(), trader, 2**256 - 1, dollars, 0, 0)
    before = _devnet.pool_price(devnet)

    devnet.usdc.approve(devnet.swap_router, dollars, sender=trader)
    devnet.swap_router.exactInputSingle(swap, sender=trader)

    assert 0 < _devnet.pool_price(devnet) / before - 1 < 2 * BASIS_POINT


def test_quoter_quotes_the_pool(devnet):
    quote = (devnet.weth, devnet.usdc, WAD, devnet.pool.fee(), 0)

    paid = devnet.quoter.quoteExactInputSingle.call(quote)[0]

    assert apart(paid, 2000 * USDC * Decimal("0.9995")) < BASIS_POINT / 10


# Markets


def test_market_is_funded_and_borrowed_from(devnet, market):
    state = devnet.morpho.market(market.id)

    assert state.totalBorrowAssets > 10**4
    assert apart(state.totalSupplyAssets, 10 * state.totalBorrowAssets) < BASIS_POINT
    assert state.fee == 0


def test_market_has_the_terms_it_says(devnet, market):
    lltv = 86 if market is devnet.long else Decimal("91.5")

    assert tuple(devnet.morpho.idToMarketParams(market.id)) == market.params
    assert market.params[4] == market.lltv == lltv * WAD / 100


def test_oracles_agree_with_the_feeds(devnet, market):
    _devnet.set_price(devnet, "1234.5")

    assert market.venue_oracle.price() == market.fill_oracle.price()
    assert apart(market.fill_oracle.price(), price_36(devnet, market)) < Decimal("1e-20")


@pytest.mark.parametrize("feed", ["eth_feed", "usdc_feed"])
def test_only_the_fill_oracle_refuses_a_stale_feed(devnet, market, feed):
    _devnet.refresh(devnet)
    before = market.venue_oracle.price()
    heartbeat = _devnet.ETH_HEARTBEAT if feed == "eth_feed" else _devnet.USDC_HEARTBEAT
    stale = getattr(devnet, feed)
    stale.set_updated_at(_devnet.now() - heartbeat - 1, sender=devnet.roles.stranger)

    with ape.reverts("oracle: price is stale"):
        market.fill_oracle.price()
    assert market.venue_oracle.price() == before

    _devnet.refresh(devnet)
    assert market.fill_oracle.price() == before


@pytest.mark.parametrize("side,owed", [("long", 2), ("short", 3)])
def test_three_times_leverage_pays_the_funding_of_2020(devnet, side, owed):
    market = getattr(devnet, side)
    stranger = devnet.roles.stranger
    devnet.morpho.accrueInterest(market.params, sender=stranger)
    before = devnet.morpho.market(market.id)
    _devnet.warp_to(before.lastUpdate + DAY)
    devnet.morpho.accrueInterest(market.params, sender=stranger)
    after = devnet.morpho.market(market.id)
    days = Decimal(after.lastUpdate - before.lastUpdate) / DAY

    interest = Decimal(after.totalBorrowAssets) / before.totalBorrowAssets - 1

    assert apart(owed * interest / days, Decimal("0.000567")) < Decimal("0.0002")


def test_rate_can_be_set(devnet, market):
    market.irm.set_rate(7, sender=devnet.roles.stranger)

    assert market.irm.rate() == 7
    state = tuple(devnet.morpho.market(market.id))
    assert market.irm.borrowRateView(market.params, state) == 7


# Time


@pytest.mark.parametrize(
    "timestamp,expected", [(0, 120), (119, 120), (120, DAY + 120), (DAY, DAY + 120)]
)
def test_next_0002_lies_ahead(timestamp, expected):
    assert _devnet.next_0002(timestamp) == expected


def test_warp_to_arrives_and_time_runs_on(devnet):
    moment = _devnet.next_0002(_devnet.now())
    _devnet.warp_to(moment)

    assert _devnet.now() == moment
    _devnet.refresh(devnet)
    assert moment <= _devnet.now() < moment + 60


def test_undone_brings_back_price_and_time(devnet):
    before = _devnet.now(), _devnet.price(devnet)

    with _devnet.undone():
        _devnet.warp_to(before[0] + 30 * DAY)
        _devnet.set_price(devnet, "4000")

    assert (_devnet.now(), _devnet.price(devnet)) == before
    _devnet.refresh(devnet)
    assert _devnet.now() < before[0] + 60


@pytest.mark.parametrize("fault", [AssertionError, pytest.fail.Exception])
def test_undone_raises_what_is_raised(devnet, fault):
    before = _devnet.price(devnet)

    with pytest.raises(fault), _devnet.undone():
        _devnet.set_price(devnet, "4000")
        raise fault

    assert _devnet.price(devnet) == before


def test_undone_goes_back_step_by_step(devnet):
    before = _devnet.price(devnet)

    with _devnet.undone():
        _devnet.set_price(devnet, "3000")
        for _ in range(2):
            with _devnet.undone():
                _devnet.set_price(devnet, "4000")
            assert _devnet.price(devnet) == 3_000

    assert _devnet.price(devnet) == before


# Mocks


def test_feed_keeps_its_rounds(devnet):
    stranger = devnet.roles.stranger
    feed = devnet.eth_feed
    first = feed.latestRoundData()
    feed.post(1, sender=stranger)
    feed.set_started_at(2, sender=stranger)
    feed.set_updated_at(3, sender=stranger)

    assert tuple(feed.latestRoundData()) == (first[0] + 1, 1, 2, 3, first[0] + 1)
    assert tuple(feed.getRoundData(first[0])) == tuple(first)
    feed.set_answer(-5, sender=stranger)
    assert feed.latestRoundData()[1] == -5


def test_feed_describes_itself(devnet):
    assert (devnet.eth_feed.decimals(), devnet.eth_feed.description()) == (8, "ETH / USD")
    assert devnet.usdc_feed.version() == 4


@pytest.mark.parametrize("round_id", [0, 99])
def test_feed_without_the_round_reverts(devnet, round_id):
    with ape.reverts("feed: no such round"):
        devnet.eth_feed.getRoundData(round_id)


def test_feed_told_to_fail_reverts(devnet):
    devnet.eth_feed.set_failing(True, sender=devnet.roles.stranger)

    with ape.reverts("feed: told to fail"):
        devnet.eth_feed.latestRoundData()


def test_settable_oracle_says_what_it_is_told(devnet):
    stranger = devnet.roles.stranger
    oracle = stranger.deploy(project.SettableOracle, 5)

    assert oracle.price() == 5
    oracle.set_price(0, sender=stranger)
    with ape.reverts("settable oracle: no price"):
        oracle.price()


def test_usdc_takes_a_signed_approval(devnet):
    usdc, trader, spender = devnet.usdc, devnet.roles.trader, devnet.roles.stranger
    message = {
        "owner": trader.address,
        "spender": spender.address,
        "value": 5 * USDC,
        "nonce": usdc.nonces(trader),
        "deadline": _devnet.now() + DAY,
    }
    domain = {
        "name": "USD Coin",
        "version": "1",
        "chainId": chain.chain_id,
        "verifyingContract": usdc.address,
    }
    kinds = {"value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    fields = [{"name": name, "type": kinds.get(name, "address")} for name in message]
    signed = Account.sign_typed_data(trader.private_key, domain, {"Permit": fields}, message)
    r, s = (number.to_bytes(32, "big") for number in (signed.r, signed.s))

    usdc.permit(trader, spender, 5 * USDC, message["deadline"], signed.v, r, s, sender=spender)

    assert usdc.allowance(trader, spender) == 5 * USDC


# Ballast on it


@pytest.mark.parametrize("symbol,target", [("ETHBULL", 3), ("ETHBEAR", 3), ("ETHHEDGE", 1)])
def test_token_begins_at_target_with_its_seed_locked(devnet, tokens, symbol, target):
    token = tokens[symbol]

    assert token.symbol() == symbol
    assert apart(token.leverage(), target * WAD) < BASIS_POINT / 1000
    assert token.totalSupply() == token.balanceOf("0x" + "dEaD".rjust(40, "0")) == 100 * WAD
    assert apart(token.totalAssets(), 100 * USDC) < BASIS_POINT / 1000
    assert token.owner() == devnet.roles.deployer
    assert token.treasury() == devnet.roles.treasury


def test_token_takes_other_rules(devnet, ballast):
    token = _devnet.create_token(devnet, ballast, "ETHBULL", cap=5 * WAD, target=2 * WAD)

    assert apart(token.leverage(), 2 * WAD) < BASIS_POINT / 1000
    assert token.cap() == 5 * WAD


def test_tokens_on_aave_are_told_of_as_those_on_morpho(devnet, tmp_path, monkeypatch):
    """What `ape run devnet` writes is what the commands find, and names the venue."""
    there = _devnet.on_aave(devnet)
    made = _devnet.deploy_ballast(there)
    tokens = _devnet.create_tokens(there, made)
    url, file = networks.provider.http_uri, tmp_path / "devnet.json"

    told = command.facts(url, 31_337, there, made, tokens)

    assert (told["venue"], told["markets"]) == ("aave", {})
    assert told["contracts"]["Aave v3 pool"] == made.factory.VENUE()
    file.write_text(json.dumps(told))
    monkeypatch.setattr(place, "DEVNET", file)
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    node = Node(networks.provider)
    places = place.find(load_network("local"), node)
    states = [state for state, _ in places.look(node, list(places.tokens.values()))]
    assert [round(state.leverage / WAD, 6) for state in states] == [3, 2, 1]
    assert not any(state.faults for state in states)
