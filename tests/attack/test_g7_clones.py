"""T-G7: use code that was deployed to be copied, or a copy whose constructor never ran.

Parity's library was killed so, and half a million ether with it. Here tokens and positions are made
from blueprints, which are data and stop at the first byte; a constructor fixes all that is fixed. A
proxy to a real token shares its code and constants and none of its state: it has no shares to give,
no position that obeys it, and no factory that would seed it. Nothing of the original moves.
"""

import pytest
from ape import compilers, networks, project
from ape.exceptions import ApeException

from scripts._devnet import ENDLESS, WAD
from tests.attack.purse import fault, report

MAKER = """
# pragma version 0.4.3
@external
def make(target: address) -> address:
    return create_minimal_proxy_to(target)
"""


@pytest.fixture
def clone(token, attacker):
    """A minimal proxy (EIP-1167) to a real token: its constructor has not run."""
    maker = attacker.deploy(compilers.compile_source("vyper", MAKER, contractName="Maker"))
    made = maker.make(token, sender=attacker).return_value
    return project.LeveragedToken.at(made)


@pytest.mark.parametrize("which", ["TOKEN_BLUEPRINT", "POSITION_BLUEPRINT"])
def test_g7_blueprint_is_data_and_cannot_be_called(ballast, attacker, which):
    blueprint = getattr(ballast.factory, which)()
    dead = project.LeveragedToken.at(blueprint)

    assert networks.provider.get_code(blueprint)[:2] == b"\xfe\x71"  # INVALID, and ERC-5202's mark
    for door in (
        lambda: dead.mint.call(WAD, ENDLESS, 0, sender=attacker),
        lambda: dead.transfer_ownership.call(attacker, sender=attacker),
        lambda: dead.seed.call(1, 1, 1, attacker, sender=attacker),
        dead.totalSupply,
    ):
        with pytest.raises(ApeException):
            door()


def test_g7_clone_of_a_token_opens_no_door_and_moves_nothing(
    venue, token, market, worth, attacker, victim, clone
):
    token.mint(WAD, ENDLESS, 0, sender=victim)
    position, wealth = token.position(), worth(market, token, attacker)
    before = venue.books(market, position), token.totalSupply()
    for coin in (market.collateral, market.debt):
        coin.approve(clone, ENDLESS, sender=attacker)

    faults = {
        "mint": fault(lambda: clone.mint(1, ENDLESS, 0, sender=attacker)),
        "redeem": fault(lambda: clone.redeem(0, ENDLESS, 0, sender=attacker)),
        "more": fault(lambda: clone.redeem(1, ENDLESS, 0, sender=attacker)),
        "seed": fault(lambda: clone.seed(1, 1, 1, attacker, sender=attacker)),
        "lever": fault(lambda: clone.fill_lever(ENDLESS, 0, sender=attacker)),
        "delever": fault(lambda: clone.fill_delever(ENDLESS, 0, sender=attacker)),
        "owner": fault(lambda: clone.set_cap(WAD, sender=attacker)),
        "accept": fault(lambda: clone.accept_ownership(sender=attacker)),
    }

    assert all(faults.values())
    assert (clone.totalSupply(), clone.cap(), int(clone.owner(), 16)) == (0, 0, 0)
    assert (venue.books(market, position), token.totalSupply()) == before
    report("g7", market, worth(market, token, attacker) - wealth, 0)


def test_g7_position_of_the_attackers_own_obeys_nobody_elses(
    venue, token, market, worth, attacker, victim
):
    """It is its own market account: of the token's there is none that it could touch."""
    own = attacker.deploy(venue.position, venue.address, *venue.terms(market))
    real = venue.position.at(token.position())
    token.mint(WAD, ENDLESS, 0, sender=victim)
    before = venue.books(market, real.address)
    wealth = worth(market, token, attacker)

    assert own.TOKEN() == attacker
    for door in (real.lever, real.delever):
        refused = fault(lambda: door.call(0, 1, attacker, sender=attacker))  # noqa: B023
        assert refused.endswith("caller is not the token")
    assert fault(lambda: own.lever(0, 1, attacker, sender=attacker))
    assert venue.books(market, real.address) == before
    report("g7", market, worth(market, token, attacker) - wealth, 0)


def test_g7_market_params_of_a_position_never_change(venue, token, market):
    """All of it is code: there is nothing to initialise a second time."""
    position = venue.position.at(token.position())
    methods = position.contract_type.methods
    changing = {each.name for each in methods if each.stateMutability == "nonpayable"}

    assert changing == {"accrue", "lever", "delever"} | venue.doors
    assert venue.told(position) == (venue.address, *venue.terms(market))
