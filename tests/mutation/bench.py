"""A contract compiled again and again, with another mutant in it each time, as quickly as can be.

A bench has everything parsed, and analysed what no mutant can change. `build` uses it up: it is for
a fork of the process that has the bench. The bytecode is the ordinary compiler's, without metadata;
test_mutation.py holds it to that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any
from unittest.mock import patch

import vyper.ast as vy_ast
from vyper.codegen.ir_node import IRnode
from vyper.compiler import CompilerData
from vyper.compiler.input_bundle import FileInput
from vyper.compiler.output import build_abi_output
from vyper.exceptions import ExceptionList
from vyper.ir import optimizer
from vyper.semantics.analysis import imports, local, module

from tests.evm.build import Build, compiler_data, needs, path_of, sources
from tests.mutation.mutants import Mutant

optimize_once = optimizer._optimize


class Bench:
    """The contract called `name`, ready for a mutant of the source at `path`."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        main = path_of(name)
        self.given = {at: sources()[at] for at in sorted(needs(main, sources()))}
        self.data = compiler_data(main, self.given, "gas")
        self.data.no_bytecode_metadata = True
        self.trees: dict[str, vy_ast.Module] = {main: self.data.vyper_module}
        with self._parsed_once():
            seen = _resolve(self.data).seen
        for tree in seen:
            at = _below_contracts(tree.resolved_path)
            if path not in needs(at, sources()):
                module.analyze_module(tree)

    def build(self, mutant: Mutant | None = None) -> Build:
        """The contract with the mutant in it. Raises what the compiler does if that cannot be."""
        if mutant:
            _replace(self.trees[mutant.path], mutant)
        with (
            self._parsed_once(),
            patch.object(module, "analyze_functions", _analyzer(mutant)),
            patch.object(optimizer, "_optimize", _optimize),
        ):
            tree = self.data.vyper_module
            self.data.__dict__["_resolve_imports"] = tree, _resolve(self.data), ""
            code = self.data.bytecode
            return Build(self.name, build_abi_output(self.data), f"0x{code.hex()}", "0x")

    @contextmanager
    def _parsed_once(self) -> Iterator[None]:
        """Imports get the trees that there are."""

        def tree_of(file: FileInput) -> vy_ast.Module:
            at = _below_contracts(file.resolved_path)
            if at not in self.trees:
                self.trees[at] = parse(file)
            return self.trees[at]

        parse = imports._parse_ast
        with patch.object(imports, "_parse_ast", tree_of):
            yield


def _resolve(data: CompilerData) -> imports.ImportAnalyzer:
    # as CompilerData does, without a copy of the tree
    folder = PurePosixPath(data.vyper_module.resolved_path).parent
    with data.input_bundle.search_path(folder):
        return imports.resolve_imports(data.vyper_module, data.input_bundle)


def _replace(tree: vy_ast.Module, mutant: Mutant) -> None:
    """Put the mutated declaration in place of the one that it was."""
    span, text = mutant.block
    above = "\n" * (span.start - 1)
    new = vy_ast.parse_to_ast(
        above + text, tree.source_id, module_path=tree.path, resolved_path=tree.resolved_path
    )
    for part in new.body:
        part.set_parent(tree)
    for parts in (tree.body, tree._children):
        inside = [number for number, part in enumerate(parts) if part.lineno in span]
        parts[inside[0] : inside[-1] + 1] = new.body


def _analyzer(mutant: Mutant | None) -> Any:
    """The functions of a module: first the one that was changed, and none after a fault."""

    def analyze(tree: vy_ast.Module) -> None:
        functions = tree.get_children(vy_ast.FunctionDef)
        if mutant and _below_contracts(tree.resolved_path) == mutant.path:
            span, _ = mutant.block
            functions.sort(key=lambda function: function.lineno not in span)
        getters = [
            node._expanded_getter
            for node in tree.get_children(vy_ast.VariableDecl)
            if node.is_public
        ]
        for function in (*functions, *getters):
            faults = ExceptionList()
            local._analyze_function_r(tree, function, faults)
            faults.raise_if_not_empty()

    return analyze


def _optimize(node: IRnode, parent: IRnode | None) -> tuple[bool, IRnode]:
    """As the compiler's own, but what cannot be improved below such a parent is not tried again."""
    above = parent.value if parent is not None else None
    done = node.__dict__.setdefault("_done_below", set())
    if above in done:
        return False, node
    changed, better = optimize_once(node, parent)
    better.__dict__.setdefault("_done_below", set()).add(above)
    return changed, better


def _below_contracts(path: Any) -> str:
    return str(path).removeprefix("contracts/")
