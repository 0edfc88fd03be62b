"""scripts/_lens.py: calldata and answers, without a chain."""

import pytest
from eth_abi import encode
from eth_abi.exceptions import DecodingError

from scripts import _lens
from tests.evm import build

ONE = "0x" + "11" * 20


def kind(part) -> str:
    """A type of the ABI with its components written out."""
    if not part["type"].startswith("tuple"):
        return part["type"]
    return f"({','.join(map(kind, part['components']))}){part['type'].removeprefix('tuple')}"


@pytest.mark.parametrize(
    ("name", "decoded"),
    [
        ("states", ["STATE"]),
        ("page", ["STATE"]),
        ("facts", ["FACTS"]),
        ("look", ["STATE", "FACTS"]),
    ],
)
def test_codec_is_that_of_the_contract(name, decoded):
    (function,) = (part for part in build.compiled("Lens").abi if part.get("name") == name)
    structs = {"STATE": _lens.State, "FACTS": _lens.Facts}

    for output, struct in zip(function["outputs"], decoded, strict=True):
        fields = [part["name"] for part in output["components"]]
        assert kind(output) == f"{getattr(_lens, struct)}[]"
        assert fields == list(structs[struct].__dataclass_fields__)


def test_rules_are_those_of_the_contract():
    (function,) = (part for part in build.compiled("Lens").abi if part.get("name") == "facts")
    (rules,) = (p for p in function["outputs"][0]["components"] if p["name"] == "rules")

    assert [part["name"] for part in rules["components"]] == list(_lens.Rules.__dataclass_fields__)


def test_calls_are_encoded_as_the_abi_says():
    assert _lens.states_call([ONE]) == bytes.fromhex("4785a5eb") + encode(["address[]"], [[ONE]])
    assert _lens.look_call([ONE])[4:] == encode(["address[]"], [[ONE]])
    assert _lens.facts_call([])[4:] == encode(["address[]"], [[]])
    assert _lens.page_call(1, 2)[4:] == encode(["uint256", "uint256"], [1, 2])


@pytest.mark.parametrize("decode", [_lens.decode_states, _lens.decode_facts, _lens.decode_look])
@pytest.mark.parametrize("data", [b"", bytes(31), b"\xff" * 64])
def test_decoding_of_anything_else_fails(decode, data):
    with pytest.raises((DecodingError, OverflowError)):
        decode(data)
