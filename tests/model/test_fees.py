"""The management fee grows continuously and takes nothing but its share."""

from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from scripts._model import streaming_fee
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import MAX_MANAGEMENT_FEE
from scripts._model.streaming_fee import MOST, ONE

from .worlds import YEAR, many, worlds

rates = st.integers(0, MAX_MANAGEMENT_FEE)
supplies = st.integers(10**15, 2**112)
pauses = st.lists(st.integers(0, YEAR // 2), min_size=1, max_size=12)


@many
@given(st.integers(0, MOST))
def test_exp_any_exponent_is_exact_to_33_digits(x):
    with localcontext() as context:
        context.prec = 60
        truth = (Decimal(x) / ONE).exp() * ONE

        assert 0 <= truth - streaming_fee.exp(x) <= truth * Decimal("1e-33")


@many
@given(supplies, rates, st.integers(0, 2 * YEAR))
def test_shares_for_any_time_follow_the_exponential(supply, rate, elapsed):
    """I-F2."""
    with localcontext() as context:
        context.prec = 60
        exponent = Decimal(rate) / WAD * elapsed / DAY
        truth = supply * (exponent.exp() - 1)

        shares = streaming_fee.shares(supply, rate, elapsed)

        assert truth - 2 <= shares <= truth
        assert shares >= supply * exponent - 2


@many
@given(supplies, rates, pauses)
def test_shares_settled_in_parts_are_those_settled_at_once(supply, rate, parts):
    """I-F3: not more, and less by at most a unit a settlement and its own growth."""
    at_once = streaming_fee.shares(supply, rate, sum(parts))

    grown = supply
    for elapsed in parts:
        grown += streaming_fee.shares(grown, rate, elapsed)

    growth = 1 + at_once // supply
    assert 0 <= supply + at_once - grown + 1 <= 2 + (growth + 1) * len(parts)


@given(supplies, rates)
def test_shares_for_no_time_are_none(supply, rate):
    """I-F4."""
    assert streaming_fee.shares(supply, rate, 0) == 0


@given(supplies, st.integers(0, 10**6))
def test_shares_at_no_rate_are_none(supply, elapsed):
    assert streaming_fee.shares(supply, 0, elapsed) == 0


def test_shares_of_a_century_are_cut_off():
    """An exponent above ten counts as ten: a forgotten token can still be redeemed."""
    forever = streaming_fee.shares(2**112, MAX_MANAGEMENT_FEE, 10**12)

    assert forever == streaming_fee.shares(2**112, MAX_MANAGEMENT_FEE, 10_000 * DAY)
    assert forever < 22_027 * 2**112


@many
@given(worlds(), st.lists(st.integers(0, 30 * DAY), min_size=1, max_size=6))
def test_settle_at_any_time_changes_the_supply_only(token, parts):
    """I-F4, I-F6: the clock moves only if shares were minted; backing is as it was."""
    for elapsed in parts:
        before = token.copy()
        token.at(now=token.now + elapsed)
        position = token.position.balances()
        expected = token.true_supply() - token.supply

        fee = token.settle()

        assert fee == expected
        assert token.supply == before.supply + fee == sum(token.balances.values())
        assert token.balance("treasury") == before.balance("treasury") + fee
        assert token.settled_at == (token.now if fee else before.settled_at)
        assert token.position.balances() == position
        assert token.settle() == 0


@many
@given(worlds(), st.integers(0, 30 * DAY), st.integers(1, 10**20))
def test_settle_before_a_call_changes_nothing(token, elapsed, shares):
    """I-F7: every call and view counts the fee that has accrued."""
    token.at(now=token.now + elapsed)
    settled = token.copy()
    settled.settle()

    assert token.total_assets() == settled.total_assets()
    assert token.convert_to_assets(shares) == settled.convert_to_assets(shares)
    assert token.max_mint() == settled.max_mint()
    shares = min(shares, token.max_mint())
    assert token.preview_mint(shares) == settled.preview_mint(shares)
    assert token.mint("stranger", shares) == settled.mint("stranger", shares)
    assert token == settled


@given(worlds(), st.integers(0, DAY))
def test_set_treasury_pays_the_old_one_first(token, elapsed):
    """I-F5, for the receiver: rates never change."""
    token.at(now=token.now + elapsed)
    accrued = token.true_supply() - token.supply
    before = token.balance("treasury")

    token.set_treasury("heir")

    assert token.balance("treasury") == before + accrued
    assert token.balance("heir") == 0
    assert token.treasury == "heir"
