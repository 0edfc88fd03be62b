"""T-G5: be the owner, or get to be, and set whatever there is so that holders are locked in or pay.

Tracer's owner could stop a pool by an interval, and a pause of it that was rolled back with the
call that asked for it. Here an owner has three settings, each with bounds, and none that a
redemption or a delevering fill reads. At the worst of each of them every holder leaves with all,
and an owner who is its own treasury gets the fee that was fixed at creation. Whoever is not the
owner sets nothing.
"""

import pytest

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.purse import fault, nav, report, supply

MAX_CAP = 2**112
SHARES = 1_000 * WAD
WORST = {
    "paused": [("set_paused", True)],
    "cap 0": [("set_cap", 0)],
    "cap 1": [("set_cap", 1)],
    "largest cap": [("set_cap", MAX_CAP)],
    "own treasury": [("set_treasury", "owner")],
    "all at once": [("set_cap", 0), ("set_treasury", "owner"), ("set_paused", True)],
    "gone": [("set_paused", True), ("renounce_ownership",)],
    "given to nobody": [("set_paused", True), ("transfer_ownership", "position")],
}
OWNERS = {
    "set_paused": (True,),
    "set_cap": (1,),
    "set_treasury": ("attacker",),
    "transfer_ownership": ("attacker",),
    "renounce_ownership": (),
    "accept_ownership": (),
    "seed": (1, 1, 1, "attacker"),
}


@pytest.fixture
def names(token, owner, attacker):
    """Who is meant by a name."""
    people = {"owner": owner, "attacker": attacker, "position": token.position()}
    return lambda word: people.get(word, word) if isinstance(word, str) else word


@pytest.mark.parametrize("case", WORST)
def test_g5_owner_at_its_worst_keeps_nobody_in(
    devnet, token, market, worth, owner, taker, victim, names, case
):
    """Redeeming and delevering pay what they pay anyway."""
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 600)
    set_price(devnet, "1900" if token.rules().long else "2100")
    with undone():
        fill = token.fill_delever(ENDLESS, 0, sender=taker).return_value
        legs = token.redeem(SHARES, ENDLESS, 0, sender=victim).return_value
    wealth = worth(market, token, owner)

    for name, *args in WORST[case]:
        getattr(token, name)(*map(names, args), sender=owner)

    assert token.fill_delever(ENDLESS, 0, sender=taker).return_value == fill
    assert token.redeem(SHARES, ENDLESS, 0, sender=victim).return_value == legs
    assert token.balanceOf(victim) == 0
    share = nav(devnet, market, token) / supply(token)
    fee = SHARES // 1_000 + 1 if token.treasury() == owner else 0
    report("g5", market, worth(market, token, owner) - wealth, share * fee)


@pytest.mark.parametrize("cap", [MAX_CAP + 1, 2**120, 2**256 - 1])
def test_g5_cap_that_could_overflow_is_refused(token, owner, cap):
    assert fault(lambda: token.set_cap.call(cap, sender=owner)) == "token: cap out of bounds"


@pytest.mark.parametrize("name", OWNERS)
def test_g5_setting_by_another_is_refused(
    token, owner, attacker, victim, taker, treasury, names, name
):
    args = [names(word) for word in OWNERS[name]]

    for account in (attacker, victim, taker, treasury):
        assert fault(lambda: getattr(token, name).call(*args, sender=account))  # noqa: B023
    assert (token.owner(), token.paused()) == (owner, False)


def test_g5_owner_that_offers_ownership_keeps_it_until_it_is_accepted(
    token, owner, attacker, victim
):
    token.transfer_ownership(attacker, sender=owner)

    assert fault(lambda: token.accept_ownership.call(sender=victim))
    assert fault(lambda: token.set_paused.call(True, sender=attacker))
    assert token.owner() == owner
    token.accept_ownership(sender=attacker)
    assert token.owner() == attacker


def test_g5_rules_have_no_setter(token, owner):
    """All that can be told to change is the list above; the rest are a holder's own doors."""
    methods = token.contract_type.methods
    changing = {method.name for method in methods if method.stateMutability == "nonpayable"}
    own = {"mint", "redeem", "fill_lever", "fill_delever", "settle"}
    own |= {"transfer", "transferFrom", "approve", "permit"}

    assert changing == own | OWNERS.keys()


def test_g5_pause_is_not_rolled_back(token, owner, victim, attacker):
    token.set_paused(True, sender=owner)

    assert fault(lambda: token.mint.call(WAD, ENDLESS, 0, sender=attacker)) == "mint: paused"
    warp_to(now() + DAY)
    assert token.paused()
