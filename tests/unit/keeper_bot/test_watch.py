"""What a block takes: requests and time, however many tokens there are."""

import logging
import statistics
from dataclasses import replace
from threading import Event, Timer

import pytest

from scripts._keeper import decide
from scripts._keeper.chain import NoNode
from scripts._keeper.look import GROW
from scripts._lens import Fault
from tests.record import record
from tests.unit.keeper_bot import told
from tests.unit.keeper_bot.node import SOME_FACTS, Node
from tests.unit.keeper_bot.told import NOON, OPENING

MANY = 1_000
BLOCKS = 20
PAYS = OPENING + 45 * 60


def crowd(count, token, calm):
    """So many tokens, of which every other one is as `token` and the rest as `calm`."""
    pairs = [(calm, token)[number % 2] for number in range(count)]
    states = {id(each): told.state(each) for each in (token, calm)}
    return (
        [
            replace(states[id(each)], token=told.address(number))
            for number, each in enumerate(pairs)
        ],
        [told.facts(each, number) for number, each in enumerate(pairs)],
    )


def deep(states):
    """Quotes of a pool in which every fill is small."""
    by_token = {state.token: state for state in states}
    return lambda ask: told.pool(by_token[ask.token], ask, 10**30)


@pytest.fixture
def calm():
    return told.moved(told.born(), 2000, PAYS)


@pytest.fixture
def below():
    return told.moved(told.born(), 2100, PAYS)


def test_thousand_quiet_tokens_take_one_request(employ, calm):
    states, facts = crowd(MANY, calm, calm)
    with Node(states, facts, time=PAYS) as node:
        keeper = employ(node)
        keeper.step()  # learns what never changes
        node.number += 1
        before = node.requests

        step = keeper.step()

        assert len(step.view.states) == MANY
        assert step.requests == node.requests - before == 1


def test_thousand_tokens_are_decided_in_two_seconds_and_five_requests(employ, below, calm):
    """Half of them open at once, on one pair."""
    states, facts = crowd(MANY, below, calm)
    with Node(states, facts, deep(states), time=PAYS) as node:
        keeper = employ(node)
        keeper.step()
        seconds, requests = [], []
        for _ in range(BLOCKS):
            node.number += 1
            node.nonce += 1
            step = keeper.step()
            assert len(step.sent) == 1
            seconds.append(step.seconds)
            requests.append(step.requests)

    assert max(requests) <= 5
    assert max(seconds) < 2
    record(
        "keeper",
        "decision",
        tokens=MANY,
        milliseconds_p50=round(statistics.median(seconds) * 1_000, 1),
        milliseconds_p99=round(max(seconds) * 1_000, 1),
        requests_a_block=max(requests),
    )


def test_node_that_grants_little_gas_is_asked_for_smaller_pages(employ, calm):
    states, facts = crowd(300, calm, calm)
    with Node(states, facts, time=PAYS, page=64) as node:
        keeper = employ(node)
        for _ in range(2):  # 250, then 125
            with pytest.raises(NoNode, match="was not answered"):
                keeper.step()

        step = keeper.step()

        assert len(step.view.states) == 300
        assert keeper.lookout.page == 62


def test_page_grows_again(employ, calm):
    """A node that was short of gas once, or was replaced, would be asked in crumbs for ever."""
    states, facts = crowd(200, calm, calm)
    with Node(states, facts, time=PAYS, page=128) as node:
        keeper = employ(node)
        with pytest.raises(NoNode, match="was not answered"):
            keeper.step()
        node.page = 256
        for _ in range(GROW):
            assert keeper.lookout.page == 125
            node.number += 1
            keeper.step()

    assert keeper.lookout.page == 250


def test_page_is_not_halved_by_what_is_no_matter_of_gas(employ, calm):
    """The node's troubles are not the page's: smaller pages would only be more requests."""
    states, facts = crowd(200, calm, calm)
    with Node(states, facts, time=PAYS) as node, Node(states, facts, time=PAYS) as other:
        node.eth_call = lambda *of: {"code": -32603, "message": "internal error"}
        keeper = employ(node, other)

        step = keeper.step()

    assert len(step.view.states) == 200 and keeper.lookout.page == 250


@pytest.mark.parametrize("number", [0, 37, 299])
def test_hostile_token_loses_no_block(employ, below, calm, number):
    """Its coins burn all gas in `symbol` and `decimals`, so that a page with it is never answered.

    Nobody need name such a token: with KEEPER_TOKENS=all whoever creates one would stop every
    keeper for ever. The others are read within a few blocks, and it is asked for seldom.
    """
    states, facts = crowd(300, below, calm)
    hostile = told.address(number)
    with Node(states, facts, time=PAYS, hostile=frozenset([hostile])) as node:
        keeper = employ(node)
        for _ in range(10):
            step = keeper.step()
            assert len(step.view.states) == 300
            node.number += 1

        assert set(keeper.lookout.facts) == {state.token for state in states} - {hostile}
        keeper.lookout.chain.requests = 0
        keeper.limits = replace(keeper.limits, coins=frozenset([told.address(9)]))
        keeper.step()
        assert keeper.chain.requests == 1


def test_node_that_tells_no_facts_loses_no_block(employ, calm):
    states, facts = crowd(2, calm, calm)
    with Node(states, facts, time=PAYS) as node:
        call = node.eth_call
        node.eth_call = lambda request, tag: (
            {"code": -32603, "message": "internal error"}
            if request["data"].startswith("0x" + SOME_FACTS.hex())
            else call(request, tag)
        )
        keeper = employ(node)

        assert keeper.step()
        assert not keeper.lookout.strange
        node.eth_call, node.number = call, 101
        keeper.step()
        assert len(keeper.lookout.facts) == 2


def test_first_node_that_is_busy_does_not_stop_the_keeper(employ, below, calm):
    states, facts = crowd(2, below, calm)
    with (
        Node(states, facts, time=PAYS) as busy,
        Node(states, facts, deep(states), time=PAYS) as node,
    ):
        busy.eth_feeHistory = lambda *of: {"code": 429, "message": "Too Many Requests"}

        step = employ(busy, node).step()

    assert len(step.sent) == 1


@pytest.mark.parametrize("block", [None, {}, "0x1", {"number": None}])
def test_first_node_that_talks_nonsense_costs_one_look(employ, calm, block):
    states, facts = crowd(2, calm, calm)
    with Node(states, facts, time=PAYS) as node, Node(states, facts, time=PAYS) as other:
        node.eth_getBlockByNumber = lambda *of: block
        keeper = employ(node, other)
        with pytest.raises(NoNode, match="nonsense from the node"):
            keeper.step()

        assert keeper.step()


def test_token_that_is_created_is_seen(employ, calm):
    states, facts = crowd(4, calm, calm)
    with Node(states[:3], facts, time=PAYS) as node:
        keeper = employ(node)
        keeper.step()
        node.states, node.number = states, 101
        node.encoded.clear()

        step = keeper.step()

        assert len(step.view.states) == 4
        assert set(keeper.lookout.facts) == {state.token for state in states}


def test_block_is_stepped_through_once(employ, calm):
    states, facts = crowd(2, calm, calm)
    with Node(states, facts, time=PAYS) as node:
        keeper = employ(node)

        assert keeper.step() is not None
        assert keeper.step() is None


def test_node_that_is_behind_is_not_begun_with(employ, below, calm):
    states, facts = crowd(2, below, calm)
    with Node(states, facts, time=PAYS) as behind, Node(states, facts, time=PAYS) as node:
        node.number += 20

        step = employ(behind, node).step()

    assert step.view.number == node.number


def test_loop_outlives_what_fails(employ, calm, caplog):
    states, facts = crowd(2, calm, calm)
    stop = Event()
    refusals = iter(range(3))
    with Node(states, facts, time=PAYS) as node, caplog.at_level(logging.INFO):
        answer = node.eth_feeHistory
        node.eth_feeHistory = lambda *of: (
            {"message": "busy"} if next(refusals, None) is not None else answer(*of)
        )
        keeper = employ(node, block_seconds=0.05)
        Timer(20, stop.set).start()

        keeper.run(stop, on_step=lambda step: stop.set())

    assert caplog.messages.count("lost a block") == 3
    assert keeper.seen == hex(node.number)


def test_forecasts_say_what_will_pay(employ):
    """At noon a token is past its band: it will pay at about the pool's fee and the gas."""
    token = told.moved(told.born(), 2100, NOON)
    states, facts = crowd(2, token, told.born())
    with Node(states, facts, time=NOON) as node:
        keeper = employ(node)
        step = keeper.step()

        (forecast,) = keeper.forecasts(step.view)

    assert forecast["token"] == told.address(1)
    assert forecast["opens_at"] == OPENING
    paid = token.at(now=forecast["pays_at"]).auction()
    assert paid.premium == forecast["premium"] >= 500 * decide.MILLIONTH
    assert token.at(now=forecast["pays_at"] - 1).auction().premium < forecast["premium"]


def test_token_that_cannot_be_read_costs_no_request(employ, below, calm):
    """Anyone may create one; it is asked about again only after a while."""
    states, facts = crowd(3, below, calm)
    facts[1] = replace(facts[1], faults=Fault.POSITION)
    with Node(states, facts, deep(states), time=PAYS) as node:
        keeper = employ(node)
        keeper.step()
        node.number += 1

        step = keeper.step()

        assert step.requests == 1
        assert keeper.forecasts(step.view) == []
        node.facts[1] = replace(facts[1], faults=Fault(0))
        node.number = 200
        assert len(keeper.step().sent) == 1


def test_terms_that_the_venue_has_changed_are_known_after_a_while(employ, calm):
    """Aave's governance may lower what it liquidates at. Nothing is lost where nobody tells."""
    states, facts = crowd(3, calm, calm)
    with Node(states, facts, time=PAYS) as node:
        keeper = employ(node, page=2)
        keeper.step()
        node.facts = [replace(each, lltv=78 * 10**16) for each in facts]
        node.hostile = frozenset([told.address(2)])
        heard = keeper.lookout.facts

        node.number = 199
        assert keeper.step().requests == 1
        assert [*heard.values()] == facts
        node.number = 200
        assert keeper.step().requests == 2
        assert [*heard.values()] == [*node.facts[:2], facts[2]]
        node.number = 201
        assert keeper.step().requests == 1


def test_token_that_fails_is_tried_ever_more_seldom(employ, below):
    """Its oracle says one thing in a call and another in a block, and every quote seems to pay.

    Without a memory it would take the keeper a revert's gas in every block, until none is left.
    """
    states, facts = crowd(1, below, below)
    with Node(states, facts, deep(states), time=PAYS, reverts=True) as node:
        keeper = employ(node)
        tried = []
        for _ in range(60):
            node.number += 1
            step = keeper.step()
            if step.sent:
                tried.append(node.number)
            else:
                assert [each.reason for each in step.passes] == [decide.Reason.FAILED]

    waits = [after - before for before, after in zip(tried, tried[1:], strict=False)]
    final = 1 + 2  # blocks until it is mined, and final
    assert waits == [final + 2, final + 4, final + 8, final + 16]


def test_emergency_that_never_ends_costs_its_budget_once(employ):
    """What is lost is counted as soon as it is mined, though a reorganisation may undo it."""
    hard = told.moved(told.born(shares=told.WAD * 20), 1740, OPENING + 8 * 3_600)
    states, facts = crowd(1, hard, hard)
    quote = lambda ask: decide.Quote(ask, 0)  # noqa: E731
    budget = 7 * 10**14  # one fill may cost less, two would cost more
    with Node(states, facts, quote, time=hard.now, reverts=True, base_fee=2 * 10**9) as node:
        keeper = employ(node, loss_budget="0.0007")
        spent = 0
        for _ in range(200):
            node.number += 1
            step = keeper.step()
            spent += sum(outcome.cost for outcome in step.outcomes)

    assert len(node.sent) >= 1
    assert 0 < spent <= budget
    assert step.passes[0].reason == decide.Reason.BUDGET


@pytest.mark.parametrize(("broadcast", "dry"), [(True, False), (False, True)])
def test_fill_that_could_not_be_sent_is_not_dry(employ, below, caplog, broadcast, dry):
    states, facts = crowd(1, below, below)
    with (
        Node(states, facts, deep(states), time=PAYS, balance=1) as node,
        caplog.at_level(logging.INFO),
    ):
        employ(node, broadcast=broadcast).step()

    (fill,) = (each for each in caplog.records if each.message == "fill")
    assert fill.dry is dry
