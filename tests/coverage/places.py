"""Where a contract has something to reach.

A line is one on which a statement begins, or the default of an argument. Branches are the two
values of each condition: of `if`, `assert`, a ternary, and every operand of `and` and `or`; and of
each loop one more round, and the end of its rounds. What the compiler checks by itself, such as
overflow and the size of calldata, is no branch here.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from eth_utils import keccak
from vyper import ast as vy_ast

from tests.evm import build

# Not part of what is deployed, or without code.
LEFT_OUT = ("mocks/", "interfaces/")

# What may never happen at a place, by its kind and side.
NAMES = {
    ("line", 0): "reached",
    ("default", 0): "left out",
    ("condition", 0): "false",
    ("condition", 1): "true",
    ("loop", 0): "ended by itself",
    ("loop", 1): "entered",
}


class Place(NamedTuple):
    """A part of a source: of what kind, and its first and last line and column."""

    path: str  # below contracts/
    kind: str  # "line", "default", "condition", "loop"
    span: tuple[int, int, int, int]

    @property
    def line(self) -> int:
        return self.span[0]

    @property
    def is_branch(self) -> bool:
        return self.kind in ("condition", "loop")

    @property
    def sides(self) -> tuple[int, ...]:
        """What there is to reach."""
        return (0, 1) if self.is_branch else (0,)

    @property
    def mark(self) -> int:
        """An address that nobody has, for side 0; those after it are for other sides."""
        return int.from_bytes(keccak(text=f"{self}")[:19]) << 8

    @property
    def code(self) -> str:
        """A statement's or a loop's first line, or all of an expression, in one line."""
        first, start, last, end = self.span
        lines = build.sources()[self.path].splitlines()[first - 1 : last]
        if self.kind in ("line", "loop"):
            return lines[0].strip()
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return " ".join(" ".join(lines).split())


def place(node: vy_ast.VyperNode, kind: str) -> Place:
    """The place of a node, of one kind."""
    path = node.module_node.path.removeprefix("contracts/")
    span = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
    return Place(path, kind, span)


@cache
def places() -> frozenset[Place]:
    """All there are in our contracts."""
    return frozenset(
        place(node, kind)
        for path, text in build.sources().items()
        if path.endswith(".vy") and not path.startswith(LEFT_OUT)
        for function in vy_ast.parse_to_ast(text, module_path=path).get_children(vy_ast.FunctionDef)
        for node, kind in _found(function)
    )


def _found(function: vy_ast.FunctionDef) -> Iterator[tuple[vy_ast.VyperNode, str]]:
    for default in function.args.defaults:
        yield default, "default"
    for node in function.get_descendants():
        if isinstance(node, vy_ast.Stmt) and node is not getattr(
            node.get_ancestor(), "target", None
        ):
            yield node, "line"
        if isinstance(node, vy_ast.If | vy_ast.Assert | vy_ast.IfExp):
            yield node.test, "condition"
        elif isinstance(node, vy_ast.BoolOp):
            for operand in node.values:
                yield operand, "condition"
        elif isinstance(node, vy_ast.For):
            yield node, "loop"
