"""A token, from its file: its market if asked to, its seed, and itself."""

from dataclasses import astuple, dataclass, replace
from typing import Any

import click
from eth_abi import encode
from eth_utils import keccak, to_checksum_address
from hexbytes import HexBytes

from scripts._deploy import aave
from scripts._deploy import market as venue
from scripts._deploy.aave import Reserves
from scripts._deploy.ballast import fill_oracle, venue_oracle
from scripts._deploy.build import Build, abi_type, again, build, source
from scripts._deploy.market import SCALE, Market
from scripts._deploy.run import Run, Sent
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile
from scripts._files.reading import WAD, to_wad
from scripts._files.venue import POSITIONS
from scripts._model import leverage_math


@dataclass(frozen=True)
class Plan:
    """What the factory is asked for: all of `create` but the seed."""

    name: str
    symbol: str
    rules: tuple[Any, ...]
    oracle: str
    treasury: str
    owner: str
    cap: int
    venue: bytes  # the position's arguments after the address of what stands for the venue

    @property
    def key(self) -> bytes:
        """What the factory knows the token by."""
        inputs = next(e for e in source("Factory").abi if e.get("name") == "create")["inputs"]
        return keccak(encode([abi_type(each) for each in inputs[:-1]], astuple(self)))


def create(run: Run, network: Network, token: TokenFile, with_market: bool) -> str:
    """Have a token: its address. Raises click.ClickException."""
    plan, market = plan_of(run, network, token)
    factory = run.at("Factory", run.record.ours("Factory", token.venue))
    began = as_created(run, plan)
    address = factory.functions.token_of(began.key).call()
    if address != NOBODY:
        plan = began
        run.stands(token.symbol, address)
        _note(run, network, token, plan, address, run.settled(f"create {token.symbol}"))
        nav_feed(run, token.symbol, address)
        return address

    _require_new(run, token.symbol)
    price = venue.price(run, plan.oracle)
    collateral, debt = seed(run, network, token, price)
    if isinstance(market, Reserves):
        aave.require(run, network, token, debt)
    else:
        if with_market:
            venue.open_and_seed(run, network, token, market, lend=2 * debt)
        venue.require(run, network, token, market)
    venue.approve(run, token.collateral, market.collateral, factory.address, collateral)
    name = f"create {token.symbol}"
    data = factory.encode_abi("create", args=[*astuple(plan), collateral])
    sent = run.send(name, factory.address, HexBytes(data))  # pending until it is noted
    address = factory.functions.token_of(plan.key).call()
    _note(run, network, token, plan, address, sent)
    run.terms += _terms(run, network, token, plan, (collateral, debt))
    nav_feed(run, token.symbol, address)
    return address


def _require_new(run: Run, symbol: str) -> None:
    """Raise click.ClickException where the symbol is that of a token with other rules."""
    known = run.record.tokens.get(symbol)
    if known and run.code_at(known):
        raise click.ClickException(
            f"{symbol} is {known}, made from another file: a token never changes, so give this "
            f"file another symbol (`ape run check --network {run.record.network}`: what differs)"
        )


def nav_feed(run: Run, symbol: str, token: str) -> str:
    """Have the NAV of a token's share as a feed."""
    return run.deploy(f"{symbol} NAV feed", "NavFeed", token)


def plan_of(run: Run, network: Network, token: TokenFile) -> tuple[Plan, Market | Reserves]:
    """What the factory is asked for, and the market; brings the oracles if they are missing."""
    held = fill_oracle(run, network, token)
    market: Market | Reserves
    if token.venue == "aave":
        market = aave.reserves_of(network, token)
    else:
        market = venue.market_of(network, token, venue_oracle(run, network, token))
    plan = Plan(
        name=token.name,
        symbol=token.symbol,
        rules=astuple(token.rules),
        oracle=held,
        treasury=account(run, token.treasury),
        owner=account(run, token.owner),
        cap=token.cap * WAD,
        venue=market.arguments,
    )
    return plan, market


def account(run: Run, who: str) -> str:
    """The address of a token's owner or treasury: "deployer" is who creates it."""
    return to_checksum_address(run.sender.address if who == "deployer" else who)


def as_created(run: Run, plan: Plan) -> Plan:
    """With what the token began with, where one is there: its owner may have changed it since."""
    known = run.record.contracts.get(plan.symbol)
    if known is None or not run.code_at(known.address):
        return plan
    treasury, owner, cap = known.arguments[4:7]
    return replace(plan, treasury=treasury, owner=owner, cap=cap)


def seed(run: Run, network: Network, token: TokenFile, price: int) -> tuple[int, int]:
    """Collateral behind the first shares, and the debt that is taken against it, in raw units.

    V = NAV * G        NAV in units of what people count in, so that V is in the same
    """
    quote = network.coin(token.pair[1])
    unit = 10 ** run.at("TestToken", quote).functions.decimals().call()
    worth = int(token.seed * unit) * leverage_math.gearing(to_wad(token.target), token.long) // WAD
    collateral = worth * SCALE // price if token.long else worth
    value = collateral * price // SCALE
    gearing = leverage_math.gearing(to_wad(token.target), token.long)
    return collateral, value * (gearing - WAD) // gearing


def builds(run: Run, network: Network, token: TokenFile, plan: Plan) -> tuple[Build, Build]:
    """Token and position, with the arguments that the factory gives their constructors."""
    position = POSITIONS[token.venue]
    blueprint = run.record.address(f"{position} blueprint")
    told = encode(["address"], [network.lender(token.venue)]) + plan.venue
    made = build("LeveragedToken", *astuple(plan)[:-1], blueprint, told)
    return made, again(position, told)


def _terms(
    run: Run, network: Network, token: TokenFile, plan: Plan, legs: tuple[int, int]
) -> list[str]:
    """What a creation takes and gives, and who rules the token."""
    takes, returns = (
        venue.show(run, coin, network.coin(coin), amount)
        for coin, amount in zip((token.collateral, token.debt), legs, strict=True)
    )
    roles = [
        f"{role} {address}" + (" (this account)" if address == run.sender.address else "")
        for role, address in (("owner", plan.owner), ("treasury", plan.treasury))
    ]
    return [
        f"{token.symbol} takes about {takes}, returns {returns}, and locks what is left, "
        f"{token.seed} {token.pair[1]}, for good",
        f"{token.symbol} has {roles[0]}, {roles[1]}, cap {token.cap:,} shares",
    ]


def _note(
    run: Run, network: Network, token: TokenFile, plan: Plan, address: str, sent: Sent | None
) -> None:
    """The token and its position, in the record."""
    position = run.at("LeveragedToken", address).functions.position().call()
    token_build, position_build = builds(run, network, token, plan)
    run.record.tokens[plan.symbol] = address
    run.note(plan.symbol, address, token_build, sent)
    run.note(f"{plan.symbol} position", position, position_build, sent)
