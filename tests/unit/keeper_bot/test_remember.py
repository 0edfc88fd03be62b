"""Who has failed rests, the longer the more often; and losses add up by day."""

from dataclasses import replace

import pytest

from scripts._keeper.look import View
from scripts._keeper.remember import MOST, Memory
from scripts._keeper.send import Outcome, Sent
from tests.unit.keeper_bot import told
from tests.unit.keeper_bot.test_decide import HARD, OPENING, Ask, Quote, decide, offer_of, opened

TOKEN = told.address(0)
VIEW = View(100, "0x", told.NOON, told.COSTS, [], None, {})


@pytest.fixture
def sent():
    """A fill that ends an emergency and may cost a hundredth of ether."""
    offer = offer_of(opened(True, HARD[True], OPENING + 8 * 3_600))
    quote = Quote(Ask(TOKEN, 500, offer.state.brings), 0)
    return Sent("0x", 0, decide.bind(offer, quote, told.COSTS, 10**16), 100)


def test_failures_in_a_row_double_the_rest(sent):
    memory = Memory()
    for n in range(1, MOST + 3):
        memory.note([Outcome(sent, "reverted", cost=1)], VIEW)
        last = 100 + 2 ** min(n, MOST) - 1

        assert memory.resting(replace(VIEW, number=last), []) == {TOKEN}
        assert not memory.resting(replace(VIEW, number=last + 1), [])


def test_fill_that_pays_ends_the_row(sent):
    memory = Memory()
    for status in ("reverted", "reverted", "confirmed", "reverted"):
        memory.note([Outcome(sent, status, cost=1)], VIEW)

    assert not memory.resting(replace(VIEW, number=102), [])


def test_fill_that_loses_more_than_it_may_is_a_failure(sent):
    """Its coin moved less than it said."""
    memory = Memory()
    memory.note([Outcome(sent, "confirmed", cost=10**16 + 1)], VIEW)

    assert memory.resting(VIEW, []) == {TOKEN}


def test_what_is_mined_counts_before_it_is_final(sent):
    mined = [Outcome(sent, "reverted", cost=5)]

    assert Memory().resting(VIEW, mined) == {TOKEN}
    assert Memory().lost(mined) == {TOKEN: 5}


def test_losses_are_those_of_the_day(sent):
    memory = Memory()
    for _ in range(2):
        memory.note([Outcome(sent, "confirmed", cost=5)], VIEW)
    memory.note([Outcome(sent, "replaced")], VIEW)
    scheduled = replace(sent, fill=replace(sent.fill, emergency=False))
    memory.note([Outcome(scheduled, "reverted", cost=7)], VIEW)
    assert memory.lost([]) == {TOKEN: 10}

    memory.note([], replace(VIEW, time=OPENING))

    assert memory.lost([]) == {}
