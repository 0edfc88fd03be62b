"""`ape run fill`: bring a token back to target, and be paid for it."""

import click

from scripts._command import Session, network_options
from scripts._wallet.amounts import Amount, from_raw, show_least
from scripts._wallet.bounds import at_least
from scripts._wallet.coins import amount_of, require
from scripts._wallet.fill_lines import flash_lines, own_lines
from scripts._wallet.happened import FILLED, Event, moved, the
from scripts._wallet.options import AMOUNT, bounds
from scripts._wallet.preview import aligned, named
from scripts._wallet.screen import percent
from scripts._wallet.sending import Allowance, Deal, Wallet, carry_out, wallet_of
from scripts._wallet.size import best_size
from scripts._wallet.taking import Offer, least_profit, offer_of


@click.command()
@click.argument("token")
@click.option(
    "--size",
    type=AMOUNT,
    help='The most to bring: "700 USDC", or "all" that is open.  [default: what earns the most; '
    "with --own as much as is open and the account has]",
)
@click.option("--own", is_flag=True, help="With what the account has, not by a flash swap.")
@click.option(
    "--at-a-loss",
    is_flag=True,
    help="Even if it earns less than its gas costs, or gains nothing with --own.",
)
@bounds
@network_options
def cli(
    session: Session,
    token: str,
    size: Amount | None,
    own: bool,
    at_a_loss: bool,
    slippage: int,
    receiver: str | None,
    yes: bool,
) -> None:
    """Fill what is open of TOKEN, in the direction in which it is.

    By a flash swap, through the keeper contract: it needs nothing but gas, and what it earns goes
    to the receiver: what does not pay for its gas is refused. Or with --own capital, at the
    auction's price: below the oracle's, while the premium is negative, it is refused.

    Shows what it earns, and simulates it as your account would send it. With --broadcast it asks,
    and sends. The least that it shows, of profit or of what you receive, holds on chain.
    """
    if size is not None and size.is_bare:
        raise click.UsageError(f'--size {size}: how much? "700 {size}"')
    with wallet_of(session) as wallet:
        place, looked = wallet.look(token)
        offer = offer_of(place, wallet.node, looked)
        click.echo(f"Fill {named(offer.facts)} on {session.network.name}\n")
        receiver = receiver or wallet.owner
        if own:
            _own(wallet, offer, size, slippage, receiver, yes, at_a_loss)
        else:
            _flash(wallet, offer, size, slippage, receiver, yes, at_a_loss)


def _flash(
    wallet: Wallet,
    offer: Offer,
    wanted: Amount | None,
    slippage: int,
    receiver: str,
    yes: bool,
    at_a_loss: bool,
) -> None:
    node, symbol = wallet.node, offer.facts.symbol
    profit_of = offer.profit_by(node, wallet.owner)
    if wanted is None:
        best = best_size(profit_of, offer.state.brings)
    else:
        size = _wanted(wallet, offer, wanted)
        best = (size, profit_of(size) or 0)
    if not best or not best[1]:
        which = "no size earns anything" if wanted is None else "this size earns nothing"
        premium = percent(from_raw(offer.state.premium, 18))
        fee = percent(from_raw(offer.place.pool_fee(offer.facts), 6), False)
        raise click.ClickException(
            f"{which} now: the premium is {premium}, and the pool takes its fee of {fee} and moves"
        )
    size, profit = best
    least = least_profit(profit, slippage)
    call = offer.flash(size, least, receiver)
    wei = node.estimate(call, wallet.owner) * node.gas_price()
    spent = offer.gas_in_quote(node, wei)
    click.echo(aligned(flash_lines(offer, offer.legs(node, size), profit, least, wei, spent)))
    if spent is not None and offer.profit_in_quote(profit) <= spent and not at_a_loss:
        raise click.ClickException(
            "gas costs more than it earns now: wait for a higher premium, or --at-a-loss"
        )
    coin = offer.takes
    bound = show_least(least, coin.decimals, coin.symbol)
    words = f"fill {symbol} by a flash swap for a profit of at least {bound}, to {receiver}"
    events = carry_out(wallet, Deal(words, call), yes=yes)
    if events is not None:
        earned = moved(events, coin.erc20, offer.place.keeper, receiver)
        click.echo(f"\n{_filled(offer, events)}: earned {coin.show(earned)}.")


def _own(
    wallet: Wallet,
    offer: Offer,
    wanted: Amount | None,
    slippage: int,
    receiver: str,
    yes: bool,
    at_a_loss: bool,
) -> None:
    node, coin, symbol = wallet.node, offer.brings, offer.facts.symbol
    size = min(offer.state.brings, coin.balance(node, wallet.owner))
    if wanted is not None:
        size = _wanted(wallet, offer, wanted)
    require(coin, max(size, 1), node, wallet.owner)
    brings, takes = offer.legs(node, size)
    if not takes:
        raise click.ClickException(f"{coin.show(size)} takes nothing: bring more")
    least = at_least(takes, slippage)
    click.echo(aligned(own_lines(offer, (brings, takes), least)))
    if offer.gain(brings, takes) <= 0 and not at_a_loss:
        raise click.ClickException(
            "it gains nothing at the oracle's price now: wait for a higher premium, or --at-a-loss"
        )
    bound = show_least(least, offer.takes.decimals, offer.takes.symbol)
    deal = Deal(
        f"fill {symbol} with {coin.show(brings)} for at least {bound}, to {receiver}",
        offer.own(brings, least, receiver),
        Allowance(coin, offer.token, symbol, brings),
    )
    events = carry_out(wallet, deal, yes=yes)
    if events is not None:
        click.echo(f"\n{_filled(offer, events)}.")


def _wanted(wallet: Wallet, offer: Offer, wanted: Amount) -> int:
    """The size that was asked for, as far as it is open."""
    most = offer.state.brings
    if wanted.value is None:
        return most
    return min(most, amount_of(wanted, offer.brings, wallet.node, wallet.owner))


def _filled(offer: Offer, events: list[Event]) -> str:
    """What was brought and taken, from the event."""
    *_, collateral, debt = the(events, offer.token, FILLED)
    brought, taken = (collateral, debt) if offer.state.levering else (debt, collateral)
    return f"Brought {offer.brings.show(brought)} and took {offer.takes.show(taken)}"
