"""`ape run redeem`: out of a leveraged token into one coin, in one transaction."""

import click

from scripts._command import Session, network_options
from scripts._wallet.amounts import Amount
from scripts._wallet.coins import amount_of, choose, require
from scripts._wallet.cost import hold
from scripts._wallet.happened import REDEEMED, Event, moved, the, unwrapped
from scripts._wallet.options import AMOUNT, MINUTE, bounds, timing
from scripts._wallet.preview import aligned, named, trade_lines
from scripts._wallet.sending import Allowance, Deal, Wallet, carry_out, wallet_of
from scripts._wallet.trade import Terms, Trade, redeem, shares_of


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
    slippage: int,
    receiver: str | None,
    yes: bool,
    deadline: int,
    permit: bool,
    max_cost: int,
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
    with wallet_of(session) as wallet:
        until = wallet.node.time + deadline * MINUTE
        terms = Terms(slippage, receiver or wallet.owner, until)
        trade = _trade(wallet, token, shares, get, terms)
        click.echo(f"Redeem {named(trade.facts)} on {session.network.name}\n")
        click.echo(aligned(trade_lines(trade, wallet.node.time)))
        hold(trade, max_cost, yes)
        deal = Deal(
            trade.words,
            trade.call(),
            Allowance(trade.given, trade.router, "the router", trade.most),
            permitted=trade.call,
            deadline=until,
        )
        events = carry_out(wallet, deal, yes=yes, signing=permit)
        if events is not None:
            _tell(wallet, trade, events)


def _trade(wallet: Wallet, token: str, shares: Amount, get: str | None, terms: Terms) -> Trade:
    place, node, owner = wallet.place, wallet.node, wallet.owner
    looked = place.one(node, token)
    facts = looked[1]
    coin = choose(place.coins(facts), get.upper() if get else None, facts.symbol)
    share = shares_of(facts)
    given = amount_of(shares, share, node, owner)
    require(share, given, node, owner)
    trade = redeem(place, node, looked, coin, given, terms)
    if coin.native and node.ether(coin.erc20) < trade.total:
        backing = coin.show(node.ether(coin.erc20))
        raise click.ClickException(f"no more than {backing} are behind WETH here: --get WETH")
    return trade


def _tell(wallet: Wallet, trade: Trade, events: list[Event]) -> None:
    """What was given and received, from the events."""
    coin, facts, router = trade.coin, trade.facts, wallet.place.router
    if coin.native:
        got = unwrapped(events, coin.erc20, router)
    else:
        got = moved(events, coin.erc20, sender=router, receiver=trade.terms.receiver)
    shares, fee, *_ = the(events, facts.token, REDEEMED)
    share = shares_of(facts)
    click.echo(f"\nGave {share.show(shares)} and received {coin.show(got)}", nl=False)
    click.echo(f"; {share.show(fee)} of them were the fee.")
