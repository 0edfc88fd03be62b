"""Tokens to state laws about: every pair of decimals, long and short, off target by any price."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from scripts._model import leverage_math, rule_book, token, venue
from scripts._model.daily_schedule import DAY, OFFSET
from scripts._model.fixed_point import SCALE, WAD, mul_div_up
from scripts._model.token import Filled, Token

OPENING = 1_893_456_000 + OFFSET  # 2030-01-01 00:02:00 UTC
YEAR = 365 * DAY

# The model answers in microseconds: more examples than a chain would bear.
many = settings(max_examples=3 * settings().max_examples)


@dataclass(frozen=True)
class Pair:
    """Decimals of collateral and debt, and about how many debt tokens a collateral token costs."""

    collateral: int
    debt: int
    price: Fraction

    def scaled(self, factor: Fraction = Fraction(1)) -> int:
        """The price times `factor`, raw for raw, scaled by 1e36."""
        return int(self.price * factor * SCALE * 10**self.debt / 10**self.collateral)


PAIRS = (
    Pair(18, 6, Fraction(2_000)),
    Pair(6, 18, Fraction(1, 2_000)),
    Pair(8, 18, Fraction(30)),
    Pair(18, 8, Fraction(1, 30)),
)

# Direction, target and liquidation LTV of tokens that the rule book accepts.
KINDS = (
    (True, 3 * WAD, 86 * WAD // 100),
    (False, 3 * WAD, 915 * WAD // 1000),
    (False, WAD, 86 * WAD // 100),
    (True, 3 * WAD // 2, 77 * WAD // 100),
    (True, 5 * WAD, 945 * WAD // 1000),
)


def percent(lowest: int, highest: int) -> st.SearchStrategy[int]:
    """WAD fractions between two numbers of hundredths of a percent."""
    return st.integers(lowest * WAD // 10_000, highest * WAD // 10_000)


FREE = st.just(0)

# Rules around the usual ones; many a fee is zero, many a premium never positive.
RULES = st.fixed_dictionaries(
    {
        "band": percent(1, 500),
        "premium_start": percent(-100, 0),
        "premium_end": FREE | percent(0, 100),
        "emergency_premium": percent(0, 20),
        "mint_fee": FREE | percent(0, 100),
        "redeem_fee": FREE | percent(0, 100),
        "management_fee": FREE | percent(0, 10),
    }
)

# Pair, kind, price factor, interest of up to 100 % a year, Morpho's part of it, NAV of the seed in
# hundredths of a whole token, seconds until somebody mints, and how many shares for a seed share.
WORLDS = st.tuples(
    st.sampled_from(PAIRS),
    st.sampled_from(KINDS),
    st.fractions(Fraction(1, 10), 10, max_denominator=100),
    st.integers(0, WAD // YEAR),
    percent(0, 2_500),
    st.integers(10**4, 10**6),
    st.integers(0, DAY // 4),
    st.integers(1, 10 * WAD),
)


@st.composite
def worlds(draw: st.DrawFn) -> Token:
    """A token at its target, with a minter, on a market with some interest behind it."""
    pair, (long, target, lltv), factor, rate, fee, cents, pause, minted = draw(WORLDS)
    price = pair.scaled(factor)
    market = venue.used_market(lltv=lltv, price=price, now=OPENING - DAY // 2, rate=rate, fee=fee)
    emergency = rule_book.usual_emergency(target, long)
    rules = rule_book.Rules(long=long, target=target, emergency=emergency, **draw(RULES))
    decimals = pair.debt if long else pair.collateral
    value = cents * 10**decimals * leverage_math.gearing(target, long) // (100 * WAD)
    seeds = value * SCALE // price if long else value
    made = token.create(market, rules, seeds + 1, decimals)
    made.at(now=made.now + pause)
    made.mint("minter", mul_div_up(made.supply, minted, WAD))
    return made


MOVES = st.tuples(st.integers(8_750, 11_250), st.just(0) | st.integers(0, 2 * 60 * 60 - 1))


@st.composite
def drifted(draw: st.DrawFn) -> Token:
    """A token in the scheduled lane's window, whose price has moved by up to an eighth.

    It is solvent, and mostly outside of its band.
    """
    made = draw(worlds())
    move, elapsed = draw(MOVES)
    made.at(now=OPENING + elapsed, price=made.price * move // 10_000)
    return made


def nav(token: Token) -> Fraction:
    """NAV in debt units, exactly."""
    collateral, debt = token.position.balances()
    return Fraction(collateral * token.price, SCALE) - debt


def nav_per_share(token: Token) -> Fraction:
    """NAV of a share in raw units of the quote asset, exactly."""
    quote = Fraction(1) if token.rules.long else Fraction(SCALE, token.price)
    return nav(token) * quote / token.true_supply()


def gearing(token: Token) -> Fraction:
    """V / NAV, exactly; at target it is the leverage, or one more if short."""
    collateral, _ = token.position.balances()
    return Fraction(collateral * token.price, SCALE) / nav(token)


def target_gearing(token: Token) -> Fraction:
    """What `gearing` is at target."""
    return Fraction(leverage_math.gearing(token.rules.target, token.rules.long), WAD)


def fill(token: Token, amount: int) -> Filled:
    """Fill what is open with at most `amount` of what the taker brings."""
    return token.fill_lever(amount) if token.auction().levering else token.fill_delever(amount)


def fill_part(token: Token, part: int) -> Filled:
    """Fill `part` hundredths of a percent of what is open, or the least that takes anything."""
    offer, brings = token.offer(), token.auction().brings
    least = SCALE // offer.price + 1 if offer.levering else offer.price // SCALE + 1
    return fill(token, min(brings, max(least, brings * part // 10_000)))
