"""A keeper of a node that knows nothing but what it is told."""

import logging

import pytest
from eth_account import Account

from scripts._keeper.settings import load
from scripts._keeper.watch import build
from tests.unit.keeper_bot.node import CHAIN_ID, KEEPER, LENS
from tests.unit.keeper_bot.told import USDC, WETH, address


@pytest.fixture(scope="session", autouse=True)
def ready():
    """Nothing here needs the chain of the other tests."""


@pytest.fixture
def employ():
    """`employ(node, …)` is a keeper that reads from these nodes and sends to them."""

    def _employ(*nodes, **more):
        told = {
            "chain_id": CHAIN_ID,
            "rpc": ",".join(getattr(node, "url", node) for node in nodes),
            "keeper": KEEPER,
            "lens": LENS,
            "native": WETH,
            "coins": f"{WETH},{USDC}",
            "tokens": ",".join(["all", *map(address, range(1_000))]),
            "tiers": "500",
            "broadcast": True,
            "timeout": 2,
        }
        settings = load(**told | more)
        log = logging.getLogger("keeper under test")
        return build(settings, Account.create(), log)

    return _employ
