"""T-M4: live on the unit by which a preview and its call differ, or which a redemption leaves.

Two findings at Seamless were of this kind: `redeem(balanceOf)` left a share, and what was announced
was not what happened. Here preview and call share one function, and shares are burned as named:
whoever sends exactly what the preview said is never a unit short, and nothing stays behind.
"""

from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import DAY, WAD, now, undone, warp_to
from tests.attack.purse import report

shares_ = st.one_of(st.integers(1, 100), st.integers(1, 10**6 * WAD))


@given(
    minted=shares_,
    redeemed=st.fractions(0, 1),
    elapsed=st.integers(0, 90 * DAY),
    gift=st.integers(0, 10**9),
    repaid=st.integers(0, 10**6),
)
def test_m4_preview_is_the_call_to_the_unit(
    venue, token, market, worth, attacker, minted, redeemed, elapsed, gift, repaid
):
    position = token.position()
    with undone():
        warp_to(now() + 1 + elapsed)
        if gift:
            venue.donate(market, position, attacker, gift)
        if repaid:
            venue.repay(market, position, attacker, assets=repaid)
        wealth = worth(market, token, attacker)

        told = tuple(token.preview_mint(minted))
        done = tuple(token.mint(minted, told[0], told[1], sender=attacker).return_value)
        part = max(1, int(minted * redeemed))
        told_out = tuple(token.preview_redeem(part))
        done_out = tuple(token.redeem(part, *told_out, sender=attacker).return_value)
        if rest := token.balanceOf(attacker):
            told_last = tuple(token.preview_redeem(rest))
            assert token.redeem(rest, *told_last, sender=attacker).return_value == told_last
        gain = worth(market, token, attacker) - wealth

        assert (done, done_out) == (told, told_out)
        assert token.balanceOf(attacker) == 0
    report("m4", market, gain, 0)
