"""The tokens as wallets read them: https://github.com/Uniswap/token-lists

One list holds the tokens of every network. Its version says what has changed since the last one:
major where a token is gone or elsewhere, minor where one is new, patch for anything else.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from web3 import Web3

from scripts._deploy.build import source
from scripts._deploy.record import Record
from scripts._files.reading import short

NAME = "Ballast"
TAGS = {
    "leveraged": {
        "name": "Leveraged",
        "description": "Brought back to its leverage every day: made for days, not for keeping.",
    },
    "long": {"name": "Long", "description": "Gains when the asset gains."},
    "short": {"name": "Short", "description": "Gains when the asset loses."},
}
FIRST = {"major": 1, "minor": 0, "patch": 0}

List = dict[str, Any]
Token = dict[str, Any]


def update(web3: Web3, record: Record, path: Path, now: datetime) -> None:
    """Bring the list at `path` up to date with the tokens of a record, and say so.

    Raises click.ClickException if something else is at `path`.
    """
    tokens = tokens_of(web3, record)
    if not tokens:
        click.echo(f"{record.network} has no tokens yet: none is listed")
        return
    known = read(path)
    listed = merged(known, tokens, now)
    if listed is not known:
        write(path, listed)
    version = ".".join(str(part) for part in listed["version"].values())
    news = "as before" if listed is known else "written"
    click.echo(f"{short(path)}: {len(listed['tokens'])} tokens, version {version}, {news}")


def tokens_of(web3: Web3, record: Record) -> list[Token]:
    """What a wallet wants to know of each token of a record, from the chain."""
    found = []
    for address in record.tokens.values():
        ask = web3.eth.contract(Web3.to_checksum_address(address), abi=source("LeveragedToken").abi)
        long = ask.functions.rules().call()[0]
        found.append(
            {
                "chainId": web3.eth.chain_id,
                "address": ask.address,
                "name": ask.functions.name().call(),
                "symbol": ask.functions.symbol().call(),
                "decimals": ask.functions.decimals().call(),
                "tags": ["leveraged", "long" if long else "short"],
            }
        )
    return found


def read(path: Path) -> List | None:
    """The list at `path`, None if there is none yet. Raises click.ClickException."""
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf8"))
        if found["tokens"] and set(found["version"]) == set(FIRST):
            return found
    except (ValueError, TypeError, KeyError):
        pass
    raise click.ClickException(f"{path}: is not a token list; allowed: one, or no file")


def merged(known: List | None, tokens: list[Token], now: datetime) -> List:
    """`known` with the tokens of one chain as they are now; `known` itself if nothing is new.

    `tokens` are all of one chain, and at least one.
    """
    chain_id = tokens[0]["chainId"]
    others = [token for token in known["tokens"] if token["chainId"] != chain_id] if known else []
    all_tokens = sorted([*others, *tokens], key=lambda token: (token["chainId"], token["symbol"]))
    listed = {"name": NAME, "tags": TAGS, "tokens": all_tokens}
    if known and all(known.get(field) == value for field, value in listed.items()):
        return known
    return {
        "name": NAME,
        "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"),
        "version": _next(known, all_tokens) if known else FIRST,
        "keywords": ["leveraged", "vyper"],
        "tags": TAGS,
        "tokens": all_tokens,
    }


def write(path: Path, listed: List) -> None:
    """Write the list, as text that people can compare."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf8")


def _next(known: List, tokens: list[Token]) -> dict[str, int]:
    """The version that the schema wants after `known`."""
    before = {_identity(token) for token in known["tokens"]}
    after = {_identity(token) for token in tokens}
    major, minor, patch = (known["version"][part] for part in FIRST)
    if before - after:
        return {"major": major + 1, "minor": 0, "patch": 0}
    if after - before:
        return {"major": major, "minor": minor + 1, "patch": 0}
    return {"major": major, "minor": minor, "patch": patch + 1}


def _identity(token: Token) -> tuple[int, str]:
    return token["chainId"], token["address"]
