"""T-G8: fill a list until whoever walks it runs out of gas.

Here nothing is walked: each loop of ours has a number of rounds that is written in the source, and
no contract has a list that grows. However many tokens somebody creates, the next costs the same.
"""

from vyper import ast as tree

from scripts._devnet import ENDLESS
from tests.attack.sources import all_modules
from tests.record import record

MANY = 40
LEAST_SEED = 15 * 10**11  # of collateral: a thousandth of a share
LOOPS = {
    ("venues/MorphoPosition.vy", 2),  # the pair
    ("modules/streaming_fee.vy", 4),
    ("modules/streaming_fee.vy", 35),
}


def rounds(loop: tree.For) -> int | None:
    """How many at the most; None where that is not written."""
    over = loop.iter
    if isinstance(over, tree.List):
        return len(over.elements)
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


def test_g8_many_tokens_make_the_next_no_dearer(ballast, devnet, creation, attacker, minter, weth):
    weth.approve(ballast.factory, ENDLESS, sender=attacker)
    order = list(creation(devnet.long, seed=LEAST_SEED))
    costs = []

    for number in range(MANY):
        order[1] = f"SPAM{number:02}"
        costs.append(ballast.factory.create(*order, sender=attacker).gas_used)

    more = costs[1] // 1_000
    assert costs[-1] - costs[1] <= more
    assert ballast.factory.count() >= MANY
    record("attack", "g8", threat="T-G8", gain=costs[-1] - costs[1], unit="gas", bound=more)
