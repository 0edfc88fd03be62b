"""Whether a network is what the files and the record say: read back, fact by fact."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_utils import to_checksum_address
from hexbytes import HexBytes
from web3.contract import Contract
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3RPCError

from scripts._deploy import ballast
from scripts._deploy import token as tokens
from scripts._deploy.aave import Reserves
from scripts._deploy.build import Build, again, plain
from scripts._deploy.bytecode import is_made_of
from scripts._deploy.create2 import PROXY
from scripts._deploy.market import Market
from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile

# The getters of what a constructor was given, argument by argument; None where there is none.
GETTERS: dict[str, tuple[str | None, ...]] = {
    "Factory": ("TOKEN_BLUEPRINT", "POSITION_BLUEPRINT", "VENUE"),
    "Router": ("FACTORY", None, "QUOTER", "WETH"),
    "Keeper": ("FACTORY", None),
    "Lens": ("FACTORY",),
    "ChainlinkOracle": ("COLLATERAL", "DEBT", "BASE", "QUOTE", "SEQUENCER", "GRACE"),
    "NavFeed": ("TOKEN",),
    # treasury, owner and cap are held to the file
    "LeveragedToken": ("name", "symbol", "rules", "oracle", *[None] * 5),
    "MorphoPosition": ("MORPHO", "ID"),
    "AavePosition": ("POOL", "collateral", "debt", "CATEGORY"),
}

OURS = "what our sources make"
MISSING = "nothing"


@dataclass(frozen=True)
class Difference:
    """A fact that is not as it should be."""

    what: str
    wanted: str
    found: str


@dataclass
class Proof(Run):
    """A run that sends nothing: what should stand is compared with what does."""

    facts: int = 0
    differences: list[Difference] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  # names in the record

    def same(self, what: str, wanted: Any, found: Any) -> None:
        """One fact; a struct is as many as it has fields."""
        wanted, found = plain(wanted), plain(found)
        self.facts += 1
        if wanted != found:
            self.differences.append(Difference(what, str(wanted), str(found)))

    def _stand(self, name: str, wanted: Build) -> str:
        known = self.record.contracts.get(name)
        if known and name in self.seen:
            return known.address
        if known is None:
            self.same(f"{name}, in the record", wanted.address, MISSING)
            return wanted.address
        self.same(f"{name}, address", wanted.address, known.address)
        self.contract(name, known.address, wanted, PROXY)
        return known.address

    def contract(
        self, name: str, address: str, wanted: Build, creator: str, own: Iterable[str] = ()
    ) -> None:
        """The code, the arguments in the record, and every immutable that can be asked for."""
        self.seen.add(name)
        if not self.code_at(address):
            self.same(f"{name}, code at {address}", OURS, MISSING)
            return
        made = is_made_of(self.web3, address, wanted, creator, own)
        self.same(f"{name}, code at {address}", OURS, OURS if made else "another")
        known = self.record.contracts.get(name)
        noted = known.arguments if known else MISSING
        self.same(f"{name}, arguments in the record", wanted.arguments, noted)
        encoded = known.encoded if known else MISSING
        self.same(f"{name}, encoded in the record", "0x" + wanted.encoded.hex(), encoded)
        there = self.at(wanted.source.name, address)
        getters = () if wanted.is_blueprint else GETTERS.get(wanted.source.name, ())
        for getter, value in zip(getters, wanted.arguments, strict=bool(getters)):
            if getter:
                self._read(name, there, getter, value)

    def _read(self, name: str, contract: Contract, getter: str, wanted: Any) -> None:
        function = contract.get_function_by_name(getter)()
        try:
            found = function.call()
        except (BadFunctionCallOutput, ContractLogicError, Web3RPCError) as error:
            self.same(f"{name}.{getter}", wanted, f"cannot be read: {error}")
            return
        fields = function.abi["outputs"][0].get("components")
        if not fields:
            self.same(f"{name}.{getter}", wanted, found)
            return
        for part, one, other in zip(fields, wanted, found, strict=True):
            self.same(f"{name}.{getter}.{part['name']}", one, other)


def prove(proof: Proof, network: Network, files: list[TokenFile]) -> None:
    """Everything: the network itself, what stands once, each token, and what is noted besides."""
    record = proof.record
    genesis = HexBytes(proof.web3.eth.get_block(0)["hash"]).to_0x_hex()
    proof.same("chain, genesis in the record", genesis, record.genesis)
    _network(proof, network)
    files = [file for file in files if file.venue in record.venues()]
    ballast.deploy(proof, network, files)
    for file in files:
        if file.symbol in record.tokens:
            _token(proof, network, file)
    for symbol in record.tokens.keys() - {file.symbol for file in files}:
        proof.same(f"{symbol}, file", f"scripts/tokens/{symbol}.yaml", MISSING)
    for name, known in record.contracts.items():
        if name not in proof.seen:
            wanted = again(known.source, bytes.fromhex(known.encoded[2:]))
            proof.contract(name, known.address, wanted, *_made_by(proof, name))


def _made_by(proof: Proof, name: str) -> tuple[str, list[str]]:
    """Who creates a contract, and what it creates itself."""
    tokens_there = proof.record.tokens
    if name in tokens_there:
        position = proof.record.contracts.get(f"{name} position")
        factory = proof.record.ours("Factory", proof.record.venue(name))
        return factory, [position.address] if position else []
    return tokens_there.get(name.removesuffix(" position"), PROXY), []


def _network(proof: Proof, network: Network) -> None:
    """What the network file says of others."""
    for name, coin in network.coins.items():
        proof.same(f"coin {name}, code", True, bool(proof.code_at(coin)))
    for name, feed in network.feeds.items():
        ballast.feed_rules(proof, network, feed)
        described = proof.at("Feed", feed.address).functions.description().call()
        proof.same(f"feed {name}, description", name, described.replace(" ", ""))
    if network.sequencer:
        there = bool(proof.code_at(network.sequencer.feed))
        proof.same("sequencer feed, code", True, there)
    if proof.record.has("morpho"):
        address, irm = network.venue()
        morpho = proof.at("Morpho", address)
        proof.same("Morpho, irm enabled", True, morpho.functions.isIrmEnabled(irm).call())
    if proof.record.has("aave"):
        lender = proof.at("aave/Pool", network.lender("aave"))
        provider = lender.functions.ADDRESSES_PROVIDER().call()
        named = proof.at("aave/PoolAddressesProvider", provider).functions.getPool().call()
        proof.same("Aave, pool of its provider", named, lender.address)
    exchange = network.exchange()
    quoter = proof.at("QuoterV2", exchange.quoter)
    proof.same("Uniswap quoter, factory", exchange.factory, quoter.functions.factory().call())
    factory = proof.at("UniswapV3Factory", exchange.factory)
    for pool in network.pools:
        pair = [network.coin(coin) for coin in pool.pair]
        there = factory.functions.getPool(*pair, pool.fee).call() != NOBODY
        proof.same(f"pool {'/'.join(pool.pair)} {pool.fee}, is there", True, there)


def _token(proof: Proof, network: Network, file: TokenFile) -> None:
    """A token: its code, its position's, its rules and its roles."""
    symbol, address = file.symbol, proof.record.tokens[file.symbol]
    if not proof.code_at(address):
        proof.same(f"{symbol}, code at {address}", OURS, MISSING)
        return
    wanted, market = tokens.plan_of(proof, network, file)
    plan = tokens.as_created(proof, wanted)
    factory = proof.at("Factory", proof.record.ours("Factory", file.venue))
    token = proof.at("LeveragedToken", address)
    position = token.functions.position().call()
    token_build, position_build = tokens.builds(proof, network, file, plan)
    proof.same(f"{symbol}, of the factory", True, factory.functions.is_token(address).call())
    proof.same(f"{symbol}.factory", factory.address, token.functions.factory().call())
    for role in ("treasury", "owner"):
        named = getattr(wanted if getattr(file, role) != "deployer" else plan, role)
        proof.same(f"{symbol}.{role}", named, token.functions[role]().call())
    proof.same(f"{symbol}.cap", wanted.cap, token.functions.cap().call())
    proof.same(f"{symbol}.paused", False, token.functions.paused().call())
    proof.same(f"{symbol}.pending_owner", NOBODY, token.functions.pending_owner().call())
    proof.same(f"{symbol}.collateral", market.collateral, token.functions.collateral().call())
    proof.same(f"{symbol}.debt", market.debt, token.functions.debt().call())
    proof.contract(symbol, address, token_build, factory.address, own=[position])

    name = f"{symbol} position"
    proof.same(f"{name}, address", position, proof.record.address(name))
    proof.contract(name, position, position_build, address)
    there = proof.at(position_build.source.name, position)
    proof.same(f"{name}.TOKEN", to_checksum_address(address), there.functions.TOKEN().call())
    if isinstance(market, Reserves):
        _terms(proof, file, there)
    else:
        _params(proof, network, symbol, market)
    tokens.nav_feed(proof, symbol, address)


def _params(proof: Proof, network: Network, symbol: str, market: Market) -> None:
    """What Morpho knows a market by."""
    morpho = proof.at("Morpho", network.lender("morpho"))
    found = morpho.functions.idToMarketParams(market.id).call()
    for part, one, other in zip(
        ("loanToken", "collateralToken", "oracle", "irm", "lltv"), market.params, found, strict=True
    ):
        proof.same(f"{symbol}, market.{part}", one, other)


def _terms(proof: Proof, file: TokenFile, position: Contract) -> None:
    """What Aave's governance has set: no worse than the file says, or the rules may not be safe."""
    lltv, bonus = position.functions.liquidation().call()
    least, most = file.liquidation
    proof.same(f"{file.symbol}, market.lltv or more", max(least, lltv), lltv)
    proof.same(f"{file.symbol}, market.bonus or less", min(most, bonus), bonus)
