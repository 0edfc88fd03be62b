"""Options that mint, redeem and fill share, and the command as it was given."""

import shlex
from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource
from eth_utils import is_address, is_checksum_address, to_checksum_address

from scripts._wallet.amounts import Amount, parse

MINUTE = 60


class _Amount(click.ParamType):
    """An amount as people write it."""

    name = "amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Amount:
        if isinstance(value, Amount):
            return value
        try:
            return parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Address(click.ParamType):
    """An address; one in mixed case must have the right checksum."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_address(value):
            self.fail(f"{value} is no address: 0x and 40 hex digits", param, ctx)
        if value[2:] not in (value[2:].lower(), value[2:].upper()) and not is_checksum_address(
            value
        ):
            self.fail(f"{value} has a wrong checksum: is a digit mistyped?", param, ctx)
        return to_checksum_address(value)


AMOUNT = _Amount()
ADDRESS = _Address()


def bounds(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--slippage`, `--receiver` and `--yes`."""
    slippage = click.option(
        "--slippage",
        type=click.IntRange(0, 5_000),
        default=50,
        show_default=True,
        metavar="BPS",
        help="How much worse than previewed it may turn out, in basis points (1/100 %).",
    )
    receiver = click.option(
        "--receiver", type=ADDRESS, help="Who gets what comes out.  [default: the account]"
    )
    yes = click.option("--yes", is_flag=True, help="Do not ask before sending.")
    return slippage(receiver(yes(command)))


def timing(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--deadline`, `--permit` and `--max-cost`, for what goes through the router."""
    deadline = click.option(
        "--deadline",
        type=click.IntRange(1, 24 * 60),
        default=10,
        show_default=True,
        metavar="MINUTES",
        help="After that it reverts, if it was not mined yet.",
    )
    permit = click.option(
        "--permit", is_flag=True, help="Sign the approval that is missing instead of sending it."
    )
    max_cost = click.option(
        "--max-cost",
        type=click.IntRange(0, 10_000),
        default=100,
        show_default=True,
        metavar="BPS",
        help="What it may cost beside fees and --slippage, against the oracle's price: past it "
        "--yes is refused.",
    )
    return deadline(permit(max_cost(command)))


def again() -> str:
    """The command that is running, as one would type it, with --broadcast."""
    context = click.get_current_context()
    words = ["ape", "run", context.info_name or ""]
    for parameter in context.command.params:
        name = parameter.name or ""
        if name == "broadcast":
            continue
        given = context.get_parameter_source(name) == ParameterSource.COMMANDLINE
        if not given or name not in context.params:  # some are of Ape, not of the command
            continue
        value = context.params[name]
        if isinstance(parameter, click.Argument):
            words += [str(one) for one in (value if isinstance(value, tuple) else (value,))]
        elif isinstance(parameter, click.Option) and parameter.is_flag:
            words += [parameter.opts[0]] * bool(value)
        else:
            words += [parameter.opts[0], str(value)]
    return shlex.join([*words, "--broadcast"])
