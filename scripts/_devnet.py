"""A chain made ready for Ballast in one call, on whatever provider Ape is connected to.

`build_devnet` puts the real Morpho Blue, Uniswap v3 and WETH9 on it, funded and in use, priced by
feeds that can be set; with `venue="aave"` Aave v3 too, for tokens to live on. `deploy_ballast` adds
Ballast and `create_token` a token. Tests, the demo and `ape run devnet` all stand on these.

Whoever moves the clock refreshes the feeds, and whoever moves the price calls the arbitrageur:

    warp_to(next_0002(now()))
    set_price(devnet, "2100")
    arbitrage(devnet)
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from math import isqrt
from typing import Any, TypeAlias

from ape import accounts, chain, networks, project
from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance
from ape.logging import LogLevel, logger
from ape.utils import ZERO_ADDRESS
from eth_abi import encode
from eth_utils import keccak

from scripts._aave import Aave, AaveMarket, build_aave, use_aave
from scripts._chain import GAS as GAS
from scripts._chain import deploy, paid_by
from scripts._files.venue import VENUES
from scripts._market import (
    BORROWED,
    LENT,
    LONG_LLTV,
    LONG_RATE,
    POOL_FEE,
    POOLED,
    SHORT_LLTV,
    SHORT_RATE,
    USDC,
)
from scripts._prices.bars import BOUNDS as ETH_BOUNDS
from scripts._prices.bars import USD
from scripts._thirdparty import container

START = 1_893_499_200  # 2030-01-01 12:00:00 UTC
DAY = 86_400
REBALANCE = 2 * 60  # seconds after midnight UTC

WAD = 10**18
ENDLESS = 2**256 - 1
POOL_TICK = 887_270  # the outermost tick that a 0.05 % pool can use

ETH_HEARTBEAT = 3_600
USDC_HEARTBEAT = 86_400
USDC_BOUNDS = (USD // 2, 2 * USD)  # lowest and highest sane answer

# Feed, heartbeat, and the lowest and highest sane answer, as ChainlinkOracle wants them.
FeedRules: TypeAlias = tuple[ContractInstance, int, int, int]
Pair: TypeAlias = tuple[ContractInstance, ContractInstance]

# The tokens. Leverages, premiums and fees in WAD, as in ILeveragedToken.Rules.
RULES: dict[str, Any] = {
    "band": WAD // 100,
    "window": 2 * 3_600,
    "ramp": 45 * 60,
    "premium_start": -5 * WAD // 1000,
    "premium_end": 4 * WAD // 1000,
    "emergency_premium": 5 * WAD // 10_000,
    "mint_fee": WAD // 1000,
    "redeem_fee": WAD // 1000,
    "management_fee": 3 * WAD // 10_000,
}
TOKENS: dict[str, tuple[str, dict[str, Any]]] = {
    "ETHBULL": ("3x Long Ether", {"long": True, "target": 3 * WAD, "emergency": 27 * WAD // 7}),
    "ETHBEAR": ("3x Short Ether", {"long": False, "target": 3 * WAD, "emergency": 4 * WAD}),
    "ETHHEDGE": ("1x Short Ether", {"long": False, "target": WAD, "emergency": 4 * WAD // 3}),
}
# On Aave the dollar is collateral up to an LTV of 75 %, which three times short needs to the last:
# there it would be liquidated four percent from its target, before an emergency could open.
TOKENS_ON_AAVE = TOKENS | {
    "ETHBEAR": ("2x Short Ether", {"long": False, "target": 2 * WAD, "emergency": 8 * WAD // 3}),
}
CAP = 10_000_000 * WAD  # shares; the first is worth one dollar
SEED = 100  # dollars of NAV locked at creation


@dataclass(frozen=True)
class Roles:
    """Who acts on the devnet. The trader is anvil's first well-known account."""

    trader: AccountAPI
    deployer: AccountAPI
    lender: AccountAPI
    borrower: AccountAPI
    keeper: AccountAPI
    arbitrageur: AccountAPI
    liquidator: AccountAPI
    stranger: AccountAPI
    treasury: AccountAPI


@dataclass(frozen=True)
class Market:
    """One market of Morpho Blue, with the oracle it asks and the one a token's fills may ask."""

    collateral: ContractInstance
    debt: ContractInstance
    irm: ContractInstance
    lltv: int
    venue_oracle: ContractInstance  # answers however old the feeds are
    fill_oracle: ContractInstance  # refuses when a feed is older than its heartbeat
    params: tuple[str, str, str, str, int]
    id: bytes

    @property
    def arguments(self) -> bytes:
        """What a position is told after Morpho."""
        return self.id


@dataclass(frozen=True)
class Devnet:
    """A ready chain."""

    roles: Roles
    weth: ContractInstance
    usdc: ContractInstance
    eth_feed: ContractInstance
    usdc_feed: ContractInstance
    morpho: ContractInstance
    long: Market  # WETH against USDC
    short: Market  # USDC against WETH
    uniswap_factory: ContractInstance
    pool: ContractInstance
    position_manager: ContractInstance
    swap_router: ContractInstance
    quoter: ContractInstance
    aave: Aave | None = None  # where tokens live on it

    @property
    def venue(self) -> str:
        """Where tokens live: one of VENUES."""
        return "morpho" if self.aave is None else "aave"

    def market(self, long: bool) -> Market | AaveMarket:
        """Where a token that is long, or short, borrows."""
        market = self.long if long else self.short
        if self.aave is None:
            return market
        return AaveMarket(market.collateral, market.debt, market.fill_oracle)

    @property
    def tokens(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Names and own rules of its tokens, by symbol."""
        return TOKENS if self.aave is None else TOKENS_ON_AAVE


@dataclass(frozen=True)
class Ballast:
    """What stands once on a chain."""

    factory: ContractInstance
    router: ContractInstance
    keeper: ContractInstance
    lens: ContractInstance


@logger.at_level(LogLevel.WARNING)
def compile_contracts() -> None:
    """Compile all contracts if any source or setting is another than last time.

    Ape would not see the change of a module or an interface, and if two contracts have changed it
    compiles the one that is asked for and takes the other for compiled.
    """
    sources = sorted(project.contracts_folder.rglob("*.vy*"))
    sources += project.path.glob("ape-config.yaml")  # the compiler's settings
    digest = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    stamp = project.path / ".build" / "sources.sha256"
    if stamp.is_file() and stamp.read_text(encoding="utf8") == digest:
        return
    print(f"Compiling {len(sources)} files: about ten seconds …", file=sys.stderr)
    project.load_contracts(use_cache=False)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest, encoding="utf8")


@logger.at_level(LogLevel.WARNING)
def build_devnet(
    eth_usd: Decimal | str = "2000",
    start: int | None = START,
    pooled: int = POOLED,
    venue: str = "morpho",
) -> Devnet:
    """Build everything on the connected, empty chain.

    `eth_usd` is the price to begin with and `start` the time, in seconds since 1970: always noon
    unless told, so that no test depends on the hour (if the chain is past it, that time of a later
    day). None leaves the clock alone. `pooled` dollars are on each side of the pool. `venue` is
    where tokens live: "morpho" or "aave".
    """
    if venue not in VENUES:
        raise ValueError(f"{venue} is no venue: {' or '.join(VENUES)}")
    compile_contracts()
    # nothing is looked up at an explorer: Ape would ask one about the local chain, too
    vars(networks.provider.network)["explorer"] = None
    if start is not None:
        late = max(0, now() + 1 - start)
        warp_to(start + -(-late // DAY) * DAY)
    begin = Decimal(eth_usd)
    roles = Roles(*(accounts.test_accounts[i] for i in range(len(Roles.__dataclass_fields__))))
    deployer = roles.deployer

    weth = deploy(container("WETH9"), deployer)
    usdc = deploy(project.TestToken, deployer, "USD Coin", "USDC", 6)
    eth_feed = deploy(project.Feed, deployer, 8, "ETH / USD", int(begin * USD))
    usdc_feed = deploy(project.Feed, deployer, 8, "USDC / USD", USD)
    _fund(roles, weth, usdc)

    morpho = deploy(container("Morpho"), deployer, deployer)
    eth = (eth_feed, ETH_HEARTBEAT, *ETH_BOUNDS)
    dollar = (usdc_feed, USDC_HEARTBEAT, *USDC_BOUNDS)
    one_eth = int(WAD / begin)  # a dollar's worth
    up, down = (weth, usdc), (usdc, weth)
    long_oracles = _priced_by(deployer, up, (eth, dollar))
    short_oracles = _priced_by(deployer, down, (dollar, eth))
    long = open_market(deployer, morpho, up, long_oracles, LONG_RATE, LONG_LLTV)
    short = open_market(deployer, morpho, down, short_oracles, SHORT_RATE, SHORT_LLTV)
    use_market(roles, morpho, long, one_eth, USDC)
    use_market(roles, morpho, short, USDC, one_eth)

    factory = deploy(container("UniswapV3Factory"), deployer)
    manager = deploy(container("NonfungiblePositionManager"), deployer, factory, weth, factory)
    devnet = Devnet(
        roles=roles,
        weth=weth,
        usdc=usdc,
        eth_feed=eth_feed,
        usdc_feed=usdc_feed,
        morpho=morpho,
        long=long,
        short=short,
        uniswap_factory=factory,
        pool=_pool(roles, factory, manager, weth, usdc, begin, pooled),
        position_manager=manager,
        swap_router=_swap_router(roles, factory, weth, usdc),
        quoter=deploy(container("QuoterV2"), deployer, factory, weth),
    )
    return on_aave(devnet) if venue == "aave" else devnet


@logger.at_level(LogLevel.WARNING)
def on_aave(devnet: Devnet, build: Callable[..., Aave] = build_aave) -> Devnet:
    """The same with Aave v3 on the chain, funded and in use, for tokens to live on.

    `build` is what builds it: tests have another version.
    """
    roles = devnet.roles
    feeds = {devnet.weth: devnet.eth_feed, devnet.usdc: devnet.usdc_feed}
    aave = build(roles.deployer, feeds, roles.stranger)
    dollars = {devnet.weth: int(WAD / price(devnet)), devnet.usdc: USDC}
    use_aave(roles.lender, roles.borrower, aave, dollars)
    return replace(devnet, aave=aave)


@logger.at_level(LogLevel.WARNING)
def deploy_ballast(devnet: Devnet) -> Ballast:
    """Blueprints, factory and periphery."""
    deployer = devnet.roles.deployer
    position, venue = project.MorphoPosition, devnet.morpho
    if devnet.aave is not None:
        position, venue = project.AavePosition, devnet.aave.pool
    blueprints = (_declare(project.LeveragedToken, deployer), _declare(position, deployer))
    factory = deploy(project.Factory, deployer, *blueprints, venue)
    uniswap = devnet.uniswap_factory
    return Ballast(
        factory=factory,
        router=deploy(project.Router, deployer, factory, uniswap, devnet.quoter, devnet.weth),
        keeper=deploy(project.Keeper, deployer, factory, uniswap),
        lens=deploy(project.Lens, deployer, factory),
    )


@logger.at_level(LogLevel.WARNING)
def create_token(
    devnet: Devnet, ballast: Ballast, symbol: str, cap: int = CAP, **rules: Any
) -> ContractInstance:
    """Create ETHBULL, ETHBEAR or ETHHEDGE, seeded by the deployer, who owns it.

    `rules` replace some of its rules.
    """
    deployer, treasury = devnet.roles.deployer, devnet.roles.treasury
    name, own = devnet.tokens[symbol]
    rules = RULES | own | rules
    market = devnet.market(rules["long"])
    gearing = rules["target"] + (0 if rules["long"] else WAD)
    dollars = Decimal(SEED * gearing) / WAD
    seed = int(dollars * WAD / price(devnet)) if rules["long"] else int(dollars * USDC)
    market.collateral.approve(ballast.factory, seed, **paid_by(deployer))
    ballast.factory.create(
        name,
        symbol,
        rules,
        market.fill_oracle,
        treasury,
        deployer,
        cap,
        market.arguments,
        seed,
        **paid_by(deployer),
    )
    return project.LeveragedToken.at(ballast.factory.tokens(ballast.factory.count() - 1))


def create_tokens(devnet: Devnet, ballast: Ballast) -> dict[str, ContractInstance]:
    """All three, by symbol."""
    return {symbol: create_token(devnet, ballast, symbol) for symbol in TOKENS}


# Markets


def open_market(
    deployer: AccountAPI,
    morpho: ContractInstance,
    tokens: Pair,
    oracles: tuple[ContractInstance, ContractInstance],
    rate: int,
    lltv: int,
) -> Market:
    """Create a market of `tokens` (collateral, debt) that nobody uses yet.

    `oracles` are the one that Morpho asks and the one that fills ask; `rate` is WAD a second.
    """
    collateral, debt = tokens
    irm = deploy(project.FixedRateIrm, deployer, rate)
    params = (debt.address, collateral.address, oracles[0].address, irm.address, lltv)
    morpho.enableIrm(irm, **paid_by(deployer))
    if not morpho.isLltvEnabled(lltv):
        morpho.enableLltv(lltv, **paid_by(deployer))
    morpho.createMarket(params, **paid_by(deployer))
    identity = keccak(encode(["address", "address", "address", "address", "uint256"], params))
    return Market(collateral, debt, irm, lltv, *oracles, params, identity)


def use_market(
    roles: Roles, morpho: ContractInstance, market: Market, collateral_dollar: int, debt_dollar: int
) -> None:
    """Lend to `market` and borrow from it; the amounts are what a dollar buys of its two tokens."""
    lender, borrower = roles.lender, roles.borrower
    market.debt.approve(morpho, ENDLESS, **paid_by(lender))
    morpho.supply(market.params, LENT * debt_dollar, 0, lender, b"", **paid_by(lender))
    market.collateral.approve(morpho, ENDLESS, **paid_by(borrower))
    pledge = 10 * BORROWED * collateral_dollar
    morpho.supplyCollateral(market.params, pledge, borrower, b"", **paid_by(borrower))
    loan = BORROWED * debt_dollar
    morpho.borrow(market.params, loan, 0, borrower, borrower, **paid_by(borrower))


# Time


def now() -> int:
    """The time of the newest block."""
    return chain.blocks.head.timestamp


def next_0002(timestamp: int) -> int:
    """The first 00:02:00 UTC after `timestamp`."""
    return timestamp + DAY - (timestamp - REBALANCE) % DAY


def warp_to(timestamp: int) -> None:
    """Mine a block at `timestamp`, which must lie ahead; time runs on from there."""
    networks.provider.set_timestamp(timestamp)
    networks.provider.mine()


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is undone, and what is raised is raised: Ape's `isolate` swallows it."""
    snapshot = chain.snapshot()
    try:
        yield
    finally:
        chain.restore(snapshot)


# Price


def refresh(devnet: Devnet) -> None:
    """Both feeds answer the same again, as fresh as can be."""
    devnet.eth_feed.refresh(**paid_by(devnet.roles.deployer))
    devnet.usdc_feed.refresh(**paid_by(devnet.roles.deployer))


def set_price(devnet: Devnet, eth_usd: Decimal | str) -> None:
    """ETH costs `eth_usd` dollars from now on; both feeds are fresh."""
    devnet.eth_feed.post(int(Decimal(eth_usd) * USD), **paid_by(devnet.roles.deployer))
    devnet.usdc_feed.refresh(**paid_by(devnet.roles.deployer))


def price(devnet: Devnet) -> Decimal:
    """USDC for one ETH by the feeds."""
    return Decimal(devnet.eth_feed.latestRoundData()[1]) / devnet.usdc_feed.latestRoundData()[1]


def pool_price(devnet: Devnet) -> Decimal:
    """USDC for one ETH in the pool."""
    root = Decimal(devnet.pool.slot0()[0]) / 2**96
    weth_first = devnet.pool.token0() == devnet.weth.address
    return (root**2 if weth_first else root**-2) * WAD / USDC


def arbitrage(devnet: Devnet) -> None:
    """The arbitrageur trades the pool to the price of the feeds."""
    weth, usdc = devnet.weth.address, devnet.usdc.address
    wanted = _sqrt_price_x96(weth, usdc, price(devnet))
    found = devnet.pool.slot0()[0]
    if wanted == found:
        return
    first_in = wanted < found  # paying in token0 lowers the price of token0
    sold, bought = (weth, usdc) if first_in == (weth.lower() < usdc.lower()) else (usdc, weth)
    trader = devnet.roles.arbitrageur
    swap = (sold, bought, POOL_FEE, trader, ENDLESS, 2**128, 0, wanted)
    devnet.swap_router.exactInputSingle(swap, **paid_by(trader))


# How the chain is built


def _declare(source: ContractContainer, deployer: AccountAPI) -> str:
    """Deploy as a blueprint (https://eips.ethereum.org/EIPS/eip-5202) and return its address."""
    return source.declare(**paid_by(deployer)).contract_address


def _fund(roles: Roles, weth: ContractInstance, usdc: ContractInstance) -> None:
    """Bottomless purses for those who make the market, ample ones for those who use it."""
    for account in (roles.lender, roles.borrower, roles.arbitrageur):
        networks.provider.set_balance(account.address, 10**12 * WAD)
        weth.deposit(**paid_by(account, value=10**11 * WAD))
        usdc.mint(account, 10**15 * USDC, **paid_by(account))
    for account in (roles.trader, roles.liquidator, roles.deployer):
        usdc.mint(account, 10_000_000 * USDC, **paid_by(account))
        weth.transfer(account, 10_000 * WAD, **paid_by(roles.arbitrageur))


def _priced_by(
    deployer: AccountAPI, tokens: Pair, feeds: tuple[FeedRules, FeedRules]
) -> tuple[ContractInstance, ContractInstance]:
    """Oracles of the first token in the second: one that answers always, one held to its rules."""
    patient = [(feed, ENDLESS, 1, 10**14) for feed, *_ in feeds]
    always, held = (
        deploy(project.ChainlinkOracle, deployer, *tokens, *rules, ZERO_ADDRESS, 0)
        for rules in (patient, feeds)
    )
    return always, held


def _pool(
    roles: Roles,
    factory: ContractInstance,
    manager: ContractInstance,
    weth: ContractInstance,
    usdc: ContractInstance,
    eth_usd: Decimal,
    pooled: int,
) -> ContractInstance:
    """The WETH/USDC pool at `eth_usd`, with the lender's liquidity over the whole range."""
    lender = roles.lender
    amounts = {weth.address: int(pooled * WAD / eth_usd), usdc.address: pooled * USDC}
    first, second = sorted(amounts, key=str.lower)
    for token in (weth, usdc):
        token.approve(manager, ENDLESS, **paid_by(lender))
    root = _sqrt_price_x96(weth.address, usdc.address, eth_usd)
    manager.createAndInitializePoolIfNecessary(first, second, POOL_FEE, root, **paid_by(lender))
    whole_range = (first, second, POOL_FEE, -POOL_TICK, POOL_TICK)
    wanted = (amounts[first], amounts[second], 0, 0)
    manager.mint((*whole_range, *wanted, lender, ENDLESS), **paid_by(lender))
    address = factory.getPool(first, second, POOL_FEE)
    return container("UniswapV3Pool").at(address)


def _swap_router(
    roles: Roles, factory: ContractInstance, weth: ContractInstance, usdc: ContractInstance
) -> ContractInstance:
    router = deploy(container("SwapRouter"), roles.deployer, factory, weth)
    for token in (weth, usdc):
        token.approve(router, ENDLESS, **paid_by(roles.arbitrageur))
    return router


def _sqrt_price_x96(weth: str, usdc: str, eth_usd: Decimal) -> int:
    """Uniswap's square root of the price of token0 in token1, raw for raw, times 2**96."""
    numerator, denominator = (eth_usd * USDC).as_integer_ratio()
    denominator *= WAD
    if usdc.lower() < weth.lower():
        numerator, denominator = denominator, numerator
    return isqrt(numerator * 2**192 // denominator)
