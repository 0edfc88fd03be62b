"""What goes wrong on which night. Each begins before the lane pays, and ends well after it did."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi import decode
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from scripts._devnet import DAY, ENDLESS
from scripts._rehearsal.faults import killed, nonce_gap
from scripts._rehearsal.keepers import process
from scripts._rehearsal.node import BASE_FEE, DEAR, TIP, transaction

if TYPE_CHECKING:
    from scripts._rehearsal.week import Week

PACE = 0.2  # seconds between two looks of a process
START = 20.0  # seconds in which it must have sent something
BEHIND = 20  # blocks
SPIKE = 50  # times the usual price of gas
ALMOST_ALL = 10**6  # of the pool's liquidity, all but such a part

DECREASE = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))"
INCREASE = "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))"
COLLECT = "collect((uint256,address,uint128,uint128))"


@dataclass(frozen=True)
class Fault:
    """What goes wrong between two minutes after the lane has opened."""

    name: str
    bring: Callable[["Week"], AbstractContextManager[None]]
    begins: int = 15
    ends: int = 45


@dataclass(frozen=True)
class Night:
    """Its faults, and how many blocks a reorg takes back when the first fill has been mined."""

    faults: tuple[Fault, ...]
    reorg: int = 0


def _recover(week: "Week") -> None:
    for hand in week.hands:
        hand.node.recovers()
        hand.spare.recovers()


@contextmanager
def dead(week: "Week") -> Iterator[None]:
    """The second keeper has no node, and the first only its spare one."""
    week.first.node.dies()
    week.second.node.dies()
    week.second.spare.dies()
    yield
    _recover(week)


@contextmanager
def hanging(week: "Week") -> Iterator[None]:
    """The spare node of the first keeper hangs."""
    week.first.spare.hangs()
    yield
    _recover(week)


@contextmanager
def lying(week: "Week") -> Iterator[None]:
    """The first keeper's node says that it is on another chain."""
    week.first.node.lies(1)
    yield
    _recover(week)


@contextmanager
def lagging(week: "Week") -> Iterator[None]:
    """All other nodes know nothing of the newest blocks."""
    for node in (week.first.spare, week.second.node, week.second.spare):
        node.lags(BEHIND)
    yield
    _recover(week)


@contextmanager
def gap(week: "Week") -> Iterator[None]:
    """A transaction of the first keeper waits for one before it that nobody has sent."""
    nonce_gap(lambda method, params: week.node.ask(method, *params), week.first.key, week.chain_id)
    yield


@contextmanager
def broke(week: "Week") -> Iterator[None]:
    """The second keeper has no ether, and the first is away."""
    balance = week.node.ask("eth_getBalance", week.second.address, "latest")
    week.node.ask("anvil_setBalance", week.second.address, "0x0")
    week.first.asleep = True
    yield
    week.node.ask("anvil_setBalance", week.second.address, balance)
    week.first.asleep = False


@contextmanager
def dear(week: "Week") -> Iterator[None]:
    """Gas costs fifty times as much."""
    week.fee = BASE_FEE * SPIKE
    yield
    week.fee = BASE_FEE


@contextmanager
def stale(week: "Week") -> Iterator[None]:
    """The feed has not answered for a day."""
    town = week.town
    week.is_silent = True
    at = week.node.time - DAY - 1
    week.node.send(town.deployer, town.eth_feed, "set_updated_at(uint256)", at)
    yield
    week.is_silent = False
    town.post(town.price)


@contextmanager
def drained(week: "Week") -> Iterator[None]:
    """Hardly any liquidity is left in the pool."""
    node, town = week.node, week.town
    identity = week.town.liquidity
    fields = ["uint96", "address", "address", "address", "uint24", "int24", "int24", "uint128"]
    *_, liquidity = node.read(town.manager, "positions(uint256)", fields, identity)
    taken = liquidity - liquidity // ALMOST_ALL
    out = transaction(town.deployer, town.manager, DECREASE, (identity, taken, 0, 0, ENDLESS))
    amounts = decode(["uint256", "uint256"], node.call(out))
    node.ask("eth_sendTransaction", out)
    everything = (identity, town.deployer, 2**128 - 1, 2**128 - 1)
    node.send(town.deployer, town.manager, COLLECT, everything)
    yield
    back = (identity, *amounts, 0, 0, ENDLESS)
    node.send(town.deployer, town.manager, INCREASE, back)


@contextmanager
def unmined(week: "Week") -> Iterator[None]:
    """No builder takes a keeper's transaction."""
    week.is_censored = True
    yield
    week.is_censored = False
    if not week.dropped:
        week.idle.add("never_mined")


@contextmanager
def rivalled(week: "Week") -> Iterator[None]:
    """Whatever the second keeper sends somebody sends too, and pays more to be first."""
    node, town, keeper = week.node, week.town, week.second.keeper.desk.keeper

    def front_run(raw: str) -> None:
        sent = bytes(TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["data"])
        data = sent[:100] + bytes(32) + bytes(12) + bytes.fromhex(town.rival[2:])
        order = {"from": town.rival, "to": keeper, "data": "0x" + data.hex(), "gas": hex(10**6)}
        order |= {"maxFeePerGas": DEAR, "maxPriorityFeePerGas": hex(10 * int(TIP, 16))}
        node.ask("eth_sendTransaction", order)
        week.races += 1

    nodes = (week.second.node, week.second.spare)
    for each in nodes:
        each.on_raw = front_run
    week.first.asleep = True
    yield
    for each in nodes:
        each.on_raw = lambda raw: None
    week.first.asleep = False
    if not week.races:
        week.idle.add("competitor_wins")


@contextmanager
def killing(week: "Week") -> Iterator[None]:
    """The first keeper is a process, killed as it sends, and its successor when it has sent."""
    hand = week.first
    for each in week.hands:
        each.asleep = True
    yield
    for answered in (False, True):
        running = process(hand, week.network, PACE)
        done = killed(running, hand.node, "eth_sendRawTransaction", answered)
        if not done.wait(START):
            running.kill()
            running.wait()
            week.idle.add("kill_9")
        hand.node.before = hand.node.after = lambda methods: None
    for each in week.hands:
        each.asleep = False


NIGHTS = (
    Night((Fault("rpc_dies", dead), Fault("rpc_hangs", hanging)), reorg=2),
    Night((Fault("rpc_lies", lying), Fault("rpc_lags", lagging)), reorg=3),
    # one block: more would take back, too, that the wallet is full again
    Night((Fault("nonce_gap", gap, 5), Fault("empty_wallet", broke)), reorg=1),
    Night((Fault("gas_x50", dear),), reorg=4),
    Night((Fault("stale_feed", stale),), reorg=5),
    Night((Fault("pool_drained", drained, 10, 28), Fault("never_mined", unmined, 28, 50))),
    Night((Fault("kill_9", killing, 15, 40), Fault("competitor_wins", rivalled, 41, 110))),
)
