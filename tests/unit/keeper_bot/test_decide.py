"""What the keeper decides: never what loses, always what the model would, and the best there is."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._keeper import decide
from scripts._keeper.decide import (
    APART,
    MOST_GAS,
    ROOM,
    Ask,
    Costs,
    Fill,
    Pass,
    Quote,
    Reason,
)
from scripts._lens import Lane
from scripts._model.fixed_point import WAD
from tests.unit.keeper_bot import told
from tests.unit.keeper_bot.told import COSTS, GWEI, LIMITS, NOON, OPENING, USDC, WETH

# Ether's price next day, at which a token that was at 3x for 2,000 is below its band, or above.
BELOW = {True: 2100.0, False: 1900.0}
ABOVE = {True: 1900.0, False: 2100.0}
HARD = {True: 1740.0, False: 2150.0}
PAYS = OPENING + 45 * 60

longs = st.booleans()
prices = st.floats(1750, 2120)
sizes = st.integers(10**18, 10**24)
times = st.integers(NOON, OPENING + 2 * 86_400)
amounts = st.integers(0, 10**24)
fees = st.integers(0, 300 * GWEI)
costs = st.builds(Costs, base=fees, tip=fees, most=fees.map(lambda fee: fee + 1), data=fees)


def offer_of(token, limits=LIMITS, costs=COSTS):
    """The only offer, of a token whose lane is open; None if it is not one."""
    state, facts = told.state(token), told.facts(token)
    found, _ = decide.offers([state], {state.token: facts}, costs, limits, WETH, token.now + 12)
    return found[0] if found else None


def opened(long, eth_usd, now, shares=100_000 * WAD):
    return told.moved(told.born(long, shares), eth_usd, now)


# The model


@given(longs, prices, times, sizes)
def test_twin_answers_as_the_token_that_lens_told_of(long, eth_usd, now, shares):
    token = opened(long, eth_usd, now, shares)

    twin = decide.twin(told.state(token), told.facts(token), now)

    assert twin.auction() == token.auction()
    assert twin.leverage() == token.leverage()
    assert twin.max_mint() == token.max_mint()


def test_twin_is_liquidated_by_the_terms_that_lens_tells():
    """On Aave the bonus is its governance's, and does not follow from the LTV."""
    token = told.born()
    facts = replace(told.facts(token), lltv=83 * WAD // 100, bonus=5 * WAD // 100)

    twin = decide.twin(told.state(token), facts, NOON)

    assert twin.position.liquidation() == (83 * WAD // 100, 5 * WAD // 100)


def test_emergency_that_a_lowered_threshold_opens_is_foretold_and_ended():
    """Liquidated at 77 %, the lane opens at 3.72x, before the 3.86x of the rules."""
    token = opened(True, 1813.0, NOON)
    facts = replace(told.facts(token), lltv=77 * WAD // 100)
    assert 3.72 * WAD < token.leverage() < token.rules.emergency

    forecast = decide.forecast(told.state(token), facts, NOON, 0)

    assert forecast and (forecast.lane, forecast.opens_at) == (Lane.EMERGENCY, NOON)
    state = replace(told.state(token), lane=Lane.EMERGENCY, brings=forecast.brings)
    offer = decide.Offer(state, facts, USDC, Fraction(1), Fraction(1))
    assert not decide.ends(offer, forecast.brings // 100, NOON)
    assert decide.ends(offer, forecast.brings, NOON)


@given(longs, prices, times, st.integers(-6 * WAD // 1000, 5 * WAD // 1000))
def test_forecast_is_what_the_model_will_do(long, eth_usd, now, premium):
    """No lane opens before the forecast's, none pays before it, and then it does as said."""
    token = opened(long, eth_usd, now)
    state, facts = told.state(token), told.facts(token)

    forecast = decide.forecast(state, facts, now, premium)

    if forecast is None:
        for later in range(now, now + 2 * 86_400, 1_800):
            assert token.at(now=later).auction().brings == 0
        return
    for time in {now, forecast.opens_at - 1, (now + forecast.opens_at) // 2}:
        if now <= time < forecast.opens_at:
            assert token.at(now=time).auction().brings == 0
    if forecast.pays_at == 0:
        assert token.at(now=forecast.opens_at + facts.rules.window - 1).auction().premium < premium
        return
    paid = token.at(now=forecast.pays_at).auction()
    assert paid.premium == forecast.premium >= premium
    assert (paid.lane, paid.levering, paid.brings) == (
        forecast.lane,
        forecast.levering,
        forecast.brings,
    )
    if forecast.pays_at > max(now, forecast.opens_at):
        assert token.at(now=forecast.pays_at - 1).auction().premium < premium


@pytest.mark.parametrize("long", [True, False])
def test_forecast_of_an_emergency_is_now(long):
    token = opened(long, HARD[long], OPENING + 8 * 3_600)

    forecast = decide.forecast(told.state(token), told.facts(token), token.now, WAD // 10_000)

    assert forecast.lane == Lane.EMERGENCY
    assert forecast.opens_at == forecast.pays_at == token.now


@given(longs, st.integers(1, 48))
def test_emergency_ends_as_the_model_says(long, part):
    token = opened(long, HARD[long], OPENING + 8 * 3_600)
    offer = offer_of(token)
    max_in = offer.state.brings * part // 48

    ends = decide.ends(offer, max_in, token.now)

    token.fill_delever(max_in)
    assert ends == (token.leverage() < token.rules.emergency)


# What is open


def test_closed_token_is_no_offer():
    token = opened(True, 2000, OPENING + 60)

    assert offer_of(token) is None


@given(longs, prices, times)
def test_open_token_that_could_pay_is_an_offer(long, eth_usd, now):
    token = opened(long, eth_usd, now)

    offer = offer_of(token)

    assert (offer is not None) == (token.auction().brings > 0)


def test_crumb_is_no_offer():
    token = opened(True, BELOW[True], PAYS, shares=WAD // 100)
    state, facts = told.state(token), told.facts(token)
    small = replace(state, brings=10**9, takes=2)

    found, passes = decide.offers([small], {state.token: facts}, COSTS, LIMITS, WETH, token.now)

    assert not found
    assert [each.reason for each in passes] == [Reason.TOO_SMALL]


@given(st.integers(-APART * 9 // 10, APART * 9 // 10), st.integers(10**12, 10**18))
def test_what_is_no_offer_would_not_have_paid(off, brings):
    """However far a pool is from the oracle, up to what is taken for the farthest."""
    token = opened(True, BELOW[True], PAYS)
    state, facts = told.state(token), told.facts(token)
    state = replace(state, brings=brings, takes=state.takes * brings // state.brings)

    found, _ = decide.offers([state], {state.token: facts}, COSTS, LIMITS, WETH, token.now)

    if not found:
        quote = told.pool(state, Ask(state.token, 500, brings), 10**40, off)
        unit = decide.worth([state], {state.token: facts}, WETH)[USDC]
        assert (quote.profit or 0) * unit < COSTS.of(decide.FILL_GAS)


def test_coin_that_is_not_taken_is_no_offer():
    token = opened(True, BELOW[True], PAYS)
    state, facts = told.state(token), told.facts(token)
    limits = replace(LIMITS, coins=frozenset([WETH]))

    found, passes = decide.offers([state], {state.token: facts}, COSTS, limits, WETH, token.now)

    assert not found
    assert [each.reason for each in passes] == [Reason.UNKNOWN_COIN]


def test_first_token_of_a_pair_sets_its_price():
    """Whoever creates another, with an oracle that lies, changes nothing."""
    honest, liar = told.born(), told.born()
    states = [told.state(honest, 1), replace(told.state(liar, 2), price=1)]
    facts = {told.address(1): told.facts(honest, 1), told.address(2): told.facts(liar, 2)}

    units = decide.worth(states, facts, WETH)

    assert units == {WETH: 1, USDC: Fraction(10**18, 2000 * 10**6)}


def test_token_that_is_not_trusted_prices_nothing():
    """Anyone may create the first token of a pair, with an oracle that says what suits them.

    If it were believed, what the keeper earns of an honest token would seem to be worth a fortune,
    and so it would pay more for gas than it gets.
    """
    liar, honest = opened(True, BELOW[True], PAYS), opened(True, BELOW[True], PAYS)
    states = [replace(told.state(liar, 1), price=1), told.state(honest, 2)]
    facts = {told.address(1): told.facts(liar, 1), told.address(2): told.facts(honest, 2)}
    limits = replace(LIMITS, trusted=frozenset([told.address(2)]))

    found, _ = decide.offers(states, facts, COSTS, limits, WETH, PAYS)
    none, passes = decide.offers(
        states, facts, COSTS, replace(LIMITS, trusted=frozenset()), WETH, PAYS
    )

    assert {offer.unit for offer in found} == {Fraction(10**18, 2100 * 10**6)}
    assert not none and {each.reason for each in passes} == {Reason.UNKNOWN_COIN}


@given(st.integers(0, 20), st.integers(0, 60), st.integers(1, 16), st.integers(0, 1_000))
def test_crowd_takes_no_place_of_tokens_that_are_trusted(named, others, places, turn):
    """A thousand tokens in a feigned emergency, each larger than all there is, cost little."""
    token, alarm = opened(True, BELOW[True], PAYS), opened(True, HARD[True], PAYS)
    facts = told.facts(token)
    trusted = [replace(told.state(token), token=told.address(n)) for n in range(named)]
    crowd = [replace(told.state(alarm), token=told.address(100 + n)) for n in range(others)]
    limits = replace(
        LIMITS, tokens=places, trusted=frozenset([told.address(99), *(s.token for s in trusted)])
    )
    priced = replace(told.state(token), token=told.address(99), lane=Lane.CLOSED)
    states = [*crowd, *trusted, priced]

    found, passes = decide.offers(
        states, {s.token: facts for s in states}, COSTS, limits, WETH, PAYS, turn
    )

    ours = [offer for offer in found if limits.trusts(offer.state.token)]
    assert len(ours) == min(named, places)
    assert len(found) == min(named + others, places)
    assert len(found) + len(passes) == named + others


def test_emergency_comes_first():
    calm, alarm = opened(True, BELOW[True], PAYS), opened(True, HARD[True], PAYS, 100 * WAD)
    states = [told.state(calm, 1), told.state(alarm, 2)]
    facts = {told.address(1): told.facts(calm, 1), told.address(2): told.facts(alarm, 2)}

    found, _ = decide.offers(states, facts, COSTS, LIMITS, WETH, PAYS)

    assert [offer.state.token for offer in found] == [told.address(2), told.address(1)]


@given(st.integers(1, 60), st.integers(2, 16))
def test_every_offer_is_quoted_in_its_turn(count, places):
    token = opened(True, BELOW[True], PAYS)
    one, facts = told.state(token), told.facts(token)
    states = [replace(one, token=told.address(number)) for number in range(count)]
    known = {state.token: facts for state in states}
    limits = replace(LIMITS, tokens=places)
    seen: set[str] = set()

    for turn in range(100, 100 + count):
        found, passes = decide.offers(states, known, COSTS, limits, WETH, PAYS, turn)
        seen |= {offer.state.token for offer in found}
        assert len(found) == min(count, places)
        assert len(found) + len(passes) == count

    assert len(seen) == count


# What is quoted


@given(st.integers(1, 10**24))
def test_whole_is_asked_for_and_no_more(brings):
    token = opened(True, BELOW[True], PAYS)
    offer = replace(offer_of(token), state=replace(told.state(token), brings=brings))

    asks = decide.asks(offer, (500, 3_000))

    for tier in (500, 3_000):
        sizes = [ask.max_in for ask in asks if ask.tier == tier]
        assert max(sizes) == brings and min(sizes) >= 1
        assert len(sizes) == len(set(sizes)) <= len(decide.PARTS)


@given(st.integers(1, 10**20), st.integers(10**3, 10**21))
def test_peak_finds_the_top_of_a_parabola(slope, brings):
    token = opened(True, BELOW[True], PAYS)
    offer = replace(offer_of(token), state=replace(told.state(token), brings=brings))
    top = brings * 2 // 5  # slope * (2 top s - s^2) is highest at `top`
    quotes = [
        Quote(ask, slope * (2 * top - ask.max_in) * ask.max_in)
        for ask in decide.asks(offer, (500,))
        if ask.max_in <= 2 * top
    ]

    sizes = {quote.ask.max_in for quote in quotes} | {a.max_in for a in decide.refine(quotes)}

    assert min(abs(size - top) for size in sizes) <= 1


@given(longs, st.integers(22, 32), st.booleans())
def test_nearly_the_best_size_is_found(long, bits, above):
    """Of a pool of any depth: what is chosen earns nine tenths of what the best size would.

    Where that is a hundredth of what is open, or more.
    """
    token = opened(long, (ABOVE if above else BELOW)[long], PAYS)
    offer = offer_of(token)
    depth = offer.state.brings * 2**bits // 2**24
    quotes = [told.pool(offer.state, ask, depth) for ask in decide.asks(offer, (500,))]
    quotes += [told.pool(offer.state, ask, depth) for ask in decide.refine(quotes)]
    best = max(quote.profit or 0 for quote in quotes)

    grid = [Ask(offer.state.token, 500, offer.state.brings * n // 500) for n in range(5, 501)]
    most = max(told.pool(offer.state, ask, depth).profit or 0 for ask in grid)

    assert best >= most * 9 // 10


# What is done


@given(longs, st.lists(st.tuples(sizes, amounts, st.integers(21_000, 2 * MOST_GAS))), costs, fees)
def test_never_sends_what_loses(long, quoted, costs, budget):
    """Whatever is quoted and whatever it costs: what is mined earns its gas, at its highest fee
    and with all of its gas; in an emergency all but the budget, and only to end it."""
    for eth_usd, now in ((BELOW[long], PAYS), (HARD[long], OPENING + 8 * 3_600)):
        token = opened(long, eth_usd, now)
        limits = replace(LIMITS, budget=budget * 100_000)
        offer = replace(offer_of(token), most=Fraction(0))
        quotes = [
            Quote(Ask(offer.state.token, 500, size), profit, gas) for size, profit, gas in quoted
        ]

        fill = decide.choose(offer, quotes, costs, limits, now)

        if isinstance(fill, Pass):
            continue
        due = fill.gas_limit * fill.max_fee + costs.data
        assert fill.min_profit * offer.unit >= due - fill.allowance
        assert fill.min_profit <= fill.profit
        assert costs.base + costs.tip <= fill.max_fee <= costs.most
        assert fill.tip <= fill.max_fee
        assert fill.gas_limit <= MOST_GAS * ROOM
        if fill.allowance:
            assert offer.emergency and fill.allowance == limits.budget
            assert decide.ends(offer, fill.ask.max_in, now)
        elif not offer.emergency:
            assert fill.gain >= 0


@given(longs, st.lists(st.tuples(sizes, amounts), min_size=1), costs)
def test_never_leaves_what_pays(long, quoted, costs):
    """If any quote pays for the whole gas limit at the next block's fee, one is sent."""
    token = opened(long, BELOW[long], PAYS)
    offer = offer_of(token)
    quotes = [Quote(Ask(offer.state.token, 500, size), profit) for size, profit in quoted]
    fee = costs.base + costs.tip
    limit = int(decide.FILL_GAS * ROOM)

    fill = decide.choose(offer, quotes, costs, LIMITS, token.now)

    best = max(int(quote.profit * offer.unit // 1) for quote in quotes)
    pays = fee <= costs.most and best >= limit * fee + costs.data
    assert isinstance(fill, Fill) == pays
    if pays:
        assert fill.gain == best - costs.of(decide.FILL_GAS)


@given(fees, fees, amounts, fees)
def test_other_fee_keeps_the_promise(max_fee, tip, profit, data):
    """A replacement costs more: then it insists on more, or is none."""
    token = opened(True, BELOW[True], PAYS)
    offer = offer_of(token)
    quote = Quote(Ask(offer.state.token, 500, WAD), profit)
    fill = decide.bind(offer, quote, Costs(1, 1, 400 * GWEI, data))
    if fill is None:
        return

    other = fill.at(max_fee, tip)

    if other is None:
        assert max_fee > 400 * GWEI or fill.gas_limit * max_fee + data > profit * offer.unit
    else:
        assert profit * offer.unit >= other.min_profit * offer.unit
        assert other.min_profit * offer.unit >= fill.gas_limit * max_fee + data


def test_budget_pays_only_for_the_end_of_an_emergency():
    """Half of what is open would not end it."""
    token = opened(True, 1790.0, OPENING + 8 * 3_600, shares=20 * WAD)
    token.at(price=told.price(1700.0, True))
    offer = offer_of(token, replace(LIMITS, budget=WAD))
    few = offer.state.brings // 8
    assert not decide.ends(offer, few, token.now)
    limits = replace(LIMITS, budget=WAD)
    part, whole = (Quote(Ask(offer.state.token, 500, n), 0) for n in (few, offer.state.brings))

    refused = decide.choose(offer, [part], COSTS, limits, token.now)
    fill = decide.choose(offer, [part, whole], COSTS, limits, token.now)

    assert refused.reason == Reason.BUDGET
    assert fill.ask == whole.ask and fill.gain < 0 and fill.min_profit == 0


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"losses": {told.address(0): WAD - 1}}, Reason.BUDGET),
        ({"losses": {told.address(0): 2 * WAD}}, Reason.BUDGET),
        ({"trusted": frozenset()}, Reason.GAS),
    ],
)
def test_budget_is_spent_once(limits, reason):
    """A token whose emergency never ends would take it block after block, until nothing is left.

    So what it has lost is gone for the day; and tokens that nobody has named have none.
    """
    token = opened(True, 1790.0, OPENING + 8 * 3_600, shares=20 * WAD)
    token.at(price=told.price(1700.0, True))
    offer = offer_of(token, replace(LIMITS, budget=WAD))
    whole = Quote(Ask(offer.state.token, 500, offer.state.brings), 0)

    refused = decide.choose(offer, [whole], COSTS, replace(LIMITS, budget=WAD, **limits), token.now)

    assert refused.reason == reason


def test_fill_that_takes_too_much_gas_is_told():
    """It would seem that no pool pays, and whoever reads that looks for a pool."""
    token = opened(True, BELOW[True], PAYS)
    offer = offer_of(token)
    quote = Quote(Ask(offer.state.token, 500, WAD), 10**24, gas=MOST_GAS + 1)

    assert decide.choose(offer, [quote], COSTS, LIMITS, PAYS).reason == Reason.HEAVY


def test_token_that_rests_is_no_offer():
    token = opened(True, BELOW[True], PAYS)
    state = told.state(token)
    limits = replace(LIMITS, resting=frozenset([state.token]))

    found, passes = decide.offers(
        [state], {state.token: told.facts(token)}, COSTS, limits, WETH, PAYS
    )

    assert not found and [each.reason for each in passes] == [Reason.FAILED]


def test_pair_is_filled_once_in_a_block():
    fills = []
    for number, long in enumerate((True, False)):
        offer = offer_of(opened(long, BELOW[long], PAYS))
        quote = Quote(Ask(told.address(number), 500, WAD), 10**24)
        fills.append(decide.choose(offer, [quote], COSTS, LIMITS, PAYS))

    kept, passes = decide.apart(fills)

    assert len(kept) == 1
    assert [each.reason for each in passes] == [Reason.SAME_PAIR]


@given(prices, times)
def test_token_with_a_fault_is_left_alone(eth_usd, now):
    """Lens gives zeros for what could not be read, and an oracle may answer only sometimes."""
    token = opened(True, eth_usd, now)
    half = replace(told.state(token), price=0)
    assert not decide.offers([half], {half.token: told.facts(token)}, COSTS, LIMITS, WETH, now)[0]
    state = replace(told.state(token), price=0, lane=Lane.CLOSED, brings=0, takes=0)

    assert decide.forecast(state, told.facts(token), now, 0) is None
    found, passes = decide.offers(
        [state], {state.token: told.facts(token)}, COSTS, LIMITS, WETH, now
    )
    assert not found and not passes
