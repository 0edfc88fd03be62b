"""How tokens stand: equal to what raw storage says, and flags where something cannot be read."""

from dataclasses import astuple, replace

import pytest
from ape import networks
from hypothesis import given
from hypothesis import strategies as st
from web3.exceptions import ContractLogicError

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from scripts._lens import Fault, Lane, decode_states, states_call
from scripts._model.revert import Revert
from scripts._twin import twin
from tests.unit.lens.conftest import PRICE, SEED
from tests.unit.lens.model import nothing, state_of
from tests.unit.lens.odd import word
from tests.unit.morpho_position.markets import donate, drain, liquidate

LARGEST = 2**128 - 1
ALL = 2**256 - 1
BUSY = Fault.PRICE | Fault.VENUE_PRICE | Fault.POSITION | Fault.AUCTION | Fault.COIN


@given(
    symbol=st.sampled_from(["ETHBULL", "ETHBEAR", "ETHHEDGE"]),
    dollars=st.one_of(st.integers(1_000, 4_000), st.sampled_from([1_900, 2_100, 1_740, 2_150])),
    days=st.integers(0, 400),
    second=st.one_of(st.integers(0, 7_300), st.integers(0, DAY - 1)),
    minted=st.integers(0, 10**6),
    gift=st.integers(0, 200),
    left=st.one_of(st.none(), st.integers(0, 10**12)),
    cap=st.one_of(st.none(), st.integers(0, 2 * 10**24)),
    paused=st.booleans(),
    filled=st.integers(0, 100),
    stale=st.booleans(),
)
def test_state_equals_what_raw_storage_says(
    devnet, tokens, states, owner, minter, lender, taker, symbol, **drawn
):
    """I-L1: whatever happened, each field is what the model makes of the venue's raw storage."""
    token = tokens[symbol]
    market = devnet.long if token.rules().long else devnet.short
    with undone():
        if shares := drawn["minted"] * 10**15:
            token.mint(shares, ENDLESS, 0, sender=minter)
        if gift := states(token)[0].collateral * drawn["gift"] // 100:
            donate(devnet, market, token.position(), lender, gift)
        if drawn["cap"] is not None:
            token.set_cap(drawn["cap"], sender=owner)
        if drawn["left"] is not None:
            drain(devnet, market, drawn["left"])
        token.set_paused(drawn["paused"], sender=owner)
        warp_to(next_0002(now()) + drawn["days"] * DAY + drawn["second"])
        set_price(devnet, str(drawn["dollars"]))
        model = twin(devnet, token)
        fill(token, model, taker, drawn["filled"])
        if drawn["stale"]:
            warp_to(now() + 3_601)
            model.at(now=now()).fault = "oracle: price is stale"

        assert states(token) == [state_of(model, token.address)]


def fill(token, model, taker, percent: int) -> None:
    """Fill a part of what is open, on chain and in the model, if that goes."""
    try:
        name = "fill_lever" if model.offer().levering else "fill_delever"
        most = model.auction().brings * percent // 100
        getattr(model, name)(most)
    except Revert:
        return
    getattr(token, name)(most, 0, sender=taker)


def test_states_are_in_the_order_of_the_question(tokens, states):
    bull, bear, hedge = (tokens[symbol] for symbol in ("ETHBULL", "ETHBEAR", "ETHHEDGE"))

    answer = states(hedge, bull, bear, bull)

    assert [state.token for state in answer] == [t.address for t in (hedge, bull, bear, bull)]
    assert answer[1] == answer[3]
    assert answer[0].leverage == pytest.approx(WAD, rel=1e-6)
    assert states() == []


def test_states_of_what_is_no_token_are_unknown(bull, states, lens, usdc, stranger, ballast):
    nobody = "0x" + "00" * 20
    position = bull.position()
    others = [lens.address, usdc.address, stranger.address, ballast.factory.address, position]

    answer = states(nobody, *others, bull)

    assert answer[:-1] == [nothing(other, Fault.UNKNOWN) for other in (nobody, *others)]
    assert answer[-1].faults == 0


def test_states_of_as_many_as_fit_and_of_one_more(bull, states):
    answer = states(*[bull] * 256, gas=60_000_000)

    assert len(answer) == 256
    assert answer[0] == answer[255]
    with pytest.raises(ContractLogicError):
        states(*[bull] * 257, gas=60_000_000)


def test_states_by_the_abi_are_the_same(bull, lens, states):
    (answer,) = lens.states([bull])

    assert tuple(answer) == astuple(states(bull)[0])


def test_state_of_a_paused_token_says_so(bull, states, owner):
    assert not states(bull)[0].paused

    bull.set_paused(True, sender=owner)

    (state,) = states(bull)
    assert state.paused
    assert state.max_mint == 0


def test_state_of_an_insolvent_position_has_no_auction(devnet, bull, states):
    set_price(devnet, "1300")

    (state,) = states(bull)

    assert state.faults == Fault.AUCTION
    assert (state.assets, state.leverage, state.lane) == (0, ALL, Lane.CLOSED)
    assert state.collateral > 0 < state.debt


def test_state_of_a_wiped_position_is_told(devnet, bull, states, minter):
    set_price(devnet, "1300")
    held = states(bull)[0].collateral

    liquidate(devnet, devnet.long, bull.position(), minter, held)

    (state,) = states(bull)
    assert (state.collateral, state.debt, state.assets, state.max_mint) == (0, 0, 0, 0)
    assert (state.faults, state.leverage) == (Fault.AUCTION, ALL)


def test_state_at_a_stale_price_lacks_what_depends_on_it(bull, states):
    before = states(bull)[0]
    warp_to(now() + 3_601)

    (state,) = states(bull)

    assert state.faults == Fault.PRICE
    assert (state.price, state.assets, state.leverage, state.lane) == (0, 0, 0, Lane.CLOSED)
    assert state.venue_price == before.venue_price > 0
    assert state.collateral == before.collateral > 0
    assert state.liquidity > 0 < state.max_mint


def test_state_with_a_dead_oracle_of_the_venue_lacks_only_that(made, states, minter):
    token, market, _ = made
    (before,) = states(token)

    market.venue_oracle.set_price(0, sender=minter)

    assert states(token) == [replace(before, faults=Fault.VENUE_PRICE, venue_price=0)]


@pytest.mark.parametrize(
    "said",
    [b"", bytes(31), word(0), word(ALL), word(ALL // SEED + 1)],
    ids=["nothing", "a byte less", "zero", "all ones", "one too high"],
)
def test_state_at_a_price_that_is_none_is_flagged(made, states, minter, said):
    token, market, oracle = made
    (before,) = states(token)

    oracle.say(said, sender=minter)

    nothing = {"price": 0, "assets": 0, "leverage": 0}
    assert states(token) == [replace(before, faults=Fault.PRICE, **nothing)]


def test_state_at_the_lowest_price_is_told(made, states, minter):
    token, _, oracle = made

    oracle.say(word(1), sender=minter)

    (state,) = states(token)
    assert (state.price, state.assets, state.leverage) == (1, 0, ALL)
    assert state.faults == Fault.AUCTION


def test_state_of_one_unit_at_the_highest_price_is_told(told, minter):
    _, venue, oracle, look = told
    venue.tell((1, 0, PRICE, 0), sender=minter)
    oracle.say(word(ALL), sender=minter)

    state = look()

    assert (state.price, state.assets, state.leverage) == (ALL, ALL // 10**36, WAD)
    assert not state.faults & (Fault.PRICE | Fault.POSITION)


def test_state_at_the_highest_price_is_told(made, states, minter):
    token, market, oracle = made
    held = states(token)[0].collateral

    oracle.say(word(ALL // held), sender=minter)

    (state,) = states(token)
    assert state.price == ALL // held
    assert state.assets == held * state.price // 10**36 - state.debt
    assert not state.faults & (Fault.PRICE | Fault.POSITION)


def test_state_reads_no_more_of_a_price_than_a_word(made, states, minter):
    token, _, oracle = made
    (before,) = states(token)

    oracle.say(word(PRICE) + bytes(range(256)), sender=minter)

    assert states(token) == [before]


@pytest.mark.parametrize("way", ["die", "waste"])
def test_state_with_an_oracle_that_fails_leaves_the_others_of_a_page(
    made, states, bull, bear, minter, way
):
    token, _, oracle = made
    good = states(bull, bear)

    getattr(oracle, way)(sender=minter)

    first, state, last = states(bull, token, bear, gas=2_500_000)
    assert [first, last] == good
    assert state.faults == Fault.PRICE


def test_state_in_an_auction_is_what_the_token_says(devnet, bull, states):
    warp_to(next_0002(now()) + 60)
    set_price(devnet, "2100")
    lane, levering, premium, brings, takes = bull.auction()

    (state,) = states(bull)

    told = (state.lane, state.levering, state.premium, state.brings, state.takes)
    assert told == (lane, levering, premium, brings, takes)
    assert (lane, levering, premium < 0) == (Lane.SCHEDULED, True, True)


def test_state_with_any_gas_is_whole_or_none(made, states, minter):
    """The oracle takes nearly all that a question may: more than what a caller can withhold."""
    token, _, oracle = made
    oracle.labour(383_000, sender=minter)
    whole = states(token)
    found = []

    for gas in range(450_000, 1_500_000, 1_500):
        try:
            found.append(states(token, gas=gas))
        except ContractLogicError:
            found.append(None)

    assert (found[0], found[-1]) == (None, whole)
    assert not whole[0].faults & Fault.PRICE
    assert all(answer in (None, whole) for answer in found)


@pytest.mark.parametrize("gas", [200_000, 300_000, 450_000])
def test_states_with_too_little_gas_revert(bull, states, gas):
    """Rather than to call a fault what is none."""
    with pytest.raises(ContractLogicError, match="lens: too little gas"):
        states(bull, gas=gas)


@pytest.mark.parametrize(
    ("collateral", "debt", "faults"),
    [
        (LARGEST, LARGEST, Fault.AUCTION),
        (LARGEST + 1, 0, Fault.POSITION),
        (0, LARGEST + 1, Fault.POSITION),
        (ALL, ALL, Fault.POSITION),
    ],
)
def test_state_of_a_position_of_any_size_is_told_or_flagged(told, collateral, debt, faults, minter):
    token, venue, oracle, look = told
    venue.tell((collateral, debt, PRICE, 7), sender=minter)
    oracle.say(word(10**36), sender=minter)

    state = look()

    assert state.faults == faults
    known = faults != Fault.POSITION
    assert (state.collateral, state.debt) == ((collateral, debt) if known else (0, 0))
    assert (state.liquidity, state.price) == (7 * known, 10**36)
    assert (state.assets, state.lane) == (0, Lane.CLOSED)


def test_state_of_a_position_that_says_nothing_is_flagged(told, minter):
    """Everything is told that does not depend on it."""
    token, venue, _, look = told
    before = look()
    networks.provider.set_code(token.position(), "0x5f5ffd")  # REVERT

    state = look()

    assert state.faults == Fault.POSITION | Fault.VENUE_PRICE
    lost = ("collateral", "debt", "venue_price", "assets", "leverage", "liquidity", "max_mint")
    nothing = dict.fromkeys(lost, 0)
    assert state == replace(before, faults=state.faults, **nothing)


def test_state_in_the_middle_of_a_call_is_nothing_but_faults(in_between, states):
    """Though position and oracle would answer: half of the call is done."""
    token, answers = in_between(states_call)

    for answer in answers:
        assert decode_states(answer) == [nothing(token.address, BUSY)]
    assert states(token)[0].faults == 0
