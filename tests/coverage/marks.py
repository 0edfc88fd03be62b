"""The compiler, made to leave a mark at each place of a contract.

A mark is a look at the balance of an address that is the place's own. Anything may look, a `pure`
function too, and the engine's database keeps each account that was looked at, whatever becomes of
the transaction. Instructions are added before any optimisation, around what the compiler makes of
a statement or of a condition; what it computes stays the same.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from pytest import MonkeyPatch
from vyper import ast as vy_ast
from vyper.codegen import stmt
from vyper.codegen.expr import Expr
from vyper.codegen.function_definitions import external_function
from vyper.codegen.ir_node import IRnode
from vyper.codegen.stmt import Stmt
from vyper.semantics.types.shortcuts import UINT256_T

from tests.coverage.places import Place, place, places

BROKEN = 2  # in place of a side, for a loop that `break` has ended


def reached(accounts: Collection[str]) -> set[tuple[Place, int]]:
    """The places, and which sides of them, whose marks are among `accounts`."""
    seen = {int(account, 16) for account in accounts}
    return {(at, side) for at in places() for side in at.sides if at.mark + side in seen}


@contextmanager
def installed() -> Iterator[None]:
    """There are marks in all that is compiled within."""
    statement, value = Stmt.__init__, Expr.parse_value_expr.__func__
    default = external_function.make_setter
    loop, leave, block = Stmt.parse_For, Stmt.parse_Break, stmt.parse_body
    loops: list[IRnode] = []  # of those that are being compiled, where it is kept how they end

    def marked_statement(self: Stmt, node: vy_ast.VyperNode, context: Any) -> None:
        statement(self, node, context)
        if _is_known(node, "line"):
            self.ir_node = IRnode.from_list(["seq", _mark(node, "line"), self.ir_node])

    def marked_default(left: IRnode, right: IRnode, **more: Any) -> IRnode:
        plain = default(left, right, **more)
        if right.ast_source is None or not _is_known(right.ast_source, "default"):
            return plain
        return IRnode.from_list(["seq", _mark(right.ast_source, "default"), plain])

    def marked_value(cls: type[Expr], node: vy_ast.VyperNode, context: Any) -> IRnode:
        plain = value(cls, node, context)
        if not _is_known(node, "condition"):
            return plain
        body = ["seq", _mark(node, "condition", "condition"), "condition"]
        return IRnode.from_list(["with", "condition", plain, body], typ=plain.typ)

    def marked_loop(self: Stmt) -> IRnode:
        end = self.context.new_internal_variable(UINT256_T)
        loops.append(end)
        plain = loop(self)
        loops.pop()
        over = _mark(self.stmt, "loop", ["mload", end])
        return IRnode.from_list(["seq", ["mstore", end, 0], plain, over])

    def marked_block(code: list[vy_ast.VyperNode], context: Any, **more: Any) -> IRnode:
        plain = block(code, context, **more)
        above = code[0].get_ancestor()
        if not isinstance(above, vy_ast.For):
            return plain
        return IRnode.from_list(["seq", _mark(above, "loop", 1), plain])

    def marked_break(self: Stmt) -> IRnode:
        return IRnode.from_list(["seq", ["mstore", loops[-1], BROKEN], leave(self)])

    with MonkeyPatch.context() as patch:
        patch.setattr(Stmt, "__init__", marked_statement)
        patch.setattr(Stmt, "parse_For", marked_loop)
        patch.setattr(Stmt, "parse_Break", marked_break)
        patch.setattr(Expr, "parse_value_expr", classmethod(marked_value))
        patch.setattr(stmt, "parse_body", marked_block)
        patch.setattr(external_function, "make_setter", marked_default)
        yield


def _is_known(node: vy_ast.VyperNode, kind: str) -> bool:
    """Whether it is a place; what the compiler has added to a source is not."""
    return node.module_node is not None and place(node, kind) in places()


def _mark(node: vy_ast.VyperNode, kind: str, side: Any = 0) -> list:
    return ["pop", ["balance", ["add", place(node, kind).mark, side]]]
