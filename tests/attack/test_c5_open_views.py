"""T-C5: look at a contract, or come back into it, while it is half way through.

`#pragma nonreentrancy on` locks every external function, views and public getters too, but for what
says `@reentrant`. A door that someone opens for convenience is one to look through: so those that
are open are listed here, each with what guards it instead.
"""

from pathlib import PurePosixPath

from vyper import ast as tree

from tests.attack.sources import DEPLOYABLE, SOURCES, modules_of
from tests.record import record

OPEN = {
    ("Router", "__default__"),  # takes ether from WETH alone, in the middle of a zap
    ("Router", "uniswapV3SwapCallback"),  # the expected pool alone, once
    ("Keeper", "uniswapV3SwapCallback"),  # likewise
    ("ChainlinkOracle", "price"),  # nothing of it can change
}


def external(path: str) -> list[tuple[str, bool]]:
    """Functions that can be called, and whether each is locked."""
    found = []
    module = modules_of(path)[path]
    for function in module.get_children(tree.FunctionDef):
        kind = function._metadata["func_type"]
        if kind.is_external:
            found.append((function.name, kind.nonreentrant))
    return found


def test_c5_every_door_is_locked_but_those_on_the_list():
    opened = {
        (PurePosixPath(path).stem, name)
        for path in DEPLOYABLE
        for name, locked in external(path)
        if not locked
    }

    assert opened == OPEN
    record("attack", "c5", threat="T-C5", gain=0, unit="open doors not on the list", bound=0)


def test_c5_public_variable_of_a_changing_state_is_locked_too():
    """The pragma locks getters as well, but for those of what never changes."""
    for path in DEPLOYABLE:
        module = modules_of(path)[path]
        assert "# pragma nonreentrancy on" in SOURCES[path]
        for variable in module.get_children(tree.VariableDecl):
            if variable.is_public and not (variable.is_constant or variable.is_immutable):
                getter = variable._expanded_getter
                assert getter._metadata["func_type"].nonreentrant, (path, variable.target.id)
