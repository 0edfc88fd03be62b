"""A keeper on the devnet: in this process, or the settings for one of its own."""

from typing import Any

from eth_account import Account

from scripts._devnet import Ballast, Devnet
from scripts._keeper.settings import Settings, load
from scripts._keeper.watch import Keeper, build


def settings(devnet: Devnet, ballast: Ballast, urls: list[str], **more: Any) -> dict[str, Any]:
    """What a keeper on the devnet is told; `more` replaces some of it.

    It trusts the tokens that there are now, and watches all.
    """
    factory = ballast.factory
    known = [factory.tokens(number) for number in range(factory.count())]
    return {
        "chain_id": 31_337,
        "rpc": ",".join(urls),
        "keeper": ballast.keeper.address,
        "lens": ballast.lens.address,
        "native": devnet.weth.address,
        "coins": f"{devnet.weth.address},{devnet.usdc.address}",
        "tokens": ",".join(["all", *known]),
        "tiers": "500",
        "confirmations": 1,
        "timeout": 2,
        "block_seconds": 1,
    } | more


def environment(told: dict[str, Any]) -> dict[str, str]:
    """The same as environment variables."""
    return {f"KEEPER_{name.upper()}": str(value) for name, value in told.items()}


def hire(devnet: Devnet, ballast: Ballast, urls: list[str], key: str, **more: Any) -> Keeper:
    """A keeper that sends with `key`; `more` are settings."""
    told: Settings = load(**settings(devnet, ballast, urls, **{"broadcast": True} | more))
    return build(told, Account.from_key(key))
