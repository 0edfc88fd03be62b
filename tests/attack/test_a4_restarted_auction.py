"""T-A4: restart an auction, use it up with a crumb, or make others' bids fail.

Elsewhere an auction that somebody starts can be started again, so that its price never gets to
where it clears; a tiny one can block the next, and a dust bid in front of an exact one makes that
one revert. Here nobody starts anything: the premium is a function of the clock, whatever was called
before. A crumb takes a crumb from the parcel, others' bids are clamped and not refused, and the
next day comes by itself.

One thing a crumb does do: the first fill of a day, however small, says how large the day's parcel
is. What the market moves after it waits for the next day, or for the emergency lane.
"""

from fractions import Fraction

import ape
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.fills import fill_part
from tests.attack.purse import report

HOLDING = 10_000 * WAD
WINDOW, RAMP = 2 * 3_600, 45 * 60

griefs = st.lists(
    st.tuples(
        st.integers(1, 600),
        st.sampled_from(["dust", "dust", "donate", "repay", "mint", "redeem", "settle", "refused"]),
        st.integers(1, 100),
    ),
    max_size=10,
)


@pytest.fixture
def opening(devnet, token, victim, attacker):
    """Off target at 00:02:00 UTC; the attacker has shares too."""
    for account in (victim, attacker):
        token.mint(HOLDING, ENDLESS, 0, sender=account)
    warp_to(next_0002(now()))
    set_price(devnet, "2100" if token.rules().long else "1900")
    return now()


@pytest.fixture
def grief(venue, token, market, attacker):
    """`grief("dust", 5)`: by ten-thousandths of what there is."""

    def _grief(kind: str, size: int) -> None:
        held, debt = venue.books(market, token.position())
        part = Fraction(size, 10_000)
        if kind == "dust":
            fill_part(token, attacker, part)
        elif kind == "donate":
            venue.donate(market, token.position(), attacker, int(held * part))
        elif kind == "repay":
            venue.repay(market, token.position(), attacker, assets=int(debt * part))
        elif kind == "mint":
            token.mint(int(HOLDING * part), ENDLESS, 0, sender=attacker)
        elif kind == "redeem":
            token.redeem(int(HOLDING * part / 10), ENDLESS, 0, sender=attacker)
        elif kind == "settle":
            token.settle(sender=attacker)
        else:
            with ape.reverts():
                token.fill_delever(ENDLESS, 0, sender=attacker)

    return _grief


def premium_at(token, seconds: int) -> int:
    rules = token.rules()
    rise = min(seconds, rules.ramp) * (rules.premium_end - rules.premium_start) // rules.ramp
    return rules.premium_start + rise


@given(griefs=griefs, needed=st.integers(-500, 390))
def test_a4_restarted_auction_is_never_behind_its_clock(
    devnet, token, market, opening, worth, attacker, taker, grief, griefs, needed
):
    """An honest taker who needs `needed` hundred-thousandths fills when these are there.

    Whatever the attacker does first, no bid of the whole is refused, and what is left of the parcel
    is filled when the taker comes.
    """
    with undone():
        parcel, taken, premiums = token.auction().takes, 0, Fraction(0)
        wealth = worth(market, token, attacker)
        for pause, kind, size in griefs:
            if now() + pause >= opening + RAMP:
                break
            warp_to(now() + pause)
            set_price(devnet, "2100" if token.rules().long else "1900")
            debt = market.debt.balanceOf(attacker)
            before = token.auction()
            assert before.premium == premium_at(token, now() - opening)
            grief(kind, size)
            if kind == "dust":
                dust = market.debt.balanceOf(attacker) - debt
                taken += dust
                premiums += dust * max(0, Fraction(before.premium, WAD)) + 1
            assert token.auction().premium == before.premium
        gain = worth(market, token, attacker) - wealth
        rules = token.rules()
        due = (needed * WAD // 100_000 - rules.premium_start) * rules.ramp
        warp_to(max(now(), opening + -(-due // (rules.premium_end - rules.premium_start))))
        set_price(devnet, "2100" if token.rules().long else "1900")
        offer = token.auction()

        assert offer.premium >= needed * WAD // 100_000 - 10**9
        filled = token.fill_lever(ENDLESS, 0, sender=taker).return_value[1]
        assert filled == offer.takes
        assert token.auction().takes == 0
        # the later, the less reaches the edge: by the premium itself
        assert filled + taken >= parcel * 95 / 100
    report("a4", market, gain, premiums)


def test_a4_restarted_auction_opens_anew_by_itself(devnet, token, opening, attacker):
    """After a day that nobody filled, one that a crumb was taken from, and one that is done."""
    for part in (Fraction(0), Fraction(1, 1_000), Fraction(1)):
        set_price(devnet, "2100" if token.rules().long else "1900")
        offer = token.auction()
        assert offer.takes and offer.premium == token.rules().premium_start
        fill_part(token, attacker, part)
        warp_to(next_0002(now()))
    set_price(devnet, "2200" if token.rules().long else "1800")
    assert token.auction().takes


def test_a4_restarted_auction_has_no_start_and_no_end(token):
    """No function starts, stops, resets or extends anything; two slots and the clock are all."""
    names = {
        method.name for method in token.contract_type.methods if method.stateMutability != "view"
    }

    assert not [
        name for name in names if any(word in name for word in ("start", "stop", "reset", "bid"))
    ]
