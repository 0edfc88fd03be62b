"""Mint and redeem are pro rata, against whoever acts, by less than a unit of each token."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model.fixed_point import SCALE, WAD
from scripts._model.revert import Revert
from scripts._model.token import mint_legs, redeem_legs

from .worlds import drifted, many, nav, percent, worlds

amounts = st.one_of(st.integers(1, 100), st.integers(1, 2**40), st.integers(1, 2**80))
fees = st.one_of(st.just(0), percent(0, 100))


# What a venue may lose of a move: nothing, on Morpho; a unit or two, on a coarse one.
grains = st.one_of(st.just(0), st.integers(1, 3), st.integers(1, 2**60))


@st.composite
def states(draw):
    """Collateral, debt, supply and grain, of any decimals: dust and plenty."""
    return draw(amounts), draw(st.one_of(st.just(0), amounts)), draw(amounts), draw(grains)


@many
@given(states(), amounts, fees)
def test_mint_any_shares_is_pro_rata_and_rounds_against_the_minter(state, shares, rate):
    """I-M1, I-M8, I-F1."""
    collateral, debt, supply, grain = state

    fee, brings, takes = mint_legs(shares, rate, *state)

    gross = shares + fee
    assert gross == ceil(Fraction(shares * WAD, WAD - rate))
    assert brings == ceil(Fraction(collateral * gross, supply)) + grain >= 1
    assert takes == max(0, floor(Fraction(debt * gross, supply)) - grain)
    assert rate * gross <= WAD * fee < rate * gross + WAD


@many
@given(states(), fees, st.data())
def test_redeem_any_shares_is_pro_rata_and_rounds_against_the_redeemer(state, rate, data):
    """I-M1, I-F1."""
    collateral, debt, supply, grain = state
    shares = data.draw(st.integers(1, supply))

    fee, brings, takes = redeem_legs(shares, rate, *state)

    net = shares - fee
    assert brings == min(debt, ceil(Fraction(debt * net, supply)) + grain)
    assert takes == max(0, floor(Fraction(collateral * net, supply)) - grain)
    assert rate * shares <= WAD * fee < rate * shares + WAD


def losses(grain):
    """What the venue loses of two moves by rounding: as much as its grain."""
    loss = st.one_of(st.sampled_from([0, grain]), st.integers(0, grain))
    return st.tuples(loss, loss)


@many
@given(states(), amounts, fees, st.integers(1, 2**200), st.data())
def test_mint_never_lowers_what_a_share_has(state, shares, rate, price, data):
    """I-M2, I-M3, I-M4: backing, NAV at any price whatever, and leverage; whatever is lost."""
    fee, brings, takes = mint_legs(shares, rate, *state)

    lost, added = data.draw(losses(state[3]))
    _holds(state, brings - lost, takes + added if takes else 0, shares + fee, price)


@many
@given(states(), fees, st.integers(1, 2**200), st.data())
def test_redeem_never_lowers_what_a_share_has(state, rate, price, data):
    """I-M2, I-M3, I-M4: backing, NAV at any price whatever, and leverage; whatever is lost."""
    collateral, debt, supply, grain = state
    shares = data.draw(st.integers(1, supply))

    fee, brings, takes = redeem_legs(shares, rate, *state)

    lost, left = data.draw(losses(grain))
    repaid = brings if brings == debt else brings - left
    if fee < supply - shares or shares < supply:  # somebody is left
        _holds(state, -(takes + lost if takes else 0), -repaid, fee - shares, price)


def _holds(state, collateral_added, debt_added, shares_added, price):
    collateral, debt, supply, grain = state
    c, d, s = collateral + collateral_added, debt + debt_added, supply + shares_added
    assert c * supply >= collateral * s
    assert d * supply <= debt * s
    nav, nav_after = collateral * price - debt * SCALE, c * price - d * SCALE
    assert nav_after * supply >= nav * s
    assert 0 <= debt * c - d * collateral < (collateral + debt) * (1 + grain)


@many
@given(states(), amounts, amounts, fees, st.data())
def test_mint_in_two_parts_is_never_cheaper(state, first, second, rate, data):
    """I-M6, whatever the venue loses of the first."""
    collateral, debt, supply, grain = state
    fee, brings, takes = mint_legs(first + second, rate, *state)

    fee_1, brings_1, takes_1 = mint_legs(first, rate, *state)
    lost, added = data.draw(losses(grain))
    owed = debt + (takes_1 + added if takes_1 else 0)
    after = collateral + brings_1 - lost, owed, supply + first + fee_1, grain
    fee_2, brings_2, takes_2 = mint_legs(second, rate, *after)

    assert fee_1 + fee_2 >= fee
    assert brings_1 + brings_2 >= brings
    if fee_1 + fee_2 == fee:
        assert takes_1 + takes_2 <= takes


@many
@given(states(), fees, st.data())
def test_redeem_in_two_parts_is_never_cheaper(state, rate, data):
    """I-M6, reversed."""
    collateral, debt, supply, grain = state
    first = data.draw(st.integers(1, max(1, supply // 2)))
    second = data.draw(st.integers(1, max(1, supply // 3)))
    fee, brings, takes = redeem_legs(first + second, rate, *state)

    fee_1, brings_1, takes_1 = redeem_legs(first, rate, *state)
    lost, left = data.draw(losses(grain))
    held = collateral - (takes_1 + lost if takes_1 else 0)
    owed = debt - (brings_1 if brings_1 == debt else brings_1 - left)
    after = held, owed, supply - first + fee_1, grain
    if after[2] == 0:
        return
    fee_2, brings_2, takes_2 = redeem_legs(second, rate, *after)

    assert fee_1 + fee_2 >= fee
    assert takes_1 + takes_2 <= takes
    if fee_1 + fee_2 == fee:
        assert brings_1 + brings_2 >= brings


@many
@given(worlds(), amounts)
def test_redeem_what_was_minted_costs_the_fees_and_dust(token, shares):
    """I-M5, on a venue with interest and roundings of its own."""
    rules = token.rules
    unit = Fraction(token.price, SCALE)  # of collateral, in debt units
    share = nav(token) / token.true_supply()

    minted = token.mint("stranger", min(shares, token.max_mint()))
    redeemed = token.redeem("stranger", minted.shares)

    assert redeemed.collateral <= minted.collateral
    lost = (minted.collateral - redeemed.collateral) * unit - (minted.debt - redeemed.debt)
    fees = Fraction(rules.mint_fee + rules.redeem_fee, WAD) * (minted.shares + minted.fee) * share
    assert -1 <= lost <= fees + 2 * share + 2 * unit + 3
    if rules.mint_fee == rules.redeem_fee == 0:
        assert redeemed.debt >= minted.debt


@many
@given(drifted(), amounts)
def test_preview_any_amount_equals_the_call(token, shares):
    """I-M7, in any block: interest and fee have run since the last call."""
    shares = min(shares, token.max_mint())
    expected = token.preview_mint(shares)
    done = token.mint("stranger", shares)
    assert (done.collateral, done.debt) == expected

    token.at(now=token.now + 12)
    part = min(shares, token.balance("minter"))
    expected = token.preview_redeem(part)
    redeemed = token.redeem("minter", part)
    assert (redeemed.debt, redeemed.collateral) == expected


@many
@given(drifted(), amounts)
def test_mint_on_the_venue_moves_debt_by_what_was_taken(token, shares):
    """The venue's own rounding adds at most one unit of debt to a call."""
    token.settle()
    before = token.position.balances()

    minted = token.mint("stranger", min(shares, token.max_mint()))
    middle = token.position.balances()
    redeemed = token.redeem("minter", token.balance("minter"))
    after = token.position.balances()

    assert middle[0] == before[0] + minted.collateral
    assert 0 <= middle[1] - (before[1] + minted.debt) <= 1
    assert after[0] == middle[0] - redeemed.collateral
    assert 0 <= after[1] - (middle[1] - redeemed.debt) <= 1


@many
@given(worlds())
def test_redeem_by_everyone_leaves_the_seed_with_its_backing(token):
    """I-M10, I-M11: whoever is not locked can leave, and what stays is pro rata."""
    collateral, _ = token.position.balances()
    supply = token.true_supply()

    for holder in ("minter", token.treasury):
        while token.balance(holder) > 1:
            token.redeem(holder, token.balance(holder))

    left, _ = token.position.balances()
    assert token.balance("locked") > 0
    assert left * supply >= collateral * token.supply


@pytest.mark.parametrize("legs", [mint_legs, redeem_legs])
def test_move_zero_shares_reverts(legs):
    """I-M9."""
    with pytest.raises(Revert, match="zero shares"):
        legs(0, 0, 1, 1, 1, 0)


def test_mint_on_an_empty_position_reverts():
    """I-M10: shares of a wiped position would be free."""
    with pytest.raises(Revert, match="mint: position is empty"):
        mint_legs(1, 0, 0, 0, 1, 0)


@many
@given(worlds(), amounts)
def test_redeem_without_a_price_is_the_same(token, shares):
    """I-A11: the oracle is not asked."""
    shares = min(shares, token.balance("minter"))
    twin = token.copy()
    twin.fault = "oracle: price is stale"

    assert twin.redeem("minter", shares) == token.redeem("minter", shares)
    assert twin.position == token.position


@many
@given(worlds(), st.integers(0, 2**100))
def test_max_mint_is_what_can_be_minted(token, left):
    """All that `max_mint` promises goes; a share more does not, be it for cap or for liquidity."""
    market = token.position.market
    market.withdraw("lender", assets=market.liquidity() - min(left, market.liquidity() - 1))
    token.cap = token.supply * 3
    most = token.max_mint()

    if most:
        token.copy().mint("stranger", most)
    with pytest.raises(Revert, match="mint: cap exceeded|insufficient liquidity"):
        token.mint("stranger", most + 2 + token.supply // token.position.balances()[1] * 2)
