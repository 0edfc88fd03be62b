"""Calldata and reverts, as a node takes and gives them."""

import pytest
from eth_abi import encode
from requests import ReadTimeout

from scripts._calldata import calldata
from scripts._wallet.node import Call, Node, Reverted, _Unknown, reason_of

WHO = "0x" + "11" * 20
ERROR = bytes.fromhex("08c379a0")


class Stand:
    """A provider that gives the answers it was told."""

    def __init__(self, **replies):
        block = {"result": {"number": "0x7", "timestamp": "0x64"}}
        self.replies = {"eth_getBlockByNumber": block, **replies}
        self.web3 = self.provider = self

    def make_request(self, method, parameters):
        reply = self.replies[method]
        if isinstance(reply, Exception):
            raise reply
        return reply


def revert(reason: str) -> dict:
    data = ERROR + encode(["string"], [reason])
    return {"error": {"code": 3, "message": "execution reverted", "data": "0x" + data.hex()}}


def test_calldata_is_selector_and_words():
    data = calldata("transfer(address,uint256)", WHO, 5)

    assert data.hex() == "a9059cbb" + WHO[2:].rjust(64, "0") + f"{5:064x}"
    assert calldata("name()").hex() == "06fdde03"


def test_calldata_of_a_struct_lies_flat():
    data = calldata("f(uint256,(uint256,bytes32))", 1, (2, bytes(32)))

    assert len(data) == 4 + 3 * 32


@pytest.mark.parametrize("data", [b"", b"\x00" * 4, ERROR, ERROR + b"\x01" * 31])
def test_revert_without_a_reason_has_none(data):
    assert reason_of(data) == ""


def test_call_that_reverts_says_why_and_what_to_do():
    node = Node(Stand(eth_call=revert("mint: paused")))

    with pytest.raises(Reverted, match="mint: paused: the owner has paused") as caught:
        node.call(WHO, b"")
    assert caught.value.reason == "mint: paused"


def test_reason_is_found_where_a_node_gives_no_data():
    error = {"error": {"code": -32000, "message": "execution reverted: mint: paused"}}

    with pytest.raises(Reverted) as caught:
        Node(Stand(eth_call=error)).call(WHO, b"")
    assert caught.value.reason == "mint: paused"


def test_refusal_of_the_node_is_told():
    error = {"error": {"code": -32000, "message": "header not found"}}

    with pytest.raises(Exception, match="the node refuses eth_call: header not found"):
        Node(Stand(eth_call=error)).call(WHO, b"")


def test_node_that_gives_no_answer_is_told():
    with pytest.raises(Exception, match="no answer to eth_call .ReadTimeout.: run it again"):
        Node(Stand(eth_call=ReadTimeout())).call(WHO, b"")


def test_node_that_cannot_simulate_says_so_by_nothing():
    error = {"error": {"code": -32601, "message": "method not found"}}
    node = Node(Stand(eth_simulateV1=error, eth_gasPrice=error))

    assert node.simulate([Call(WHO, b"")], WHO) is None
    with pytest.raises(_Unknown, match="does not know eth_gasPrice"):
        node.gas_price()


def test_simulation_stops_at_the_first_revert():
    data = ERROR + encode(["string"], ["mint: paused"])
    calls = [
        {"status": "0x1", "returnData": "0x", "gasUsed": "0x10"},
        {"status": "0x0", "returnData": "0x" + data.hex(), "gasUsed": "0x20"},
    ]

    with pytest.raises(Reverted, match="mint: paused"):
        Node(Stand(eth_simulateV1={"result": [{"calls": calls}]})).simulate([], WHO)
