"""No order of calls makes a profit out of the other holders, beyond what an auction pays."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from scripts._model import rule_book
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, SCALE, WAD
from scripts._model.token import Lane

from .worlds import OPENING, drifted, fill, fill_part, many, nav, worlds

# What an attacker may do in a block, with how much of what they could: hundredths of a percent.
free_moves = st.lists(
    st.tuples(
        st.sampled_from(["mint", "redeem", "give shares", "add collateral", "repay", "settle"]),
        st.integers(1, 10_000),
    ),
    min_size=1,
    max_size=8,
)
moves = st.lists(
    st.tuples(
        st.sampled_from(["mint", "redeem", "fill", "fill", "settle"]), st.integers(1, 10_000)
    ),
    min_size=1,
    max_size=8,
)


class Attacker:
    """Has endless money of both kinds and counts what it gained, in debt units."""

    def __init__(self, token):
        self.token = token
        self.gain = Fraction(0)
        self.premiums = Fraction(0)
        self.calls = 0

    @property
    def wealth(self):
        """Gains so far, and shares at NAV."""
        shares = self.token.balance("attacker")
        return self.gain + shares * nav(self.token) / self.token.true_supply()

    def act(self, kind, part):
        token, unit = self.token, Fraction(self.token.price, SCALE)
        self.calls += 1
        if kind == "mint" and token.max_mint():
            minted = token.mint(
                "attacker", max(1, min(token.supply, token.max_mint()) * part // 10_000)
            )
            self.gain += minted.debt - minted.collateral * unit
        elif kind == "redeem" and token.balance("attacker"):
            shares = max(1, token.balance("attacker") * part // 10_000)
            redeemed = token.redeem("attacker", shares)
            self.gain += redeemed.collateral * unit - redeemed.debt
        elif kind == "give shares":
            token.transfer("attacker", "minter", token.balance("attacker") * part // 10_000)
        elif kind == "add collateral":
            token.position.market.supply_collateral(token.position.name, part)
            self.gain -= part * unit
        elif kind == "repay" and token.position.balances()[1] > part:
            token.position.market.repay(token.position.name, assets=part)
            self.gain -= part
        elif kind == "fill" and token.auction().lane != Lane.CLOSED:
            filled = fill_part(token, part)
            value = filled.collateral * unit
            brought = value if filled.levering else filled.debt
            self.gain += filled.debt - value if filled.levering else value - filled.debt
            self.premiums += max(0, Fraction(filled.premium, WAD)) * brought
        elif kind == "settle":
            token.settle()


@many
@given(drifted(), free_moves)
def test_act_without_fills_at_one_price_never_gains(token, moves):
    """I-N1: at most the venue's own rounding, a unit of debt a call."""
    attacker = Attacker(token)
    before = attacker.wealth

    for move in moves:
        attacker.act(*move)

    assert attacker.wealth - before <= attacker.calls


@many
@given(drifted(), moves)
def test_act_with_fills_gains_the_premiums_at_most(token, moves):
    """I-N2; where no premium is positive, nothing: no free lunch in any order."""
    attacker = Attacker(token)
    before = attacker.wealth

    for move in moves:
        attacker.act(*move)

    assert attacker.wealth - before <= attacker.premiums + 2 * attacker.calls


@many
@given(drifted(), moves)
def test_act_by_another_costs_a_holder_the_premiums_at_most(token, moves):
    """I-N2 from the other side: NAV of a share falls by no more than its part of the premiums."""
    token.settle()
    before, supply = nav(token) / token.supply, token.supply
    attacker = Attacker(token)

    for move in moves:
        attacker.act(*move)

    lost = (before - nav(token) / token.supply) * supply
    assert lost <= attacker.premiums + 2 * attacker.calls


@many
@given(worlds(), st.booleans(), st.integers(1, 10_000))
def test_donate_to_open_an_auction_never_pays(token, collateral, part):
    """I-N3: what a donation opens pays back less than the donation, at any premium allowed."""
    token.rules = _steepest(token)
    market, name = token.position.market, token.position.name
    token.at(now=OPENING + token.rules.window - 1)
    assume(token.auction().lane == Lane.CLOSED)
    held, owed = token.position.balances()
    unit = Fraction(token.price, SCALE)

    if collateral:
        donation = max(1, held * part // 10_000)
        market.supply_collateral(name, donation)
        cost = donation * unit
    else:
        donation = max(1, owed * part // 20_000)
        cost = market.repay(name, assets=donation)[0]
    gain = Fraction(0)
    while token.auction().lane != Lane.CLOSED:
        filled = fill(token, MAX)
        gain += filled.debt - filled.collateral * unit

    assert gain < cost + 1


def _steepest(token):
    """The token's rules with the highest end premium that the rule book lets pass."""
    gearing = token.rules.highest + (0 if token.rules.long else WAD)
    end = min(rule_book.MAX_PREMIUM, WAD * WAD // gearing - 1)
    changes = {**vars(token.rules), "premium_end": end}
    rules = rule_book.Rules(**changes)
    rule_book.check(rules, *token.position.liquidation())
    return rules


@many
@given(drifted(), st.integers(1, 30_000))
def test_mint_around_a_fill_is_neutral_to_others(token, part):
    """I-N4: who doubles the position for a block pays its part of the premium."""
    alone, crowded = token, token.copy()
    assume(token.auction().lane != Lane.CLOSED)

    crowded.mint("attacker", max(1, min(token.supply * part // 10_000, token.max_mint() // 2)))
    fill(crowded, MAX)
    crowded.redeem("attacker", crowded.balance("attacker"))
    fill(alone, MAX)

    unit = Fraction(token.price, SCALE)
    lost = nav(alone) / alone.true_supply() - nav(crowded) / crowded.true_supply()
    assert lost * alone.true_supply() <= 8 + 4 * unit


@many
@given(worlds(), st.integers(1, 10**30), free_moves)
def test_act_in_front_of_a_mint_costs_the_minter_dust(token, shares, moves):
    """I-N6: whoever comes in next pays NAV and the fee, whatever was done before in the block."""
    attacker = Attacker(token)
    for move in moves:
        attacker.act(*move)
    unit = Fraction(token.price, SCALE)
    shares = min(shares, token.max_mint())

    minted = token.mint("minter", shares)

    share = nav(token) / token.supply
    paid = minted.collateral * unit - minted.debt
    assert paid - (shares + minted.fee) * share <= 3 + unit
    assert paid >= shares * share - 3 - unit


@given(worlds(), st.integers(1, 20))
def test_act_in_dust_for_many_calls_gains_nothing(token, dust):
    """T-M3: rounding does not add up to anything; a hundred calls of a few wei."""
    token.at(now=token.now + DAY)
    attacker = Attacker(token)
    for _ in range(50):
        token.mint("attacker", dust)
        before = token.position.balances()
        redeemed = token.redeem("attacker", token.balance("attacker"))
        after = token.position.balances()
        assert redeemed.collateral == before[0] - after[0]

    assert attacker.wealth <= 100
