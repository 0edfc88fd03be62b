"""What a testnet lacks: coins that anyone may make, feeds that anyone may set, pools, venues.

Morpho Blue and Uniswap v3 are the network's own where it has them, and else the same code again.
Aave v3 is never the network's: that would have to list the coins that are made here.
"""

from collections.abc import Iterable
from decimal import Decimal
from math import isqrt
from typing import Any

import click
from eth_utils import to_checksum_address

from scripts._deploy import aave_sandbox
from scripts._deploy import market as venue
from scripts._deploy.ballast import ENDLESS, venue_oracle
from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile
from scripts._files.network import TESTNETS
from scripts._files.reading import to_wad

# Coins: name and decimals. Feeds: dollars to begin with.
COINS = {"WETH": ("Wrapped Ether", 18), "USDC": ("USD Coin", 6), "BTC": ("Bitcoin", 8)}
PRICES = {"ETH/USD": Decimal(2_000), "BTC/USD": Decimal(60_000), "USDC/USD": Decimal(1)}
FEED_DECIMALS = 8
HEARTBEAT = 86_400  # seconds: nobody but the player keeps a feed fresh

# As on the devnet: a three times long token pays 0.0567 % of its NAV a day.
RATE = 567 * 10**12 // 2 // 86_400  # WAD a second

POOL_FEE = 500  # 0.05 %, in millionths
POOL_TICK = 887_270  # the outermost tick that such a pool can use
POOLED = 100_000_000  # dollars, on each side
PURSE = 10**33  # raw units of each coin
LENT = 100_000_000  # dollars, in each market
BORROWED = 10_000_000


def require_testnet(network: Network) -> None:
    """Raise click.ClickException where money is worth something."""
    if not network.is_testnet:
        allowed = ", ".join(TESTNETS.values())
        raise click.ClickException(
            f"--sandbox is refused on {network.name} (chain {network.chain_id}); allowed: {allowed}"
        )


def bring(run: Run, network: Network, tokens: list[TokenFile]) -> Network:
    """Coins, feeds, venues and pools of all `tokens`: the network as it is with them.

    What was brought for other tokens stays.
    """
    require_testnet(network)
    before = run.record.sandbox
    coins = {name: _coin(run, name) for name in _each([("WETH",), *(t.pair for t in tokens)])}
    feeds = {name: _feed(run, name) for name in _each(token.feeds for token in tokens)}
    all_coins = {**before.get("coins", {}), **coins}
    run.record.sandbox = {**before, "coins": all_coins}  # from now on they can be made
    weth = coins["WETH"]
    venues: dict[str, str] = {}
    if any(token.venue == "morpho" for token in tokens):
        venues["morpho"], venues["irm"] = _venue(run, network, tokens)
    if on_aave := [token for token in tokens if token.venue == "aave"]:
        addresses = {name: feed["address"] for name, feed in feeds.items()}
        venues["aave"] = aave_sandbox.bring(run, coins, addresses, on_aave)
    if network.uniswap and run.code_at(network.uniswap.factory):
        factory, quoter = network.uniswap.factory, network.uniswap.quoter
    else:
        factory = run.deploy("Uniswap factory", "UniswapV3Factory")
        quoter = run.deploy("Uniswap quoter", "QuoterV2", factory, weth)
    arguments = factory, weth, factory
    manager = run.deploy("Uniswap positions", "NonfungiblePositionManager", *arguments)
    for name, coin in coins.items():
        lenders = [address for name, address in venues.items() if name != "irm"]
        _purse(run, name, coin, [manager, *lenders])
    dollars = {token.pair[i]: PRICES[token.feeds[i]] for token in tokens for i in (0, 1)}
    pairs = _each([token.pair] for token in tokens)
    for pair in pairs:
        _pool(run, factory, manager, pair, coins, dollars)

    pools = [{"pair": list(pair), "fee": POOL_FEE} for pair in pairs]
    others = [pool for pool in before.get("pools", []) if pool not in pools]
    run.record.sandbox = {
        **before,
        **venues,
        "uniswap": {"factory": factory, "quoter": quoter},
        "coins": all_coins,
        "pools": others + pools,
        "feeds": {**before.get("feeds", {}), **feeds},
        "sequencer": None,
        "markets": [],
    }
    run.record.save()
    return Network.model_validate({**network.model_dump(mode="json"), **run.record.sandbox})


def markets(run: Run, network: Network, tokens: list[TokenFile]) -> None:
    """A market in use for each token."""
    for token in tokens:
        index = token.pair.index(token.debt)
        dollar = _units(token.debt) / PRICES[token.feeds[index]]
        lend, loan = int((LENT + BORROWED) * dollar), int(BORROWED * dollar)
        if token.venue == "aave":
            aave_sandbox.use(run, network, token.debt, lend, loan)
            continue
        market = venue.market_of(network, token, venue_oracle(run, network, token))
        if venue.borrowed(run, network, market) < venue.MIN_BORROWED:
            venue.open_and_seed(run, network, token, market, lend, loan)


def _each(groups: Iterable[Iterable[Any]]) -> list[Any]:
    """All of all groups, once, in order."""
    return list(dict.fromkeys(each for group in groups for each in group))


def _units(coin: str) -> Decimal:
    return Decimal(10) ** COINS[coin][1]


def _coin(run: Run, symbol: str) -> str:
    if symbol == "WETH":
        return run.deploy("WETH", "TestWeth")
    if symbol not in COINS:
        raise click.ClickException(f"a sandbox has no {symbol}; allowed: {', '.join(COINS)}")
    name, decimals = COINS[symbol]
    return run.deploy(symbol, "TestToken", name, symbol, decimals)


def _purse(run: Run, name: str, coin: str, spenders: Iterable[str]) -> None:
    """Plenty of a coin for who deploys, for venues and pools to take."""
    token, me = run.at("TestToken", coin), run.sender.address
    if token.functions.balanceOf(me).call() < PURSE // 2:
        run.call(f"make {name}", token, "mint", me, PURSE)
    for spender in spenders:
        if token.functions.allowance(me, spender).call() < PURSE:
            run.call(f"approve {name}", token, "approve", spender, ENDLESS)


def _feed(run: Run, name: str) -> dict[str, Any]:
    """A feed, as a network file has it."""
    if name not in PRICES:
        raise click.ClickException(f"a sandbox has no feed {name}; allowed: {', '.join(PRICES)}")
    dollars = PRICES[name]
    described = name.replace("/", " / ")
    arguments = FEED_DECIMALS, described, int(dollars * 10**FEED_DECIMALS)
    return {
        "address": run.deploy(f"{name} feed", "Feed", *arguments),
        "heartbeat": HEARTBEAT,
        "floor": str(dollars / 1_000),
        "ceiling": str(dollars * 1_000),
    }


def _venue(run: Run, network: Network, tokens: list[TokenFile]) -> tuple[str, str]:
    """Morpho Blue and its interest rate model."""
    if network.morpho and network.irm and run.code_at(network.morpho):
        return network.morpho, network.irm
    me = to_checksum_address(run.record.deployer)
    address = run.deploy("Morpho Blue", "Morpho", me)
    irm = run.deploy("Interest rate", "FixedRateIrm", RATE)
    morpho = run.at("Morpho", address)
    if not morpho.functions.isIrmEnabled(irm).call():
        run.call("enable interest rate", morpho, "enableIrm", irm)
    for lltv in _each([to_wad(t.market.lltv)] for t in tokens if t.venue == "morpho"):
        if not morpho.functions.isLltvEnabled(lltv).call():
            run.call(f"enable LLTV of {lltv / 10**16:g} %", morpho, "enableLltv", lltv)
    return address, irm


def _pool(
    run: Run,
    factory: str,
    manager: str,
    pair: tuple[str, str],
    coins: dict[str, str],
    dollars: dict[str, Decimal],
) -> None:
    """The pool of a pair at the feeds' price, with liquidity over the whole range."""
    amounts = {coins[coin]: int(POOLED / dollars[coin] * _units(coin)) for coin in pair}
    first, second = sorted(amounts, key=str.lower)
    uniswap, positions = (
        run.at("UniswapV3Factory", factory),
        run.at("NonfungiblePositionManager", manager),
    )
    name = "/".join(pair)
    pool = uniswap.functions.getPool(first, second, POOL_FEE).call()
    if pool == NOBODY:
        root = isqrt(amounts[second] * 2**192 // amounts[first])
        arguments = first, second, POOL_FEE, root
        run.call(f"open pool {name}", positions, "createAndInitializePoolIfNecessary", *arguments)
        pool = uniswap.functions.getPool(first, second, POOL_FEE).call()
    if run.at("UniswapV3Pool", pool).functions.liquidity().call() > 0:
        return
    me = run.sender.address
    whole_range = (first, second, POOL_FEE, -POOL_TICK, POOL_TICK)
    wanted = (amounts[first], amounts[second], 0, 0, me, ENDLESS)
    run.call(f"fill pool {name}", positions, "mint", (*whole_range, *wanted))
