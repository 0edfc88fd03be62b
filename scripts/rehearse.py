"""`ape run rehearse`: a week on a testnet of one's own, in a few minutes."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import click

from scripts._command import venue_option
from scripts._deploy.record import Record
from scripts._devnet import START
from scripts._files import VenueName
from scripts._keeper.report import logger
from scripts._rehearsal import books, crowd
from scripts._rehearsal.bad_days import NIGHTS
from scripts._rehearsal.keepers import Hand, hire
from scripts._rehearsal.node import Node, fresh
from scripts._rehearsal.path import SEED
from scripts._rehearsal.town import TOKENS, Town
from scripts._rehearsal.week import Week

NETWORK = "sepolia"
CHAIN_ID = 11_155_111
PRICE = 2_000.0  # dollars, of the sandbox's feed to begin with
OUT = Path("out")
RECORDS = OUT / "rehearsal"
KEEPERS = (1, 2)  # of anvil's accounts
INSPECTOR = 9
SLOWEST = 2_000  # milliseconds to decide about a thousand tokens
MOST = 5  # requests a block


@click.command()
@venue_option("Lending market that the tokens live on.", "morpho")
def cli(venue: VenueName) -> None:
    """Live a week on a chain with Sepolia's chain id, with two crashes and all that goes wrong.

    Deploys through the real commands from the files of scripts/networks and scripts/tokens, creates
    ETHBULL, ETHBEAR and ETHHEDGE, or those on Aave, checks, and lets users, two competing keepers
    and seven bad nights have it. In the end everyone redeems, and every wei is looked for. Writes
    out/rehearsal.json, on Aave out/rehearsal-aave.json, and fails if a rebalance was missed, a
    position liquidated, a fault not survived or a wei lost. It needs no money and no network.
    """
    started = time.monotonic()
    shutil.rmtree(RECORDS, ignore_errors=True)
    os.environ["BALLAST_DEPLOYMENTS"] = str(RECORDS.resolve())
    with fresh(CHAIN_ID, START) as node, ExitStack() as stack:
        os.environ["SEPOLIA_RPC"] = node.url
        sent = _set_up(node, venue)
        town = Town(node, Record.load(NETWORK), Random(SEED), PRICE, venue)
        logger("CRITICAL")
        hands = [stack.enter_context(hire(node.url, NETWORK, index)) for index in KEEPERS]
        inspector = stack.enter_context(hire(node.url, NETWORK, INSPECTOR, broadcast=False))
        began = {hand.address: (node.height, node.ether(hand.address)) for hand in hands}
        node.by_hand()
        week = Week(node, town, hands, inspector, CHAIN_ID, NETWORK, node.time, click.echo)
        click.secho(f"\nSeven days, from ETH at {PRICE:,.0f} dollars", bold=True)
        week.live()
        town.leave()
        found = books.read(node, town)
        lost = books.unaccounted(node, town, found) + books.lost_by_keepers(node, began)
        click.secho("\nA thousand tokens …", dim=True)
        many = crowd.decide(town, NETWORK)
        report = _report(week, town, hands, found, lost, sent, many)

    report["seconds"] = round(time.monotonic() - started)
    path = OUT / f"rehearsal{'' if venue == 'morpho' else f'-{venue}'}.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    click.echo(json.dumps(report, indent=2))
    wrong = misses(report)
    for line in wrong:
        click.secho(line, fg="red")
    click.echo(f"\n{report['seconds']} seconds. The report is in {path}.")
    sys.exit(bool(wrong))


def _set_up(node: Node, venue: VenueName) -> int:
    """Ballast through its own commands; how many transactions that took."""
    common = ("--network", NETWORK, "--account", "0")
    _run("deploy", "--sandbox", "--venue", venue, "--broadcast", "--yes", *common)
    _run("create", *TOKENS[venue], "--broadcast", "--yes", *common)
    _run("check", "--network", NETWORK)
    deployer = node.ask("eth_accounts")[0]
    return int(node.ask("eth_getTransactionCount", deployer, "latest"), 16)


def _run(command: str, *args: str) -> None:
    """`ape run`, as a person would. Says its last line, or everything if it fails."""
    click.secho(f"ape run {command} {' '.join(args)}", dim=True)
    ape = Path(sys.executable).with_name("ape")
    done = subprocess.run(
        (sys.executable, str(ape), "run", command, *args),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"`ape run {command}` has failed:\n{done.stdout}")
    click.echo(f"  {done.stdout.strip().splitlines()[-1]}")


def _report(
    week: Week,
    town: Town,
    hands: Sequence[Hand],
    found: books.Books,
    lost: int,
    sent: int,
    many: crowd.Crowd,
) -> dict[str, Any]:
    seconds = sorted(each for hand in hands for each in hand.seconds)
    steps = sum(hand.steps for hand in hands)
    requests = sum(hand.keeper.requests for hand in hands)
    return {
        "deploy_transactions": sent,
        "rebalances": {
            "daily": found.fills[1],
            "emergency": found.fills[2],
            "missed": week.missed,
        },
        "max_leverage": {symbol: round(most, 3) for symbol, most in week.highest.items()},
        "liquidations": found.liquidations,
        "faults": {
            name: {"injected": count, "survived": week.survived[name]}
            for name, count in week.injected.items()
        },
        "keeper": {
            "rpc_calls_per_block": round(requests / max(1, steps), 2),
            "decision_ms_p50": round(1_000 * statistics.median(seconds or [0]), 1),
            "decision_ms_p99_1000_tokens": round(1_000 * many.seconds[-1], 1),
            "rpc_calls_1000_tokens": many.requests,
        },
        "users": {"deals": town.deals, "left": town.left_over()},
        "blocks": week.blocks,
        "unaccounted_wei": lost,
    }


def misses(report: dict[str, Any]) -> list[str]:
    """Goals that are not reached."""
    wrong = []
    if report["rebalances"]["missed"]:
        wrong.append(f"{report['rebalances']['missed']} rebalances that paid were missed")
    wrong += [
        f"no {kind} rebalance" for kind in ("daily", "emergency") if not report["rebalances"][kind]
    ]
    if report["liquidations"]:
        wrong.append(f"{report['liquidations']} liquidations")
    expected = {fault.name for night in NIGHTS for fault in night.faults} | {"reorg"}
    wrong += [f"{name} never happened" for name in sorted(expected - set(report["faults"]))]
    wrong += [
        f"{name} was not survived"
        for name, count in report["faults"].items()
        if count["survived"] < count["injected"]
    ]
    if report["unaccounted_wei"]:
        wrong.append(f"{report['unaccounted_wei']} wei are not accounted for")
    if report["users"]["left"]:
        wrong.append("not everyone could redeem")
    keeper = report["keeper"]
    if keeper["rpc_calls_per_block"] > MOST:
        wrong.append(f"a block took {keeper['rpc_calls_per_block']} requests")
    if keeper["decision_ms_p99_1000_tokens"] > SLOWEST:
        wrong.append(f"a thousand tokens took {keeper['decision_ms_p99_1000_tokens']} ms")
    if keeper["rpc_calls_1000_tokens"] > MOST:
        wrong.append(f"a thousand tokens took {keeper['rpc_calls_1000_tokens']} requests")
    return wrong
