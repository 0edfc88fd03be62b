"""A trade through the router, from its terms to what came of it: all that mint and redeem share."""

from collections.abc import Callable

import click

from scripts._command import Session
from scripts._wallet.cost import hold
from scripts._wallet.happened import Event
from scripts._wallet.options import MINUTE
from scripts._wallet.preview import aligned, named, trade_lines
from scripts._wallet.sending import Allowance, Deal, Wallet, carry_out, wallet_of
from scripts._wallet.trade import Terms, Trade


def trade(
    session: Session,
    verb: str,
    quote: Callable[[Wallet, Terms], Trade],
    tell: Callable[[Wallet, Trade, list[Event]], None],
    *,
    slippage: int,
    receiver: str | None,
    yes: bool,
    deadline: int,
    permit: bool,
    max_cost: int,
) -> None:
    """Show what `quote` comes to, and carry it out; `tell` says what has happened, from the events.

    The rest is as the options of `bounds` and `timing` say. Raises click.ClickException.
    """
    with wallet_of(session) as wallet:
        until = wallet.node.time + deadline * MINUTE
        quoted = quote(wallet, Terms(slippage, receiver or wallet.owner, until))
        click.echo(f"{verb} {named(quoted.facts)} on {session.network.name}\n")
        click.echo(aligned(trade_lines(quoted, wallet.node.time)))
        hold(quoted, max_cost, yes)
        deal = Deal(
            quoted.words,
            quoted.call(),
            Allowance(quoted.given, quoted.router, "the router", quoted.most),
            permitted=quoted.call,
            deadline=until,
        )
        events = carry_out(wallet, deal, yes=yes, signing=permit)
        if events is not None:
            tell(wallet, quoted, events)
