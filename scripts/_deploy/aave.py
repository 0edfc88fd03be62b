"""A pair of reserves of Aave v3: what its governance has set for them, and if a token may borrow.

They are there or not: unlike a market of Morpho Blue nobody but Aave's governance can open one.
"""

from dataclasses import dataclass

import click
from eth_abi import encode
from eth_utils import keccak, to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError

from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile
from scripts._files.reading import WAD

BASIS = 10**4  # basis points in one

# Bits of a reserve's configuration.
THRESHOLD, BONUS = 16, 32
CATEGORY = 168  # its one e-mode, until Aave's version 3.1
ACTIVE, FROZEN, BORROWABLE, PAUSED = 1 << 56, 1 << 57, 1 << 58, 1 << 60
MASK, CATEGORY_MASK = 2**16 - 1, 2**8 - 1

# A bit for each reserve by its number; known since version 3.2.
COLLATERALS = keccak(text="getEModeCategoryCollateralBitmap(uint8)")[:4]


@dataclass(frozen=True)
class Reserves:
    """What a position is told of them."""

    collateral: str
    debt: str
    category: int  # e-mode

    @property
    def arguments(self) -> bytes:
        """After the pool."""
        return encode(["address", "address", "uint8"], [self.collateral, self.debt, self.category])


def reserves_of(network: Network, token: TokenFile) -> Reserves:
    """Those of a token."""
    return Reserves(network.coin(token.collateral), network.coin(token.debt), token.market.category)


def is_in(web3: Web3, pool: str, category: int, bits: int, number: int) -> bool:
    """Whether an e-mode takes a reserve as collateral, of that configuration and number."""
    asked = COLLATERALS + encode(["uint8"], [category])
    try:
        listed = web3.eth.call({"to": to_checksum_address(pool), "data": HexBytes(asked)})
    except ContractLogicError:
        return bits >> CATEGORY & CATEGORY_MASK == category
    return bool(int.from_bytes(listed) >> number & 1)


def _terms(run: Run, network: Network, reserves: Reserves) -> tuple[int, int]:
    """The liquidation LTV and the bonus of collateral in WAD; zeros where it is not taken."""
    pool = run.at("aave/Pool", network.lender("aave")).functions
    if reserves.category:
        _, threshold, bonus, *_ = pool.getEModeCategoryData(reserves.category).call()
    else:
        (bits,) = pool.getConfiguration(reserves.collateral).call()
        threshold, bonus = bits >> THRESHOLD & MASK, bits >> BONUS & MASK
    return threshold * WAD // BASIS, (max(bonus, BASIS) - BASIS) * WAD // BASIS


def require(run: Run, network: Network, token: TokenFile, debt: int) -> None:
    """Raise click.ClickException where Aave does not lend `debt`, or by worse terms than told."""
    reserves = reserves_of(network, token)
    pool = run.at("aave/Pool", network.lender("aave")).functions
    for coin in dict.fromkeys((token.collateral, token.debt)):
        if _atoken(run, network, network.coin(coin)) == NOBODY:
            raise click.ClickException(
                f"{token.symbol}: Aave does not list {coin} at {network.coin(coin)}: allowed are "
                f"its own reserves, under coins in {network.file}"
            )
    (bits,) = pool.getConfiguration(reserves.debt).call()
    if bits & (ACTIVE | FROZEN | BORROWABLE | PAUSED) != ACTIVE | BORROWABLE:
        raise click.ClickException(
            f"{token.symbol}: Aave does not lend {token.debt} now: its governance has frozen or "
            "paused it, or does not let it be borrowed"
        )
    lent = run.at("TestToken", reserves.debt).functions
    if lent.balanceOf(_atoken(run, network, reserves.debt)).call() < debt:
        raise click.ClickException(
            f"{token.symbol}: Aave has not enough {token.debt} left to lend: wait, or lower seed"
        )
    if category := reserves.category:
        (bits,), *_, number = pool.getReserveData(reserves.collateral).call()[:8]
        if not is_in(run.web3, network.lender("aave"), category, bits, number):
            raise click.ClickException(
                f"{token.symbol}: Aave's e-mode {category} does not take {token.collateral}: leave "
                f"market.category out of scripts/tokens/{token.symbol}.yaml, or write one that does"
            )
    _hold(token, _terms(run, network, reserves))


def _hold(token: TokenFile, found: tuple[int, int]) -> None:
    """Raise click.ClickException where what was found is worse than the file says."""
    lltv, bonus = (each / WAD for each in found)
    where = f"scripts/tokens/{token.symbol}.yaml"
    if found[0] < token.liquidation[0]:
        raise click.ClickException(
            f"{token.symbol}: Aave liquidates {token.collateral} at {lltv:g}, sooner than "
            f"{token.market.lltv}: write market.lltv {lltv:g} into {where}, and what its rules "
            "then allow"
        )
    if found[1] > token.liquidation[1]:
        raise click.ClickException(
            f"{token.symbol}: Aave's liquidators get {bonus:g} on top of {token.collateral}, more "
            f"than {token.market.bonus}: write market.bonus {bonus:g} into {where}"
        )


def _atoken(run: Run, network: Network, coin: str) -> str:
    """What a lender of a coin holds, and where all of it lies; NOBODY where it is not listed."""
    pool = run.at("aave/Pool", network.lender("aave")).functions
    return str(pool.getReserveData(coin).call()[8])
