"""What every operation costs in gas, beside the last committed figures."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from ape.cli import ConnectedProviderCommand
from ape.logging import LogLevel, logger

from scripts._gas import measure

OUT = Path("out/gas.json")
SNAPSHOT = Path("tests/gas/snapshot.json")

# What we hold ourselves to. The best comparable tokens pay about twice as much.
GOALS = {
    "mint": 170_000,
    "redeem": 170_000,
    "zap_mint": 220_000,
    "zap_redeem": 225_000,
    "fill_lever": 190_000,
    "fill_delever": 190_000,
    "fill_emergency": 190_000,
    "keeper_fill": 240_000,
    "perform_upkeep": 240_000,
    "transfer": 36_000,
    "permit": 76_000,
}


@click.command(cls=ConnectedProviderCommand)
@click.option("--update", is_flag=True, help="Make what is measured the committed snapshot.")
def cli(update: bool) -> None:
    """What every operation costs in gas.

    Measures on a fresh local chain of the real protocols, writes out/gas.json and compares with
    tests/gas/snapshot.json: gas is deterministic, so any difference has a cause. Exits with 1 where
    there is one, unless told to --update.
    """
    logger.set_level(LogLevel.ERROR)
    gas = measure()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(gas, indent=2) + "\n")
    if update:
        SNAPSHOT.write_text(OUT.read_text())
    known = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.exists() else {}

    click.secho(f"  {'operation':22} {'gas':>9} {'change':>8} {'goal':>9}", dim=True)
    for name, used in flat(gas).items():
        change = used - flat(known).get(name, 0)
        goal = GOALS.get(name)
        late = " above the goal" if goal and used > goal else ""
        click.echo(f"  {name:22} {used:>9,} {change:>+8,} {goal or '':>9}{late}")
    if flat(gas) != flat(known):
        click.echo(
            "Gas differs from tests/gas/snapshot.json. If it is meant to: make gas ARGS=--update"
        )
        sys.exit(1)


def flat(gas: dict[str, Any], prefix: str = "") -> dict[str, int]:
    """Nested figures as one level: `with_fees.mint`."""
    figures: dict[str, int] = {}
    for name, used in gas.items():
        inner = flat(used, f"{prefix}{name}.") if isinstance(used, dict) else {prefix + name: used}
        figures |= inner
    return figures
