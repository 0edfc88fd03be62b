"""The constructor, and the first shares, which its deployer locks once.

A token that no factory made: its deployer stands in the factory's place.
"""

import ape
import pytest
from ape import project
from ape.utils import ZERO_ADDRESS
from eth_abi import encode

from scripts._devnet import ENDLESS, RULES, TOKENS, WAD, now
from tests.unit.leveraged_token.logs import emitted, transferred
from tests.unit.morpho_position.markets import books, donate

DEAD = "0x000000000000000000000000000000000000dEaD"
BULL = RULES | TOKENS["ETHBULL"][1]
CAP = 1_000 * WAD


@pytest.fixture
def arguments(devnet, ballast, owner, treasury):
    """What the constructor takes; some of it may differ."""

    def _arguments(treasury=treasury, owner=owner, cap=CAP):
        blueprint = ballast.factory.POSITION_BLUEPRINT()
        venue = encode(["address", "bytes32"], [devnet.morpho.address, devnet.long.id])
        rest = devnet.long.fill_oracle, treasury, owner, cap, blueprint, venue
        return ("A " * 32, "S" * 32, BULL, *rest)

    return _arguments


@pytest.fixture
def unseeded(arguments, taker):
    return taker.deploy(project.LeveragedToken, *arguments())


def test_init_keeps_what_it_is_given(devnet, unseeded, owner, treasury, taker):
    position = project.MorphoPosition.at(unseeded.position())

    assert unseeded.name() == "A " * 32
    assert unseeded.symbol() == "S" * 32
    assert unseeded.decimals() == 18
    assert {field: getattr(unseeded.rules(), field) for field in BULL} == BULL
    assert unseeded.target() == 3 * WAD
    assert unseeded.factory() == taker
    assert unseeded.oracle() == devnet.long.fill_oracle
    assert unseeded.collateral() == devnet.weth
    assert unseeded.debt() == devnet.usdc
    assert unseeded.owner() == owner
    assert unseeded.pending_owner() == ZERO_ADDRESS
    assert unseeded.treasury() == treasury
    assert unseeded.cap() == CAP
    assert unseeded.paused() is False
    assert unseeded.totalSupply() == unseeded.settled_at() == 0
    assert position.TOKEN() == unseeded


def test_init_without_an_owner_has_none(arguments, taker):
    token = taker.deploy(project.LeveragedToken, *arguments(owner=ZERO_ADDRESS))

    assert token.owner() == ZERO_ADDRESS


def test_init_tells_what_may_change(arguments, owner, treasury, taker):
    token = taker.deploy(project.LeveragedToken, *arguments())

    assert emitted(token.creation_metadata.receipt, token) == [
        ("OwnershipTransferred", {"previous_owner": ZERO_ADDRESS, "new_owner": owner}),
        ("TreasurySet", {"treasury": treasury}),
        ("CapSet", {"cap": CAP}),
    ]


def test_seed_locks_the_first_shares(devnet, unseeded, weth, usdc, taker, stranger):
    position = unseeded.position()
    weth.transfer(position, WAD, sender=taker)

    receipt = unseeded.seed(7 * WAD, WAD, 1_000_000_000, stranger, sender=taker)

    assert emitted(receipt, unseeded) == [
        transferred(ZERO_ADDRESS, DEAD, 7 * WAD),
        (
            "Minted",
            {
                "caller": taker,
                "receiver": DEAD,
                "shares": 7 * WAD,
                "fee": 0,
                "collateral": WAD,
                "debt": 1_000_000_000,
            },
        ),
    ]
    assert unseeded.balanceOf(DEAD) == unseeded.totalSupply() == 7 * WAD
    assert unseeded.settled_at() == now()
    assert usdc.balanceOf(stranger) == 1_000_000_000
    assert books(devnet, devnet.long, position)[0] == WAD
    assert books(devnet, devnet.long, position)[1] - 1_000_000_000 in (0, 1)


def test_seed_twice_reverts(unseeded, weth, taker):
    weth.transfer(unseeded.position(), 2 * WAD, sender=taker)
    unseeded.seed(7 * WAD, WAD, 1_000_000_000, taker, sender=taker)

    with ape.reverts("seed: already seeded"):
        unseeded.seed.call(7 * WAD, WAD, 1_000_000_000, taker, sender=taker, skip_trace=True)


def test_seed_by_another_reverts(unseeded, owner):
    with ape.reverts("seed: caller is not the factory"):
        unseeded.seed.call(1, 1, 1, owner, sender=owner, skip_trace=True)


def test_seed_of_a_token_of_the_factory_reverts_for_its_owner(bull, owner):
    with ape.reverts("seed: caller is not the factory"):
        bull.seed.call(1, 1, 1, owner, sender=owner, skip_trace=True)


def test_mint_before_the_seed_reverts(unseeded, minter):
    with ape.reverts("mint: position is empty"):
        unseeded.mint.call(WAD, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_of_a_donation_before_the_seed_reverts(devnet, unseeded, minter, taker):
    donate(devnet, devnet.long, unseeded.position(), taker, WAD)

    with ape.reverts():  # a share of no shares
        unseeded.mint.call(WAD, ENDLESS, 0, sender=minter, skip_trace=True)


def test_init_without_a_treasury_reverts(arguments, fault):
    assert fault(*arguments(treasury=ZERO_ADDRESS)) == "token: treasury is zero"


def test_init_with_a_cap_that_could_overflow_reverts(arguments, fault):
    assert fault(*arguments(cap=2**112 + 1)) == "token: cap out of bounds"
