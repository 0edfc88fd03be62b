"""`ape run redeem`: out of a leveraged token into one coin, in one transaction."""

from typing import Any

import click

from scripts._command import Session, network_options
from scripts._wallet.amounts import Amount
from scripts._wallet.coins import amount_of, choose, require
from scripts._wallet.happened import REDEEMED, Event, moved, the, unwrapped
from scripts._wallet.options import AMOUNT, bounds, timing
from scripts._wallet.sending import Wallet
from scripts._wallet.trade import Terms, Trade, redeem, shares_of
from scripts._wallet.trading import trade


@click.command()
@click.argument("token")
@click.option("--shares", type=AMOUNT, required=True, help='How many to give up: 12.5, or "all".')
@click.option("--get", metavar="COIN", help="What to get.  [default: what the token is counted in]")
@bounds
@timing
@network_options
def cli(
    session: Session,
    token: str,
    shares: Amount,
    get: str | None,
    **how: Any,
) -> None:
    """Redeem shares of TOKEN for one coin: either asset of its pair, or ether.

    \b
    ape run redeem ETHBULL --shares 12.5           for what it is counted in
    ape run redeem ETHBULL --shares all --get ETH  everything, for ether

    Shows what it brings and what it costs, and simulates it as your account would send it. With
    --broadcast it asks, and sends. The bounds that it shows hold on chain: past them it reverts.
    """
    if shares.is_bare:
        raise click.UsageError("--shares: how many? 12.5, or all")
    trade(
        session,
        "Redeem",
        lambda wallet, terms: _quote(wallet, token, shares, get, terms),
        _tell,
        **how,
    )


def _quote(wallet: Wallet, token: str, shares: Amount, get: str | None, terms: Terms) -> Trade:
    node, owner = wallet.node, wallet.owner
    place, looked = wallet.look(token)
    facts = looked[1]
    coin = choose(place.coins(facts), get.upper() if get else None, facts.symbol)
    share = shares_of(facts)
    given = amount_of(shares, share, node, owner)
    require(share, given, node, owner)
    quoted = redeem(place, node, looked, coin, given, terms)
    if coin.native and node.ether(coin.erc20) < quoted.total:
        backing = coin.show(node.ether(coin.erc20))
        raise click.ClickException(f"no more than {backing} are behind WETH here: --get WETH")
    return quoted


def _tell(wallet: Wallet, quoted: Trade, events: list[Event]) -> None:
    """What was given and received, from the events."""
    coin, facts, router = quoted.coin, quoted.facts, quoted.router
    if coin.native:
        got = unwrapped(events, coin.erc20, router)
    else:
        got = moved(events, coin.erc20, sender=router, receiver=quoted.terms.receiver)
    shares, fee, *_ = the(events, facts.token, REDEEMED)
    share = shares_of(facts)
    click.echo(f"\nGave {share.show(shares)} and received {coin.show(got)}", nl=False)
    click.echo(f"; {share.show(fee)} of them were the fee.")
