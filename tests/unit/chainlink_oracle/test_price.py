"""`price` answers if and only if every guard passes, each to the second and to the unit."""

import pytest
from ape.exceptions import ProviderError

NO_FEED = ("0x" + "00" * 20, 0, 0, 0)
ENDLESS = 2**256 - 1
LEGS = pytest.mark.parametrize("leg", ["base", "quote"])

# 3000 dollars over 1 dollar, in raw units of 6 decimals per raw unit of 18
EXPECTED = 3_000 * 10 ** (36 + 6 - 18)


def test_price_with_two_feeds_is_their_quotient(deployer, oracle, feeds):
    assert oracle.price() == EXPECTED

    feeds["quote"].post(97 * 10**6, sender=deployer)

    assert oracle.price() == EXPECTED * 100 // 97


def test_price_with_base_alone_is_its_answer(deploy):
    oracle = deploy(quote=NO_FEED)

    assert oracle.price() == EXPECTED


def test_price_with_quote_alone_is_its_inverse(deploy, collateral, debt, rules):
    oracle = deploy(collateral=debt, debt=collateral, base=NO_FEED, quote=rules["base"])

    assert oracle.price() == 10 ** (36 + 18 - 6) // 3_000


@LEGS
@pytest.mark.parametrize("answer", [0, -1, -(2**255)])
def test_price_with_answer_not_positive_reverts(deployer, oracle, feeds, leg, answer, price_fault):
    feeds[leg].post(answer, sender=deployer)

    assert price_fault(oracle) == "oracle: answer is not positive"


@LEGS
def test_price_with_answer_at_a_bound_answers(deployer, oracle, feeds, rules, leg):
    for bound in rules[leg][2:]:
        feeds[leg].post(bound, sender=deployer)

        base, quote = (bound, 10**8) if leg == "base" else (3_000 * 10**8, bound)
        assert oracle.price() == base * 10**24 // quote


@LEGS
def test_price_with_answer_below_floor_reverts(deployer, oracle, feeds, rules, leg, price_fault):
    feeds[leg].post(rules[leg][2] - 1, sender=deployer)

    assert price_fault(oracle) == "oracle: answer below floor"


@LEGS
@pytest.mark.parametrize("times", [None, 2, 1_700_000])
def test_price_with_answer_above_ceiling_reverts(
    deployer, oracle, feeds, rules, leg, times, price_fault
):
    ceiling = rules[leg][3]
    feeds[leg].post(ceiling * times if times else ceiling + 1, sender=deployer)

    assert price_fault(oracle) == "oracle: answer above ceiling"


@LEGS
@pytest.mark.parametrize("heartbeat", [3_600, ENDLESS])
def test_price_with_incomplete_round_reverts(
    deployer, deploy, feeds, rules, leg, heartbeat, price_fault
):
    feed, _, floor, ceiling = rules[leg]
    oracle = deploy(**{leg: (feed, heartbeat, floor, ceiling)})
    feeds[leg].set_updated_at(0, sender=deployer)

    assert price_fault(oracle) == "oracle: round is incomplete"


@LEGS
def test_price_with_answer_from_the_future_reverts(
    chain, deployer, oracle, feeds, leg, now, price_fault
):
    feeds[leg].set_updated_at(now + 1, sender=deployer)
    chain.mine(timestamp=now)

    assert price_fault(oracle) == "oracle: answer from the future"


@LEGS
@pytest.mark.parametrize("at_heartbeat", [False, True])
def test_price_within_heartbeat_answers(
    chain, deployer, oracle, feeds, rules, leg, at_heartbeat, now
):
    age = rules[leg][1] if at_heartbeat else 0
    feeds[leg].set_updated_at(now - age, sender=deployer)
    chain.mine(timestamp=now)

    assert oracle.price() == EXPECTED


@LEGS
def test_price_past_heartbeat_reverts(chain, deployer, oracle, feeds, rules, leg, now, price_fault):
    feeds[leg].set_updated_at(now - rules[leg][1] - 1, sender=deployer)
    chain.mine(timestamp=now)

    assert price_fault(oracle) == "oracle: price is stale"


@LEGS
def test_price_of_the_first_second_of_all_reverts(deployer, oracle, feeds, leg, price_fault):
    feeds[leg].set_updated_at(1, sender=deployer)

    assert price_fault(oracle) == "oracle: price is stale"


@pytest.mark.parametrize("heartbeat", [ENDLESS // 2, ENDLESS])
def test_price_with_endless_heartbeat_answers_however_old(
    deployer, deploy, feeds, rules, heartbeat
):
    oracle = deploy(**{leg: (feed, heartbeat, *band) for leg, (feed, _, *band) in rules.items()})
    for feed in feeds.values():
        feed.set_updated_at(1, sender=deployer)

    assert oracle.price() == EXPECTED


@pytest.mark.parametrize("start", ["never", "future", "now", "at grace", "past grace"])
@pytest.mark.parametrize("status", [0, 1])
def test_price_answers_only_if_sequencer_is_up_past_grace(
    chain, deployer, oracle, oracle_on_l1, sequencer, grace, now, price_fault, start, status
):
    started_at = {
        "never": 0,
        "future": now + 1,
        "now": now,
        "at grace": now - grace,
        "past grace": now - grace - 1,
    }[start]
    sequencer.set_answer(status, sender=deployer)
    sequencer.set_started_at(started_at, sender=deployer)
    chain.mine(timestamp=now)

    assert oracle_on_l1.price() == EXPECTED
    if status == 1:
        assert price_fault(oracle) == "oracle: sequencer is down"
    elif start == "never":
        assert price_fault(oracle) == "oracle: sequencer not started"
    elif start != "past grace":
        assert price_fault(oracle) == "oracle: sequencer in grace"
    else:
        assert oracle.price() == EXPECTED


def test_price_with_feed_that_reverts_reverts(deployer, oracle, feeds, sequencer, price_fault):
    for feed in (*feeds.values(), sequencer):
        feed.set_failing(True, sender=deployer)

        assert price_fault(oracle) == "feed: told to fail"

        feed.set_failing(False, sender=deployer)
        assert oracle.price() == EXPECTED


def test_price_short_of_gas_is_right_or_reverts(chain, oracle):
    call = {"to": oracle.address, "data": "0xa035b1fe"}
    answers = set()

    for gas in (*range(22_000, 80_000, 500), 1_000_000):
        try:
            answer = chain.provider.make_request("eth_call", [call | {"gas": hex(gas)}, "latest"])
            answers.add(int(answer, 16))
        except ProviderError:
            answers.add(None)

    assert answers == {None, EXPECTED}


@pytest.mark.parametrize("status", [-1, 2, 2**255 - 1])
def test_price_with_a_status_of_the_sequencer_that_is_not_known_reverts(
    deployer, oracle, sequencer, price_fault, status
):
    sequencer.set_answer(status, sender=deployer)

    assert price_fault(oracle) == "oracle: sequencer is down"
