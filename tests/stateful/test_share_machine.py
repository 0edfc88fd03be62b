"""Shares are an ERC-20 with permits: any order of calls leaves balances, allowances and nonces as a
few dictionaries say, with minting, redeeming and settling in between.

The properties are those of crytic/properties for ERC-20, and of EIP-2612.
"""

from collections import Counter
from fractions import Fraction
from typing import Any, ClassVar

from eth_abi import encode
from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from scripts._model.daily_schedule import DAY
from tests.evm.engine import CHAIN_ID

from .campaign import SKIPPED, Machine, run, step
from .lab import Lab
from .mock_venue import (
    ACTORS,
    COINS,
    ENDLESS,
    LOCKED_AT,
    MODES,
    OWNER,
    PAIRS,
    TREASURY,
    World,
    open_token,
)
from .signer import CURVE_ORDER, signer

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
TERMS = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
PERMIT_TYPE = keccak(text=TERMS)
KINDS = ("bytes32", "address", "address", "uint256", "uint256", "uint256")
NOBODY = "0x" + "00" * 20
KEYS = {made.address: made for made in (signer(f"holder {n}") for n in range(3))}
SIGNERS = tuple(KEYS)
PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
TRANSFER = "transfer(address,uint256)"
TRANSFER_FROM = "transferFrom(address,address,uint256)"
APPROVE = "approve(address,uint256)"
MINT = "mint(uint256,uint256,uint256,address,address)"
REDEEM = "redeem(uint256,uint256,uint256,address,address)"
HOLDERS = (*SIGNERS, *ACTORS, TREASURY, LOCKED_AT)

SIGNER = st.sampled_from(SIGNERS)
RECEIVER = st.sampled_from((*SIGNERS, TREASURY))
PART = st.one_of(
    st.just(Fraction(0)),
    st.just(Fraction(1)),
    st.builds(Fraction, st.integers(1, 999), st.sampled_from([10**3, 10**12, 10**24])),
)
VALUE = st.one_of(st.just(ENDLESS), st.integers(0, 10**24), st.integers(0, ENDLESS))
MORE = st.integers(1, 10**30)


def inv_t1(machine: "ShareMachine") -> None:
    """I-T1: every balance and allowance is what the transfers and approvals so far make it.

    A transfer to oneself and one of nothing change nothing; an approval overwrites; one of all ones
    is never used up.
    """
    word, token = machine.lab.word, machine.token
    for holder in machine.touched:
        assert word(token, "balanceOf(address)", holder) == machine.model.balance(holder)
    for pair in machine.pairs:
        assert word(token, "allowance(address,address)", *pair) == machine.allowed[pair]


def inv_t2(machine: "ShareMachine") -> None:
    """I-T2: a permit that was used, and nothing else, adds one to its owner's nonce."""
    for owner in {SIGNERS[machine.steps % 3], *machine.touched} & set(SIGNERS):
        nonce = machine.lab.word(machine.token, "nonces(address)", owner)
        assert nonce == machine.nonces[owner]


def inv_s4(machine: "ShareMachine") -> None:
    """I-S4: shares add up to the supply, which only mint, redeem and the fee change."""
    supply = machine.lab.word(machine.token, "totalSupply()")
    assert supply == machine.model.supply == sum(machine.model.balances.values())


def inv_m12(machine: "ShareMachine") -> None:
    """I-M12: nobody else's shares or allowances have changed: one in turn is asked."""
    holder = HOLDERS[machine.steps % len(HOLDERS)]
    spender, owner = SIGNERS[machine.steps % 3], SIGNERS[machine.steps // 3 % 3]
    word, token = machine.lab.word, machine.token
    assert word(token, "balanceOf(address)", holder) == machine.model.balance(holder)
    allowance = word(token, "allowance(address,address)", owner, spender)
    assert allowance == machine.allowed[owner, spender]


def separator_of(token: str, chain_id: int = CHAIN_ID) -> bytes:
    """The domain separator of a token called 3x."""
    kinds = ("bytes32", "bytes32", "bytes32", "uint256", "address")
    return keccak(encode(kinds, (*(keccak(text=t) for t in (DOMAIN, "3x", "1")), chain_id, token)))


class ShareMachine(Machine):
    """Three holders who sign, and the token's other holders, who do nothing."""

    laws = (inv_t1, inv_t2, inv_s4, inv_m12)
    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        self.token = self.world.token
        self.separator = separator_of(self.token)
        self.model = self.world.model.copy()
        self.allowed: Counter[tuple[str, str]] = Counter()
        self.nonces: Counter[str] = Counter()
        self.used: list[tuple[str, tuple[Any, ...]]] = []
        self.steps = 0
        self.touched: tuple[str, ...] = ()
        self.pairs: tuple[tuple[str, str], ...] = ()
        self.lab.warp(self.model.now)
        self.check()

    def check(self, *touched: str, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        self.steps += 1
        self.touched, self.pairs = touched, pairs
        for law in self.laws:
            law(self)

    def part(self, owner: str, part: Fraction) -> int:
        return int(self.model.balance(owner) * part)

    def spend(self, owner: str, spender: str, amount: int) -> None:
        if self.allowed[owner, spender] != ENDLESS:
            self.allowed[owner, spender] -= amount

    # Transfers

    @step(owner=SIGNER, receiver=RECEIVER, parts=st.lists(PART, min_size=1, max_size=4))
    def transfer(self, owner: str, receiver: str, parts: list[Fraction]) -> None:
        for part in parts:
            amount = self.part(owner, part)
            (log,) = self.lab.send(owner, self.token, TRANSFER, receiver, amount)
            self.model.transfer(owner, receiver, amount)
            assert int.from_bytes(log.data) == amount
        self.check(owner, receiver)

    @step(owner=SIGNER, part=PART)
    def transfer_to_oneself(self, owner: str, part: Fraction) -> None:
        self.lab.send(owner, self.token, TRANSFER, owner, self.part(owner, part))
        self.check(owner)

    @step(owner=SIGNER, receiver=RECEIVER)
    def transfer_nothing(self, owner: str, receiver: str) -> None:
        self.lab.send(owner, self.token, TRANSFER, receiver, 0)
        self.check(owner, receiver)

    @step(owner=SIGNER, receiver=RECEIVER, more=MORE)
    def transfer_in_vain(self, owner: str, receiver: str, more: int) -> None:
        fault, token = self.lab.fault, self.token
        too_much = self.model.balance(owner) + more
        reason = fault(owner, token, TRANSFER, receiver, too_much)
        assert reason == "transfer: balance too low"
        assert fault(owner, token, TRANSFER, NOBODY, 0) == "transfer: receiver is zero"
        self.check(owner, receiver)

    # Approvals

    @step(owner=SIGNER, spender=SIGNER, values=st.lists(VALUE, min_size=1, max_size=4))
    def approve(self, owner: str, spender: str, values: list[int]) -> None:
        for value in values:
            self.lab.send(owner, self.token, APPROVE, spender, value)
        self.allowed[owner, spender] = values[-1]
        self.check(pairs=((owner, spender),))

    @step(
        owner=SIGNER,
        spender=SIGNER,
        receiver=RECEIVER,
        parts=st.lists(PART, min_size=1, max_size=4),
    )
    def transfer_from(self, owner: str, spender: str, receiver: str, parts: list[Fraction]) -> None:
        for part in parts:
            amount = self.part(owner, part)
            if self.allowed[owner, spender] < amount:
                self.lab.send(owner, self.token, APPROVE, spender, amount)
                self.allowed[owner, spender] = amount
            self.lab.send(spender, self.token, TRANSFER_FROM, owner, receiver, amount)
            self.spend(owner, spender, amount)
            self.model.transfer(owner, receiver, amount)
        self.check(owner, receiver, spender, pairs=((owner, spender),))

    @step(owner=SIGNER, spender=SIGNER, receiver=RECEIVER, more=MORE, endless=st.booleans())
    def transfer_from_in_vain(
        self, owner: str, spender: str, receiver: str, more: int, endless: bool
    ) -> None:
        value = ENDLESS if endless else self.model.balance(owner) // 2
        self.lab.send(owner, self.token, APPROVE, spender, value)
        self.allowed[owner, spender] = value
        amount = self.model.balance(owner) + more if endless else value + more
        reason = self.lab.fault(spender, self.token, TRANSFER_FROM, owner, receiver, amount)
        wanted = "transfer: balance too low" if endless else "transfer: allowance too low"
        assert reason == wanted
        self.check(owner, receiver, pairs=((owner, spender),))

    # Permits

    def sign(
        self,
        owner: str,
        spender: str,
        value: int,
        deadline: int,
        by: str = "",
        nonce: int = -1,
        domain: bytes = b"",
    ) -> tuple[Any, ...]:
        """The arguments of a permit; a valid one but for what is told."""
        nonce = self.nonces[owner] if nonce < 0 else nonce
        terms = (PERMIT_TYPE, owner, spender, value, nonce, deadline)
        digest = keccak(b"\x19\x01" + (domain or self.separator) + keccak(encode(KINDS, terms)))
        return owner, spender, value, deadline, *KEYS[by or owner].sign(digest)

    @step(owner=SIGNER, spender=SIGNER, value=VALUE, left=st.integers(0, DAY), caller=SIGNER)
    def permit(self, owner: str, spender: str, value: int, left: int, caller: str) -> None:
        given = self.sign(owner, spender, value, self.lab.now + left)
        self.lab.send(caller, self.token, PERMIT, *given)
        self.nonces[owner] += 1
        self.allowed[owner, spender] = value
        self.used.append((owner, given))
        self.check(owner, pairs=((owner, spender),))

    @step(owner=SIGNER, spender=SIGNER, value=st.integers(1, 10**24), other=SIGNER)
    def permit_in_vain(self, owner: str, spender: str, value: int, other: str) -> None:
        now, nonce = self.lab.now, self.nonces[owner]
        good = self.sign(owner, spender, value, now)
        *terms, v, r, s = good
        wrong = "permit: signer is not the owner"
        refused = [
            (self.sign(owner, spender, value, now - 1), "permit: deadline has passed"),
            ((*terms, 55 - v, r, CURVE_ORDER - s), "permit: signature is malleable"),
            ((*terms, 29, r, s), "permit: signature is invalid"),
            ((NOBODY, *good[1:4], 29, r, s), "permit: signature is invalid"),
            (self.sign(owner, spender, value, now, nonce=nonce + 1), wrong),
            ((owner, spender, value - 1, now, v, r, s), wrong),
        ]
        for elsewhere in (separator_of(self.token, CHAIN_ID + 1), separator_of(self.world.debt)):
            refused.append((self.sign(owner, spender, value, now, domain=elsewhere), wrong))
        if other != owner:
            refused.append((self.sign(owner, spender, value, now, by=other), wrong))
        for given, reason in refused:
            assert self.lab.fault(spender, self.token, PERMIT, *given) == reason
        self.check(owner, pairs=((owner, spender),))

    @step(which=st.integers(0, 50))
    def permit_again(self, which: int) -> str | None:
        fresh = [given for _, given in self.used if given[3] >= self.lab.now]
        if not fresh:
            return SKIPPED
        reason = self.lab.fault(SIGNERS[0], self.token, PERMIT, *fresh[which % len(fresh)])
        assert reason == "permit: signer is not the owner"
        self.check()
        return None

    # What else changes shares

    @step(caller=SIGNER, receiver=SIGNER, shares=st.integers(1, 10**22))
    def mint(self, caller: str, receiver: str, shares: int) -> None:
        self.model.mint(receiver, shares)
        self.lab.send(caller, self.token, MINT, shares, ENDLESS, 0, receiver, caller)
        self.check(receiver, TREASURY)

    @step(owner=SIGNER, spender=SIGNER, part=PART, spare=st.sampled_from([0, 1, ENDLESS]))
    def redeem(self, owner: str, spender: str, part: Fraction, spare: int) -> str | None:
        shares = self.part(owner, part)
        if shares == 0:
            return SKIPPED
        value = min(ENDLESS, shares + spare)
        self.lab.send(owner, self.token, APPROVE, spender, value)
        self.allowed[owner, spender] = value
        self.model.redeem(owner, shares)
        self.lab.send(spender, self.token, REDEEM, shares, ENDLESS, 0, spender, owner)
        if owner != spender:
            self.spend(owner, spender, shares)
        self.check(owner, TREASURY, pairs=((owner, spender),))
        return None

    @step(seconds=st.integers(1, 3 * DAY), caller=SIGNER)
    def settle(self, seconds: int, caller: str) -> None:
        now = self.lab.now + seconds
        self.model.at(now=now)
        self.lab.warp(now)
        self.model.settle()
        self.lab.send(caller, self.token, "settle()")
        self.check(TREASURY)


def test_any_order_of_transfers_and_permits_keeps_to_the_books():
    lab = Lab()
    world = open_token(lab, MODES["exact"], PAIRS["18/6"])
    for holder in SIGNERS:
        for coin in (world.collateral, world.debt):
            lab.send(OWNER, coin, "mint(address,uint256)", holder, COINS)
            lab.send(holder, coin, APPROVE, world.token, ENDLESS)
        world.model.mint(holder, 10**21)
        lab.send(holder, world.token, MINT, 10**21, ENDLESS, 0, holder, holder)
    machine = type("OnThisLab", (ShareMachine,), {"lab": lab})

    run(machine, "shares", world=world)
