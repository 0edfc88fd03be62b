"""Reading over nodes that are dead, slow, behind or elsewhere."""

import pytest

from scripts._keeper.chain import Call, Chain, NoNode, Refusal, WrongChain
from tests.unit.keeper_bot.node import CHAIN_ID, Node

DEAD = "http://127.0.0.1:9"
HEAD: Call = ("eth_blockNumber", [])


@pytest.fixture
def node():
    with Node([], []) as made:
        yield made


@pytest.fixture
def other():
    with Node([], []) as made:
        yield made


def chain_of(*nodes, **more):
    urls = [getattr(node, "url", node) for node in nodes]
    faults: list[tuple[str, str]] = []
    made = Chain(urls, CHAIN_ID, on_fault=lambda *fault: faults.append(fault), **more)
    return made, faults


def test_answers_come_in_order(node):
    chain, _ = chain_of(node)

    answers = chain.ask([HEAD, ("eth_chainId", []), HEAD])

    assert answers == [hex(100), hex(CHAIN_ID), hex(100)]
    assert chain.requests == node.requests == 1


def test_more_than_a_request_holds_goes_in_several(node):
    chain, _ = chain_of(node, most=10)

    assert len(chain.ask([HEAD] * 25)) == 25
    assert chain.requests == node.requests == 3


def test_refused_call_does_not_spoil_the_others(node):
    node.says = {"message": "execution reverted: no", "data": "0x12"}
    chain, _ = chain_of(node)

    answers = chain.ask([HEAD, ("eth_sendRawTransaction", ["0x"]), HEAD])

    assert answers == [hex(100), Refusal("execution reverted: no", "0x12"), hex(100)]


def test_dead_node_rests(node):
    chain, faults = chain_of(DEAD, node)

    chain.ask([HEAD])
    chain.ask([HEAD])

    assert chain.requests == 3
    assert faults == [("127.0.0.1:9", "failed: ConnectionError")]


def test_no_node_is_told():
    chain, _ = chain_of(DEAD)

    with pytest.raises(NoNode, match="no answer from 127.0.0.1:9"):
        chain.ask([HEAD])


def test_wrong_chain_is_never_asked_again(node):
    node.eth_chainId = lambda: "0x1"
    chain, _ = chain_of(node)

    for _ in range(2):
        with pytest.raises(WrongChain, match=f"is on chain 1, not on {CHAIN_ID}"):
            chain.ask([HEAD])

    assert node.requests == 1


def test_node_that_is_behind_is_passed_over(node, other):
    other.number = 120
    chain, faults = chain_of(node, other)
    chain.compare()

    assert chain.ask([HEAD]) == [hex(120)]
    assert faults[0][1] == "is 20 blocks behind"


def test_node_that_is_a_little_behind_is_used(node, other):
    other.number = 103
    chain, faults = chain_of(node, other)
    chain.compare()

    assert chain.ask([HEAD]) == [hex(100)]
    assert chain.lag == 3 and not faults


def test_node_that_is_behind_is_better_than_none(node, other):
    other.number = 120
    chain, _ = chain_of(node, other)
    chain.compare()
    other.eth_chainId = lambda: None

    assert chain.ask([HEAD]) == [hex(100)]


@pytest.mark.parametrize("answer", [None, "", "0x", {"message": "busy"}, 7])
def test_nonsense_is_a_failure(node, answer):
    node.eth_chainId = lambda: answer
    chain, faults = chain_of(node)

    with pytest.raises(NoNode):
        chain.ask([HEAD])
    assert faults[0][1].startswith("failed: ")


@pytest.mark.filterwarnings("ignore:Received batch response")
@pytest.mark.parametrize("entry", [7, None, "busy", [], {}, {"error": 7}])
def test_batch_of_nonsense_is_a_failure(node, other, entry):
    """What a node answers may be anything: none of it may end the keeper, and the next is asked."""
    node.answer = lambda call: entry
    chain, faults = chain_of(node, other)

    assert chain.ask([HEAD]) == [hex(100)]
    assert faults[0][1].startswith("failed: ")


BUSY = {"code": 429, "message": "Too Many Requests"}
NO = {"code": -32000, "message": "not for you"}


@pytest.mark.parametrize(("said", "whole"), [(BUSY, False), (BUSY, True), (NO, True)])
def test_node_that_refuses_what_it_must_answer_is_passed_over(node, other, said, whole):
    """Providers answer 200 with an error in the place of each call that was one too many.

    Whoever takes that for the chain's answer stands still while other nodes are well.
    """
    node.eth_feeHistory = lambda *of: said
    chain, faults = chain_of(node, other)

    (fees,) = chain.ask([("eth_feeHistory", ["0x1", "latest", []])], whole)
    chain.ask([HEAD])

    assert fees["baseFeePerGas"]
    assert node.requests == 1 and other.requests == 2
    assert faults == [(chain.nodes[0].name, f"refused: {said['message']}")]


def test_revert_is_an_answer(node, other):
    """The others would say the same."""
    node.eth_call = lambda *of: {"code": 3, "message": "execution reverted: keeper"}
    chain, faults = chain_of(node, other)

    (answer,) = chain.ask([("eth_call", [{}, "latest"])])

    assert isinstance(answer, Refusal) and not faults


def test_transaction_is_given_to_every_node(node, other):
    """One that takes it and tells nobody would keep it from being mined, block after block."""
    chain, _ = chain_of(node, DEAD, other)

    assert chain.send("0x12") == "0x" + "0" * 64
    assert node.sent == other.sent == ["0x12"]


def test_transaction_is_sent_if_one_node_takes_it(node, other):
    node.says = {"code": -32000, "message": "txpool is full"}
    chain, _ = chain_of(node, other)

    assert chain.send("0x12") == "0x" + "0" * 64


def test_transaction_that_all_refuse_is_refused(node, other):
    node.says = other.says = {"code": -32000, "message": "nonce too low"}
    chain, _ = chain_of(node, other)

    assert chain.send("0x12") == Refusal("nonce too low", code=-32000)


def test_name_tells_no_secret():
    chain, _ = chain_of("https://me:secret@rpc.example/v2/key")

    assert chain.nodes[0].name == "rpc.example"
