"""What a trade costs against the oracle's price, and whether that is too much.

The bounds of a trade hold it to its preview. They do not help where the preview is bad already,
because the pool is far from the oracle or too small: this does.
"""

from dataclasses import dataclass
from decimal import Decimal

import click

from scripts._lens import Fault
from scripts._wallet.amounts import EXACT
from scripts._wallet.bounds import BPS
from scripts._wallet.prices import worth, worth_of_shares
from scripts._wallet.screen import percent
from scripts._wallet.trade import Trade


@dataclass(frozen=True)
class Cost:
    """In raw units of the quote asset; `fees` are the token's and the pool's."""

    given: Decimal
    got: Decimal
    fees: Decimal

    @property
    def lost(self) -> Decimal:
        """Fees and all."""
        return self.given - self.got

    @property
    def part(self) -> Decimal:
        """What is lost, in parts of what is given."""
        return 1 - EXACT.divide(self.got, self.given)

    @property
    def beside_fees(self) -> Decimal:
        """What is lost beside fees, in parts of what is given."""
        return EXACT.divide(self.lost - self.fees, self.given)


def cost_of(trade: Trade) -> Cost | None:
    """What a trade would cost; None where there is no price to tell it by."""
    state, facts, swap = trade.state, trade.facts, trade.swap
    if state.faults & Fault.PRICE or not state.assets:
        return None
    price, long = state.price, facts.rules.long
    money = worth(trade.total, trade.coin.erc20 == facts.debt, price, long)
    held = worth_of_shares(trade.shares, state)
    fees = worth_of_shares(trade.fee_shares, state)
    if swap is not None:
        fees += worth(swap.fee_paid, swap.minting, price, long)
    return Cost(money, held, fees) if trade.minting else Cost(held, money, fees)


def hold(trade: Trade, most: int, yes: bool) -> None:
    """See that a trade costs no more beside fees than slippage and `most`, in basis points.

    Where nobody is asked, as `yes` says, raises click.ClickException, and warns otherwise.
    """
    cost = cost_of(trade)
    allowed = Decimal(trade.terms.slippage + most) / BPS
    if cost is None:
        fault = "what it costs cannot be told without the oracle's price"
    elif cost.beside_fees > allowed:
        fault = (
            f"it costs {percent(cost.beside_fees, False)} beside fees, against the oracle's price: "
            f"more than --slippage and --max-cost allow, {percent(allowed, False)}"
        )
    else:
        return
    if yes:
        raise click.ClickException(f"{fault}; leave out --yes to be asked, or allow more")
    click.secho(f"\nBeware: {fault}.", fg="red", bold=True)
