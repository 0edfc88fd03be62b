"""T-G10: use a setting that is kept in two places and has been changed in one.

Tracer checked an invariant in two contracts by two sets of numbers. Here whatever is fixed about a
token is in its own code, once: router and keeper ask it in each call, a position's market is in the
position alone, and the venue's terms are read from the venue. A constant that two sources need is
either imported or, where it is written twice, the same.
"""

from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from vyper import ast as tree

from scripts._model import daily_schedule, fixed_point, premium_curve, rule_book, streaming_fee
from tests.attack.sources import all_modules, understood
from tests.record import record

TWINS = {
    "fixed_point": fixed_point,
    "daily_schedule": daily_schedule,
    "premium_curve": premium_curve,
    "rule_book": rule_book,
    "streaming_fee": streaming_fee,
}


@cache
def constants() -> dict[str, dict[str, Any]]:
    """By name, the value that each source gives it."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, module in all_modules().items():
        for variable in module.get_children(tree.VariableDecl):
            if variable.is_constant:
                value = variable.value.reduced()
                found[variable.target.id][path] = getattr(value, "value", value.node_source_code)
    return found


def test_g10_constant_of_one_name_has_one_value():
    found = constants()
    apart = {name: said for name, said in found.items() if len(set(said.values())) > 1}

    assert {"WAD", "MAX_FEE"} <= set(found)
    assert apart == {}
    record("attack", "g10", threat="T-G10", gain=0, unit="settings that differ", bound=0)


@pytest.mark.parametrize("module", TWINS)
def test_g10_model_has_the_contracts_constants(module):
    """The tests' own copy: a limit that it had wrong would be one that nobody tested."""
    path, twin = f"modules/{module}.vy", TWINS[module]
    said = {name: paths[path] for name, paths in constants().items() if path in paths}
    shared = {name: getattr(twin, name) for name in said if hasattr(twin, name)}

    assert shared
    assert shared == {name: said[name] for name in shared}


@pytest.mark.parametrize("path", ["periphery/Router.vy", "periphery/Keeper.vy", "Factory.vy"])
def test_g10_nothing_of_a_token_is_kept_elsewhere(path):
    """Storage of these: a registry of what exists, and no rule, oracle, pair or position."""
    layout = understood(path).storage_layout
    kept = set(layout.get("storage_layout", {}))

    assert kept == ({"tokens", "count", "is_token", "token_of"} if path == "Factory.vy" else set())


def test_g10_every_contract_speaks_of_the_same_parts(venue, ballast, tokens):
    for token in tokens.values():
        market = venue.market(token.rules().long)
        position = venue.position.at(token.position())

        assert tuple(token.parts()) == (position, position.collateral(), position.debt())
        assert (token.collateral(), token.debt()) == (market.collateral, market.debt)
        assert venue.told(position) == (ballast.factory.VENUE(), *venue.terms(market))
        assert position.TOKEN() == token
        assert position.price() == market.venue_oracle.price()
        assert position.liquidation()[0] == market.lltv
        assert token.target() == token.rules().target
        assert token.factory() == ballast.factory == ballast.router.FACTORY()
    assert ballast.keeper.FACTORY() == ballast.factory
