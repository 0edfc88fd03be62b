"""What universalmutator makes of a source: one line changed at a time, by its rules for Vyper.

Comments, docstrings, imports, values that are overwritten before they are read and the order of
what `min`, `max` and a product are made of are left alone, since no change of theirs can matter.
What is not even a well-formed function is dropped here; the rest is for the compiler to judge.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from universalmutator import mutator  # type: ignore[import-untyped]
from vyper.ast.pre_parser import PreParser
from vyper.exceptions import VyperException

from tests.evm.build import sources

# As its command line does for a file whose name ends in .vy.
RULES = ["universal.rules", "vyper.rules", "python.rules", "solidity.rules"]
SYMMETRIC = ("min", "max", "fp._mul_div_down", "fp._mul_div_up")  # in their first two arguments
BODIES = (ast.FunctionDef, ast.For, ast.If)
BLOCK = re.compile(r"[A-Za-z@]")  # what starts in the first column: a declaration or its decorator
WORD = re.compile(r"\w+|[^\w\s]")
IMPORT = re.compile(r"(from|import) ")
NO_CODE = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)


@dataclass(frozen=True)
class Mutant:
    """A line of a source, counted from 1, and what it becomes (maybe several lines)."""

    path: str  # below contracts/
    line: int
    before: str
    after: str

    @property
    def change(self) -> str:
        """What is changed, wherever the line is."""
        return f"{self.before.strip()} -> {self.after.strip()}"

    @property
    def function(self) -> str:
        """The first words of the declaration around it, without decorators."""
        lines = _lines(self.path)[_block(self.path, self.line).start - 1 :]
        head = next(text for text in lines if not text.startswith("@"))
        return re.split(r"[(:]", head)[0].strip()

    @property
    def told(self) -> str:
        return f"{self.path}:{self.line} ({self.function}) {self.change}"

    @property
    def digest(self) -> str:
        """The same for the same change of the same line, whatever is above the declaration."""
        place = self.line - _block(self.path, self.line).start
        said = f"{self.path} {self.function} {place} {self.before}{self.after}"
        return sha256(said.encode()).hexdigest()

    @property
    def source(self) -> str:
        lines = _lines(self.path)
        return "".join((*lines[: self.line - 1], self.after, *lines[self.line :]))

    @property
    def block(self) -> tuple[range, str]:
        """The lines of the declaration around it, and what they become."""
        span = _block(self.path, self.line)
        lines = _lines(self.path)
        parts = (*lines[span.start - 1 : self.line - 1], self.after)
        return span, "".join((*parts, *lines[self.line : span.stop - 1]))


def mutated_files() -> list[str]:
    """Every contract and module of ours, but for what stands in for others in tests."""
    return [path for path in sources() if path.endswith(".vy") and not path.startswith("mocks/")]


@cache
def mutants(path: str) -> tuple[Mutant, ...]:
    """All mutants of a source that are well formed, in its order."""
    return tuple(mutant for mutant in candidates(path) if _may_matter(mutant))


@cache
def candidates(path: str) -> tuple[Mutant, ...]:
    """The same and those that are not well formed, which takes a fraction of the time to tell."""
    lines = _lines(path)
    code = set(_code_lines("".join(lines)))
    with redirect_stdout(io.StringIO()):
        made = mutator.mutants_regexp(
            list(lines), ruleFiles=RULES, ignorePatterns=[], ignoreStringOnly=True
        )
    return tuple(
        Mutant(path, line, lines[line - 1], after) for line, after, *_ in made if line in code
    )


@cache
def _lines(path: str) -> tuple[str, ...]:
    return tuple(sources()[path].splitlines(keepends=True))


@cache
def _blocks(path: str) -> tuple[range, ...]:
    lines = _lines(path)
    starts = [
        number
        for number, text in enumerate(lines, 1)
        if BLOCK.match(text) and not (number > 1 and lines[number - 2].startswith("@"))
    ]
    stops = [*starts[1:], len(lines) + 1]
    return tuple(range(start, stop) for start, stop in zip(starts, stops, strict=True))


def _block(path: str, line: int) -> range:
    return next(span for span in _blocks(path) if line in span)


def _code_lines(source: str) -> Iterator[int]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        if token.type in NO_CODE or is_docstring or IMPORT.match(token.line):
            continue
        yield from range(token.start[0], token.end[0] + 1)


def _may_matter(mutant: Mutant) -> bool:
    span, text = mutant.block
    tree = _parsed(text)
    if tree is None:
        return False
    before = _parsed("".join(_lines(mutant.path)[span.start - 1 : span.stop - 1]))
    assert before is not None
    at = mutant.line - span.start + 1
    was, now = (_overwritten(part).get(at) for part in (before, tree))
    if was is not None and was == now:
        return False
    words, others = (sorted(WORD.findall(line)) for line in (mutant.before, mutant.after))
    return words != others or _in_one_order(before) != _in_one_order(tree)


def _parsed(block: str) -> ast.Module | None:
    """As Python sees it, once Vyper's words are replaced; None if it is not well formed."""
    parser = PreParser(is_interface=False)
    try:
        parser.parse(block)
        return ast.parse(parser.reformatted_code)
    except (VyperException, SyntaxError, tokenize.TokenError):
        return None


def _overwritten(tree: ast.Module) -> dict[int, str]:
    """Variables, by the line, that begin with a literal which is overwritten before it is read."""
    found = {}
    for node in ast.walk(tree):
        body = node.body if isinstance(node, BODIES) else []
        for place, step in enumerate(body):
            if isinstance(step, ast.AnnAssign) and step.value and _is_literal(step.value):
                name = ast.unparse(step.target)
                if _overwrites(body[place + 1 :], name):
                    found[step.lineno] = f"{name}: {ast.unparse(step.annotation)}"
    return found


def _overwrites(body: list[ast.stmt], name: str) -> bool:
    """Whether the first that is done with a variable is to set it, on either way through an if."""
    first = next((step for step in body if name in _names(step)), None)
    if isinstance(first, ast.If):
        ways = first.body, first.orelse
        return name not in _names(first.test) and all(_overwrites(way, name) for way in ways)
    return isinstance(first, ast.Assign) and name not in _names(first.value)


def _in_one_order(tree: ast.Module) -> str:
    """The tree, with symmetric arguments sorted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SYMMETRIC:
            node.args[:2] = sorted(node.args[:2], key=ast.dump)
    return ast.dump(tree)


def _is_literal(value: ast.expr) -> bool:
    is_empty = isinstance(value, ast.Call) and ast.unparse(value.func) == "empty"
    plain = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    return is_empty or all(isinstance(part, plain) for part in ast.walk(value))


def _names(tree: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
