"""Every address in scripts/networks is the one that its protocol publishes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from eth_abi import encode
from eth_utils import keccak, to_checksum_address

ROOT = Path(__file__).parents[3]
FILES = [path for path in (ROOT / "scripts/networks").glob("*.yaml") if path.stem != "local"]
NAMES = sorted(path.stem for path in FILES)

# What the packages of Uniswap, Morpho, Aave and viem say, by network and place in its file. Of the
# quoters @uniswap/sdk-core has the first version on some chains: they are left out there.
BOOKS = """
const { CHAIN_TO_ADDRESSES_MAP: uniswap, WETH9 } = require('@uniswap/sdk-core')
const { addressesRegistry: morpho } = require('@morpho-org/blue-sdk')
const chains = require('viem/chains')
const aave = require('@bgd-labs/aave-address-book')

const book = (chain, market, names, feeds, quoter) => ({
  chain_id: chain.id,
  explorer: chain.blockExplorers.default.url,
  addresses: {
    morpho: morpho[chain.id]?.morpho,
    irm: morpho[chain.id]?.adaptiveCurveIrm,
    aave: market?.POOL,
    'uniswap.factory': uniswap[chain.id].v3CoreFactoryAddress,
    'uniswap.quoter': quoter ? uniswap[chain.id].quoterAddress : undefined,
    'coins.WETH': WETH9[chain.id].address,
    ...Object.fromEntries(
      Object.entries(names).map(([coin, name]) => ['coins.' + coin, market.ASSETS[name].UNDERLYING])
    ),
    ...Object.fromEntries(
      Object.entries(feeds).map(([pair, feed]) => [
        pair === 'sequencer' ? 'sequencer.feed' : 'feeds.' + pair + '.address', feed
      ])
    ),
  },
})
const chainlink = (feeds) => ({
  'ETH/USD': feeds.ETH__USD,
  'BTC/USD': feeds.BTC__USD,
  'USDC/USD': feeds.USDC__USD,
  sequencer: feeds.L2_Sequencer_Uptime_Status_Feed,
})
const test = aave.AaveV3BaseSepolia.ASSETS

console.log(JSON.stringify({
  ethereum: book(
    chains.mainnet, aave.AaveV3Ethereum, { USDC: 'USDC', BTC: 'WBTC' },
    chainlink(aave.ChainlinkEthereum), false
  ),
  base: book(
    chains.base, aave.AaveV3Base, { USDC: 'USDC', BTC: 'cbBTC' },
    chainlink(aave.ChainlinkBase), true
  ),
  arbitrum: book(
    chains.arbitrum, aave.AaveV3Arbitrum, { USDC: 'USDCn', BTC: 'WBTC' },
    chainlink(aave.ChainlinkArbitrum), false
  ),
  sepolia: book(chains.sepolia, null, {}, {}, true),
  'base-sepolia': book(
    chains.baseSepolia, null, {},
    { 'ETH/USD': test.WETH.ORACLE, 'BTC/USD': test.WBTC.ORACLE, 'USDC/USD': test.USDC.ORACLE },
    true
  ),
}))
"""

# What none of these packages has, and the page that has it.
UNISWAP = "https://docs.uniswap.org/contracts/v3/reference/deployments"
CIRCLE = "https://developers.circle.com/stablecoins/usdc-contract-addresses"
CHAINLINK = "https://docs.chain.link/data-feeds/price-feeds/addresses"
ELSEWHERE = {
    "ethereum": {
        "uniswap.quoter": ("0x61fFE014bA17989E743c5F6cB21bF9697530B21e", UNISWAP),
    },
    "arbitrum": {
        "uniswap.quoter": ("0x61fFE014bA17989E743c5F6cB21bF9697530B21e", UNISWAP),
    },
    "base": {},
    "sepolia": {
        "coins.USDC": ("0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", CIRCLE),
        "feeds.ETH/USD.address": ("0x694AA1769357215DE4FAC081bf1f309aDC325306", CHAINLINK),
        "feeds.BTC/USD.address": ("0x1b44F3514812d835EB1BDB0acB33d3fA3351Ee43", CHAINLINK),
        "feeds.USDC/USD.address": ("0xA2F78ab2355fe2f984D808B5CeE7FD0A93D5270E", CHAINLINK),
    },
    "base-sepolia": {
        "coins.USDC": ("0x036CbD53842c5426634e7929541eC2318f3dCF7e", CIRCLE),
    },
}

# Seconds after which a feed answers though its price stands still, of ETH, BTC and USDC, as
# https://data.chain.link publishes them. Arbitrum's USDC comes 30 to 80 seconds later than that.
HEARTBEATS = {
    "ethereum": (3_600, 3_600, 82_800),
    "base": (1_200, 1_200, 86_400),
    "arbitrum": (1_755, 1_755, 255),
    "sepolia": (3_600, 3_600, 86_400),
    "base-sepolia": (1_200, 1_200, 86_400),
}
ON_THE_WAY = 5 * 60  # seconds that an answer may take to arrive

# Where the pools are known to be: Uniswap computes that from its factory, both coins and the fee.
POOL_INIT_CODE_HASH = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
POOLS = {
    ("ethereum", "WETH"): "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
    ("ethereum", "BTC"): "0x99ac8cA7087fA4A2A1FB6357269965A2014ABc35",
    ("base", "WETH"): "0xd0b53D9277642d899DF5C87A3966A349A798F224",
    ("base", "BTC"): "0xfBB6Eed8e7aa03B138556eeDaF5D271A5E1e43ef",
    ("arbitrum", "WETH"): "0xC6962004f452bE9203591991D15f6b388e09E8D0",
    ("arbitrum", "BTC"): "0x0E4831319A50228B9e450861297aB92dee15B44F",
    ("sepolia", "WETH"): "0x3289680dD4d6C10bb19b899729cda5eEF58AEfF1",
}


@pytest.fixture(scope="module")
def books() -> dict[str, Any]:
    done = subprocess.run(["node", "--eval", BOOKS], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture
def network(name) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"scripts/networks/{name}.yaml").read_text())


def addresses(node: dict[str, Any], place: str = "") -> dict[str, str]:
    """Every address in a file, by its place: `uniswap.factory`."""
    found: dict[str, str] = {}
    for key, value in node.items():
        if isinstance(value, dict):
            found |= addresses(value, f"{place}{key}.")
        elif str(value).startswith("0x"):
            found[place + key] = value
    return found


def test_all_networks_are_shipped(books):
    assert sorted(books) == sorted(ELSEWHERE) == NAMES


def test_addresses_are_what_the_packages_say(name, network, books):
    ours, published = addresses(network), books[name]["addresses"]
    both = ours.keys() & published.keys()

    assert {place: ours[place] for place in both} == {place: published[place] for place in both}
    assert published.keys() <= ours.keys()


def test_addresses_that_no_package_has_are_named_with_their_source(name, network, books):
    unknown = addresses(network).items() - books[name]["addresses"].items()

    assert dict(unknown) == {place: address for place, (address, _) in ELSEWHERE[name].items()}


def test_addresses_have_their_checksum(network):
    for address in addresses(network).values():
        assert address == to_checksum_address(address)


def test_chain_and_explorer_are_what_viem_says(name, network, books):
    assert network["chain_id"] == books[name]["chain_id"]
    assert network["explorer"] == books[name]["explorer"]


def test_no_two_networks_share_a_chain_or_an_rpc():
    networks = [yaml.safe_load(path.read_text()) for path in FILES]

    assert len({network["chain_id"] for network in networks}) == len(networks)
    assert len({network["rpc"] for network in networks}) == len(networks)


@pytest.mark.parametrize("name,coin", POOLS)
def test_pool_is_where_it_is_known_to_be(network, name, coin):
    (pool,) = (pool for pool in network["pools"] if coin in pool["pair"])
    coins = sorted((network["coins"][each] for each in pool["pair"]), key=str.lower)
    salt = keccak(encode(["address", "address", "uint24"], [*coins, pool["fee"]]))
    factory = bytes.fromhex(network["uniswap"]["factory"][2:])

    found = keccak(b"\xff" + factory + salt + bytes.fromhex(POOL_INIT_CODE_HASH))[12:]

    assert to_checksum_address(found) == POOLS[name, coin]


def test_every_pool_and_every_feed_is_of_a_coin_that_is_there(network):
    for pool in network["pools"]:
        assert set(pool["pair"]) <= network["coins"].keys()
    for coin in network["coins"]:
        assert f"{coin.removeprefix('W')}/USD" in network["feeds"]


def test_heartbeats_are_the_published_ones_with_time_to_arrive(name, network):
    found = tuple(network["feeds"][f"{coin}/USD"]["heartbeat"] for coin in ("ETH", "BTC", "USDC"))

    assert found == tuple(published + ON_THE_WAY for published in HEARTBEATS[name])


def test_layer_two_has_a_sequencer_feed(name, network):
    assert ("sequencer" in network) == (name in {"arbitrum", "base"})
