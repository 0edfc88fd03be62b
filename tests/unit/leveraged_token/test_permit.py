"""Approval by signature (EIP-2612) under a domain that can be read (EIP-5267)."""

from dataclasses import dataclass, replace

import ape
import pytest
from ape import networks
from ape.utils import ZERO_ADDRESS
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak

from scripts._devnet import DAY, now, warp_to
from tests.unit.leveraged_token.logs import emitted

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
CHAIN_ID = 31_337
TYPES = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


@dataclass(frozen=True)
class Permit:
    """What `permit` takes."""

    owner: str
    spender: str
    value: int
    deadline: int
    v: int
    r: int
    s: int

    @property
    def arguments(self) -> tuple:
        signature = self.v, self.r.to_bytes(32, "big"), self.s.to_bytes(32, "big")
        return self.owner, self.spender, self.value, self.deadline, *signature


@pytest.fixture
def sign(bull, minter, taker):
    """A permit of the minter for the taker; what is named differs in the message signed."""

    def _sign(
        signer=minter, chain_id=CHAIN_ID, contract=bull.address, name="3x Long Ether", **says
    ):
        message = {
            "owner": minter.address,
            "spender": taker.address,
            "value": 10,
            "nonce": bull.nonces(minter),
            "deadline": now() + DAY,
        } | says
        domain = {
            "name": name,
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": contract,
        }
        signed = Account.sign_typed_data(signer.private_key, domain, TYPES, message)
        fields = (message[field] for field in ("owner", "spender", "value", "deadline"))
        return Permit(*fields, signed.v, signed.r, signed.s)

    return _sign


@pytest.fixture
def other_chain():
    """Another chain id, until the test is over."""
    provider = networks.provider
    provider.make_request("anvil_setChainId", [1])
    yield 1
    provider.make_request("anvil_setChainId", [CHAIN_ID])


def test_permit_by_anyone_approves(bull, sign, minter, taker, stranger):
    permit = sign(value=123)

    receipt = bull.permit(*permit.arguments, sender=stranger)

    assert bull.allowance(minter, taker) == 123
    assert bull.nonces(minter) == 1
    assert emitted(receipt, bull) == [
        ("Approval", {"owner": minter, "spender": taker, "value": 123})
    ]


def test_permit_one_after_another_counts_nonces(bull, sign, minter, taker, stranger):
    for nonce, value in enumerate((5, 0)):
        assert bull.nonces(minter) == nonce
        bull.permit(*sign(value=value).arguments, sender=stranger)

    assert bull.nonces(minter) == 2
    assert bull.allowance(minter, taker) == 0


def test_permit_in_its_last_second_passes(bull, sign, minter, taker, stranger):
    permit = sign(deadline=now() + 60)
    warp_to(permit.deadline)

    bull.permit(*permit.arguments, sender=stranger)

    assert bull.allowance(minter, taker) == 10


def test_permit_after_its_deadline_reverts(bull, sign, stranger):
    permit = sign(deadline=now() + 60)
    warp_to(permit.deadline + 1)

    with ape.reverts("permit: deadline has passed"):
        bull.permit.call(*permit.arguments, sender=stranger, skip_trace=True)


def test_permit_again_reverts(bull, sign, stranger):
    permit = sign()
    bull.permit(*permit.arguments, sender=stranger)

    with ape.reverts("permit: signer is not the owner"):
        bull.permit.call(*permit.arguments, sender=stranger, skip_trace=True)


@pytest.mark.parametrize(
    "changed",
    [{"value": 11}, {"deadline": 2**40}, {"spender": ZERO_ADDRESS}],
    ids=lambda changed: next(iter(changed)),
)
def test_permit_of_other_terms_than_signed_reverts(bull, sign, stranger, changed):
    permit = replace(sign(), **changed)

    with ape.reverts("permit: signer is not the owner"):
        bull.permit.call(*permit.arguments, sender=stranger, skip_trace=True)


@pytest.mark.parametrize(
    "domain",
    [{"chain_id": 1}, {"contract": ZERO_ADDRESS}, {"name": "Another"}, {"nonce": 1}],
    ids=lambda domain: next(iter(domain)),
)
def test_permit_for_another_domain_or_nonce_reverts(bull, sign, stranger, domain):
    with ape.reverts("permit: signer is not the owner"):
        bull.permit.call(*sign(**domain).arguments, sender=stranger, skip_trace=True)


def test_permit_by_another_signer_reverts(bull, sign, stranger):
    with ape.reverts("permit: signer is not the owner"):
        bull.permit.call(*sign(signer=stranger).arguments, sender=stranger, skip_trace=True)


def test_permit_with_the_mirrored_signature_reverts(bull, sign, stranger):
    permit = sign()
    mirrored = replace(permit, v=55 - permit.v, s=CURVE_ORDER - permit.s)

    with ape.reverts("permit: signature is malleable"):
        bull.permit.call(*mirrored.arguments, sender=stranger, skip_trace=True)


@pytest.mark.parametrize(
    ("beyond", "reason"),
    [(0, "permit: signer is not the owner"), (1, "permit: signature is malleable")],
)
def test_permit_with_s_at_half_of_the_curves_order_is_judged(bull, sign, stranger, beyond, reason):
    """The largest that may be; who could have signed so is nobody that we know."""
    permit = replace(sign(), s=CURVE_ORDER // 2 + beyond)

    with ape.reverts(reason):
        bull.permit.call(*permit.arguments, sender=stranger, skip_trace=True)


@pytest.mark.parametrize("owner", [ZERO_ADDRESS, "0x" + "11" * 20])
def test_permit_with_an_invalid_signature_reverts(bull, sign, stranger, owner):
    broken = replace(sign(), owner=owner, v=29)

    with ape.reverts("permit: signature is invalid"):
        bull.permit.call(*broken.arguments, sender=stranger, skip_trace=True)


@pytest.mark.anvil
def test_permit_after_the_chain_split_is_for_the_new_chain(bull, sign, stranger, other_chain):
    here, there = sign(chain_id=other_chain), sign(chain_id=CHAIN_ID)

    bull.permit.call(*here.arguments, sender=stranger)

    with ape.reverts("permit: signer is not the owner"):
        bull.permit.call(*there.arguments, sender=stranger, skip_trace=True)


def separator(name: str, chain_id: int, contract: str) -> bytes:
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    fields = (keccak(text=kind), keccak(text=name), keccak(text="1"), chain_id, contract)
    return keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], fields))


def test_domain_separator_is_of_this_chain_and_contract(bull, bear):
    for token, name in ((bull, "3x Long Ether"), (bear, "3x Short Ether")):
        assert token.DOMAIN_SEPARATOR() == separator(name, CHAIN_ID, token.address)


@pytest.mark.parametrize("chain_id", [1, 2**40])
def test_domain_separator_of_a_token_made_before_the_chain_split_is_of_this_chain(bull, chain_id):
    """Its code is what it would be, had it been made where the chain id is another."""
    code = bytes(networks.provider.get_code(bull.address))
    here, there = (separator("3x Long Ether", each, bull.address) for each in (CHAIN_ID, chain_id))
    for old, new in ((here, there), (CHAIN_ID.to_bytes(32, "big"), chain_id.to_bytes(32, "big"))):
        assert code.count(old) == 1
        code = code.replace(old, new)
    networks.provider.set_code(bull.address, code)

    assert bull.DOMAIN_SEPARATOR() == here


@pytest.mark.anvil
def test_domain_separator_follows_the_chain_id(bull, other_chain):
    assert bull.DOMAIN_SEPARATOR() == separator("3x Long Ether", other_chain, bull.address)


def test_eip712_domain_names_its_fields(bull):
    fields = tuple(bull.eip712Domain())

    # 0x0f: name, version, chain id and contract are used; no salt, no extensions
    assert bytes(fields[0]) == b"\x0f"
    assert fields[1:5] == ("3x Long Ether", "1", CHAIN_ID, bull.address)
    assert bytes(fields[5]) == bytes(32)
    assert list(fields[6]) == []


@pytest.mark.anvil
def test_eip712_domain_follows_the_chain_id(bull, other_chain):
    assert bull.eip712Domain()[3] == other_chain
