"""What rounding and clamping promise, one lemma for each promise, over unbounded integers.

Read a lemma as the contract's own formula, then what is `given`, then what must `hold`; its
docstring is the argument. Each of its `twins` is one operation of it turned the wrong way, and
breaks it. Symbols:

    C D S P   collateral and debt of the position, supply of shares, price scaled by SCALE
    c d       collateral and debt that change hands            V   C * P, so scaled by SCALE
    G p       gearing and premium, WAD                         f   a fee, WAD

A primed name of the README is an upper-case one with a digit here: C1 is C after the first call.
"""

from math import factorial

from scripts._model import (
    daily_schedule,
    fixed_point,
    leverage_math,
    premium_curve,
    rule_book,
    streaming_fee,
    token,
    venue,
)
from scripts._model.fixed_point import SCALE, WAD

from .prover import Book, Signed

lemma = Book()
LEMMAS = lemma.lemmas

DAY = daily_schedule.DAY
ONE = streaming_fee.ONE
WORD = 2**128


# Multiply, then divide


@lemma("rounds down", of="fixed_point._mul_div_down", twins="quotient", x=7, denominator=4)
def mul_div_down_is_the_largest_that_fits(m, x, y, denominator, other):
    """Any other number that fits under the exact quotient is no larger."""
    quotient = m.floor("quotient", x * y, denominator)
    m.given(other * denominator <= x * y)

    m.step(other * denominator < (quotient + 1) * denominator)
    m.hold(quotient * denominator <= x * y, other <= quotient)
    m.model(quotient, fixed_point.mul_div_down, x, y, denominator)


@lemma("rounds up", of="fixed_point._mul_div_up", twins="more", x=7, denominator=4)
def mul_div_up_is_the_smallest_that_covers(m, x, y, denominator, other):
    """One more than rounded down, unless nothing is left: as the contract computes it."""
    quotient = m.floor("quotient", x * y, denominator)
    rest = x * y - quotient * denominator
    result = quotient + m.pick("more", m.either(rest > 0, 1, 0), 0)
    m.given(other * denominator >= x * y)

    m.step(other * denominator > (quotient - 1) * denominator)
    m.step(other > quotient - 1)
    m.hold(result * denominator >= x * y, other >= result)
    m.model(result, fixed_point.mul_div_up, x, y, denominator)


# Mint and redeem


def minted(m, gross, C, D, S, call=""):
    """The contract's two legs for shares before the fee, and the state that they lead to."""
    c = m.ceil(f"collateral{call}", C * gross, S)
    d = m.floor(f"debt{call}", D * gross, S)
    return c, d, C + c, D + d, S + gross


def redeemed(m, net, C, D, S, call=""):
    """The same for shares after the fee."""
    d = m.ceil(f"debt{call}", D * net, S)
    c = m.floor(f"collateral{call}", C * net, S)
    return d, c, C - c, D - d, S - net


def minted_coarsely(m, gross, C, D, S, g, lost, more, call=""):
    """The two legs on a venue with a grain g, and what it makes of them: collateral in, debt out.

    It loses so much of the one and adds so much to the other, but nothing to no debt.
    """
    fair, part, *_ = minted(m, gross, C, D, S, call)
    c = fair + m.pick(f"grain{call}", g, 0)
    d = part - m.min(f"least{call}", part, g)
    m.given(lost <= g, more <= g)
    more = m.either(d > 0, more, 0)
    m.step(c - lost >= fair)
    m.step(d + more <= part)
    m.step((c - lost) * S >= fair * S)
    m.step((d + more) * S <= part * S)
    return c, d, c - lost, d + more


def redeemed_coarsely(m, net, C, D, S, g, lost, left, call=""):
    """The same for shares after the fee: debt in, collateral out.

    So much of the debt stays and so much more collateral goes, but nothing of all the debt, and
    none where none is taken.
    """
    fair, part, *_ = redeemed(m, net, C, D, S, call)
    most = m.max(f"most{call}", fair, D)
    d = m.min(f"all{call}", fair + m.pick(f"grain{call}", g, 0), most)
    c = part - m.min(f"least{call}", part, g)
    m.given(lost <= g, left <= g)
    lost, left = m.either(c > 0, lost, 0), m.either(d < D, left, 0)
    m.step(c + lost <= part)
    m.step((c + lost) * S <= part * S)
    m.step(m.either(d < D, d - left >= fair, d - left == D))
    m.step(D * net <= D * S)
    m.step(m.either(d < D, (d - left) * S >= fair * S, (d - left) * S >= D * net))
    return d, c, d - left, c + lost


@lemma("I-M1", of="LeveragedToken._mint_legs", twins="collateral debt least grain", S=3, g=2)
def mint_legs_are_exact_to_a_unit(m, gross, C, D, S, g):
    """Against the minter, by the venue's grain and less than one unit of each; none below none."""
    m.given(gross > 0, C > 0)
    c, d, *_ = minted_coarsely(m, gross, C, D, S, g, 0, 0)

    m.step(m.either(d > 0, (d + g) * S <= D * gross, True))
    m.hold((c - g) * S >= C * gross, (c - g - 1) * S < C * gross)
    m.hold(d >= 0, m.either(d > 0, (d + g) * S <= D * gross, True))
    m.hold((d + g + 1) * S > D * gross)
    m.model((c, d), lambda: token.mint_legs(gross, 0, C, D, S, g)[1:])


@lemma("I-M1", of="LeveragedToken._redeem_legs", twins="collateral debt all least grain", S=3, g=2)
def redeem_legs_are_exact_to_a_unit(m, net, C, D, S, g):
    """Against the redeemer, by the grain and less than one unit of each; no more than is there."""
    m.given(net > 0, net <= S)
    d, c, *_ = redeemed_coarsely(m, net, C, D, S, g, 0, 0)

    m.step(C * net <= C * S)
    m.hold(m.either(d < D, (d - g) * S >= D * net, d == D), (d - g - 1) * S < D * net)
    m.hold(c >= 0, m.either(c > 0, (c + g) * S <= C * net, True), (c + g + 1) * S > C * net)
    m.hold(d <= D, c <= C)
    m.model((d, c), lambda: token.redeem_legs(net, 0, C, D, S, g)[1:])


@lemma("I-M2 T-W2", of="LeveragedToken._mint_legs", twins="collateral debt grain", S=3)
def mint_keeps_what_backs_a_share(m, gross, C, D, S, g, lost, more):
    """Collateral per share does not fall and debt per share does not rise, whatever the venue loses
    within its grain."""
    _, _, came, went = minted_coarsely(m, gross, C, D, S, g, lost, more)
    C1, D1, S1 = C + came, D + went, S + gross

    m.hold(C1 * S >= C * S1, D1 * S <= D * S1)


@lemma("I-M2 T-W2", of="LeveragedToken._redeem_legs", twins="collateral debt grain", S=3)
def redeem_keeps_what_backs_a_share(m, net, C, D, S, g, lost, left):
    """Collateral per share does not fall and debt per share does not rise, whatever the venue loses
    within its grain."""
    m.given(net <= S)
    _, _, came, went = redeemed_coarsely(m, net, C, D, S, g, lost, left)
    C1, D1, S1 = C - went, D - came, S - net

    m.hold(C1 * S >= C * S1, D1 * S <= D * S1)


@lemma("I-M3 T-W2", of="LeveragedToken._mint_legs", twins="collateral debt grain", S=3, P=SCALE)
def mint_keeps_the_nav_of_a_share(m, gross, C, D, S, P, g, lost, more):
    """Whatever the true price: it is a sum of the two per share of I-M2."""
    _, _, came, went = minted_coarsely(m, gross, C, D, S, g, lost, more)
    C1, D1, S1 = C + came, D + went, S + gross

    m.step(C1 * S - C * S1 >= 0)
    m.step(D * S1 - D1 * S >= 0)
    m.step((C1 * S - C * S1) * P >= 0)
    m.hold((C1 * P - D1 * SCALE) * S >= (C * P - D * SCALE) * S1)


@lemma("I-M3 T-W2", of="LeveragedToken._redeem_legs", twins="collateral debt grain", S=3, P=SCALE)
def redeem_keeps_the_nav_of_a_share(m, net, C, D, S, P, g, lost, left):
    """Whatever the true price: it is a sum of the two per share of I-M2."""
    m.given(net <= S)
    _, _, came, went = redeemed_coarsely(m, net, C, D, S, g, lost, left)
    C1, D1, S1 = C - went, D - came, S - net

    m.step(C1 * S - C * S1 >= 0)
    m.step(D * S1 - D1 * S >= 0)
    m.step((C1 * S - C * S1) * P >= 0)
    m.hold((C1 * P - D1 * SCALE) * S >= (C * P - D * SCALE) * S1)


@lemma("I-M4", of="LeveragedToken._mint_legs", twins="collateral debt grain", S=3)
def mint_keeps_leverage_or_lowers_it_by_a_unit(m, gross, C, D, S, g, lost, more):
    """D / C falls by the two roundings, each of less than a unit and the grain, and by no more."""
    _, _, came, went = minted_coarsely(m, gross, C, D, S, g, lost, more)
    m.given(C > 0)
    came, went = m.name("came", came), m.name("went", went)
    C1, D1 = C + came, D + went

    m.step(came * S >= C * gross)
    m.step(came * S < C * gross + (1 + g) * S)
    m.step(went * S <= D * gross)
    m.step(went * S > D * gross - (1 + g) * S)
    m.step(D * (came * S) >= D * (C * gross))
    m.step(D * (came * S) <= D * (C * gross + (1 + g) * S))
    m.step(C * (went * S) <= C * (D * gross))
    m.step(C * (went * S) < C * (D * gross) + C * S)
    m.step(C * (went * S) > C * (D * gross - (1 + g) * S))
    m.step((D * came - went * C) * S >= 0)
    m.step((D * came - went * C) * S < (D + C) * (1 + g) * S)
    fell = D * C1 - D1 * C
    m.hold(fell >= 0, fell < (C + D) * (1 + g))


@lemma(
    "I-M4",
    of="LeveragedToken._redeem_legs",
    twins="collateral debt grain",
    S=3,
    pins={"collateral": {"C": 1, "D": 2, "g": 0}, "debt": {"C": 3, "D": 2, "g": 0}},
)
def redeem_keeps_leverage_or_lowers_it_by_a_unit(m, net, C, D, S, g, lost, left):
    """D / C falls by the two roundings, each of less than a unit and the grain, and by no more."""
    m.given(C > 0, net <= S)
    _, _, came, went = redeemed_coarsely(m, net, C, D, S, g, lost, left)
    came, went = m.name("came", came), m.name("went", went)
    C1, D1 = C - went, D - came

    m.step(came * S >= D * net)
    m.step(came * S < D * net + (1 + g) * S)
    m.step(went * S <= C * net)
    m.step(went * S > C * net - (1 + g) * S)
    m.step(C * (came * S) >= C * (D * net))
    m.step(C * (came * S) < C * (D * net + (1 + g) * S))
    m.step(D * (went * S) <= D * (C * net))
    m.step(D * (went * S) >= D * (C * net - (1 + g) * S))
    m.step((C * came - D * went) * S >= 0)
    m.step((C * came - D * went) * S < (D + C) * (1 + g) * S)
    fell = D * C1 - D1 * C
    m.hold(fell >= 0, fell < (C + D) * (1 + g))


@lemma(
    "I-M5",
    of="LeveragedToken._mint_legs LeveragedToken._redeem_legs",
    twins="collateral debt",
    S=3,
    g=0,
)
def mint_then_redeem_without_a_fee_gains_nothing(m, shares, C, D, S, g, lost: Signed, more: Signed):
    """The second call finds at least as much collateral a share, and at most as much debt.

    Either call's rounding would do: the twins turn those of both. The venue may also round the
    first in our favour, by up to its grain: that belongs to all, and the caller has paid as much.
    """
    c, d, *_ = minted_coarsely(m, shares, C, D, S, g, 0, 0)
    m.given(-g <= lost, lost <= g, -g <= more, more <= g)
    C1, D1, S1 = C + c - lost, D + m.either(d > 0, d + more, 0), S + shares
    m.given(D1 >= 0)
    repaid, taken, *_ = redeemed_coarsely(m, shares, C1, D1, S1, g, 0, 0)

    m.step(C * shares <= (c - g) * S)
    m.step((c - lost) * shares <= (c + g) * shares)
    m.step(g * shares >= 0)
    m.step(g * S >= 0)
    m.step(C1 * shares <= (c + g) * S1)
    m.step(m.either(d > 0, (d + g) * S <= D * shares, True))
    m.step((d + more) * shares >= (d - g) * shares)
    m.step(m.either(d > 0, D1 * shares >= (d - g) * S1, True))
    m.hold(taken <= c, m.either(repaid < D1, repaid >= d, repaid == D1))


@lemma(
    "I-M5",
    of="LeveragedToken._mint_legs LeveragedToken._redeem_legs",
    twins="units",
    S=3,
)
def mint_then_redeem_loses_the_fees_and_two_units(m, gross, net, C, D, S):
    """Of collateral: what the fee shares of both calls stand for, and a unit for each rounding."""
    m.given(net <= gross)
    c, _, C1, D1, S1 = minted(m, gross, C, D, S)
    _, taken, *_ = redeemed(m, net, C1, D1, S1)
    fees = gross - net

    m.step((c - 1) * S1 <= C1 * gross)
    m.hold((c - taken) * S1 <= C1 * fees + m.pick("units", 2, 1) * S1)


@lemma(
    "I-M6", of="LeveragedToken._mint_legs", twins="collateral1 collateral2 debt1 debt2 grain1", S=3
)
def mint_in_two_parts_is_no_cheaper(m, first, second, C, D, S, g, lost, more):
    """The second part meets a share that is backed by no less and owes no more."""
    c1, d1, came, went = minted_coarsely(m, first, C, D, S, g, lost, more, call="1")
    C1, D1, S1 = C + came, D + went, S + first
    c2, d2, *_ = minted_coarsely(m, second, C1, D1, S1, g, 0, 0, call="2")
    c, d, *_ = minted_coarsely(m, first + second, C, D, S, g, 0, 0)

    m.step(came * S >= C * first)
    m.step(C1 * S >= C * S1)
    m.step(D1 * S <= D * S1)
    m.step((came * S1 + C1 * second) * S >= C * (first + second) * S1)
    m.step((went * S1 + D1 * second) * S <= D * (first + second) * S1)
    m.hold(c1 + c2 >= c, d1 + d2 <= d)


@lemma("I-M6", of="LeveragedToken._redeem_legs", twins="collateral1 collateral2 debt1 debt2")
def redeem_in_two_parts_pays_no_more(m, first, second, C, D, S):
    """What the first part leaves behind by rounding, the second gets only a part of."""
    m.given(first + second < S)
    d1, c1, C1, D1, S1 = redeemed(m, first, C, D, S, call="1")
    d2, c2, *_ = redeemed(m, second, C1, D1, S1, call="2")
    d, c, *_ = redeemed(m, first + second, C, D, S)

    m.hold(c1 + c2 <= c, d1 + d2 >= d)


@lemma("I-M6", of="LeveragedToken._mint_legs", twins="gross1", f=WAD // 1000)
def mint_fee_of_two_parts_is_no_less(m, first, second, f):
    """The shares that are paid for are rounded up in each."""
    m.given(f < WAD)
    gross1 = m.ceil("gross1", first * WAD, WAD - f)
    gross2 = m.ceil("gross2", second * WAD, WAD - f)
    gross = m.ceil("gross", (first + second) * WAD, WAD - f)

    m.hold(gross1 - first + gross2 - second >= gross - first - second)


@lemma("I-M6 T-M7", of="LeveragedToken._redeem_legs", twins="fee1", f=WAD // 1000)
def redeem_fee_of_two_parts_is_no_less(m, first, second, f):
    """Each is rounded up."""
    fee1 = m.ceil("fee1", first * f, WAD)
    fee2 = m.ceil("fee2", second * f, WAD)
    fee = m.ceil("fee", (first + second) * f, WAD)

    m.hold(fee1 + fee2 >= fee)


@lemma("I-M8", of="LeveragedToken._mint_legs", twins="collateral", S=3, f=0)
def mint_is_never_free(m, shares, f, C, S):
    """Any share costs at least one unit of collateral."""
    m.given(shares > 0, C > 0, f < WAD)
    gross = m.ceil("gross", shares * WAD, WAD - f)
    c = m.ceil("collateral", C * gross, S)

    m.step(gross > 0)
    m.step(C * gross > 0)
    m.hold(c >= 1)


@lemma("T-M3", of="LeveragedToken._redeem_legs", twins="debt", S=3)
def redeem_of_dust_repays_something(m, net, C, D, S):
    """Where there is debt, no share that leaves leaves its debt behind."""
    m.given(net > 0, D > 0, net <= S)
    d, *_ = redeemed(m, net, C, D, S)

    m.step(D * net > 0)
    m.hold(d >= 1)


@lemma("I-F1", of="LeveragedToken._mint_legs", twins="gross", f=WAD // 1000)
def mint_fee_is_exact_to_a_unit(m, shares, f):
    """At least its part of what is paid for, and by less than one above."""
    m.given(f < WAD)
    gross = m.ceil("gross", shares * WAD, WAD - f)
    fee = gross - shares

    m.hold(f * gross <= WAD * fee, WAD * fee < f * gross + WAD)
    m.model(fee, lambda: token.mint_legs(shares, f, 1, 0, 1, 0)[0])


@lemma("I-F1", of="LeveragedToken._redeem_legs", twins="fee", f=WAD // 1000)
def redeem_fee_is_exact_to_a_unit(m, shares, f):
    """At least its part of what is given up, and by less than one above."""
    fee = m.ceil("fee", shares * f, WAD)
    m.given(shares > 0)

    m.hold(f * shares <= WAD * fee, WAD * fee < f * shares + WAD)
    m.model(fee, lambda: token.redeem_legs(shares, f, 0, 0, 1, 0)[0])


@lemma("T-M7", of="LeveragedToken._mint_legs LeveragedToken._redeem_legs", twins="gross fee", f=1)
def fee_of_one_share_is_one_share(m, shares, f):
    """So splitting into dust evades nothing."""
    m.given(shares > 0, f > 0, f < WAD)
    gross = m.ceil("gross", shares * WAD, WAD - f)
    fee = m.ceil("fee", shares * f, WAD)

    m.step(gross * (WAD - f) >= shares * WAD)
    m.step(shares * f > 0)
    m.step(gross * f > 0)
    m.hold(gross - shares >= 1, fee >= 1)


@lemma("the cap holds", of="LeveragedToken._room", twins="taken")
def mint_within_the_room_keeps_the_cap(m, cap, supply):
    """A supply that fees have brought beyond the cap leaves no room, and no underflow."""
    room = cap - m.min("taken", cap, supply)

    m.hold(room >= 0, m.either(supply <= cap, supply + room == cap, room == 0))


@lemma("the limit holds", of="LeveragedToken._within", twins="least", brings=2, most=3)
def fill_within_the_limit_pays_the_takers_price(m, brings, least, most, more):
    """What the taker gets for each unit is no less than `least` for `most`."""
    needed = m.ceil("least", least * brings, most)
    takes = needed + more

    m.hold(takes * most >= least * brings)
    m.model(True, token._within, takes, brings, least, most)


@lemma(
    "a quote gains nothing",
    of="LeveragedToken.convertToAssets LeveragedToken.convertToShares",
    twins="shares",
)
def convert_there_and_back_gains_nothing(m, assets, nav, S):
    """Both round down."""
    shares = m.floor("shares", assets * S, nav)
    out = m.floor("out", shares * nav, S)

    m.step(out * S <= assets * S)
    m.hold(out <= assets)


@lemma("the venue has it", of="LeveragedToken.maxMint", twins="gross shares most", f=WAD // 1000)
def max_mint_takes_no_more_than_the_venue_has(m, liquidity, room, f, D, S):
    """Its fee, rounded up again, pays for no more shares than the venue has debt for."""
    m.given(f < WAD, D > 0)
    gross = m.floor("gross", liquidity * S, D)
    shares = m.min("most", room, m.floor("shares", gross * (WAD - f), WAD))
    paid = m.ceil("paid", shares * WAD, WAD - f)
    debt = m.floor("debt", D * paid, S)

    m.step(shares * WAD <= gross * (WAD - f))
    m.step((paid - 1) * (WAD - f) < gross * (WAD - f))
    m.step(paid <= gross)
    m.step(D * paid <= D * gross)
    m.step(D * paid <= liquidity * S)
    m.hold(debt <= liquidity, shares <= room)


# What a position is geared at


@lemma("rounds down", of="leverage_math._leverage", twins="gearing", C=5, P=SCALE, value=5)
def leverage_is_exact_to_a_unit(m, C, D, P):
    """Of the rounded value; a solvent position is geared at one or more, so a short one at zero."""
    value = m.floor("value", C * P, SCALE)
    m.given(value > D)
    gearing = m.floor("gearing", value * WAD, value - D)

    m.hold(gearing * (value - D) <= value * WAD, (gearing + 1) * (value - D) > value * WAD)
    m.hold(gearing >= WAD)
    m.model(gearing, leverage_math.leverage, C, D, P, True)
    m.model(gearing - WAD, leverage_math.leverage, C, D, P, False)


@lemma("I-A9", of="leverage_math._leverage", twins="value", P=SCALE // 3, D=1)
def leverage_is_never_understated_by_a_unit(m, C, D, P):
    """The value is rounded down, so the emergency lane opens no later than it should.

    gearing + 1 > value / (value - D), which is the larger the smaller the value.
    """
    value = m.floor("value", C * P, SCALE)
    m.given(value > D)
    gearing = m.floor("gearing", value * WAD, value - D)
    m.step(gearing >= WAD)

    over = C * P - value * SCALE
    m.step((gearing + 1) * over >= WAD * over)
    m.hold((gearing + 1) * (C * P - D * SCALE) > WAD * C * P)


@lemma("I-A3", of="leverage_math._leverage", twins="less", value=5)
def leverage_rises_with_debt(m, value, D, repaid):
    """Rounding does not turn the order of two positions around: less debt is no more leverage."""
    m.given(repaid <= D, value > D)
    more = m.floor("more", value * WAD, value - D)
    less = m.floor("less", value * WAD, value - D + repaid)

    m.step(less * (value - D) <= value * WAD)
    m.step(less * (value - D) < (more + 1) * (value - D))
    m.hold(less <= more)


@lemma("rounds down", of="leverage_math._assets", twins="value owed left", P=SCALE // 3)
def assets_are_never_overstated(m, C, D, P):
    """In debt units for a long token, in collateral units for a short one; by less than a unit."""
    value = m.floor("value", C * P, SCALE)
    long = value - m.min("left", value, D)
    owed = m.ceil("owed", D * SCALE, P)
    short = C - m.min("left", C, owed)
    exact = C * P - D * SCALE

    m.hold(m.either(exact >= 0, long * SCALE <= exact, long == 0), (long + 1) * SCALE > exact)
    m.hold(m.either(exact >= 0, short * P <= exact, short == 0), (short + 1) * P > exact)
    m.model(long, leverage_math.assets, C, D, P, True)
    m.model(short, leverage_math.assets, C, D, P, False)


# What a taker pays


def lever_payment(m, d, P, p):
    """Collateral that `d` of debt costs below target, as the contract prices it."""
    m.given(WAD + p > 0)
    deal = m.floor("deal", P * (WAD + p), WAD)
    c = m.ceil("payment", d * SCALE, deal)

    m.step(c * deal * WAD <= c * (P * (WAD + p)))
    m.step(c * P * (WAD + p) >= d * SCALE * WAD)
    m.model(deal, leverage_math.lever_price, P, p)
    return c, deal


def delever_payment(m, most, P, p):
    """Debt brought for collateral taken above target, for which `most` would be paid."""
    m.given(WAD + p > 0)
    deal = m.ceil("deal", P * WAD, WAD + p)
    c = m.floor("proceeds", most * SCALE, deal)
    x = m.ceil("payment", c * deal, SCALE)

    m.step(x <= most)
    m.step(c * (P * WAD) <= c * deal * (WAD + p))
    m.step(c * deal * (WAD + p) <= x * SCALE * (WAD + p))
    m.step(c * P * WAD <= x * SCALE * (WAD + p))
    m.model(deal, leverage_math.delever_price, P, p)
    m.model((x, c), leverage_math.delever_legs, most, most, deal)
    return x, c, deal


@lemma(
    "I-A4",
    of="leverage_math._lever_price leverage_math._lever_legs",
    twins="deal payment",
    P=2 * SCALE + 1,
    pins={"deal": {"p": 1}},
)
def lever_costs_holders_the_premium_at_most(m, d, P, p: Signed):
    """NAV falls by d - c * P, which is at most p of what is brought: nothing, if p is negative."""
    c, _ = lever_payment(m, d, P, p)

    m.hold((d * SCALE - c * P) * WAD <= c * P * p)
    m.hold(m.either(p <= 0, c * P >= d * SCALE, True))


@lemma(
    "I-A4",
    of="leverage_math._delever_price leverage_math._delever_legs",
    twins="deal payment",
    P=2 * SCALE + 1,
    pins={"deal": {"p": 3}},
)
def delever_costs_holders_the_premium_at_most(m, most, P, p: Signed):
    """NAV falls by c * P - x, which is at most p of what is brought: nothing, if p is negative."""
    x, c, _ = delever_payment(m, most, P, p)

    m.hold((c * P - x * SCALE) * WAD <= x * SCALE * p)
    m.hold(m.either(p <= 0, c * P <= x * SCALE, True))


@lemma("I-A5", of="leverage_math._lever_legs", twins="full part payment", deal=2 * SCALE // 3)
def lever_legs_keep_every_bound(m, max_collateral, most_debt, deal):
    """What is paid covers what is taken, and neither is more than was offered or is open."""
    full = m.ceil("full", most_debt * SCALE, deal)
    part = m.floor("part", max_collateral * deal, SCALE)
    paid = m.ceil("payment", part * SCALE, deal)
    less = max_collateral < full
    c, d = m.either(less, paid, full), m.either(less, part, most_debt)

    m.step(m.either(less, max_collateral * deal <= (full - 1) * deal, True))
    m.step(m.either(less, part * SCALE < most_debt * SCALE, True))
    m.hold(c <= max_collateral, d <= most_debt, c * deal >= d * SCALE)
    m.hold(m.either(d > 0, c > 0, True))
    m.model((c, d), leverage_math.lever_legs, max_collateral, most_debt, deal)


@lemma(
    "I-A5",
    of="leverage_math._delever_legs LeveragedToken.fill_delever",
    twins="open proceeds payment",
    deal=2 * SCALE // 3,
)
def delever_legs_keep_every_bound(m, max_debt, most_debt, deal):
    """What is paid covers what is taken, and is no more than was offered or is open.

    The day's parcel is charged with the smaller of those two, so with no less than what is paid.
    """
    charged = m.min("open", max_debt, most_debt)
    c = m.floor("proceeds", charged * SCALE, deal)
    x = m.ceil("payment", c * deal, SCALE)

    m.step(m.either(c > 0, c * deal > 0, True))
    m.hold(x <= charged, x <= max_debt, x <= most_debt, x * SCALE >= c * deal)
    m.hold(m.either(c > 0, x > 0, True))
    m.model((x, c), leverage_math.delever_legs, max_debt, most_debt, deal)


@lemma("I-A5", of="LeveragedToken._lever_legs", twins="offered grain", deal=2 * SCALE // 3, g=5)
def lever_legs_with_the_grain_keep_every_bound(m, max_collateral, most_debt, deal, g):
    """The taker brings the grain on top and takes it off, still within its offer: or all is none.

    So the day's parcel is charged with what the venue may have lent at the most.
    """
    most = m.pick("offered", max_collateral - m.min("left", max_collateral, g), max_collateral)
    full = m.ceil("full", most_debt * SCALE, deal)
    part = m.floor("part", most * deal, SCALE)
    paid = m.ceil("payment", part * SCALE, deal)
    less = most < full
    b, t = m.either(less, paid, full), m.either(less, part, most_debt)
    is_more = m.pick("grain", t > g, t > 0)
    c, d = m.either(is_more, b + g, 0), m.either(is_more, t - g, 0)

    m.step(m.either(less, most * deal <= (full - 1) * deal, True))
    m.step(m.either(less, part * SCALE < most_debt * SCALE, True))
    m.step(b <= most)
    m.step(m.either(t > 0, b > 0, True))
    m.hold(d >= 0, c <= max_collateral, m.either(d > 0, d + g <= most_debt, c == 0))
    offer = token.Offer(levering=True, open=most_debt, price=deal)
    m.model((c, d), token._fill_legs, max_collateral, offer, g)


@lemma(
    "I-A5",
    of="LeveragedToken._delever_legs LeveragedToken.fill_delever",
    twins="offered grain parcel",
    deal=2 * SCALE // 3,
    g=5,
)
def delever_legs_with_the_grain_keep_every_bound(m, max_debt, most_debt, deal, g):
    """The same; the day's parcel is charged with no more than is open, and no less than is paid but
    for the grain."""
    most = m.pick("offered", max_debt - m.min("left", max_debt, g), max_debt)
    b, t = (
        m.min("open", most, most_debt),
        m.floor("proceeds", m.min("open", most, most_debt) * SCALE, deal),
    )
    x = m.ceil("payment", t * deal, SCALE)
    is_more = m.pick("grain", t > g, t > 0)
    d, c = m.either(is_more, x + g, 0), m.either(is_more, t - g, 0)
    charged = m.min("parcel", max_debt, most_debt)

    m.step(t * deal <= b * SCALE)
    m.step(x <= b)
    m.step(m.either(t > 0, t * deal > 0, True))
    m.step(m.either(t > 0, x > 0, True))
    m.hold(c >= 0, d <= max_debt, m.either(c > 0, d <= charged + g, d == 0), charged <= most_debt)
    offer = token.Offer(levering=False, open=most_debt, price=deal)
    m.model((d, c), token._fill_legs, max_debt, offer, g)


@lemma(
    "I-A4 T-W2",
    of="LeveragedToken._lever_legs",
    twins="payment brought taken",
    P=2 * SCALE + 1,
    p=0,
    g=3,
)
def lever_on_a_coarse_venue_costs_the_premium_at_most(m, t, P, p: Signed, g, lost, more):
    """Of what is brought beside the grain, whatever the venue loses within it."""
    m.given(t > g, lost <= g, more <= g)
    b, _ = lever_payment(m, t, P, p)
    came = b + m.pick("brought", g, 0) - lost
    went = t - m.pick("taken", g, 0) + more

    m.step((came - b) * P >= 0)
    m.hold((went * SCALE - came * P) * WAD <= b * P * p)


@lemma(
    "I-A4 T-W2",
    of="LeveragedToken._delever_legs",
    twins="payment brought taken",
    P=2 * SCALE // 3,
    p=0,
    g=3,
)
def delever_on_a_coarse_venue_costs_the_premium_at_most(m, most, P, p: Signed, g, lost, left):
    """Of what is brought beside the grain, whatever the venue loses within it."""
    x, t, _ = delever_payment(m, most, P, p)
    m.given(t > g, lost <= g, left <= g)
    came = x + m.pick("brought", g, 0) - left
    went = t - m.pick("taken", g, 0) + lost

    m.step((t - went) * P >= 0)
    m.hold((went * P - came * SCALE) * WAD <= x * SCALE * p)


@lemma("I-A2", of="LeveragedToken._lever_legs", twins="brought taken", P=SCALE, G=3 * WAD)
def lever_on_a_coarse_venue_never_passes_the_target(m, b, t, C, D, P, G, g, lost, more):
    """Where b against t does not: V1 <= G * NAV1."""
    m.given(G >= WAD, t > g, lost <= g, more <= g)
    m.given((G - WAD) * (C + b) * P >= G * (D + t) * SCALE)
    came = b + m.pick("brought", g, 0) - lost
    went = t - m.pick("taken", g, 0) + more

    m.step((G - WAD) * P >= 0)
    m.step((G - WAD) * P * (came - b) >= 0)
    m.step(G * (t - went) >= 0)
    m.hold((G - WAD) * (C + came) * P >= G * (D + went) * SCALE)


@lemma(
    "I-A2",
    of="LeveragedToken._delever_legs",
    twins="grain",
    P=SCALE,
    G=3 * WAD,
    C=10,
    D=8,
    x=4,
    t=4,
    g=1,
)
def delever_on_a_coarse_venue_passes_the_target_by_the_grain(m, x, t, C, D, P, G, g, lost, left):
    """Where x against t does not, then at most by what the taker overpays.

    V1 >= G * (NAV1 - g * P - g)
    """
    m.given(G >= WAD, t > g, t <= C, x <= D, lost <= g, left <= g)
    m.given((G - WAD) * (C - t) * P <= G * (D - x) * SCALE)
    came, went = x + g - left, t - g + lost
    overpaid = m.pick("grain", g, 0)

    m.step((G - WAD) * P >= 0)
    m.step((G - WAD) * P * (t - went) <= (G - WAD) * P * g)
    m.step(WAD * P * g >= 0)
    m.step(G * (came - x) <= G * g)
    nav = (C - went) * P - (D - came) * SCALE
    m.hold((C - went) * P * WAD >= G * (nav - overpaid * P - overpaid * SCALE))


@lemma("I-A6", of="leverage_math._lever_legs", twins="first second", deal=3 * SCALE)
def lever_in_two_fills_pays_no_less(m, a, b, deal):
    """For as much debt."""
    first = m.ceil("first", a * SCALE, deal)
    second = m.ceil("second", b * SCALE, deal)
    both = m.ceil("both", (a + b) * SCALE, deal)

    m.step((first + second) * deal >= (a + b) * SCALE)
    m.hold(first + second >= both)


@lemma(
    "I-A6", of="leverage_math._delever_legs", twins="taken1 taken2 paid1 paid2", deal=3 * SCALE + 1
)
def delever_in_two_fills_takes_no_more(m, a, b, deal):
    """For as much debt; and for as much collateral, it pays no less."""
    taken1 = m.floor("taken1", a * SCALE, deal)
    taken2 = m.floor("taken2", b * SCALE, deal)
    taken = m.floor("taken", (a + b) * SCALE, deal)
    paid1 = m.ceil("paid1", a * deal, SCALE)
    paid2 = m.ceil("paid2", b * deal, SCALE)
    paid = m.ceil("paid", (a + b) * deal, SCALE)

    m.step((taken1 + taken2) * deal <= (a + b) * SCALE)
    m.hold(taken1 + taken2 <= taken, paid1 + paid2 >= paid)


# How much may be filled


def most_lever(m, C, D, P, G, p):
    """The most debt that a taker may take, as the contract has it, and the gap it is made of."""
    m.given(WAD + p > 0, G >= WAD)
    value = m.floor("value", C * P, SCALE)
    gap = (G - WAD) * value - G * D
    gap = m.either(gap > 0, gap, 0)
    most = m.floor("most", gap * (WAD + p), WAD * WAD + G * p)
    m.step((G - WAD) * (value * SCALE) <= (G - WAD) * (C * P))
    m.model(most, leverage_math.most_lever, C, D, P, G, p)
    return most, gap


def most_delever(m, C, D, P, G, p):
    """The most debt that a taker may bring, as the contract has it, and the gap it is made of."""
    m.given(WAD + p > 0, G >= WAD)
    value = m.ceil("value", C * P, SCALE)
    gap = G * D - (G - WAD) * value - m.pick("slack", 2 * G, 0)
    solvent = m.pick("solvent", (value - D) * (WAD + p) > value * p, True)
    gap = m.either(solvent, m.either(gap > 0, gap, 0), 0)
    most = m.floor("most", gap * WAD, WAD * (WAD + p) - G * p)
    m.step((G - WAD) * (value * SCALE) >= (G - WAD) * (C * P))
    m.model(most, leverage_math.most_delever, C, D, P, G, p)
    return most, gap


@lemma(
    "I-A2",
    of="leverage_math._most_lever leverage_math._lever_price leverage_math._lever_legs",
    twins="value most deal payment",
    G=3 * WAD,
    pins={
        "value": {"P": SCALE - 1, "p": 0},
        "most": {"P": SCALE, "p": WAD // 100},
        "deal": {"P": 5, "p": WAD // 10, "D": 0},
        "payment": {"P": 3 * SCALE, "p": 0},
    },
)
def lever_never_passes_the_target(m, asked, C, D, P, G, p: Signed):
    """V1 <= G * NAV1 for the exact value, to the unit, whatever part of the most is filled.

    Of a fill of d against collateral worth y: (1 + p) * y >= d and (1 + G * p) * d <= (1 + p) * gap
    add up to (G - 1) * y - G * d >= -gap.
    """
    most, gap = most_lever(m, C, D, P, G, p)
    d = m.either(asked < most, asked, most)
    c, _ = lever_payment(m, d, P, p)

    m.step(m.either(d > 0, gap * SCALE <= (G - WAD) * (C * P) - G * D * SCALE, True))
    m.step(d * (WAD * WAD + G * p) <= gap * (WAD + p))
    m.step((G - WAD) * (c * P * (WAD + p)) >= (G - WAD) * (d * SCALE * WAD))
    exact = (G - WAD) * (C * P) - G * D * SCALE
    m.step(m.either(d > 0, (WAD + p) * (gap * SCALE) <= (WAD + p) * exact, True))
    after = (G - WAD) * (C + c) * P - G * (D + d) * SCALE
    m.step(m.either(d > 0, (WAD + p) * after >= 0, True))
    m.hold(m.either(d > 0, after >= 0, True))


@lemma(
    "I-A2",
    of="leverage_math._most_delever leverage_math._delever_price leverage_math._delever_legs",
    twins="value slack",
    # where both units are used up: the deal's price is nearly one above the exact one
    P=99 * SCALE // 10_000 * 1001 - 1,
    p=WAD // 1000,
    G=10 * WAD,
    C=10 * SCALE + 1,
)
def delever_never_passes_the_target(m, asked, C, D, P, G, p: Signed):
    """V1 >= G * NAV1 for the exact value, to the unit, whatever part of the most is filled.

    A payment is up to two units above what the collateral is worth at the exact price: one for the
    price of up to 1e36 units, one of its own. So the most is that for a NAV of two units more.
    """
    most, gap = most_delever(m, C, D, P, G, p)
    x, c, deal = delever_payment(m, m.either(asked < most, asked, most), P, p)
    m.given(c <= SCALE)

    exact = G * D * SCALE - (G - WAD) * (C * P)
    m.step(m.either(c > 0, gap * SCALE <= exact - 2 * G * SCALE, True))
    m.step(x * (WAD * (WAD + p) - G * p) <= gap * WAD)
    m.step(c * (deal * (WAD + p)) <= c * (P * WAD + WAD + p))
    m.step(c * (WAD + p) <= SCALE * (WAD + p))
    m.step((WAD + p) * ((x - 1) * SCALE) <= (WAD + p) * (c * deal))
    m.step((WAD + p) * (x - 2) * SCALE <= c * P * WAD)
    m.step((G - WAD) * ((WAD + p) * (x - 2) * SCALE) <= (G - WAD) * (c * P * WAD))
    after = G * (D - x) * SCALE - (G - WAD) * (C - c) * P
    m.step(m.either(c > 0, WAD * after >= 0, True))
    m.hold(m.either(c > 0, after >= 0, True))


@lemma("I-A3", of="leverage_math._lever_legs", twins="worth", P=SCALE)
def lever_raises_gearing(m, c, d, C, D, P):
    """Unless what is brought is worth so much more than d that D / V falls: a gift to the holders.

    V1 / NAV1 > V / NAV is d * V > D * (worth of c): NAV rises by less than its part of V.
    """
    V = C * P
    V1, D1 = V + c * P, D + d
    m.given(V > D * SCALE, V1 > D1 * SCALE)
    enough = m.pick("worth", d * V > D * (c * P), d > 0)

    m.hold(m.either(enough, V1 * (V - D * SCALE) > V * (V1 - D1 * SCALE), True))


@lemma(
    "I-A3",
    of="leverage_math._most_delever leverage_math._delever_price leverage_math._delever_legs",
    twins="deal payment",
    pins={"deal": {"P": 5, "p": WAD // 10}, "payment": {"P": 2 * SCALE // 3, "p": 0}},
)
def delever_lowers_gearing(m, asked, C, D, P, p: Signed):
    """V1 / NAV1 < V / NAV is D * (worth of c) < x * V, and c is worth at most (1 + p) * x.

    That D * (1 + p) is less than V is what `_most_delever` asks for, of a value rounded up; of the
    exact value it is given here.
    """
    x, c, _ = delever_payment(m, asked, P, p)
    m.given(D * SCALE * (WAD + p) < C * P * WAD)
    V, V1 = C * P, (C - c) * P

    m.step(m.either(x > 0, x * (D * SCALE * (WAD + p)) < x * (C * P * WAD), True))
    m.step(D * (c * P * WAD) <= D * (x * SCALE * (WAD + p)))
    m.step(m.either(x > 0, D * (c * P) < x * (C * P), True))
    m.hold(m.either(x > 0, V * (V1 - (D - x) * SCALE) > V1 * (V - D * SCALE), True))


def lever_loss(m, asked, C, D, P, G, p):
    """What NAV falls by, times `divisor`, is at most p of the gap. Both are scaled by SCALE."""
    most, gap = most_lever(m, C, D, P, G, p)
    d = m.either(asked < most, asked, most)
    c, _ = lever_payment(m, d, P, p)
    loss = m.name("loss", d * SCALE - c * P)
    divisor = m.name("divisor", WAD * WAD + G * p)
    more = m.name("more", WAD + p)

    m.step(more > 0)
    m.step(divisor > 0)
    filled = d * divisor <= gap * more
    m.step(filled)
    priced = loss * more <= p * d * SCALE
    m.step(priced)
    a = divisor * (loss * more) <= divisor * (p * d * SCALE)
    m.step(a, priced, divisor > 0)
    b = p * SCALE * (d * divisor) <= p * SCALE * (gap * more)
    m.step(b, filled, p >= 0)
    both = more * (loss * divisor) <= more * (p * SCALE * gap)
    m.step(both, a, b)
    m.step(loss * divisor <= p * SCALE * gap, both, more > 0)
    return loss, divisor, gap


@lemma(
    "I-A4",
    of="leverage_math._most_lever leverage_math._lever_price leverage_math._lever_legs",
    twins="most deal",
    G=3 * WAD,
    p=WAD // 100,
    pins={"most": {"P": 5 * SCALE // 1000}, "deal": {"P": 5, "p": WAD // 10, "D": 0}},
)
def lever_costs_a_day_no_more_than_its_gap(m, asked, C, D, P, G, p):
    """All fills of a gap together cost at most p * gap / (1 + G * p), in exact numbers."""
    loss, divisor, gap = lever_loss(m, asked, C, D, P, G, p)

    m.hold(loss * divisor <= p * SCALE * gap)


@lemma(
    "I-A4",
    of="leverage_math._most_delever leverage_math._delever_price leverage_math._delever_legs",
    twins="most deal",
    G=3 * WAD,
    p=WAD // 100,
    pins={"most": {"P": SCALE // 1000}, "deal": {"P": 999, "p": WAD // 1000}},
)
def delever_costs_a_day_no_more_than_its_gap(m, asked, C, D, P, G, p):
    """All fills of a gap together cost at most p * gap / (1 + p - G * p), in exact numbers."""
    most, gap = most_delever(m, C, D, P, G, p)
    x, c, _ = delever_payment(m, m.either(asked < most, asked, most), P, p)
    divisor = WAD * (WAD + p) - G * p
    loss = c * P - x * SCALE

    m.step(x * divisor <= gap * WAD)
    m.step(loss * WAD <= p * x * SCALE)
    m.step(divisor * (loss * WAD) <= divisor * (p * x * SCALE))
    m.step(p * SCALE * (x * divisor) <= p * SCALE * (gap * WAD))
    m.hold(loss * divisor <= p * SCALE * gap)


@lemma(
    "I-A4",
    of="leverage_math._most_delever leverage_math._delever_price leverage_math._delever_legs",
    twins="solvent",
    G=3 * WAD,
    P=SCALE,
    C=10**6,
    p=WAD // 10,
)
def delever_leaves_something(m, asked, C, D, P, G, p: Signed):
    """A fill does not take all of NAV: where the premium would, nothing is open.

    All but a unit: that is how much the value, rounded up, may be above the exact one.
    """
    m.given(C * P > D * SCALE)
    most, gap = most_delever(m, C, D, P, G, p)
    x, c, _ = delever_payment(m, m.either(asked < most, asked, most), P, p)
    divisor = WAD * (WAD + p) - G * p
    loss = c * P - x * SCALE
    NAV = C * P - D * SCALE

    m.step(x * divisor <= gap * WAD)
    m.step(
        m.either(x > 0, gap * SCALE <= G * D * SCALE - (G - WAD) * (C * P) - 2 * G * SCALE, True)
    )
    m.step(loss * WAD <= p * x * SCALE)
    m.hold(m.either(x > 0, loss < NAV + SCALE, True))


@lemma(
    "T-A9",
    of="leverage_math._most_lever leverage_math._most_delever",
    twins="collateral debt",
    S=3,
    P=SCALE,
    G=3 * WAD,
)
def mint_before_a_fill_keeps_the_gap_of_a_share(m, gross, C, D, S, P, G):
    """G * NAV - V is linear in C and D, so pro rata it is what it was, but for the two roundings.

    Those can only widen the gap below target and narrow that above, by a unit of each in all: so
    the premium that the holders of a share pay does not depend on who mints or redeems around it.
    """
    m.given(G >= WAD)
    _, _, C1, D1, S1 = minted(m, gross, C, D, S)
    gap = (G - WAD) * C * P - G * D * SCALE
    gap1 = (G - WAD) * C1 * P - G * D1 * SCALE

    a, b = C1 * S - C * S1, D * S1 - D1 * S
    m.step(a >= 0)
    m.step(a < S)
    m.step(b >= 0)
    m.step(b < S)
    reach = (G - WAD) * P
    m.step(reach >= 0)
    m.step(reach * a >= 0)
    m.step(reach * a <= reach * S)
    m.step(G * b >= 0)
    m.step(G * b <= G * S)
    m.hold(gap1 * S >= gap * S1, gap1 * S - gap * S1 <= (reach + G * SCALE) * S)


@lemma(
    "T-A10",
    of="leverage_math._most_lever leverage_math._lever_price leverage_math._lever_legs",
    twins="most deal",
    pins={
        "most": {"C": 2999, "D": 2, "P": SCALE // 1000, "G": 3 * WAD + 1, "p": WAD // 100},
        "deal": {"C": 0, "D": 0, "P": 1, "G": 4 * WAD, "p": 1},
    },
)
def donor_of_collateral_loses(m, donated, asked, C, D, P, G, p):
    """At target or above, a donor who opens levering by a gift earns less than the gift.

    The premium on all that a gift of y opens is p * (G - 1) * y / (1 + G * p), which is below y.
    """
    m.given(donated > 0, P > 0, (G - WAD) * C * P <= G * D * SCALE)
    profit, divisor, gap = lever_loss(m, asked, C + donated, D, P, G, p)
    gift = m.name("gift", donated * P)

    m.step(gift > 0)
    opened = gap * SCALE <= (G - WAD) * gift
    m.step(opened)
    a = p * (gap * SCALE) <= p * ((G - WAD) * gift)
    m.step(a, opened, p >= 0)
    m.step(p * (G - WAD) < divisor)
    b = p * ((G - WAD) * gift) < divisor * gift
    m.step(b, gift > 0, p * (G - WAD) < divisor)
    both = profit * divisor < gift * divisor
    m.step(both, profit * divisor <= p * SCALE * gap, a, b)
    m.step(profit < gift, both, divisor > 0)
    m.hold(profit < gift)


@lemma(
    "T-A10",
    of="leverage_math._most_lever leverage_math._lever_price leverage_math._lever_legs",
    twins="deal",
    C=3 * SCALE,
    D=2,
    P=1,
    G=3 * WAD,
    p=1,
)
def donor_of_debt_loses(m, donated, asked, C, D, P, G, p):
    """The same for one who repays debt of the position: p * G * x / (1 + G * p) is below x."""
    m.given(donated > 0, donated <= D, (G - WAD) * C * P <= G * D * SCALE)
    profit, divisor, gap = lever_loss(m, asked, C, D - donated, P, G, p)
    gift = m.name("gift", donated * SCALE)

    m.step(gift > 0)
    opened = gap * SCALE <= G * gift
    m.step(opened)
    a = p * (gap * SCALE) <= p * (G * gift)
    m.step(a, opened, p >= 0)
    m.step(p * G < divisor)
    b = p * (G * gift) < divisor * gift
    m.step(b, gift > 0, p * G < divisor)
    both = profit * divisor < gift * divisor
    m.step(both, profit * divisor <= p * SCALE * gap, a, b)
    m.step(profit < gift, both, divisor > 0)
    m.hold(profit < gift)


@lemma(
    "the lane can be filled",
    of="LeveragedToken._offer leverage_math._most_lever",
    twins="value",
    D=5,
    C=7,
    P=SCALE - 1,
)
def lever_below_the_edge_has_a_gap(m, C, D, P, edge):
    """Where leverage, rounded down, is below the edge, there is something that reaches it.

    Both are of one value, rounded one way.
    """
    value = m.floor("value", C * P, SCALE)
    same = m.floor("same", C * P, SCALE)
    m.given(same > D)
    gearing = m.floor("gearing", value * WAD, value - D)
    below = gearing < edge

    m.step(value <= same)
    m.step(value >= same)
    m.step(m.either(below, (gearing + 1) * (value - D) <= edge * (value - D), True))
    m.hold(m.either(below, (edge - WAD) * same > edge * D, True))


@lemma("the lane is bounded", of="LeveragedToken._offer daily_schedule._left", twins="open left")
def lever_takes_no_more_than_is_there(m, left, reach, liquidity):
    """Of the day's parcel, of what reaches the edge, and of what the venue can lend."""
    open_ = m.min("open", m.min("left", left, reach), liquidity)

    m.hold(open_ <= left, open_ <= reach, open_ <= liquidity)
    m.model(open_, lambda: min(daily_schedule.left(left, 0, reach), liquidity))


@lemma(
    "the band is not narrower",
    of="LeveragedToken._offer rule_book._check",
    twins="lowest highest",
    target=3 * WAD + 1,
)
def band_holds_the_target(m, target, band):
    """Its edges are rounded away from the target, so a fill to an edge never ends beyond target."""
    m.given(band <= WAD)
    lowest = m.floor("lowest", target * (WAD - band), WAD)
    highest = m.ceil("highest", target * (WAD + band), WAD)

    m.hold(lowest * WAD <= target * (WAD - band), highest * WAD >= target * (WAD + band))
    m.hold(lowest <= target, highest >= target)
    m.model(
        lowest, lambda: rule_book.Rules(long=True, target=target, band=band, emergency=0).lowest
    )


# The day's parcel


@lemma("I-A8", of="daily_schedule._opened", twins="day")
def opening_is_the_latest(m, now):
    """Not in the future, less than a day ago, and two minutes past midnight."""
    m.given(now >= daily_schedule.OFFSET)
    day = m.floor("day", now - daily_schedule.OFFSET, DAY)
    opened = day * DAY + daily_schedule.OFFSET

    m.hold(opened <= now, now < opened + DAY)
    m.model(opened, daily_schedule.opened, now)


@lemma("a day is told", of="daily_schedule._left daily_schedule._take", twins="day", opened=7)
def parcel_tells_its_day_and_what_is_left(m, opened, left):
    """Two numbers in one word come out as they went in, if the lower one fits 128 bits."""
    m.given(left < WORD)
    parcel = opened * WORD + left
    day = m.floor("day", parcel, WORD)

    m.hold(day == opened, parcel - day * WORD == left)
    m.model(left, daily_schedule.left, parcel, opened, left)


@lemma("a day is bounded", of="daily_schedule._left daily_schedule._take", twins="open")
def fills_of_a_day_take_no_more_than_the_parcel(m, whole, filled, left, most, amount):
    """One fill more: what is filled and what is left never add up to more than at the first fill.

    `most` is what reaches the band's edge now. What is left never grows and never underflows, and
    is never more than what reaches the edge after the fill.
    """
    m.given(left < WORD, filled + left <= whole)
    open_ = m.min("open", left, most)
    amount = m.either(amount < open_, amount, open_)
    left1 = open_ - amount

    m.hold(left1 >= 0, left1 <= left, filled + amount + left1 <= whole)
    m.hold(left1 <= most - amount)
    m.model(open_, daily_schedule.left, 7 * WORD + left, 7, most)
    m.model(7 * WORD + left1, daily_schedule.take, 7 * WORD + left, 7, most, amount)


@lemma("a day is bounded", of="daily_schedule._left daily_schedule._take", twins="left")
def first_fill_of_a_day_sets_the_parcel(m, most, amount):
    """It is what would reach the band's edge, whatever another day has left."""
    m.given(most < WORD, amount <= most)
    left = m.pick("left", most - amount, most)

    m.hold(left >= 0, amount + left <= most)
    m.model(7 * WORD + left, daily_schedule.take, 6 * WORD + 5, 7, most, amount)
    m.model(most, daily_schedule.left, 6 * WORD + 5, 7, most)


# The premium


def scheduled(m, elapsed, start, end, ramp, call=""):
    """The contract's line in time."""
    rise = m.floor(f"rise{call}", m.min(f"clamp{call}", elapsed, ramp) * (end - start), ramp)
    return start + rise


@lemma("I-A1", of="premium_curve._scheduled", twins="clamp", ramp=10)
def scheduled_premium_keeps_its_bounds(m, elapsed, start: Signed, end: Signed, ramp):
    """From `start` at the opening to `end` at the end of the ramp and after it."""
    m.given(start <= end, ramp > 0)
    premium = scheduled(m, elapsed, start, end, ramp)

    m.step(m.either(elapsed < ramp, elapsed * (end - start) <= ramp * (end - start), True))
    m.hold(start <= premium, premium <= end)
    m.hold(m.either(elapsed >= ramp, premium == end, True))
    m.hold(m.either(elapsed == 0, premium == start, True))
    m.model(premium, premium_curve.scheduled, elapsed, start, end, ramp)


@lemma("I-A1", of="premium_curve._scheduled", twins="rise", ramp=10)
def scheduled_premium_is_not_ahead_of_its_line(m, elapsed, start: Signed, end: Signed, ramp):
    """The taker is not paid early: rounded down, by less than 1e-18."""
    m.given(start <= end, elapsed <= ramp)
    premium = scheduled(m, elapsed, start, end, ramp)

    m.hold((premium - start) * ramp <= elapsed * (end - start))
    m.hold((premium + 1 - start) * ramp > elapsed * (end - start))


@lemma("I-A1", of="premium_curve._scheduled", twins="clamp0", ramp=10)
def scheduled_premium_never_falls(m, elapsed, later, start: Signed, end: Signed, ramp):
    """Waiting costs a taker nothing but the competition of others."""
    m.given(start <= end)
    premium0 = scheduled(m, elapsed, start, end, ramp, call="0")
    premium1 = scheduled(m, elapsed + later, start, end, ramp, call="1")

    short = m.either(elapsed < ramp, elapsed, ramp)
    long = m.either(elapsed + later < ramp, elapsed + later, ramp)
    m.step(short <= long)
    m.step(short * (end - start) <= long * (end - start))
    m.hold(premium0 <= premium1)


@lemma("I-A1", of="premium_curve._scheduled", twins="slope", ramp=10)
def scheduled_premium_rises_by_its_slope(m, elapsed, seconds, start: Signed, end: Signed, ramp):
    """In so many seconds, by that part of the ramp, rounded up: it does not jump."""
    m.given(start <= end)
    premium0 = scheduled(m, elapsed, start, end, ramp, call="0")
    premium1 = scheduled(m, elapsed + seconds, start, end, ramp, call="1")
    slope = m.ceil("slope", seconds * (end - start), ramp)

    short = m.either(elapsed < ramp, elapsed, ramp)
    long = m.either(elapsed + seconds < ramp, elapsed + seconds, ramp)
    m.step(long <= short + seconds)
    m.step(long * (end - start) <= (short + seconds) * (end - start))
    m.step((premium1 - premium0 - 1) * ramp < slope * ramp)
    m.hold(premium1 - premium0 <= slope)


def emergency(m, leverage, trigger, liquidation, lowest, highest, call=""):
    """The contract's line in leverage."""
    m.given(trigger < liquidation, lowest <= highest, leverage >= trigger)
    beyond = m.pick(f"clamp{call}", leverage >= liquidation, trigger > liquidation)
    rise = m.floor(f"rise{call}", (leverage - trigger) * (highest - lowest), liquidation - trigger)
    return m.either(beyond, highest, lowest + rise)


@lemma(
    "emergency premium",
    of="premium_curve._emergency",
    twins="clamp rise",
    trigger=3 * WAD,
    liquidation=7 * WAD,
)
def emergency_premium_keeps_its_bounds(m, leverage, trigger, liquidation, lowest, highest):
    """From `lowest` at the trigger to `highest` at liquidation; not ahead of the line between."""
    premium = emergency(m, leverage, trigger, liquidation, lowest, highest)
    inside = leverage < liquidation
    span, run = liquidation - trigger, leverage - trigger

    m.step(m.either(inside, run * (highest - lowest) <= span * (highest - lowest), True))
    m.hold(lowest <= premium, premium <= highest)
    m.hold(m.either(leverage == trigger, premium == lowest, True))
    m.hold(m.either(inside, (premium - lowest) * span <= run * (highest - lowest), True))
    m.model(premium, premium_curve.emergency, leverage, trigger, liquidation, lowest, highest)


@lemma(
    "emergency premium",
    of="premium_curve._emergency",
    twins="rise0",
    trigger=3 * WAD,
    liquidation=7 * WAD,
)
def emergency_premium_rises_with_leverage(m, leverage, more, trigger, liquidation, lowest, highest):
    """The worse it is, the better it pays."""
    before = emergency(m, leverage, trigger, liquidation, lowest, highest, call="0")
    after = emergency(m, leverage + more, trigger, liquidation, lowest, highest, call="1")

    run, span, rise = leverage - trigger, liquidation - trigger, highest - lowest
    m.step(run * rise <= (run + more) * rise)
    m.step(m.either(leverage < liquidation, run * rise <= span * rise, True))
    m.hold(before <= after)


@lemma(
    "emergency premium",
    of="premium_curve._highest",
    twins="larger part",
    pins={"larger": {"bonus": 0}, "part": {"lowest": 0}},
)
def highest_premium_is_less_than_a_liquidators(m, lowest, bonus):
    """It costs holders less than a liquidation; the curve that ends there does not fall."""
    part = m.floor("part", bonus * premium_curve.BONUS_SHARE, WAD)
    highest = m.max("larger", lowest, part)

    m.hold(highest >= lowest, part * WAD <= bonus * premium_curve.BONUS_SHARE)
    m.hold(m.either(lowest * 10 <= bonus * 9, highest * 10 <= bonus * 9, highest == lowest))
    m.model(highest, premium_curve.highest, lowest, bonus)


@lemma(
    "emergency premium",
    of="premium_curve._liquidation_leverage",
    twins="gearing",
    lltv=86 * WAD // 100,
)
def premium_is_highest_before_the_venue_liquidates(m, lltv):
    """At the gearing where it is, 1 - 1 / gearing is not yet above the liquidation LTV."""
    m.given(lltv < WAD)
    gearing = m.floor("gearing", WAD * WAD, WAD - lltv)

    m.step(gearing * (WAD - lltv) <= WAD * WAD)
    m.hold((gearing - WAD) * WAD <= lltv * gearing, gearing >= WAD)
    m.model(gearing, premium_curve.liquidation_leverage, lltv, True)
    m.model(gearing - WAD, premium_curve.liquidation_leverage, lltv, False)


@lemma(
    "T-W5",
    of="premium_curve._near_liquidation premium_curve._liquidation_leverage",
    twins="near gearing",
    pins={"near": {"lltv": 86 * WAD // 100 + 1}, "gearing": {"lltv": 86 * WAD // 100}},
)
def emergency_is_five_percent_of_collateral_before_liquidation(m, lltv):
    """At the gearing where it is at the latest, 1 - 1 / gearing is within 0.95 of the LTV."""
    m.given(lltv <= WAD)
    near = m.floor("near", lltv * premium_curve.NEAR, WAD)
    gearing = m.floor("gearing", WAD * WAD, WAD - near)

    m.step(gearing * (WAD - near) <= WAD * WAD)
    m.step(gearing * (near * WAD) <= gearing * (lltv * premium_curve.NEAR))
    m.hold(gearing >= WAD, (gearing - WAD) * WAD * WAD <= lltv * premium_curve.NEAR * gearing)
    m.model(gearing, premium_curve.near_liquidation, lltv, True)
    m.model(gearing - WAD, premium_curve.near_liquidation, lltv, False)


@lemma("I-A9", of="LeveragedToken._offer", twins="trigger", emergency=4 * WAD)
def emergency_is_no_later_than_the_rules_say(m, emergency, near):
    """And sooner where the venue has come to liquidate sooner."""
    trigger = m.min("trigger", emergency, near)

    m.hold(trigger <= emergency, trigger <= near)


# Rules


@lemma(
    "I-N3",
    of="rule_book._check",
    twins="steepest longest",
    end=0,
    G=3 * WAD,
    pins={"steepest": {"start": 0}, "longest": {"emergency": 0}},
)
def premium_never_eats_the_gearing(m, start: Signed, end: Signed, emergency, G, g, p: Signed):
    """Both divisors are positive in any lane: 1 + g * p below target, 1 + p - g * p above it.

    G is the gearing of the band's upper edge, g of the edge that is filled to, at most G.
    """
    m.given(start <= end, start > -WAD, g >= WAD, g <= G)
    steepest = m.max("steepest", emergency, m.max("longest", end, -start))
    passes = G * steepest < WAD * WAD
    m.given(m.either(p <= end, start <= p, p <= emergency), p >= -WAD)

    m.step(p <= steepest)
    m.step(-p <= steepest)
    m.step(g * steepest <= G * steepest)
    m.step(g * p <= g * steepest)
    m.step(-(g * p) <= g * steepest)
    m.step(m.either(p < 0, (g - WAD) * p <= 0, True))
    m.hold(m.either(passes, WAD * WAD + g * p > 0, True))
    m.hold(m.either(passes, WAD * (WAD + p) - g * p > 0, True))


@lemma(
    "rules are safe",
    of="rule_book._check rule_book._distance",
    twins="owed trigger",
    lltv=86 * WAD // 100,
    target=3 * WAD,
)
def distance_of_a_long_token_is_never_overstated(m, target, emergency, lltv):
    """1 - (L - 1) / (L * lambda) - (E - L) / (L * (E - 1)), rounded down by less than two units."""
    m.given(target > WAD, emergency > target, lltv > 0)
    a, x = (target - WAD) * WAD * WAD, target * lltv
    b, y = (emergency - target) * WAD * WAD, target * (emergency - WAD)
    owed = m.ceil("owed", a, x)
    trigger = m.ceil("trigger", b, y)
    distance = WAD - owed - trigger

    m.step(owed * x * y >= a * y)
    m.step(trigger * y * x >= b * x)
    m.hold(distance * x * y <= WAD * x * y - a * y - b * x)
    m.model(distance, rule_book.distance, target, emergency, lltv, True)


@lemma(
    "rules are safe",
    of="rule_book._check rule_book._distance",
    twins="ruin trigger",
    lltv=86 * WAD // 100,
    target=3 * WAD,
)
def distance_of_a_short_token_is_never_overstated(m, target, emergency, lltv):
    """lambda * (L + 1) / L - 1 - (E - L) / (L * (E + 1)), rounded down by less than two units."""
    m.given(target > 0, emergency > target)
    a = lltv * (target + WAD)
    b, y = (emergency - target) * WAD * WAD, target * (emergency + WAD)
    ruin = m.floor("ruin", a, target)
    trigger = m.ceil("trigger", b, y)
    distance = ruin - WAD - trigger

    m.step(ruin * target * y <= a * y)
    m.step(trigger * y * target >= b * target)
    m.hold(distance * target * y <= a * y - WAD * target * y - b * target)
    m.model(distance, rule_book.distance, target, emergency, lltv, False)


# The streaming fee


@lemma("I-F2", of="streaming_fee._shares", twins="shares cut", rate=3 * WAD // 10_000)
def streaming_fee_is_not_ahead_of_its_rate(m, supply, rate, elapsed, growth):
    """The exponent and the shares are rounded down, and the exponent is cut off at its most."""
    exponent = m.floor("exponent", rate * WAD * elapsed, DAY)
    exponent = m.min("cut", exponent, streaming_fee.MOST)
    shares = m.floor("shares", supply * growth, ONE)

    m.hold(exponent * DAY <= rate * WAD * elapsed, exponent <= streaming_fee.MOST)
    m.hold(shares * ONE <= supply * growth, (shares + 1) * ONE > supply * growth)


@lemma("I-F3", of="streaming_fee._shares", twins="first second", a=ONE + ONE // 7, b=ONE + ONE // 7)
def streaming_fee_in_two_settlements_is_no_more(m, supply, a, b):
    """Where e**(x + y) is e**x * e**y: no more than in one, and less by at most b + 1 shares.

    a and b are the two factors, scaled by 1e36.
    """
    m.given(a >= ONE, b >= ONE)
    first = m.floor("first", supply * (a - ONE), ONE)
    second = m.floor("second", (supply + first) * (b - ONE), ONE)
    once = m.floor("once", supply * (a * b - ONE * ONE), ONE * ONE)

    m.step(first * ONE * b <= supply * (a - ONE) * b)
    m.step((first + 1) * ONE * b >= supply * (a - ONE) * b)
    m.step((first + second) * ONE * ONE <= supply * (a * b - ONE * ONE))
    m.hold(first + second <= once)
    m.hold((once - first - second) * ONE < b + ONE)


@lemma("I-F2", of="streaming_fee._exp", twins="term square", n=3, y=ONE // 3 * 2)
def exponential_rounds_down(m, term, exact, total, n, y):
    """A term from one that is not overstated is not, nor is a square: so neither is e**x."""
    m.given(term <= exact)
    after = m.floor("term", term * y, n * ONE)
    square = m.floor("square", total * total, ONE)

    m.step(term * y <= exact * y)
    m.hold(after * (n * ONE) <= exact * y, square * ONE <= total * total)


@lemma("I-F4", of="streaming_fee._exp streaming_fee._shares", twins="square", total=ONE)
def exponential_is_at_least_one(m, total):
    """The series starts at one and only adds, and a square keeps it there: no fee underflows."""
    m.given(total >= ONE)
    square = m.floor("square", total * total, ONE) - m.pick("square", 0, 1)

    m.step(total * total >= ONE * ONE)
    m.hold(square >= ONE)
    m.model(ONE, streaming_fee.exp, 0)


@lemma("the loops suffice", of="streaming_fee._exp", twins="halvings")
def exponent_is_halved_to_one_or_less(m, x):
    """Four times, from ten at the most."""
    m.given(x <= streaming_fee.MOST)
    y = x
    for _ in range(m.pick("halvings", 4, 3)):
        y = m.floor("y", y, 2)

    m.hold(y <= ONE)


@lemma("the loops suffice", of="streaming_fee._exp", twins="terms", y=ONE)
def series_ends_within_its_loop(m, y):
    """For y <= 1 a term is at most the one before it over n: so 1 / n! and 34! > 1e36."""
    m.given(y <= ONE)
    term, last = ONE, m.pick("terms", 34, 31)
    falls = []
    for n in range(1, last + 1):
        before, term = term, m.floor("term", term * y, n * ONE)
        m.step(before * y <= before * ONE, y <= ONE, before >= 0)
        m.step(term * n <= before, term * (n * ONE) <= before * y, before * y <= before * ONE)
        falls.append(term * n <= before)

    m.step(term * factorial(last) <= ONE, *falls)
    m.step(term == 0, term * factorial(last) <= ONE, term >= 0)
    m.hold(term == 0)


# The venue, and the first shares


@lemma("debt is never understated", of="MorphoPosition._owed", twins="owed", total_shares=7)
def debt_is_never_understated(m, shares, total_assets, total_shares):
    """Exact to a unit, with Morpho's virtual share and asset, as Morpho itself rounds it."""
    all_assets = total_assets + venue.VIRTUAL_ASSETS
    all_shares = total_shares + venue.VIRTUAL_SHARES
    owed = m.ceil("owed", shares * all_assets, all_shares)

    m.hold(owed * all_shares >= shares * all_assets)
    m.hold((owed - 1) * all_shares < shares * all_assets)
    m.model(owed, venue.to_assets_up, shares, total_assets, total_shares)


@lemma(
    "interest is never negative",
    of="MorphoPosition._owed",
    twins="interest",
    total_assets=7,
    total_shares=0,
    growth=2,
    more=0,
)
def debt_never_falls_with_time(m, shares, total_assets, total_shares, growth, more):
    """Interest is rounded down, as Morpho does it; a longer time is no less of it."""
    all_shares = total_shares + venue.VIRTUAL_SHARES
    before = m.floor("interest", total_assets * growth, WAD)
    after = m.floor("longer", total_assets * (growth + more), WAD)
    owed0 = m.ceil("owed0", shares * (total_assets + before + 1), all_shares)
    owed1 = m.ceil("owed1", shares * (total_assets + after + 1), all_shares)

    m.step(before <= after)
    m.step(shares * before <= shares * after)
    m.hold(owed0 <= owed1, before <= after)


@lemma("debt can be repaid", of="MorphoPosition._owed", twins="burned", total_assets=7)
def repaying_less_than_is_owed_burns_fewer_shares(m, shares, total_assets, total_shares, left):
    """So below `owed` the position repays by assets: Morpho never takes more than all."""
    m.given(shares > 0)
    all_assets = total_assets + venue.VIRTUAL_ASSETS
    all_shares = total_shares + venue.VIRTUAL_SHARES
    owed = m.ceil("owed", shares * all_assets, all_shares)
    repaid = m.either(left < owed, owed - 1 - left, 0)
    burned = m.floor("burned", repaid * all_shares, all_assets)

    m.step(repaid * all_shares < shares * all_assets)
    m.hold(burned < shares)
    m.model(burned, venue.to_shares_down, repaid, total_assets, total_shares)


@lemma("the bonus is Morpho's", of="MorphoPosition.liquidation", twins="clamp")
def liquidation_bonus_keeps_its_bounds(m, lltv):
    """Nothing at least, 15 % at most."""
    m.given(lltv <= WAD)
    cut = m.floor("cut", venue.LIQUIDATION_CURSOR * (WAD - lltv), WAD)
    factor = m.floor("factor", WAD * WAD, WAD - cut)
    bonus = m.min("clamp", factor, venue.MAX_LIQUIDATION_FACTOR) - WAD

    m.hold(bonus >= 0, bonus <= venue.MAX_LIQUIDATION_FACTOR - WAD)
    m.model(bonus, lambda: venue.Market(lltv=lltv, price=1, now=0).liquidation_bonus())


RAY = 10**27


def books(m, held, owed, income, owing):
    """What a position on Aave says of its scaled units, and the grain."""
    collateral = m.floor("collateral", held * income, RAY)
    debt = m.ceil("debt", owed * owing, RAY)
    return collateral, debt, m.ceil("grain", m.max("larger", income, owing), RAY)


@lemma("debt is never understated", of="AavePosition._books", twins="collateral debt", income=7)
def books_on_aave_are_exact_to_a_unit(m, held, owed, income, owing):
    """Collateral is rounded down, debt up, whichever way Aave itself rounds them."""
    collateral, debt, _ = books(m, held, owed, income, owing)

    m.hold(collateral * RAY <= held * income, (collateral + 1) * RAY > held * income)
    m.hold(debt * RAY >= owed * owing, (debt - 1) * RAY < owed * owing)


@lemma(
    "T-W2",
    of="AavePosition._books",
    twins="larger grain",
    owing=RAY,
    pins={
        "larger": {"income": 3 * RAY, "held": 1, "amount": 5},
        "grain": {"income": 2 * RAY - 1, "held": 0, "amount": 3},
    },
)
def grain_covers_what_aave_rounds_of_collateral(m, held, income, owing, amount, units):
    """Of a supply, and of a withdrawal of the same units: each is off by less than one of them,
    however Aave rounds it, and so is what is read before and after by less than one amount."""
    before, _, g = books(m, held, 0, income, owing)
    after = m.floor("full", (held + units) * income, RAY)
    m.given(units * income > amount * RAY - income, units * income < amount * RAY + income)

    m.step(g * RAY >= income)
    m.hold(after >= before + amount - g, before >= after - amount - g)


@lemma(
    "T-W2",
    of="AavePosition._books",
    twins="larger grain",
    income=RAY,
    pins={
        "larger": {"owing": 3 * RAY, "owed": 1, "amount": 1},
        "grain": {"owing": 2 * RAY - 1, "owed": 0, "amount": 2},
    },
)
def grain_covers_what_aave_rounds_of_debt(m, owed, income, owing, amount, units):
    """The same of a loan, and of a repayment of the same units."""
    _, before, g = books(m, 0, owed, income, owing)
    after = m.ceil("full", (owed + units) * owing, RAY)
    m.given(units * owing > amount * RAY - owing, units * owing < amount * RAY + owing)

    m.step(g * RAY >= owing)
    m.hold(after <= before + amount + g, before <= after - amount + g)


@lemma("rounds down", of="AavePosition.price AavePosition.__init__", twins="price", debt=7)
def price_on_aave_is_never_overstated(m, collateral, debt, unit):
    """Of one base currency in both answers, and of units whose quotient is a whole number."""
    price = m.floor("price", collateral * unit, debt)

    m.hold(price * debt <= collateral * unit, (price + 1) * debt > collateral * unit)


@lemma("the venue has it", of="AavePosition.liquidity", twins="there lent", cap=7)
def liquidity_on_aave_is_within_its_cap(m, there, cap, borrowed):
    """A cap that interest has passed leaves nothing, and no underflow."""
    left = m.min("there", there, cap - m.min("lent", cap, borrowed))

    m.hold(left >= 0, left <= there, m.either(borrowed <= cap, borrowed + left <= cap, left == 0))


@lemma("the bonus is Aave's", of="AavePosition.liquidation", twins="bonus", bonus=10_500)
def liquidation_bonus_on_aave_is_never_negative(m, bonus, threshold):
    """A reserve that is no collateral has none; both in WAD, exactly: a basis point is 1e14."""
    more = m.max("bonus", bonus, 10_000) - 10_000
    wad = m.floor("wad", more * WAD, 10_000)

    m.hold(wad >= 0, wad * 10_000 == more * WAD, m.either(bonus > 10_000, more > 0, more == 0))


@lemma(
    "a seed is safe",
    of="Factory._seed",
    twins="value debt",
    G=3 * WAD,
    pins={"value": {"P": SCALE - 1}, "debt": {"P": SCALE}},
)
def seed_is_never_above_target(m, C, P, G):
    """V / (V - D) <= G for the exact value; and its shares are worth at least a unit each."""
    m.given(G > WAD)
    value = m.floor("value", C * P, SCALE)
    debt = m.floor("debt", value * (G - WAD), G)
    assets = value - debt

    m.step((G - WAD) * (value * SCALE) <= (G - WAD) * (C * P))
    m.step(debt * G <= value * G)
    m.hold(G * debt * SCALE <= (G - WAD) * (C * P))
    m.hold(assets >= 0, assets * SCALE <= C * P - debt * SCALE)


@lemma("oracles agree", of="Factory._check", twins="higher lower", price=2 * SCALE)
def disagreement_is_bounded_on_both_sides(m, price, venue_price):
    """What passes is within two percent of the token's price, above and below."""
    apart = m.max("higher", price, venue_price) - m.min("lower", price, venue_price)
    allowed = token.MAX_DISAGREEMENT
    within = apart * WAD <= price * allowed

    m.hold(m.either(within, venue_price * WAD <= price * (WAD + allowed), True))
    m.hold(m.either(within, venue_price * WAD >= price * (WAD - allowed), True))


# The oracle


@lemma(
    "I-O1",
    of="ChainlinkOracle.price ChainlinkOracle.__init__",
    twins="price least",
    scale=7,
    pins={"least": {"floor": 10**10, "ceiling": 3}},
)
def oracle_price_is_exact_to_a_billionth(m, base, quote, floor, ceiling, scale):
    """Inside the bounds a price is at least what the bounds' own is, and that is at least 1e9."""
    m.given(floor <= base, quote <= ceiling, quote > 0)
    least = m.floor("least", floor * scale, ceiling)
    price = m.floor("price", base * scale, quote)
    m.given(least >= 10**9)

    m.step(least * ceiling <= floor * scale)
    m.step(least * quote <= least * ceiling)
    m.step(floor * scale <= base * scale)
    m.step(least * quote < (price + 1) * quote)
    m.step(least <= price)
    m.step(price * quote >= 10**9 * quote)
    m.hold(price >= least, price * quote <= base * scale)
    m.hold(price * quote * (10**9 + 1) > base * scale * 10**9)


@lemma("a sequencer's grace", of="ChainlinkOracle._check_sequencer", twins="started")
def uptime_never_underflows(m, now, started):
    """A sequencer that starts in the future has been up for no time."""
    up = now - m.min("started", started, now)

    m.hold(up >= 0, m.either(started >= now, up == 0, up == now - started))


# The periphery


@lemma("legs are told apart", of="flash_swap._legs", twins="owed received")
def swap_legs_are_told_by_sign(m, amount0: Signed, amount1: Signed):
    """A swap is owed one amount and pays the other, whichever of the pool's tokens they are of."""
    m.given(
        m.either(amount0 > 0, amount1 < 0, amount1 > 0), m.either(amount1 > 0, amount0 < 0, True)
    )
    owed = m.max("owed", amount0, amount1)
    received = -m.min("received", amount0, amount1)

    m.hold(owed > 0, received > 0, owed - received == amount0 + amount1)


@lemma("what is paid suffices", of="Router._affordable", twins="shares slack", amount=10, s=7)
def affordable_shares_cost_no_more_than_is_paid(m, amount, s, cost, slack, steps):
    """For a cost that is convex and zero at zero, but for what the slack covers.

    `steps` is how far k, the cost of the fewer shares, is above their part of that of s shares.
    """
    m.given(cost > amount, s > 0)
    left = amount - m.pick("slack", m.either(slack < amount, slack, amount), 0)
    shares = m.floor("shares", s * left, cost)
    m.given(steps <= slack)
    k = m.ceil("k", shares * cost, s)

    m.step(s * left <= s * cost)
    m.step(shares * cost <= s * left)
    m.step(k <= left)
    m.hold(left >= 0, shares <= s, m.either(slack <= amount, k + steps <= amount, shares == 0))


@lemma("not above the pool's", of="Router._at_spot", twins="once twice over under", x=3)
def spot_amounts_are_never_overstated(m, x, root):
    """Either way the square is applied in two steps, both rounded down."""
    unit = 2**96
    once = m.floor("once", x * root, unit)
    twice = m.floor("twice", once * root, unit)
    over = m.floor("over", x * unit, root)
    under = m.floor("under", over * unit, root)

    m.step(once * unit * root <= x * root * root)
    m.step(over * root * unit <= x * unit * unit)
    m.hold(twice * unit * unit <= x * root * root)
    m.hold(under * root * root <= x * unit * unit)


@lemma(
    "no is said to nothing that earns",
    of="Keeper._at_spot",
    twins="once twice",
    amount=4,
    fee=500_000,
)
def spot_price_of_a_fill_is_never_above_the_pools(m, amount, root, fee, paid):
    """A pool wants its fee on top of no less than the exact spot price, in whole units."""
    unit, million = 2**96, 10**6
    m.given(fee < million, paid * (million - fee) * unit * unit >= amount * root * root * million)
    once = m.floor("once", amount * root, unit)
    twice = m.floor("twice", once * root, unit)
    owed = m.ceil("owed", twice * million, million - fee)

    m.step(once * unit * root <= amount * root * root)
    m.step(twice * unit * unit <= amount * root * root)
    m.step(twice * unit * unit * million <= amount * root * root * million)
    m.step(twice * unit * unit * million <= paid * (million - fee) * unit * unit)
    m.step(twice * million <= paid * (million - fee))
    m.step((owed - 1) * (million - fee) < paid * (million - fee))
    m.hold(owed <= paid)


@lemma("T-G8", of="Lens.page", twins="first most held", start=9, count=9, created=5)
def page_stays_within_the_registry(m, start, count, created):
    """Whatever is asked for, and no more of it than a page."""
    first = m.min("first", start, created)
    length = m.min("held", m.min("most", count, created - first), 256)

    m.hold(length >= 0, first + length <= created, length <= count, length <= 256)


@lemma("I-L1", of="Lens._state", twins="largest")
def position_that_is_told_is_one_to_reckon_with(m, C, D):
    """Both of its numbers fit 128 bits, so that debt in collateral fits 256. Others are none."""
    fits = m.max("largest", C, D) < WORD
    held, owed = m.either(fits, C, 0), m.either(fits, D, 0)

    m.step(owed < WORD)
    m.hold(held < WORD, owed * SCALE < WORD * WORD)


@lemma("I-L1", of="Lens._is_price", twins="one highest", C=7)
def price_that_is_told_makes_the_worth_a_number(m, price, C):
    """Of no collateral, too, where it is divided by one."""
    most = WORD * WORD - 1
    divisor = m.max("one", C, 1)
    highest = m.floor("highest", most, divisor)
    told = m.either(price <= highest, price, 0)

    m.step(told * divisor <= highest * divisor)
    m.step(told * C <= told * divisor)
    m.hold(told * C <= most)


@lemma("as old as the older", of="NavFeed._round", twins="older")
def round_is_as_old_as_the_older_answer(m, base, quote):
    """Where there is but one feed, the other's time is in the far future."""
    updated_at = m.min("older", base, quote)

    m.hold(
        updated_at <= base,
        updated_at <= quote,
        m.either(base <= quote, updated_at == base, updated_at == quote),
    )
