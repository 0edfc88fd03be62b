"""T-W2: on a venue that counts in coarse units, whoever acts pays for what it rounds.

The laws of the machine, held where a unit is worth up to a thousand amounts: of each call alone, of
dust as of plenty, half-up and directional, for a long and a short token of odd decimals.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model.fixed_point import SCALE
from scripts._model.token import Auction
from tests.stateful.lab import Lab
from tests.stateful.mock_venue import ACTORS, ENDLESS, MODES, OWNER, PAIRS, RAY, open_token
from tests.stateful.test_mock_venue_machine import (
    FILL_DELEVER,
    FILL_LEVER,
    MINT,
    REDEEM,
    VenueMachine,
    inv_m5,
    inv_m6,
)

COARSE = ("half-up", "directional")
HOLDER, TAKER = ACTORS[:2]
REPAY = "repay(uint256)"

INDEX = st.one_of(st.integers(RAY, 2 * RAY), st.integers(RAY, 10**30), st.just(10**30 - 1))
INDICES = st.tuples(INDEX, INDEX)
AMOUNT = st.one_of(st.integers(1, 100), st.integers(1, 10**6), st.integers(1, 10**21))
PART = st.builds(Fraction, st.integers(1, 1_000), st.sampled_from([10**3, 10**6]))

On = Callable[[tuple[int, int]], AbstractContextManager[VenueMachine]]


@pytest.fixture(scope="module")
def worlds():
    lab = Lab()
    made = {
        (mode, pair): open_token(lab, MODES[mode], PAIRS[pair]) for mode in COARSE for pair in PAIRS
    }
    return lab, made


@pytest.fixture(params=[f"{mode} {pair}" for mode in COARSE for pair in PAIRS])
def on(request, worlds) -> On:
    """`with on(indices) as venue:` a token at its target, where a unit is worth so much."""
    lab, made = worlds
    mode, pair = request.param.split()
    given = {"lab": lab, "worlds": made, "happened": Counter()}
    machine = type("OnThisLab", (VenueMachine,), given)

    @contextmanager
    def stand(indices: tuple[int, int]) -> Iterator[VenueMachine]:
        venue = machine()
        try:
            venue.begin(mode=mode, pair=pair)
            venue.venue.accrue()
            venue.venue.collateral_index, venue.venue.debt_index = indices
            lab.send(OWNER, venue.world.venue, "set_indices(uint256,uint256)", *indices)
            venue.steer("target", 0)
            yield venue
            venue.look()
        finally:
            venue.teardown()

    return stand


def opened(venue: VenueMachine, limit: str, beyond: int) -> Auction:
    """The lane that is open once the price has gone `beyond` millionths past a limit."""
    if limit != "emergency":
        venue.warp(venue.token.next_rebalance() + 45 * 60)
    venue.steer(limit, -beyond if limit == "lowest" else beyond)
    return venue.token.auction()


@given(indices=INDICES, shares=AMOUNT, part=PART)
def test_mint_and_redeem_on_a_coarse_venue_cost_others_nothing(on, indices, shares, part):
    """I-M2, I-M3, I-M5, I-M7: neither collateral nor debt nor NAV of a share, at any price."""
    with on(indices) as venue:
        minted, _ = venue.mints(HOLDER, shares)
        redeemed, last = venue.redeems(HOLDER, venue.sized(part, shares))

        inv_m5(minted, redeemed, last)


@given(indices=INDICES, shares=st.lists(AMOUNT, min_size=2, max_size=4))
def test_mint_in_parts_on_a_coarse_venue_is_no_cheaper(on, indices, shares):
    """I-M6: each part pays the grain."""
    with on(indices) as venue:
        mark, undo = venue.lab.chain.snapshot(), venue.token.snapshot()
        whole, _ = venue.mints(HOLDER, sum(shares))
        venue.lab.chain.revert(mark)
        undo()
        before = venue.state()
        made = [venue.mints(HOLDER, part) for part in shares]

        inv_m6(before, whole, [minted for minted, _ in made], made[-1][1])


@given(
    indices=INDICES,
    limit=st.sampled_from(["lowest", "highest", "emergency"]),
    beyond=st.integers(1, 200_000),
    sizes=st.lists(PART | st.integers(1, 10**4), min_size=1, max_size=3),
)
def test_fill_on_a_coarse_venue_costs_holders_its_premium(on, indices, limit, beyond, sizes):
    """I-A4, I-A5, I-M7: NAV at the oracle's price, and what a preview says."""
    with on(indices) as venue:
        opened(venue, limit, beyond)
        for size in sizes:
            venue.fills(TAKER, size)


@given(indices=INDICES)
def test_mint_of_a_single_share_brings_the_grain_and_takes_what_it_leaves(on, indices):
    """I-M8: a share is never free, and there is no share too small to be minted."""
    with on(indices) as venue:
        grain = venue.venue.grain()
        before = venue.state()

        minted, last = venue.mints(HOLDER, 1)

        gross = 1 + minted.fee
        brings = -(-before.collateral * gross // before.supply)
        takes = before.debt * gross // before.supply
        assert (minted.collateral, minted.debt) == (brings + grain, max(0, takes - grain))
        assert last.after.collateral > before.collateral
        assert minted.debt > 0 or last.after.true_debt == before.true_debt


@given(indices=INDICES)
def test_redeem_of_a_single_share_brings_the_grain_and_takes_nothing(on, indices):
    """I-M1: its fee is a share, the whole of it."""
    with on(indices) as venue:
        grain = venue.venue.grain()

        redeemed, last = venue.redeems(HOLDER, 1)

        assert (redeemed.debt, redeemed.collateral) == (min(grain, last.before.debt), 0)
        assert last.after.true_collateral == last.before.true_collateral


@given(indices=INDICES, left=st.integers(0, 2_000), part=PART)
def test_redeem_where_little_is_owed_repays_no_more_than_all_of_it(on, indices, left, part):
    """I-M11, I-S2: it never asks for debt that is not there, and keeps none."""
    with on(indices) as venue:
        owed = venue.state().debt
        venue.venue.repay(owed - left)
        venue.lab.send(TAKER, venue.world.venue, REPAY, owed - left)
        before = venue.state().debt
        shares = venue.sized(part, venue.token.balance(HOLDER))

        redeemed, last = venue.redeems(HOLDER, shares)
        again, _ = venue.redeems(HOLDER, venue.token.balance(HOLDER))

        assert redeemed.debt <= before
        assert redeemed.debt == before or last.after.debt > 0
        assert last.after.debt > 0 or again.debt == 0


@given(indices=INDICES, beyond=st.integers(1_000, 100_000))
def test_fill_that_the_grain_eats_takes_nothing(on, indices, beyond):
    """I-A5: a request whose worth is no more than the grain is refused, one a little larger not."""
    for limit, signature, reason in (
        ("lowest", FILL_LEVER, "fill: nothing to take"),
        ("highest", FILL_DELEVER, "fill: no collateral to take"),
    ):
        with on(indices) as venue:
            levering = limit == "lowest"
            opened(venue, limit, beyond)
            offer, grain = venue.token.offer(), venue.venue.grain()
            # the least that, beside the grain, is worth one unit more than the grain
            unit = (SCALE, offer.price) if levering else (offer.price, SCALE)
            least = grain + -(-(grain + 1) * unit[0] // unit[1])
            act = venue.token.fill_lever if levering else venue.token.fill_delever

            refused = venue.lab.fault(TAKER, venue.world.token, signature, least - 1, 0, TAKER)
            dust = venue.preview_fill(levering, least - 1)
            done = act(least)
            result = venue.lab.do(TAKER, venue.world.token, signature, least, 0, TAKER)

            assert refused == reason
            assert dust == (0, 0)
            legs = (done.collateral, done.debt) if levering else (done.debt, done.collateral)
            assert result == legs and legs[1] >= 1


@given(
    indices=INDICES,
    limit=st.sampled_from(["lowest", "highest"]),
    beyond=st.integers(1_000, 100_000),
    left=st.integers(0, 1_000),
)
def test_auction_of_no_more_than_the_grain_is_closed(on, indices, limit, beyond, left):
    """I-A5: whatever is open by the clock, there is nothing in it for a taker."""
    with on(indices) as venue:
        levering = limit == "lowest"
        opened(venue, limit, beyond)
        offer, grain = venue.token.offer(), venue.venue.grain()
        if levering:
            most = -(-(offer.open - min(left, grain)) * SCALE // offer.price) + grain
        else:
            most = offer.open - min(left, grain * offer.price // SCALE)
        signature, reasons = (
            (FILL_LEVER, {"fill: nothing to take", "fill: not open for levering"})
            if levering
            else (FILL_DELEVER, {"fill: no collateral to take", "fill: not open for delevering"})
        )
        act = venue.token.fill_lever if levering else venue.token.fill_delever

        act(most)
        venue.lab.do(TAKER, venue.world.token, signature, most, 0, TAKER)

        assert venue.token.auction() == Auction()
        refused = venue.lab.fault(TAKER, venue.world.token, signature, ENDLESS, 0, TAKER)
        assert refused in reasons


@given(indices=INDICES, size=PART)
def test_bounds_of_a_call_on_a_coarse_venue_are_its_preview(on, indices, size):
    """I-M7: what is asked for is what a preview says, grain and all, to the last unit."""
    with on(indices) as venue:
        shares = venue.sized(size, 10**21)
        brings, takes = venue.token.preview_mint(shares)
        repays, gets = venue.token.preview_redeem(min(shares, venue.token.balance(HOLDER)))
        ask = venue.lab.fault
        token = venue.world.token

        refused = {
            ask(HOLDER, token, MINT, shares, brings - 1, takes, HOLDER, HOLDER),
            ask(HOLDER, token, MINT, shares, brings, takes + 1, HOLDER, HOLDER),
        }
        part = min(shares, venue.token.balance(HOLDER))
        left = {
            ask(HOLDER, token, REDEEM, part, repays - 1, gets, HOLDER, HOLDER),
            ask(HOLDER, token, REDEEM, part, repays, gets + 1, HOLDER, HOLDER),
        }

        assert refused == {"mint: collateral above max", "mint: debt below min"}
        assert left == {"redeem: debt above max", "redeem: collateral below min"}
