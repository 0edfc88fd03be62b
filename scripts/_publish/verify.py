"""Sources on the explorer: written down, and sent if it is meant."""

import json
import time

import click

from scripts._deploy.record import Record
from scripts._files import Network
from scripts._files.reading import ROOT, short
from scripts._publish import explorer
from scripts._publish.explorer import Submission
from scripts._publish.standing import standing

PATIENCE = 5 * 60  # seconds for the explorer to look at what it was sent
POLL = 3


def wanted(record: Record, only: tuple[str, ...] = ()) -> list[Submission]:
    """What an explorer should get: of everything, or of the names in `only`.

    Raises click.ClickException.
    """
    there = {each.name: each for each in standing(record)}
    for name in only:
        if name not in there:
            raise click.ClickException(
                f"--only {name}: is not ours on {record.network}; allowed: {', '.join(there)}"
            )
    return [explorer.submission(each) for each in there.values() if not only or each.name in only]


def verify(network: Network, submissions: list[Submission], broadcast: bool) -> bool:
    """Write to out/sources, and send if it is meant; whether all that was sent is verified.

    Raises click.ClickException if there is no key.
    """
    if broadcast and network.explorer:
        explorer.require_key()
    folder = ROOT / "out" / "sources" / network.name
    folder.mkdir(parents=True, exist_ok=True)
    for each in submissions:
        there = each.standing
        file = folder / f"{there.name.replace(' ', '-').replace('/', '-')}.json"
        file.write_text(json.dumps(each.standard_json, indent=2) + "\n", encoding="utf8")
        click.echo(
            f"  {there.name:<28}{there.address}  {each.path} and "
            f"{len(each.standard_json['sources']) - 1} more, "
            f"{len(there.arguments)} bytes of arguments"
        )
    if not network.explorer:
        click.echo(f"{network.name} has no explorer: what one would get is in {short(folder)}")
        return True
    if not broadcast:
        click.echo(
            f"Would go to {explorer.url(network.chain_id)} as {explorer.COMPILER}, and is in "
            f"{short(folder)}. Add --broadcast to send it."
        )
        return True
    return _send(network, submissions)


def _send(network: Network, submissions: list[Submission]) -> bool:
    """Submit all, then wait for each verdict."""
    tickets: dict[str, tuple[Submission, str]] = {}
    verdicts: dict[str, str] = {}
    for each in submissions:
        name = each.standing.name
        try:
            ticket = explorer.submit(network.chain_id, each)
        except click.ClickException as refusal:
            verdicts[name] = refusal.message
            continue
        if ticket is None:
            verdicts[name] = explorer.VERIFIED
        else:
            tickets[name] = each, ticket
    end = time.monotonic() + PATIENCE
    while tickets and time.monotonic() < end:
        time.sleep(POLL)
        for name, (each, ticket) in list(tickets.items()):
            if found := explorer.verdict(network.chain_id, each, ticket):
                verdicts[name] = found
                del tickets[name]
    for name in tickets:
        verdicts[name] = f"no verdict after {PATIENCE // 60} minutes: run it again"
    for each in submissions:
        name, address = each.standing.name, each.standing.address
        click.echo(f"  {name:<28}{verdicts[name]}  {network.explorer}/address/{address}#code")
    return all(verdict == explorer.VERIFIED for verdict in verdicts.values())
