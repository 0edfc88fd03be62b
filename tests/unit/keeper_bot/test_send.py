"""What is sent, at which nonce and for how much; and what the node may say to it."""

from dataclasses import replace

import pytest
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from scripts._keeper.decide import MOST_GAS, Reason
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
    """A reorganised chain has a lower count: it begins there, and not at both."""
    keeper = employ(node, patience=1)
    node.nonce = 3
    step(keeper, node)
    node.nonce = 1

    step(keeper, node)

    sent = transactions(node)
    assert [each["nonce"] for each in sent] == [3, 1, 3]
    assert sent[1]["data"] and not sent[2]["data"]


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


def test_quote_before_sending_says_what_gas_costs(employ, node):
    """An oracle that sees a gas price of 0 knows that it is asked and not mined, and may lie."""
    asked = []
    for name in ("eth_call", "eth_estimateGas"):
        answer = getattr(node, name)

        def heard(call, tag, answer=answer):
            asked.append((call, tag))
            return answer(call, tag)

        setattr(node, name, heard)

    step(employ(node), node)

    last = [call for call, tag in asked if tag == "pending"]
    assert last and all(int(call["maxFeePerGas"], 16) >= node.base_fee for call in last)
    assert all(int(call["maxPriorityFeePerGas"], 16) == 10**8 for call in last)
    assert all(int(call["gas"], 16) == MOST_GAS for call in last)


def test_node_that_quotes_nothing_costs_one_block(employ, node):
    """It would seem that no pool pays, for as long as the node is unwell and answers the rest."""
    with Node(node.states, node.facts, node.quote, time=node.time) as first:
        call = first.eth_call
        first.eth_call = lambda request, tag: (
            {"code": -32000, "message": "missing trie node"}
            if request["to"] == KEEPER
            else call(request, tag)
        )
        keeper = employ(first, node)
        assert not step(keeper, first).sent
        node.number = first.number + 1

        assert len(step(keeper, first).sent) == 1


def test_fill_that_is_too_heavy_is_told(employ, node):
    """Of an estimate that was bounded nodes say only that it was not enough."""
    node.eth_estimateGas = lambda *of: {"message": "gas required exceeds allowance (1500000)"}

    found = step(employ(node), node)

    assert [each.reason for each in found.passes] == [Reason.HEAVY]


def test_fee_is_what_the_account_can_pay(employ, node):
    """It need not have twice the next block's fee, as long as it has once."""
    rich = employ(node)
    fill = rich.step().sent[0].fill
    node.balance = fill.gas_limit * fill.max_fee * 3 // 4

    poor = step(employ(node), node).sent[0].fill

    assert poor.max_fee == node.balance // fill.gas_limit < fill.max_fee
    assert poor.max_fee >= node.base_fee + 10**8


def test_private_node_tells_what_waits_there(employ, node):
    """Another keeper has sent with this account, to a node whose pool the others do not see."""
    with Node([], [], nonce=1) as private:
        keeper = employ(node, private_rpc=private.url, patience=2)

        found = [step(keeper, node) for _ in range(3)]

        assert [len(each.sent) for each in found] == [0, 0, 1]
        assert found[0].passes[0].reason == Reason.SAME_PAIR
        assert not node.sent and len(private.sent) == 1


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


def test_pair_is_not_live_at_two_nonces(employ, two_pairs):
    """Both are stuck, the second pair's at 1; then the first's lane closes.

    If the second were only offered again at 0, both of its transactions would be mined: one fills,
    and the other pays gas for nothing or fills what nobody has decided on.
    """
    first, second = two_pairs.states
    keeper = employ(two_pairs, coins=COINS, patience=1)
    step(keeper, two_pairs)
    at = {each.fill.ask.token: nonce for nonce, each in keeper.desk.sent.items()}
    low, high = sorted(at, key=at.get)
    two_pairs.states = [
        each if each.token == high else replace(each, lane=Lane.CLOSED, brings=0)
        for each in (first, second)
    ]
    two_pairs.encoded.clear()

    step(keeper, two_pairs)

    _, old, new, empty = transactions(two_pairs)
    assert [each["nonce"] for each in (old, new, empty)] == [1, 0, 1]
    assert new["data"] and not empty["data"] and not empty["value"]
    assert empty["maxFeePerGas"] == bumped(old["maxFeePerGas"])
    fills = [each.fill for each in keeper.desk.sent.values()]
    assert [fill and fill.ask.token for fill in fills] == [high, None]


def test_stuck_pairs_keep_their_nonces(employ, two_pairs):
    """Whichever gains more by now."""
    keeper = employ(two_pairs, coins=COINS, patience=1)
    step(keeper, two_pairs)
    before = {each.nonce: each.fill.pair for each in keeper.desk.sent.values()}
    quote = two_pairs.quote
    least = keeper.desk.sent[1].fill.ask.token
    two_pairs.quote = lambda ask: replace(
        quote(ask), profit=quote(ask).profit * (2 if ask.token == least else 1)
    )

    step(keeper, two_pairs)

    assert [each["nonce"] for each in transactions(two_pairs)] == [0, 1, 0, 1]
    assert {each.nonce: each.fill.pair for each in keeper.desk.sent.values()} == before


def test_node_that_dies_between_two_sends_loses_one(employ, two_pairs):
    """The first is under way: whoever forgets it would send it again."""
    take = two_pairs.eth_sendRawTransaction
    two_pairs.eth_sendRawTransaction = lambda raw: (
        take(raw) if not two_pairs.sent else {"code": 429, "message": "Too Many Requests"}
    )

    found = employ(two_pairs, coins=COINS).step()

    assert len(found.sent) == len(found.unsent) == 1
    assert found.unsent[0].reason.startswith("no answer from ")
