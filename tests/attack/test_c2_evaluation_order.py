"""T-C2: make an expression read a state that its other half has yet to change.

Vyper still evaluates the operands of a comparison from right to left (CVE-2023-40015): in
`self.a() < self.b()` it is `b` that acts first. That can only harm where one expression acts and
looks, or acts twice. So no expression of ours does: at most one effect in a statement, and never as
the operand of an operator or among the arguments of another call.
"""

import pytest
from ape import compilers
from vyper import ast as tree
from vyper.ast import VyperNode
from vyper.semantics.types.function import StateMutability

from tests.attack.sources import OURS, all_modules
from tests.evm import build
from tests.record import record

MIXERS = (tree.BinOp, tree.BoolOp, tree.Compare, tree.UnaryOp, tree.Call, tree.IfExp)
BUILT_IN = {"raw_call", "send", "create_from_blueprint", "create_minimal_proxy_to", "raw_log"}
STATEMENTS = (tree.Expr, tree.Assign, tree.AnnAssign, tree.AugAssign, tree.Return, tree.Assert)

ACTS_TWICE = """
# pragma version 0.4.3
n: uint256

@internal
def _act() -> uint256:
    self.n += 1
    return self.n

@external
def run() -> bool:
    return self._act() {operator} self._act()
"""
ACTS_WITHIN = """
# pragma version 0.4.3
n: uint256

@internal
def _act() -> uint256:
    self.n += 1
    return self.n

@external
def run() -> uint256:
    return max(self.n, self._act())
"""
ACTS_ONCE = """
# pragma version 0.4.3
n: uint256

@internal
def _act() -> uint256:
    self.n += 1
    return self.n

@external
def run() -> uint256:
    before: uint256 = self.n
    after: uint256 = self._act()
    return before + after
"""


def acts(node: VyperNode) -> bool:
    """Whether a call can change a state."""
    if not isinstance(node, tree.Call):
        return False
    kind = node.func._metadata.get("type")
    mutability = getattr(kind, "mutability", None)
    name = getattr(node.func, "id", getattr(node.func, "attr", None))
    if name in BUILT_IN or name == "pop":
        return True
    is_function = type(kind).__name__ in ("ContractFunctionT", "MemberFunctionT")
    acting = (StateMutability.NONPAYABLE, StateMutability.PAYABLE)
    return is_function and mutability is not None and mutability in acting


def is_cast(node: VyperNode) -> bool:
    """`IPosition(address)`: looks at nothing but its one argument."""
    kind = node.func._metadata.get("type") if isinstance(node, tree.Call) else None
    return type(kind).__name__ == "TYPE_T" and len(node.args) == 1


def faults(module: tree.Module) -> list[str]:
    """Statements in which an effect is not alone."""
    found = []
    for statement in module.get_descendants(STATEMENTS):
        effects = [node for node in statement.get_descendants(tree.Call) if acts(node)]
        mixed = []
        for effect in effects:
            node = effect.get_ancestor()
            while node is not statement:
                if isinstance(node, MIXERS) and not is_cast(node):
                    mixed.append(node)
                node = node.get_ancestor()
        if len(effects) > 1 or mixed:
            found.append(statement.node_source_code)
    return found


def read(source: str) -> tree.Module:
    return build.compiler_data("Probe.vy", {"Probe.vy": source}, "gas").annotated_vyper_module


def test_c2_no_effect_of_ours_shares_an_expression():
    seen = {path: faults(module) for path, module in all_modules().items()}

    assert set(seen) == set(OURS), "a source that no contract is made of"
    assert {at: found for at, found in seen.items() if found} == {}
    record("attack", "c2", threat="T-C2", gain=0, unit="expressions with two effects", bound=0)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (ACTS_TWICE.format(operator="<"), 1),
        (ACTS_TWICE.format(operator="=="), 1),
        (ACTS_WITHIN, 1),
        (ACTS_ONCE, 0),
    ],
    ids=["twice", "equal", "within", "once"],
)
def test_c2_lint_finds_what_is_planted(source, found):
    assert len(faults(read(source))) == found


def test_c2_compiler_still_compares_from_right_to_left(stranger):
    """Why the rule is needed: were it 1 < 2, the second operand would have acted second."""
    source = ACTS_TWICE.format(operator="<")
    probe = stranger.deploy(compilers.compile_source("vyper", source, contractName="Probe"))

    assert probe.run.call() is False
