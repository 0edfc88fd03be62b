"""A market of Morpho Blue: opened where it is missing, and seeded so that a token may borrow."""

from dataclasses import dataclass
from typing import Any

import click
from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile
from scripts._files.reading import to_wad
from scripts._wallet import amounts

SCALE = 10**36
# A position refuses a market in which less is borrowed, or whose shares a first borrower spoiled.
MIN_BORROWED = 10**4
FIRST_LOAN = 10 * MIN_BORROWED
PLEDGE = 10  # times the loan's worth


@dataclass(frozen=True)
class Market:
    """What Morpho knows a market by."""

    debt: str
    collateral: str
    oracle: str
    irm: str
    lltv: int

    @property
    def params(self) -> tuple[str, str, str, str, int]:
        """As Morpho takes them."""
        return self.debt, self.collateral, self.oracle, self.irm, self.lltv

    @property
    def arguments(self) -> bytes:
        """What a position is told of it, after Morpho."""
        return self.id

    @property
    def id(self) -> bytes:
        """Hash of the parameters."""
        kinds = ["address", "address", "address", "address", "uint256"]
        return keccak(encode(kinds, self.params))


def market_of(network: Network, token: TokenFile, oracle: str) -> Market:
    """The market of a token, where the venue asks `oracle`."""
    _, irm = network.venue()
    coins = network.coin(token.debt), network.coin(token.collateral)
    return Market(*coins, to_checksum_address(oracle), irm, to_wad(token.market.lltv))


def borrowed(run: Run, network: Network, market: Market) -> int:
    """What is borrowed in a market, in units of its debt; 0 where there is no market."""
    return _state(run, network, market)[2]


def require(run: Run, network: Network, token: TokenFile, market: Market) -> None:
    """Raise click.ClickException where a market is missing, or is too empty for a token."""
    if borrowed(run, network, market) < MIN_BORROWED:
        raise click.ClickException(
            f"{token.symbol}: Morpho has no market in use of {token.collateral} against "
            f"{token.debt} at LLTV {token.market.lltv}, asking {market.oracle}: --market opens and "
            "seeds it; or list one in use under markets in " + network.file
        )


def open_and_seed(
    run: Run, network: Network, token: TokenFile, market: Market, lend: int, loan: int = FIRST_LOAN
) -> None:
    """Open a market, lend `lend` and borrow `loan`, in units of its debt, where it is not done."""
    address, irm = network.venue()
    morpho = run.at("Morpho", address)
    name = f"{token.collateral}/{token.debt} at {token.market.lltv}"
    if morpho.functions.idToMarketParams(market.id).call()[0] == NOBODY:
        if not morpho.functions.isIrmEnabled(irm).call():
            raise click.ClickException(f"Morpho does not know the irm {irm} of {network.file}")
        if not morpho.functions.isLltvEnabled(market.lltv).call():
            raise click.ClickException(
                f"Morpho does not allow an LLTV of {token.market.lltv} (market.lltv of "
                f"{token.symbol}); allowed on most networks: 0.625, 0.77, 0.86, 0.915, 0.945"
            )
        run.call(f"open market {name}", morpho, "createMarket", market.params)

    me = run.sender.address
    supplied, _, owed, *_ = _state(run, network, market)
    if supplied - owed < lend:
        approve(run, token.debt, market.debt, address, lend)
        missing = lend - (supplied - owed)
        run.call(f"lend to {name}", morpho, "supply", market.params, missing, 0, me, b"")
        run.terms.append(f"lends {show(run, token.debt, market.debt, missing)} to {name}")
    if owed < MIN_BORROWED:
        pledge = PLEDGE * loan * SCALE // price(run, market.oracle) + 1
        if morpho.functions.position(market.id, me).call()[2] < pledge:
            approve(run, token.collateral, market.collateral, address, pledge)
            collateral = (market.params, pledge, me, b"")
            run.call(f"pledge to {name}", morpho, "supplyCollateral", *collateral)
            shown = show(run, token.collateral, market.collateral, pledge)
            run.terms.append(f"pledges {shown} there")
        run.call(f"borrow from {name}", morpho, "borrow", market.params, loan, 0, me, me)
        run.terms.append(f"borrows {show(run, token.debt, market.debt, loan)} from there")


def price(run: Run, oracle: str) -> int:
    """Debt units per collateral unit, scaled by 1e36."""
    return run.at("ChainlinkOracle", oracle).functions.price().call()


def approve(run: Run, name: str, coin: str, spender: str, amount: int) -> None:
    """Have `amount` of a coin, and `spender` allowed to take it.

    A sandbox's coins are made as needed. Raises click.ClickException if a real one is lacking.
    """
    me = run.sender.address
    token = run.at("TestToken", coin)
    lack = amount - token.functions.balanceOf(me).call()
    if lack > 0 and coin in run.record.sandbox.get("coins", {}).values():
        run.call(f"make {name}", token, "mint", me, lack)
    elif lack > 0:
        raise click.ClickException(
            f"{me} lacks {show(run, name, coin, lack)}, of {show(run, name, coin, amount)} that it "
            "needs"
        )
    if token.functions.allowance(me, spender).call() < amount:
        run.call(f"approve {name}", token, "approve", spender, amount)


def show(run: Run, name: str, coin: str, amount: int) -> str:
    """An amount of a coin for the eye."""
    decimals = run.at("TestToken", coin).functions.decimals().call()
    return amounts.show(amount, decimals, name)


def _state(run: Run, network: Network, market: Market) -> tuple[Any, ...]:
    """Supplied and its shares, borrowed and its shares, as last written down, and more."""
    address, _ = network.venue()
    found = run.at("Morpho", address).functions.market(market.id).call()
    return tuple(found)
