"""What is sent, at which nonce and for how much; and what the node may say to it."""

from dataclasses import replace

import pytest
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from scripts._keeper.decide import Reason
from scripts._keeper.send import bumped
from scripts._lens import Lane
from tests.unit.keeper_bot import told
from tests.unit.keeper_bot.node import KEEPER, Node
from tests.unit.keeper_bot.told import OPENING, USDC, WETH

COINS = ",".join((WETH, USDC, told.address(9)))


@pytest.fixture
def node():
    """One token, below its band while the lane pays."""
    token = told.moved(told.born(), 2100, OPENING + 45 * 60)
    state = told.state(token)
    facts = told.facts(token)
    with Node([state], [facts], lambda ask: told.pool(state, ask, 10**30), time=token.now) as made:
        yield made


def transactions(node):
    return [TypedTransaction.from_bytes(HexBytes(raw)).as_dict() for raw in node.sent]


def step(keeper, node):
    node.number += 1
    return keeper.step()


def test_transaction_says_what_was_decided(employ, node):
    keeper = employ(node)
    node.nonce = 7

    fill = keeper.step().sent[0].fill

    (sent,) = transactions(node)
    assert sent["nonce"] == 7 and sent["value"] == 0
    assert sent["to"] == bytes.fromhex(KEEPER[2:])
    assert sent["maxFeePerGas"] == fill.max_fee and sent["gas"] == fill.gas_limit
    assert fill.min_profit > 0


def test_fees_grow_by_an_eighth_until_it_is_mined(employ, node):
    keeper = employ(node, patience=2)
    for _ in range(7):
        step(keeper, node)

    sent = transactions(node)

    assert [each["nonce"] for each in sent] == [0, 0, 0, 0]
    for before, after in zip(sent, sent[1:], strict=False):
        for name in ("maxFeePerGas", "maxPriorityFeePerGas"):
            assert after[name] == bumped(before[name]) >= before[name] * 11 // 10


def test_replacement_never_costs_more_than_it_earns(employ, node):
    keeper = employ(node, patience=1)
    for _ in range(80):
        last = step(keeper, node)

    assert last.unsent[0].reason == "what is under way cannot be outbid by what this earns"
    fill = keeper.desk.sent[0].fill
    assert fill.min_profit * fill.unit >= fill.gas_limit * fill.max_fee
    assert fill.min_profit <= fill.profit


def test_underpriced_is_answered_with_more(employ, node):
    """Of another process, with the same account."""
    answers = iter([{"message": "replacement transaction underpriced"}] * 4)
    take = node.eth_sendRawTransaction
    node.eth_sendRawTransaction = lambda raw: next(answers, None) or take(raw)
    keeper = employ(node)

    fill = keeper.step().sent[0].fill

    assert transactions(node)[0]["maxFeePerGas"] == fill.max_fee
    assert fill.tip > 10**8 * 3 // 2


def test_known_transaction_is_sent(employ, node):
    node.says = {"message": "already known"}

    assert len(employ(node).step().sent) == 1


def test_refusal_is_told(employ, node):
    node.says = {"message": "nonce too low"}

    assert [each.reason for each in employ(node).step().unsent] == ["nonce too low"]


def test_poor_account_sends_nothing(employ, node):
    node.balance = 10**12

    found = employ(node).step()

    assert found.unsent[0].unfunded and not node.sent


def test_what_others_sent_with_the_account_is_waited_for(employ, node):
    node.eth_getTransactionCount = lambda address, tag: hex(1 if tag == "pending" else 0)
    keeper = employ(node, patience=2)

    found = [step(keeper, node) for _ in range(3)]

    assert [len(each.sent) for each in found] == [0, 0, 1]
    assert found[0].passes[0].reason == Reason.SAME_PAIR


def test_gone_nonce_is_not_used(employ, node):
    """A reorganised chain has a lower count: the nonce is used again."""
    keeper = employ(node, patience=1)
    node.nonce = 3
    step(keeper, node)
    node.nonce = 1

    step(keeper, node)

    assert [each["nonce"] for each in transactions(node)] == [3, 1]


def test_node_without_a_pending_block_is_asked_for_the_newest(employ, node):
    call, asked = node.eth_call, []

    def only_newest(request, tag):
        asked.append(tag)
        return call(request, tag) if tag == "latest" else {"message": "unknown block"}

    node.eth_call = only_newest
    keeper = employ(node, patience=1)

    assert len(step(keeper, node).sent) == 1
    asked.clear()
    assert len(step(keeper, node).sent) == 1
    assert set(asked) == {"latest"}


@pytest.fixture
def two_pairs(node):
    """Another token beside it, of another coin against the same."""
    (state,), (facts,) = node.states, node.facts
    other = replace(facts, token=told.address(1), collateral=told.address(9), symbol="T1")
    node.states = [state, replace(state, token=other.token)]
    node.facts = [facts, other]
    node.quote = lambda ask: told.pool(state, ask, 10**30)
    return node


def test_pairs_are_filled_in_one_block(employ, two_pairs):
    found = employ(two_pairs, coins=COINS).step()

    assert len(found.sent) == 2
    assert [each["nonce"] for each in transactions(two_pairs)] == [0, 1]


def test_pair_does_not_wait_for_another(employ, two_pairs):
    """One token's transaction is under way; in the next block the other's lane opens."""
    first, second = two_pairs.states
    two_pairs.states = [first, replace(second, lane=Lane.CLOSED, brings=0)]
    keeper = employ(two_pairs, coins=COINS)
    step(keeper, two_pairs)
    two_pairs.states = [first, second]
    two_pairs.encoded.clear()

    found = step(keeper, two_pairs)

    assert [each.fill.ask.token for each in found.sent] == [second.token]
    assert [each["nonce"] for each in transactions(two_pairs)] == [0, 1]
