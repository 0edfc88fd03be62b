"""The market and its people: a price, a pool that follows it, users, and who liquidates."""

from dataclasses import dataclass, field
from math import isqrt
from random import Random
from typing import Any

from eth_abi import encode
from eth_utils import to_hex

from scripts import _lens
from scripts._deploy.record import Record
from scripts._deploy.sandbox import POOL_FEE
from scripts._devnet import ENDLESS, USD, USDC
from scripts._files import VenueName
from scripts._lens import Facts, Lane, State
from scripts._model.fixed_point import SCALE, WAD, mul_div_down
from scripts._rehearsal.lender import Lender, lender_of
from scripts._rehearsal.node import BLOCK, DEAR, TIP, Node, transaction
from scripts._thirdparty import artifact
from scripts._wallet.coins import NATIVE

PURSE = 10**30  # raw units of each coin
TOKENS: dict[VenueName, tuple[str, ...]] = {  # the first of each is long
    "morpho": ("ETHBULL", "ETHBEAR", "ETHHEDGE"),
    "aave": ("ETHBULLAAVE", "ETHBEARAAVE", "ETHHEDGEAAVE"),
}
OFTEN = 1 / 12  # of a user coming by between two points of a quiet day
SMALLEST, LARGEST = 100, 200_000  # dollars that a user pays
PATIENCE = 99, 100  # of what was quoted, what a user takes at least

ZAP = "(address,address,uint24,uint256,uint256,address,uint256)"
SWAP = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"


@dataclass
class Town:
    """Everyone but the keepers, on a node where Ballast stands as `record` says."""

    node: Node
    record: Record
    random: Random
    price: float = 0.0
    venue: VenueName = "morpho"
    states: list[State] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    promises: list[tuple[str, str, int, str]] = field(default_factory=list)
    deals: int = 0

    def __post_init__(self) -> None:
        accounts = self.node.ask("eth_accounts")
        self.deployer, self.first, self.second, self.arbitrageur, self.liquidator = accounts[:5]
        self.rival, *self.users = accounts[5:10]
        sandbox = self.record.sandbox
        self.weth, self.usdc = sandbox["coins"]["WETH"], sandbox["coins"]["USDC"]
        self.eth_feed = sandbox["feeds"]["ETH/USD"]["address"]
        self.usdc_feed = sandbox["feeds"]["USDC/USD"]["address"]
        self.lender: Lender = lender_of(self.node, self.venue, sandbox[self.venue])
        self.factory = self.record.ours("Factory", self.venue)
        self.router = self.record.ours("Router", self.venue)
        self.keeper = self.record.ours("Keeper", self.venue)
        self.lens = self.record.ours("Lens", self.venue)
        self.manager = self.record.address("Uniswap positions")
        self.pool = self.node.read(
            sandbox["uniswap"]["factory"],
            "getPool(address,address,uint24)",
            ["address"],
            self.weth,
            self.usdc,
            POOL_FEE,
        )
        self.liquidity = self._liquidity()
        self.tokens = {symbol: self.record.token(symbol) for symbol in TOKENS[self.venue]}
        self.symbols = {address.lower(): symbol for symbol, address in self.tokens.items()}
        self.swap_router = self._settle(sandbox["uniswap"]["factory"])

    def _settle(self, factory: str) -> str:
        """Everyone has coins, and has approved whom they deal with. Returns Uniswap's router."""
        node, bytecode = self.node, artifact("SwapRouter").bytecode
        code = bytecode + encode(["address", "address"], [factory, self.weth]).hex()
        order = {"from": self.deployer, "data": code, "gas": hex(8_000_000)}
        order |= {"maxFeePerGas": DEAR, "maxPriorityFeePerGas": TIP}
        swap_router = node.do(order)["contractAddress"]
        calls = []
        for who, spenders in (
            (self.arbitrageur, (swap_router,)),
            (self.liquidator, (self.lender.address,)),
            *((user, (self.router,)) for user in self.users),
        ):
            for coin in (self.weth, self.usdc):
                calls.append((who, coin, "mint(address,uint256)", who, PURSE))
                for spender in spenders:
                    calls.append((who, coin, "approve(address,uint256)", spender, ENDLESS))
        for user in self.users:
            for token in self.tokens.values():
                calls.append((user, token, "approve(address,uint256)", self.router, ENDLESS))
        for call in calls:
            node.do(transaction(*call))
        found = _lens.decode_facts(self._ask_lens(_lens.facts_call(self.tokens.values())))
        self.facts = {each.token: each for each in found}
        return swap_router

    def _liquidity(self) -> int:
        """The number of the position that is the pool's liquidity."""
        fields = ["uint96", "address", "address", "address", "uint24"]
        for number in range(1, 10):
            _, _, *pair, fee = self.node.read(self.manager, "positions(uint256)", fields, number)
            if {*pair} == {self.weth.lower(), self.usdc.lower()} and fee == POOL_FEE:
                return number
        raise LookupError("nobody has put liquidity into the pool")

    # The market

    def post(self, price: float) -> None:
        """ETH costs `price` dollars from the next block on, and the pool follows."""
        self.price = price
        answer = round(price * USD)
        self.node.send(self.deployer, self.eth_feed, "post(int256)", answer)
        self.node.send(self.deployer, self.usdc_feed, "refresh()")
        self.arbitrage()

    def arbitrage(self) -> None:
        """The arbitrageur trades the pool to the price."""
        weth, usdc = USD * WAD, round(self.price * USD) * USDC
        weth_first = self.weth.lower() < self.usdc.lower()
        wanted = isqrt((usdc if weth_first else weth) * 2**192 // (weth if weth_first else usdc))
        found = self.node.read(self.pool, "slot0()", ["uint160"])
        if wanted == found:
            return
        first, second = (self.weth, self.usdc) if weth_first else (self.usdc, self.weth)
        pair = (first, second) if wanted < found else (second, first)
        order = (*pair, POOL_FEE, self.arbitrageur, ENDLESS, 2**120, 0, wanted)
        self.node.send(self.arbitrageur, self.swap_router, SWAP, order)

    def look(self) -> list[State]:
        """How the tokens stand now, by one call of Lens."""
        self.states = _lens.decode_states(self._ask_lens(_lens.states_call(self.tokens.values())))
        return self.states

    def _ask_lens(self, data: bytes) -> bytes:
        return self.node.call({"to": self.lens, "data": to_hex(data)})

    def is_open(self) -> bool:
        """Whether a lane is."""
        return any(state.lane != Lane.CLOSED for state in self.states)

    # Users

    def somebody(self) -> None:
        """Now and then a user mints or redeems."""
        if self.random.random() < OFTEN:
            user = self.random.choice(self.users)
            token = self.random.choice(list(self.tokens.values()))
            held = self.node.read(token, "balanceOf(address)", ["uint256"], user)
            if held and self.random.random() < 0.5:
                self.redeem(user, token, int(held * self.random.uniform(0.1, 1)) or held)
            else:
                dollars = SMALLEST * (LARGEST / SMALLEST) ** self.random.random()
                self.mint(user, token, dollars)

    def mint(self, user: str, token: str, dollars: float) -> None:
        """With USDC, WETH or ether; what comes is at least what was quoted, less a little."""
        asset = self.random.choice([self.usdc, self.weth, NATIVE])
        amount = int(dollars * USDC) if asset == self.usdc else int(dollars / self.price * WAD)
        self._deal("mint_exact_in", user, token, asset, amount, token)

    def redeem(self, user: str, token: str, shares: int, asset: str = "") -> None:
        """For USDC, WETH or ether, likewise."""
        asset = asset or self.random.choice([self.usdc, self.weth, NATIVE])
        self._deal("redeem", user, token, asset, shares, asset)

    def _deal(
        self, function: str, user: str, token: str, asset: str, amount: int, receives: str
    ) -> None:
        order: list[Any] = [token, asset, POOL_FEE, amount, 0, user, ENDLESS]
        value = amount if asset == NATIVE and function != "redeem" else 0
        call = transaction(user, self.router, function + ZAP, *order, value=value)
        try:
            quoted = int.from_bytes(self.node.call(call)[:32])  # the first word
        except RuntimeError:
            return  # by the rules of the token: what it says is tested elsewhere
        order[4] = quoted * PATIENCE[0] // PATIENCE[1]
        hash_ = self.node.send(user, self.router, function + ZAP, *order, value=value)
        self.promises.append((hash_, receives, order[4], user))
        self.deals += 1

    def leave(self) -> None:
        """Everyone redeems everything, for USDC."""
        for user in self.users:
            for token in self.tokens.values():
                held = self.node.read(token, "balanceOf(address)", ["uint256"], user)
                if held:
                    self.redeem(user, token, held, self.usdc)
                    self.node.mine(self.node.time + BLOCK)

    def left_over(self) -> int:
        """Shares that users still have."""
        return sum(
            self.node.read(token, "balanceOf(address)", ["uint256"], user)
            for user in self.users
            for token in self.tokens.values()
        )

    # Whoever liquidates

    def liquidate(self) -> bool:
        """Liquidate what the venue allows to; whether there was anything."""
        found = False
        for state in self.states:
            facts = self.facts[state.token]
            value = mul_div_down(state.collateral, state.venue_price, SCALE)
            if state.debt > mul_div_down(value, facts.lltv, WAD):
                found = True
                self.node.send(self.liquidator, *self.lender.liquidation(facts))
        return found
