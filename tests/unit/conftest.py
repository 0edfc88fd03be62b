"""For what has no state: a module's harness, and many questions to it in one round trip."""

import pytest
from eth_abi import decode

from scripts._model.revert import Revert

ERROR = bytes.fromhex("08c379a0")  # the selector of Error(string)


@pytest.fixture(scope="session")
def harness_of(project, accounts):
    """`harness_of("fixed_point")` is a fresh FixedPointHarness."""

    def deploy(module):
        name = "".join(word.capitalize() for word in module.split("_")) + "Harness"
        # Not one of the devnet's roles: their nonces decide its addresses.
        return getattr(project, name).deploy(sender=accounts[9])

    return deploy


@pytest.fixture(scope="session")
def ask(networks):
    """`ask(method, cases)`: what the method answers to the arguments of each case.

    Several return values are a tuple, and a revert is its reason. All go in one batch.
    """

    def answer(abi, reply):
        if "error" in reply:
            data = bytes.fromhex(reply["error"].get("data", "0x").removeprefix("0x"))
            return decode(["string"], data[4:])[0] if data.startswith(ERROR) else ""
        raw = bytes.fromhex(reply["result"].removeprefix("0x"))
        values = decode([output.canonical_type for output in abi.outputs], raw)
        return values[0] if len(values) == 1 else values or None

    def ask(method, cases):
        abi, to = method.abis[0], method.contract.address
        calls = [
            ("eth_call", [{"to": to, "data": "0x" + method.encode_input(*case).hex()}, "latest"])
            for case in cases
        ]
        replies = networks.provider.web3.provider.make_batch_request(calls)
        return [answer(abi, reply) for reply in replies]

    return ask


@pytest.fixture(scope="session")
def agree(ask):
    """`agree(method, twin, cases)`: contract and model answer, or fail, alike."""

    def outcome(twin, case):
        try:
            return twin(*case)
        except Revert as revert:
            return revert.reason

    def agree(method, twin, cases):
        assert ask(method, cases) == [outcome(twin, case) for case in cases]

    return agree
