"""The model's token as a state machine: its faults, and that a fault changes nothing."""

import pytest

from scripts._model import token, venue
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules, usual_emergency

from .worlds import OPENING

PRICE = 2_000 * 10**24  # USDC (6) for ETH (18)


@pytest.fixture
def market():
    return venue.used_market(
        lltv=86 * WAD // 100, price=PRICE, now=OPENING - DAY // 2, rate=WAD // 10**10
    )


@pytest.fixture
def rules():
    return Rules(long=True, target=3 * WAD, emergency=usual_emergency(3 * WAD, long=True))


@pytest.fixture
def bull(market, rules):
    made = token.create(market, rules, 10**18, 6)
    made.mint("minter", 1_000 * WAD)
    return made


def fails(bull, reason, call, *args):
    bull.at(now=bull.now + 60)
    before = bull.copy()
    with pytest.raises(Revert) as error:
        getattr(bull, call)(*args)
    assert error.value.reason == reason
    assert bull == before


@pytest.mark.parametrize(
    ("reason", "call", "args"),
    [
        ("seed: already seeded", "seed", (1, 1, 1)),
        ("mint: zero shares", "mint", ("minter", 0)),
        ("mint: cap exceeded", "mint", ("minter", 2**112)),
        ("mint: collateral above max", "mint", ("minter", WAD, 1)),
        ("mint: debt below min", "mint", ("minter", WAD, MAX, 10**18)),
        ("insufficient liquidity", "mint", ("minter", 10**39)),
        ("redeem: zero shares", "redeem", ("minter", 0)),
        ("redeem: shares above balance", "redeem", ("stranger", 1)),
        ("redeem: debt above max", "redeem", ("minter", WAD, 1)),
        ("redeem: collateral below min", "redeem", ("minter", WAD, MAX, 10**18)),
        ("fill: not open for levering", "fill_lever", (1,)),
        ("fill: not open for delevering", "fill_delever", (1,)),
        ("transfer: balance too low", "transfer", ("stranger", "minter", 1)),
    ],
)
def test_call_with_bad_input_reverts_and_changes_nothing(bull, reason, call, args):
    if reason == "insufficient liquidity":
        bull.cap = 10**40
    fails(bull, reason, call, *args)


def test_mint_while_paused_reverts_and_redeem_goes_on(bull):
    bull.paused = True

    fails(bull, "mint: paused", "mint", "minter", WAD)
    assert bull.max_mint() == 0
    bull.redeem("minter", WAD)


def test_mint_beyond_the_venue_s_limit_reverts(bull):
    """Pro rata, a mint cannot make an unhealthy position healthy."""
    bull.at(price=PRICE * 76 // 100)

    fails(bull, "insufficient collateral", "mint", "stranger", WAD)
    fails(bull, "insufficient collateral", "redeem", "minter", WAD)


def test_fill_below_the_limit_reverts_and_at_it_goes(bull):
    """The bounds are a price, however much of the request is open."""
    bull.at(now=OPENING + 60, price=PRICE * 105 // 100)
    brings, takes = bull.preview_fill_lever(10**30)

    bull.at(now=OPENING)
    fails(bull, "fill: debt below limit", "fill_lever", 2 * brings, 2 * takes + takes // 100)
    fails(bull, "fill: nothing to take", "fill_lever", 0)
    bull.fill_lever(2 * brings, 2 * takes - takes // 100)

    bull.at(now=OPENING + DAY + 60, price=PRICE * 97 // 100)
    brings, takes = bull.preview_fill_delever(10**30)
    bull.at(now=bull.now - 60)
    fails(bull, "fill: collateral below limit", "fill_delever", 2 * brings, 2 * takes * 101 // 100)
    fails(bull, "fill: no collateral to take", "fill_delever", 0)
    bull.fill_delever(2 * brings, 2 * takes * 99 // 100)


def test_redeem_after_liquidation_shares_what_is_left(bull):
    """I-M10: wiped out, shares are worth nothing and cannot be minted, and that is all."""
    market = bull.position.market
    bull.at(price=PRICE // 2)
    market.liquidate("token", seized_assets=bull.position.balances()[0])

    assert bull.position.balances() == (0, 0)
    fails(bull, "mint: position is empty", "mint", "stranger", WAD)
    assert bull.max_mint() == 0
    redeemed = bull.redeem("minter", WAD)
    assert (redeemed.debt, redeemed.collateral) == (0, 0)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("token: cap out of bounds", {"cap": 2**112 + 1}),
        ("factory: oracles disagree", {"price": PRICE * 103 // 100}),
        ("factory: seed too small", {"collateral": 10**11}),
        ("factory: too many decimals", {"quote_decimals": 19}),
    ],
)
def test_create_with_bad_input_reverts(market, rules, reason, changes):
    arguments = {"collateral": 10**18, "quote_decimals": 6, **changes}

    with pytest.raises(Revert, match=reason):
        token.create(market, rules, **arguments)


def test_create_on_an_empty_or_spoiled_market_reverts(market, rules):
    empty = venue.Market(lltv=market.lltv, price=PRICE, now=OPENING)
    with pytest.raises(Revert, match="position: market is empty"):
        token.create(empty, rules, 10**18, 6)

    market.total_borrow_shares *= 3
    with pytest.raises(Revert, match="position: market is spoiled"):
        token.create(market, rules, 10**18, 6)


def test_create_after_a_donation_seeds_at_one_quote_unit_a_share(market, rules):
    """T-M1: a gift to the address before creation goes to the locked seed."""
    market.supply_collateral("token", 10**24)

    made = token.create(market, rules, 10**18, 6)
    minted = made.mint("minter", WAD)

    assert made.balance(token.LOCKED) == 666_666667 * 10**12  # a third of 2,000 USDC
    redeemed = made.redeem("minter", WAD)
    assert redeemed.collateral >= minted.collateral * 997 // 1000


def test_copy_of_a_token_lives_its_own_life(bull):
    other = bull.copy()
    assert other == bull

    other.at(now=other.now + DAY, price=1)
    other.balances["minter"] = 0

    assert bull.balance("minter") == 1_000 * WAD
    assert bull.position.market.price == bull.price == PRICE
