"""What every operation costs in gas, under fixed conditions.

One operation a transaction and a block, by someone who has done it before, with deep liquidity:
canonical WETH and a plain USDC, the real Morpho Blue with a constant rate and an oracle of one
storage slot, the real Uniswap v3 pool at 0.05 %. Interest is due, fees are not; what fees add is
measured beside, and so is all of it on the real Aave v3, which asks feeds of our devnet.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from ape import chain, networks, project
from ape.api import ReceiptAPI
from ape.contracts import ContractInstance
from eth_abi import encode
from eth_account.messages import encode_typed_data

from scripts._devnet import (
    ENDLESS,
    GAS,
    LONG_LLTV,
    LONG_RATE,
    POOL_FEE,
    USDC,
    WAD,
    Ballast,
    Devnet,
    build_devnet,
    create_token,
    deploy_ballast,
    next_0002,
    now,
    open_market,
    refresh,
    set_price,
    undone,
    use_market,
    warp_to,
)
from scripts._lens import states_call

ETH_USD = 2_000
PRICE = ETH_USD * USDC * 10**36 // WAD  # of the market's oracle
SHARES = 1_000 * WAD  # a dollar each to begin with: too few to cross one of the pool's ticks
NO_FEES = {"mint_fee": 0, "redeem_fee": 0, "management_fee": 0}
PAYS = 40 * 60  # seconds into the scheduled lane: the premium is well above the pool's fee


class Bench:
    """A chain with one token on it, and the means to do one thing and read what it cost."""

    def __init__(self, venue: str = "morpho", **fees: int) -> None:
        # a minute from block to block, however fast they come
        networks.provider.make_request("anvil_setBlockTimestampInterval", [60])
        devnet = build_devnet(str(ETH_USD), venue=venue)
        roles = devnet.roles
        oracle = project.SettableOracle.deploy(PRICE, sender=roles.deployer, gas_limit=GAS)
        if venue == "morpho":
            pair, oracles = (devnet.weth, devnet.usdc), (oracle, oracle)
            market = open_market(roles.deployer, devnet.morpho, pair, oracles, LONG_RATE, LONG_LLTV)
            use_market(roles, devnet.morpho, market, WAD // ETH_USD, USDC)
        else:
            market = replace(devnet.long, fill_oracle=oracle)
        self.devnet: Devnet = replace(devnet, long=market)
        self.ballast: Ballast = deploy_ballast(self.devnet)
        self.oracle = oracle
        self.token: ContractInstance = create_token(self.devnet, self.ballast, "ETHBULL", **fees)
        self.person = roles.trader
        self.taker = roles.liquidator
        self._approve()

    def _approve(self) -> None:
        for account in (self.person, self.taker):
            for coin in (self.devnet.weth, self.devnet.usdc):
                for spender in (self.token, self.ballast.router):
                    self.send(coin.approve, spender, ENDLESS, sender=account)
        self.send(self.token.approve, self.ballast.router, ENDLESS)

    def send(self, method: Any, *args: Any, sender: Any = None) -> ReceiptAPI:
        """Call `method` in a block of its own."""
        return method(*args, sender=sender or self.person, gas_limit=GAS)

    def cost(self, method: Any, *args: Any, sender: Any = None) -> int:
        """Gas that a call uses, after refunds."""
        return self.send(method, *args, sender=sender).gas_used

    def price(self, percent: int) -> None:
        """The price from now on, in percent of the first one, by both oracles."""
        if self.devnet.aave is not None:
            set_price(self.devnet, Decimal(ETH_USD * percent) / 100)
        self.send(self.oracle.set_price, PRICE * percent // 100)

    def pays(self) -> None:
        """On to the next day's scheduled lane, when its premium pays."""
        warp_to(next_0002(now()) + PAYS)

    def look(self, contract: ContractInstance, data: bytes) -> int:
        """Gas that a view uses."""
        receipt = self.person.transfer(contract, 0, data=data, gas_limit=GAS)
        return receipt.gas_used

    def repeat(self, method: Any, *args: Any) -> int:
        """Do it once, and measure the second time."""
        self.send(method, *args)
        return self.cost(method, *args)


def measure() -> dict[str, Any]:
    """Gas by operation; what fees add is under `with_fees`. Undone at the end."""
    with undone():
        gas: dict[str, Any] = _measure_all(Bench("morpho", **NO_FEES))
    with undone():
        gas["with_fees"] = _measure_entries(Bench())
    with undone():
        gas["aave"] = _measure_all(Bench("aave", **NO_FEES))
    return gas


def _measure_entries(bench: Bench) -> dict[str, int]:
    token, router, usdc = bench.token, bench.ballast.router, bench.devnet.usdc
    zap = (token, usdc, POOL_FEE)
    rest = (bench.person, ENDLESS)
    return {
        "mint": bench.repeat(token.mint, SHARES, ENDLESS, 0),
        "redeem": bench.repeat(token.redeem, SHARES // 10, ENDLESS, 0),
        "zap_mint": bench.repeat(router.mint, *zap, SHARES, ENDLESS, *rest),
        "zap_redeem": bench.repeat(router.redeem, *zap, SHARES // 10, 0, *rest),
    }


def _measure_all(bench: Bench) -> dict[str, int]:
    token, taker = bench.token, bench.taker
    gas = _measure_entries(bench)
    gas |= _measure_shares(bench)

    bench.price(110)
    bench.pays()
    bench.send(token.fill_lever, WAD // 10, 0, sender=taker)
    gas["fill_lever"] = bench.cost(token.fill_lever, WAD // 10, 0, sender=taker)
    gas["keeper_fill"] = _keeper(bench)
    gas["perform_upkeep"] = _upkeep(bench)

    bench.price(100)
    bench.pays()
    bench.send(token.fill_delever, 100 * USDC, 0, sender=taker)
    gas["fill_delever"] = bench.cost(token.fill_delever, 100 * USDC, 0, sender=taker)

    bench.price(93)
    warp_to(now() + 6 * 3_600)
    bench.send(token.fill_delever, 100 * USDC, 0, sender=taker)
    gas["fill_emergency"] = bench.cost(token.fill_delever, 100 * USDC, 0, sender=taker)
    return gas | _measure_views(bench)


def _measure_shares(bench: Bench) -> dict[str, int]:
    token, factory = bench.token, bench.ballast.factory
    gas = {"transfer": bench.repeat(token.transfer, bench.taker, WAD)}
    gas["permit"] = bench.cost(token.permit, *_permit(bench))
    events = factory.Created.query("token", "transaction_hash")
    gas["create"] = chain.history[events["transaction_hash"].iloc[0]].gas_used
    return gas


def _measure_views(bench: Bench) -> dict[str, int]:
    """What views would cost in a transaction of their own."""
    devnet, ballast = bench.devnet, bench.ballast
    refresh(devnet)
    bear = create_token(devnet, ballast, "ETHBEAR", **NO_FEES)  # by Chainlink's feeds
    feed = project.NavFeed.deploy(bear, sender=bench.person, gas_limit=GAS)
    return {
        "lens_state": bench.look(ballast.lens, states_call([bench.token.address])),
        "nav_feed": bench.look(feed, bytes(feed.latestRoundData.encode_input())),
    }


def _permit(bench: Bench) -> tuple[Any, ...]:
    """The arguments of a permit that the person has signed, for the taker."""
    token, owner, spender = bench.token, bench.person, bench.taker
    domain = token.eip712Domain()
    names = ("name", "version", "chainId", "verifyingContract")
    kinds = {"owner": "address", "spender": "address"}
    kinds |= dict.fromkeys(("value", "nonce", "deadline"), "uint256")
    message = {
        "owner": owner.address,
        "spender": spender.address,
        "value": WAD,
        "nonce": token.nonces(owner),
        "deadline": ENDLESS,
    }
    signable = encode_typed_data(
        domain_data=dict(zip(names, domain[1:5], strict=True)),
        message_types={"Permit": [{"name": n, "type": kind} for n, kind in kinds.items()]},
        message_data=message,
    )
    signed = owner.sign_message(signable)
    return owner, spender, WAD, ENDLESS, signed.v, signed.r, signed.s


def _keeper(bench: Bench) -> int:
    """A fill through the keeper contract, by one who has earned by it before."""
    keeper = bench.devnet.roles.keeper
    order = (bench.token, POOL_FEE, WAD // 10, 0, keeper)
    bench.send(bench.ballast.keeper.fill, *order, sender=keeper)
    return bench.cost(bench.ballast.keeper.fill, *order, sender=keeper)


def _upkeep(bench: Bench) -> int:
    """The same by an order of Chainlink Automation's."""
    keeper = bench.devnet.roles.keeper
    terms = [bench.token.address, True, POOL_FEE, WAD // 10, 0, keeper.address]
    order = encode(["address", "bool", "uint24", "uint256", "uint256", "address"], terms)
    return bench.cost(bench.ballast.keeper.performUpkeep, order, sender=keeper)
