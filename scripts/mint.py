"""`ape run mint`: shares of a leveraged token for one coin, in one transaction."""

from typing import Any

import click

from scripts._command import Session, network_options
from scripts._wallet.amounts import Amount
from scripts._wallet.coins import amount_of, choose, require
from scripts._wallet.happened import MINTED, Event, moved, the, wrapped
from scripts._wallet.options import AMOUNT, bounds, timing
from scripts._wallet.sending import Wallet
from scripts._wallet.trade import Terms, Trade, mint_exactly, mint_for, shares_of
from scripts._wallet.trading import trade


@click.command()
@click.argument("token")
@click.option("--pay", type=AMOUNT, help='What to spend: "1000 USDC", "0.5 ETH", "all WETH".')
@click.option("--shares", type=AMOUNT, help="Exactly so many, paid in the coin that --pay names.")
@bounds
@timing
@network_options
def cli(
    session: Session,
    token: str,
    pay: Amount | None,
    shares: Amount | None,
    **how: Any,
) -> None:
    """Mint shares of TOKEN for one coin: either asset of its pair, or ether.

    \b
    ape run mint ETHBULL --pay "1000 USDC"         as many shares as that buys
    ape run mint ETHBULL --shares 10               exactly ten, paid in what it is counted in
    ape run mint ETHBULL --shares 10 --pay ETH     exactly ten, paid in ether

    Shows what it costs and what you would hold, and simulates it as your account would send it.
    With --broadcast it asks, and sends. The bounds that it shows hold on chain: past them it
    reverts.
    """
    _check(pay, shares)
    trade(
        session,
        "Mint",
        lambda wallet, terms: _quote(wallet, token, pay, shares, terms),
        _tell,
        **how,
    )


def _check(pay: Amount | None, shares: Amount | None) -> None:
    """Either an amount to pay, or shares to get and maybe the coin to pay in."""
    if shares is None:
        if pay is None or pay.is_bare:
            raise click.UsageError('say what to pay, --pay "1000 USDC", or get, --shares 10')
        if pay.symbol is None:
            raise click.UsageError(f'--pay {pay}: of what? "{pay} USDC"')
    elif pay is not None and not pay.is_bare:
        raise click.UsageError(f"--shares fixes what is received: --pay {pay.symbol or 'USDC'}")
    elif shares.value is None or shares.is_bare:
        raise click.UsageError("--shares: how many?")


def _quote(
    wallet: Wallet, token: str, pay: Amount | None, shares: Amount | None, terms: Terms
) -> Trade:
    node, owner = wallet.node, wallet.owner
    place, looked = wallet.look(token)
    facts = looked[1]
    coin = choose(place.coins(facts), pay.symbol if pay else None, facts.symbol)
    if shares is not None:
        exactly = amount_of(shares, shares_of(facts), node, owner)
        quoted = mint_exactly(place, node, looked, coin, exactly, terms)
        require(coin, quoted.most if coin.native else quoted.total, node, owner)
        return quoted
    assert pay is not None
    paid = amount_of(pay, coin, node, owner)
    require(coin, paid, node, owner)
    return mint_for(place, node, looked, coin, paid, terms)


def _tell(wallet: Wallet, quoted: Trade, events: list[Event]) -> None:
    """What was paid and received, from the events."""
    coin, facts, router = quoted.coin, quoted.facts, quoted.router
    if coin.native:
        paid = wrapped(events, coin.erc20, router)
    else:
        paid = moved(events, coin.erc20, sender=wallet.owner)
    shares, fee, *_ = the(events, facts.token, MINTED)
    share = shares_of(facts)
    click.echo(f"\nPaid {coin.show(paid)} and received {share.show(shares)}", nl=False)
    click.echo(f"; {share.show(fee)} more were the fee.")
