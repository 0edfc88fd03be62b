"""The market that the model stands on: nobody gains by rounding, a failed call leaves nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import venue
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.revert import Revert

from .worlds import OPENING, YEAR, many, percent

amounts = st.integers(1, 10**12) | st.integers(1, 10**24)
rates = st.integers(0, WAD // YEAR)


@st.composite
def markets(draw):
    """A market with a year's interest behind it, at a price of one."""
    market = venue.used_market(
        lltv=draw(percent(5_000, 9_800)),
        price=SCALE,
        now=OPENING,
        rate=draw(rates),
        fee=draw(percent(0, 2_500)),
    )
    market.now += draw(st.integers(0, YEAR))
    return market


@many
@given(markets(), amounts)
def test_withdraw_what_was_supplied_gives_back_no_more(market, amount):
    _, shares = market.supply("stranger", assets=amount)

    assets, _ = market.withdraw("stranger", shares=shares)

    assert assets <= amount


@many
@given(markets(), amounts)
def test_repay_what_was_borrowed_takes_no_less(market, amount):
    market.supply_collateral("stranger", 3 * amount + 3)
    _, shares = market.borrow("stranger", assets=amount)

    assert amount <= market.owed("stranger") <= amount + 1
    assets, _ = market.repay("stranger", shares=shares)

    assert assets >= amount
    assert market.owed("stranger") == 0


@many
@given(markets(), st.integers(0, YEAR))
def test_owed_before_and_after_accrual_is_the_same(market, elapsed):
    market.now += elapsed
    before = market.owed("borrower"), market.liquidity()

    market.accrue()

    assert (market.owed("borrower"), market.liquidity()) == before
    assert market.interest() == 0


@many
@given(rates, st.integers(0, YEAR))
def test_interest_for_any_time_is_nearly_exponential(rate, elapsed):
    growth = Fraction(venue.taylor_compounded(rate, elapsed), WAD)
    x = Fraction(rate * elapsed, WAD)

    exact = x + x**2 / 2 + x**3 / 6
    assert exact - Fraction(3, WAD) <= growth <= exact


@many
@given(markets(), st.integers(10**6, 10**24), st.integers(1, 10_000))
def test_liquidate_the_unhealthy_pays_the_bonus(market, amount, part):
    """Seizing a part costs its value less the bonus, and lenders lose nothing by it."""
    market.supply_collateral("stranger", 3 * amount)
    market.borrow("stranger", assets=amount)
    market.price = SCALE * WAD * 99 // (300 * market.lltv)
    lent = market.total_supply_assets
    seized = max(1, amount * part // 10_000)

    _, repaid = market.liquidate("stranger", seized_assets=seized)

    value = Fraction(seized * market.price, SCALE)
    assert repaid * Fraction(WAD + market.liquidation_bonus(), WAD) >= value
    assert market.total_supply_assets == lent


def test_liquidate_all_collateral_writes_the_rest_off():
    market = venue.used_market(lltv=86 * WAD // 100, price=SCALE)
    market.supply_collateral("stranger", 10**20)
    market.borrow("stranger", assets=8 * 10**19)
    market.price = SCALE // 2
    lent, borrowed = market.total_supply_assets, market.total_borrow_assets

    _, repaid = market.liquidate("stranger", seized_assets=10**20)

    assert market.account("stranger") == venue.NOBODY
    assert lent - market.total_supply_assets == 8 * 10**19 - repaid
    assert borrowed - market.total_borrow_assets == 8 * 10**19


@pytest.mark.parametrize(
    ("call", "args", "reason"),
    [
        ("supply", (0, 0), "inconsistent input"),
        ("withdraw", (1, 1), "inconsistent input"),
        ("borrow", (0, 0), "inconsistent input"),
        ("repay", (1, 1), "inconsistent input"),
        ("liquidate", (0, 0), "inconsistent input"),
        ("supply_collateral", (0,), "zero assets"),
        ("withdraw_collateral", (0,), "zero assets"),
        ("borrow", (10**18,), "insufficient collateral"),
        ("liquidate", (1,), "position is healthy"),
        ("withdraw", (1,), ""),
        ("repay", (1,), ""),
        ("withdraw_collateral", (1,), ""),
    ],
)
def test_call_that_the_market_refuses_reverts_and_changes_nothing(call, args, reason):
    market = venue.used_market(lltv=86 * WAD // 100, price=SCALE, rate=WAD // YEAR)
    market.now += DAY
    before = market.copy()

    with pytest.raises(Revert) as error:
        getattr(market, call)("stranger", *args)

    assert error.value.reason == reason
    assert market == before


def test_borrow_more_than_was_lent_reverts():
    market = venue.used_market(lltv=86 * WAD // 100, price=SCALE)
    market.supply_collateral("stranger", 10**30)

    with pytest.raises(Revert, match="insufficient liquidity"):
        market.borrow("stranger", assets=market.liquidity() + 1)
    market.borrow("stranger", assets=market.liquidity())
    with pytest.raises(Revert, match="insufficient liquidity"):
        market.withdraw("lender", assets=10)


def test_move_with_loose_tokens_uses_them_first():
    """What strangers left in the position is a gift to whoever acts next."""
    market = venue.used_market(lltv=86 * WAD // 100, price=SCALE)
    position = venue.Position(market, "token", loose_collateral=100, loose_debt=10)

    assert position.lever(1_000, 500) == 900
    assert position.delever(4, 10) == 0
    assert position.delever(16, 10) == 10
    assert (position.loose_collateral, position.loose_debt) == (0, 0)
    assert position.balances() == (980, 480)


def test_delever_all_debt_repays_by_shares():
    market = venue.used_market(lltv=86 * WAD // 100, price=SCALE, rate=WAD // YEAR)
    position = venue.Position(market, "token")
    position.lever(10**18, 10**17)
    market.now += DAY

    position.delever(position.balances()[1], 10**18)

    assert market.account("token") == venue.NOBODY
