"""T-G8: fill a list until whoever walks it runs out of gas.

Here nothing is walked: each loop of ours has a number of rounds that is written in the source, and
no contract has a list that grows. However many tokens somebody creates, the next costs the same.
Lens reads the registry by pages; whatever somebody creates and puts into one, the others of it can
be read, and what it wastes is bounded.
"""

import pytest
from ape import networks
from vyper import ast as tree

from scripts._devnet import ENDLESS
from scripts._lens import Fault, State, decode_states, page_call, states_call
from tests.attack.sources import all_modules
from tests.record import record
from tests.unit.lens.odd import odd_oracle, word

MANY = 40
LEAST_SEED = 15 * 10**11  # of collateral: a thousandth of a share
LOOPS = {
    ("venues/AavePosition.vy", 2),  # the pair
    ("venues/MorphoPosition.vy", 2),
    ("modules/streaming_fee.vy", 4),
    ("modules/streaming_fee.vy", 35),
    ("periphery/Lens.vy", 256),  # a page
}


def rounds(loop: tree.For) -> int | None:
    """How many at the most; None where that is not written."""
    over = loop.iter
    if isinstance(over, tree.List):
        return len(over.elements)
    if isinstance(over, tree.Name):
        return getattr(over._metadata["type"], "length", None)  # of the longest list
    numbers = [argument.value for argument in over.args if isinstance(argument, tree.Int)]
    bound = [word.value.value for word in over.keywords if word.arg == "bound"]
    if bound:
        return bound[0]
    if len(numbers) == len(over.args):
        return numbers[-1] - (numbers[0] if len(numbers) == 2 else 0)
    return None


def test_g8_loops_have_their_rounds_written():
    found = {
        (path, rounds(loop))
        for path, module in all_modules().items()
        for loop in module.get_descendants(tree.For)
    }

    assert found == LOOPS


def test_g8_no_list_of_ours_grows():
    """A `DynArray` in storage is one that somebody could fill."""
    for path, module in all_modules().items():
        for variable in module.get_children(tree.VariableDecl):
            assert "DynArray" not in variable.annotation.node_source_code, path


def test_g8_many_tokens_make_the_next_no_dearer(
    ballast, long_market, creation, attacker, minter, weth
):
    weth.approve(ballast.factory, ENDLESS, sender=attacker)
    order = list(creation(long_market, seed=LEAST_SEED))
    costs = []

    for number in range(MANY):
        order[1] = f"SPAM{number:02}"
        costs.append(ballast.factory.create(*order, sender=attacker).gas_used)

    more = costs[1] // 1_000
    assert costs[-1] - costs[1] <= more
    assert ballast.factory.count() >= MANY
    record("attack", "g8", threat="T-G8", gain=costs[-1] - costs[1], unit="gas", bound=more)


HOSTILE = 20  # tokens in a page, at their worst
WASTE = 3 * 400_000  # gas that each may use up: three questions
CALL_GAS = 50_000_000  # of an `eth_call`, as most nodes have it
FAULTS = {  # of an oracle that does so
    "die": Fault.PRICE,
    "waste": Fault.PRICE,
    "lie": Fault.PRICE,
    "dawdle": Fault(0),
    "chatter": Fault(0),
}


@pytest.fixture
def hostile(long_market, ballast, creation, attacker, weth):
    """`hostile(way)`: tokens of the attacker in the registry, whose oracle does that now."""
    price = long_market.fill_oracle.price()
    weth.approve(ballast.factory, ENDLESS, sender=attacker)

    def _hostile(way: str) -> None:
        for number in range(HOSTILE):
            oracle = odd_oracle(attacker, price)
            order = list(creation(long_market, seed=LEAST_SEED))
            order[1], order[3] = f"SPAM{number:02}", oracle
            ballast.factory.create(*order, sender=attacker)
            if way in ("die", "waste", "dawdle"):
                getattr(oracle, way)(sender=attacker)
            else:
                oracle.say(
                    {"lie": word(ENDLESS), "chatter": word(price) * 16}[way], sender=attacker
                )

    return _hostile


@pytest.mark.parametrize("way", FAULTS)
def test_g8_hostile_tokens_of_a_page_keep_no_other_from_being_read(ballast, tokens, hostile, way):
    """Nor do they use up the call, however they go about it."""

    def read(data: bytes) -> list[State]:
        call = {"to": ballast.lens.address, "data": "0x" + data.hex(), "gas": hex(CALL_GAS)}
        return decode_states(bytes(networks.provider.web3.eth.call(call)))

    hostile(way)
    good = read(states_call([token.address for token in tokens.values()]))

    states = read(page_call(0, 256))

    assert states[: len(tokens)] == good
    assert not any(state.faults for state in good)
    assert [state.faults for state in states[len(tokens) :]] == [FAULTS[way]] * HOSTILE
    assert HOSTILE * WASTE < CALL_GAS
