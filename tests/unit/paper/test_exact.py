"""The engine in floats against the model in integers, on the same bars."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._files.token import load_token
from scripts._paper import error
from scripts._paper.error import Job, Twice, live_twice, rules_of
from scripts._prices.make import MARKETS, Jumps
from tests.unit.paper.lived import AUCTION, BALLAST, DAY, EITHER, HOUR, ISSUERS

DAYS = 25
VARIANTS = {
    "a wide band": replace(BALLAST, band=0.1),
    "an early emergency": replace(BALLAST, above=(3.4, 3.4)),
    "a premium that stands still": replace(BALLAST, auction=replace(AUCTION, start=0.004)),
    "a premium that pays at once": replace(BALLAST, auction=replace(AUCTION, start=0.003)),
    "a window as long as the ramp": replace(
        BALLAST, auction=replace(AUCTION, window=1_800, ramp=1_800, end=0.0025)
    ),
    "a ramp of a day": replace(BALLAST, auction=replace(AUCTION, window=DAY, ramp=DAY)),
    "a ramp of seconds": replace(BALLAST, auction=replace(AUCTION, ramp=40)),
    "a high emergency premium": replace(BALLAST, auction=replace(AUCTION, emergency=0.01)),
    "a low target": replace(BALLAST, target=1.5, above=(2.0, 2.0)),
    "no fees": replace(BALLAST, management=0.0),
}
HARD = Jumps(drift=0.0, volatility=0.8, jumps=150, jump=0.0, spread=0.3)


def alike(found):
    """Under a basis point of NAV a year, and the same was done as often."""
    return found.error < 1 and len({*found.fills}) == len({*found.liquidations}) == 1


@EITHER
@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_floats_are_within_a_basis_point_of_integers(market, long, seed):
    found = live_twice(Job(MARKETS[market], seed, BALLAST, long, DAYS))

    assert alike(found), found
    assert found.fills[0] > 2
    assert found.exact != found.floats


@EITHER
@pytest.mark.parametrize("name", VARIANTS)
def test_floats_follow_other_rules_as_integers_do(name, long):
    found = live_twice(Job(MARKETS["jumps"], 3, VARIANTS[name], long, DAYS))

    assert alike(found), found


@EITHER
def test_floats_are_liquidated_where_integers_are(long):
    lives = [live_twice(Job(HARD, seed, BALLAST, long, DAYS)) for seed in range(4)]

    assert all(map(alike, lives)), lives
    assert sum(found.liquidations[0] for found in lives) > 1


@given(
    seed=st.integers(0, 2**32),
    market=st.sampled_from([*MARKETS.values(), HARD]),
    issuer=st.sampled_from([BALLAST, *VARIANTS.values()]),
    long=st.booleans(),
    step=st.sampled_from([900, HOUR, 6 * HOUR, DAY]),
)
def test_floats_are_near_integers_for_any_seed(seed, market, issuer, long, step):
    found = live_twice(Job(market, seed, issuer, long, 8, step))

    assert found.error * found.years < 0.5
    assert found.liquidations[0] == found.liquidations[1]


@EITHER
def test_rules_are_those_of_the_token_file(long):
    rules = rules_of(BALLAST, long)
    usual = load_token("ETHBULL" if long else "ETHBEAR").rules

    assert rules.emergency == pytest.approx(usual.emergency, rel=1e-15)
    assert replace(rules, emergency=usual.emergency) == usual


@pytest.mark.parametrize(
    "issuer", [ISSUERS["exchange"], replace(BALLAST, every=HOUR), replace(BALLAST, to="target")]
)
def test_rules_that_no_contract_follows_are_refused(issuer):
    with pytest.raises(ValueError, match="an auction, daily at 00:02"):
        rules_of(issuer, True)


@pytest.mark.parametrize(
    ("exact", "floats", "expected"),
    [(1.0, 1.0001, 2.0), (1.0, 0.9999, 2.0), (0.0, 0.0, 0.0), (0.0, 0.1, inf), (0.1, 0.0, inf)],
)
def test_error_is_of_a_year(exact, floats, expected):
    found = Twice(0.5, exact, floats, (0, 0), (0, 0))

    assert found.error == pytest.approx(expected, rel=1e-3)


def test_worst_error_is_of_bull_and_bear_on_several_seeds(monkeypatch):
    seen = []

    def lived(job):
        seen.append((job.seed, job.long))
        return Twice(1.0, 1.0, 1.0 + 1e-6 * len(seen), (0, 0), (0, 0))

    monkeypatch.setattr(error, "live_twice", lived)
    with ThreadPoolExecutor(1) as pool:
        worst = error.worst_error(pool, MARKETS["gbm"], 7)

    assert sorted(seen) == sorted((7 + n, long) for n in range(3) for long in (True, False))
    assert worst == pytest.approx(0.06, rel=1e-3)
