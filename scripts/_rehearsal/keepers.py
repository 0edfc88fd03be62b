"""Two keepers that compete: the real one, each behind nodes of its own that can have bad days."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ape import accounts
from eth_account import Account

from scripts._keeper.chain import NoNode
from scripts._keeper.settings import load
from scripts._keeper.watch import Keeper, Step, build
from scripts._rehearsal.faults import Proxy

BUDGET = "0.02"  # ether that ending an emergency may cost
HANGS = 0.5  # seconds after which a node hangs


@dataclass
class Hand:
    """A keeper, and what became of its blocks. It has a node, and a spare one."""

    keeper: Keeper
    node: Proxy
    spare: Proxy
    key: str
    asleep: bool = False
    steps: int = 0
    since: int = 0  # blocks in which no node was of use, since it last got through
    seconds: list[float] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.keeper.desk.address

    def step(self) -> Step | None:
        """What it does in the newest block."""
        if self.asleep:
            return None
        try:
            step = self.keeper.step()
        except NoNode:
            self.since += 1
            return None
        self.since = 0
        if step:
            self.steps += 1
            self.seconds.append(step.seconds)
        return step


@contextmanager
def hire(url: str, network: str, index: int, broadcast: bool = True) -> Iterator[Hand]:
    """A keeper that signs with one of anvil's accounts."""
    with Proxy(url) as node, Proxy(url) as spare:
        key = accounts.test_accounts[index].private_key
        settings = load(
            network=network,
            rpc=f"{node.url},{spare.url}",
            timeout=HANGS,
            loss_budget=BUDGET,
            broadcast=broadcast,
        )
        yield Hand(build(settings, Account.from_key(key)), node, spare, key)


def process(hand: Hand, network: str, pace: float) -> subprocess.Popen[bytes]:
    """The same keeper as a process of its own, looking for a block every `pace` seconds."""
    told = {
        "KEEPER_NETWORK": network,
        "KEEPER_RPC": hand.node.url,
        "KEEPER_PRIVATE_KEY": hand.key,
        "KEEPER_BLOCK_SECONDS": str(pace),
        "KEEPER_LOSS_BUDGET": BUDGET,
        "KEEPER_LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        (sys.executable, "-m", "scripts._keeper", "--broadcast"), env={**os.environ, **told}
    )
