"""A thousand tokens: how long a keeper takes to look at all of them and decide."""

from dataclasses import dataclass

from scripts._keeper.settings import load
from scripts._keeper.watch import build
from scripts._model import daily_schedule
from scripts._rehearsal.node import BLOCK
from scripts._rehearsal.town import Town

CREATE = (
    "create(string,string,(bool,uint256,uint256,uint256,uint256,uint256,int256,int256,uint256,"
    "uint256,uint256,uint256),address,address,address,uint256,bytes,uint256)"
)
CROWD = 1_000
BATCH = 50  # created in a block
LOOKS = 25  # at each of a quiet hour, and of one in which every lane is open
PAYS = 40 * 60  # seconds into a lane
MOVE = 1.06  # of the price
SEED = 10**17  # WETH of each token
CAP = 10**24


@dataclass(frozen=True)
class Crowd:
    """Seconds to decide, one by one in order, and the most requests that a block took."""

    seconds: list[float]
    requests: int


def decide(town: Town, network: str) -> Crowd:
    """Make the crowd, and let a keeper that never sends decide about it, block by block."""
    node = town.node
    _create(town)
    settings = load(network=network, rpc=node.url, tokens="all", timeout=30)
    keeper = build(settings)
    for _ in range(0, CROWD + settings.page, settings.page):  # it finds a page in each look
        keeper.step()
        node.mine(node.time + BLOCK)
    seconds: list[float] = []
    most = 0
    for opens in (False, True):
        if opens:
            town.post(town.price * MOVE)
            node.mine(daily_schedule.opened(node.time) + daily_schedule.DAY + PAYS)
        for _ in range(LOOKS):
            node.mine(node.time + BLOCK)
            step = keeper.step()
            assert step and len(step.view.states) == CROWD, "a token is missing"
            seconds.append(step.seconds)
            most = max(most, step.requests)
    return Crowd(sorted(seconds), most)


def _create(town: Town) -> None:
    """As many tokens like the first, which is long, as make a thousand of all."""
    node, factory = town.node, town.factory
    facts = town.facts[next(iter(town.tokens.values()))]
    market = town.lender.market(facts)
    rules = tuple(vars(facts.rules).values())
    limit = node.ask("eth_getBlockByNumber", "latest", False)["gasLimit"]
    node.ask("evm_setBlockGasLimit", hex(10**9))
    node.send(town.deployer, town.weth, "approve(address,uint256)", factory, 2**256 - 1)
    for number in range(len(town.tokens), CROWD):
        text = (f"Crowd {number}", f"CROWD{number}")
        roles = (facts.oracle, town.deployer, town.deployer)
        node.send(
            town.deployer, factory, CREATE, *text, rules, *roles, CAP, market, SEED, gas=10**7
        )
        if number % BATCH == 0:
            node.mine(node.time + BLOCK)
    node.mine(node.time + BLOCK)
    node.ask("evm_setBlockGasLimit", limit)
