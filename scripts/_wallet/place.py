"""Where Ballast is on a network: its contracts, its tokens, and what the pair of a token is called.

Each venue that tokens live on has contracts of its own: a place for each.

On `local` that is what `ape run deploy` has recorded or, where nothing of that is on the chain,
what `ape run devnet` has written.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import click
from eth_utils import is_address, to_checksum_address

from scripts._deploy.record import Record
from scripts._devnet import POOL_FEE, TOKENS
from scripts._files import Network
from scripts._files.network import Pool, Uniswap
from scripts._files.venue import VENUES, VenueName, called
from scripts._lens import Facts, Fault, State, decode_look, look_call
from scripts._model.fixed_point import SCALE
from scripts._wallet.amounts import EXACT
from scripts._wallet.coins import NATIVE, NATIVE_DECIMALS, NATIVE_SYMBOL, Coin
from scripts._wallet.node import Node
from scripts._wallet.printable import printable
from scripts._wallet.swap import mid_price

DEVNET = Path("out") / "devnet.json"
PAGE = 128  # tokens in one call: few enough for any node's bound on gas
SLOT0 = "uint160 int24 uint16 uint16 uint16 uint8 bool"


@dataclass(frozen=True)
class Place:
    """Ballast on a network, for the tokens of one venue: their addresses by symbol."""

    network: Network
    router: str
    keeper: str
    lens: str
    tokens: dict[str, str]

    def look(self, node: Node, tokens: list[str]) -> list[tuple[State, Facts]]:
        """How tokens stand, and what never changes of them, from one call of the Lens.

        Of more than PAGE tokens from as many as are needed.
        """
        looked: list[tuple[State, Facts]] = []
        for start in range(0, len(tokens), PAGE):
            answer = node.call(self.lens, look_call(tokens[start : start + PAGE]))
            looked += [(state, printable(facts)) for state, facts in decode_look(answer)]
        return looked

    def one(self, node: Node, token: str) -> tuple[State, Facts]:
        """How a token stands. Raises click.ClickException where that cannot be told."""
        ((state, facts),) = self.look(node, [token])
        if state.faults & Fault.UNKNOWN:
            raise click.ClickException(
                f"{state.token} is no token of the factory on {self.network.name}, which has "
                f"{', '.join(self.tokens) or 'none'}"
            )
        if (state.faults | facts.faults) & (Fault.POSITION | Fault.COIN):
            raise click.ClickException(
                f"{facts.symbol}: its position or its coins cannot be read now: ape run status"
            )
        return state, facts

    def coins(self, facts: Facts) -> dict[str, Coin]:
        """What a token can be paid in and redeemed to, by symbol; first what it is counted in."""
        pair = [
            self._coin(facts.debt, facts.debt_symbol, facts.debt_decimals),
            self._coin(facts.collateral, facts.collateral_symbol, facts.collateral_decimals),
        ]
        if not facts.rules.long:
            pair.reverse()
        wrapped = self.network.coins.get("WETH")
        native = [
            Coin(NATIVE_SYMBOL, NATIVE_DECIMALS, NATIVE, coin.address)
            for coin in pair
            if coin.address == wrapped
        ]
        return {coin.symbol.upper(): coin for coin in [*pair, *native]}

    def pool_fee(self, facts: Facts) -> int:
        """The fee of the pool that the network file names for the token's pair, in millionths."""
        return self.network.fee(*(self._name(coin) for coin in (facts.collateral, facts.debt)))

    def mid(self, node: Node, facts: Facts) -> int:
        """That pool's price before a swap: debt for one collateral, scaled by 1e36."""
        return self._mid(node, facts.collateral, facts.debt)

    def ether_in(self, node: Node, coin: str, wei: int) -> Decimal | None:
        """Raw units of `coin` for ether, at a pool that the network file names, if it names one."""
        weth = self.network.coins.get("WETH")
        if weth == coin:
            return Decimal(wei)
        try:
            mid = self._mid(node, weth or "", coin)
        except click.ClickException:
            return None
        return EXACT.divide(Decimal(wei * mid), Decimal(SCALE))

    def _mid(self, node: Node, *pair: str) -> int:
        """The price of the pool of two coins: of the second for one of the first."""
        factory = self.network.exchange().factory
        order = (*pair, self.network.fee(*(self._name(coin) for coin in pair)))
        pool = node.ask(factory, "getPool(address,address,uint24)", order, "address")
        if not node.has_code(pool):
            raise click.ClickException(
                f"{self.network.file}: pools: {self._name(pair[0])}/{self._name(pair[1])} at fee "
                f"{order[2]} is no pool of Uniswap on this chain"
            )
        root = node.ask(pool, "slot0()", (), SLOT0)[0]
        return mid_price(root, collateral_first=pair[0].lower() < pair[1].lower())

    def _coin(self, address: str, symbol: str, decimals: int) -> Coin:
        return Coin(self._name(address) or symbol, decimals, address, address)

    def _name(self, address: str) -> str:
        """As the network file calls a coin; empty if it does not."""
        return next((name for name, at in self.network.coins.items() if at == address), "")


@dataclass(frozen=True)
class Places:
    """Ballast on a network."""

    network: Network
    each: tuple[Place, ...]  # at least one

    @property
    def tokens(self) -> dict[str, str]:
        """Addresses by symbol, of all venues."""
        return {symbol: token for place in self.each for symbol, token in place.tokens.items()}

    def token(self, name: str) -> str:
        """The address of a token, by its symbol or its address. Raises click.ClickException."""
        if is_address(name):
            return to_checksum_address(name)
        known = {symbol.upper(): address for symbol, address in self.tokens.items()}
        if name.upper() not in known:
            raise click.ClickException(
                f"{name} is not on {self.network.name}, which has "
                f"{', '.join(self.tokens) or 'no token yet: ape run create'}"
            )
        return known[name.upper()]

    def of(self, node: Node, token: str) -> Place:
        """That of a token, by its address; the first where none knows it."""
        for place in self.each:
            if token in place.tokens.values():
                return place
        for place in self.each[1:]:
            ((state, _),) = place.look(node, [token])
            if not state.faults & Fault.UNKNOWN:
                return place
        return self.each[0]

    def look(self, node: Node, tokens: list[str]) -> list[tuple[State, Facts]]:
        """How tokens of any venue stand, and what never changes of them, in their order."""
        place_of = {token: self.of(node, token) for token in tokens}
        looked: dict[str, tuple[State, Facts]] = {}
        for place in self.each:
            there = [token for token in tokens if place_of[token] is place]
            looked |= zip(there, place.look(node, there), strict=True)
        return [looked[token] for token in tokens]


def find(network: Network, node: Node) -> Places:
    """Ballast on the connected network. Raises click.ClickException where it is not."""
    record = Record.load(network.name)
    lenses = {called("Lens", venue): venue for venue in VENUES}
    recorded = {venue: record.contracts.get(lens) for lens, venue in lenses.items()}
    there = [v for v, lens in recorded.items() if lens and node.has_code(lens.address)]
    if there:
        return Places(network, tuple(_recorded(network, record, venue) for venue in there))
    if network.name == "local" and DEVNET.is_file():
        known = json.loads(DEVNET.read_text(encoding="utf8"))
        if node.has_code(known["contracts"]["Lens"]):
            devnet = _devnet(network, known["contracts"])
            return Places(devnet.network, (devnet,))
    remedy = f"ape run deploy --network {network.name} --broadcast"
    if network.name == "local":
        remedy = "make devnet, or ape run deploy --sandbox --broadcast"
    elif any(recorded.values()):
        remedy = f"the record is of another chain than {network.rpc} leads to"
    raise click.ClickException(f"Ballast is not on {network.name}: {remedy}")


def _recorded(network: Network, record: Record, venue: VenueName) -> Place:
    """What `ape run deploy` and `ape run create` have put there for a venue."""
    return Place(
        network,
        router=record.ours("Router", venue),
        keeper=record.ours("Keeper", venue),
        lens=record.ours("Lens", venue),
        tokens={each: at for each, at in record.tokens.items() if record.venue(each) == venue},
    )


def _devnet(network: Network, contracts: dict[str, str]) -> Place:
    """What `ape run devnet` runs."""
    known = {
        "coins": {name: contracts[name] for name in ("WETH", "USDC")},
        "pools": (Pool(pair=("WETH", "USDC"), fee=POOL_FEE),),
        "uniswap": Uniswap(
            factory=contracts["Uniswap v3 factory"], quoter=contracts["Uniswap v3 quoter"]
        ),
    }
    described = network.model_copy(update=known)
    tokens = {symbol: contracts[symbol] for symbol in TOKENS}
    return Place(
        described,
        router=contracts["Router"],
        keeper=contracts["Keeper"],
        lens=contracts["Lens"],
        tokens=tokens,
    )
