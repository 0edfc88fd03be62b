"""Tokens that answer nothing, that keep a part, and that strike back in the middle of a call."""

import ape
import pytest
from ape import project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, RULES, TOKENS, WAD, next_0002, now, warp_to
from tests.unit.morpho_position.markets import open_market, use_market

PRICE = 2 * 10**36
LTV = 86 * WAD // 100
BULL = RULES | TOKENS["ETHBULL"][1]


@pytest.fixture
def create(devnet, ballast, owner, treasury, minter):
    """A 3x long token of `collateral` in `debt`, both of 18 decimals; the minter has both."""

    def _create(collateral, debt):
        market = open_market(devnet, collateral, debt, PRICE, LTV)
        use_market(devnet, market, lent=10**24, borrowed=10**22)
        collateral.mint(minter, 10**24, sender=minter)
        debt.mint(minter, 10**24, sender=minter)
        collateral.approve(ballast.factory, ENDLESS, sender=minter)
        terms = ("Odd", "ODD", BULL, market.fill_oracle, treasury, owner, 10**30)
        ballast.factory.create(*terms, market.id, 10**20, sender=minter)
        token = project.LeveragedToken.at(ballast.factory.tokens(ballast.factory.count() - 1))
        collateral.approve(token, ENDLESS, sender=minter)
        debt.approve(token, ENDLESS, sender=minter)
        return token, market

    return _create


@pytest.fixture
def hostile(create, minter):
    """A token whose collateral and debt are both hostile, once they are armed."""
    coins = [minter.deploy(project.HostileToken) for _ in range(2)]
    return create(*coins)


def deleverage(market, taker) -> None:
    """Ten minutes past the opening, the price down by 5 %."""
    warp_to(next_0002(now()) + 600)
    market.fill_oracle.set_price(PRICE * 95 // 100, sender=taker)


def releverage(market, taker) -> None:
    """Ten minutes past the opening, the price up by 5 %."""
    warp_to(next_0002(now()) + 600)
    market.fill_oracle.set_price(PRICE * 105 // 100, sender=taker)


def test_token_of_silent_tokens_does_all_it_can(create, minter):
    coins = [minter.deploy(project.SilentToken, 18) for _ in range(2)]
    bull, market = create(*coins)

    bull.mint(WAD, ENDLESS, 0, sender=minter)
    bull.redeem(WAD, ENDLESS, 0, sender=minter)
    releverage(market, minter)
    bull.fill_lever(ENDLESS, 0, sender=minter)
    deleverage(market, minter)
    bull.fill_delever(ENDLESS, 0, sender=minter)

    assert bull.balanceOf(minter) == 0
    assert bull.leverage() == pytest.approx(3.03 * WAD, rel=1e-6)
    assert [coin.balanceOf(bull.position()) for coin in coins] == [0, 0]
    assert [coin.balanceOf(bull) for coin in coins] == [0, 0]


def test_mint_with_a_token_that_keeps_a_part_reverts(hostile, minter):
    bull, market = hostile
    market.collateral.set_fee(WAD // 100, sender=minter)

    with ape.reverts("transferFrom reverted"):  # in Morpho's words: the position has too little
        bull.mint.call(WAD, ENDLESS, 0, sender=minter, skip_trace=True)


def test_redeem_with_a_token_that_keeps_a_part_reverts(hostile, minter):
    bull, market = hostile
    bull.mint(WAD, ENDLESS, 0, sender=minter)
    market.debt.set_fee(WAD // 100, sender=minter)

    with ape.reverts("transferFrom reverted"):
        bull.redeem.call(WAD, ENDLESS, 0, sender=minter, skip_trace=True)


def every_call(token, someone) -> list[bytes]:
    """Call data for each function of the token, with arguments that pass when it is not locked."""
    special = {
        "seed": (1, 1, 1, someone),
        "mint": (WAD, ENDLESS, 0),
        "redeem": (0, ENDLESS, 0),
        "fill_lever": (ENDLESS, 0),
        "fill_delever": (ENDLESS, 0),
        "permit": (ZERO_ADDRESS, ZERO_ADDRESS, 0, 0, 27, bytes(32), bytes(32)),
    }
    plain = {"address": someone, "uint256": 1, "bool": False}
    calls = []
    for method in token.contract_type.methods:
        if method.name in special and len(method.inputs) != len(special[method.name]):
            continue  # a shorter or longer form of the same
        given = special.get(method.name) or [plain[kind.type] for kind in method.inputs]
        calls.append(getattr(token, method.name).encode_input(*given))
    return calls


def test_every_door_is_locked_during_every_transfer(hostile, minter, taker):
    """I-X3: not one function of the token, views included, answers in the middle of another."""
    bull, market = hostile
    for coin in (market.collateral, market.debt):
        coin.arm(bull, every_call(bull, taker), sender=minter)
    doors = len(every_call(bull, taker))

    bull.mint(WAD, ENDLESS, 0, sender=minter)
    bull.redeem(WAD, ENDLESS, 0, sender=minter)
    releverage(market, minter)
    bull.fill_lever(ENDLESS, 0, sender=minter)
    deleverage(market, minter)
    bull.fill_delever(ENDLESS, 0, sender=minter)

    assert doors == len({method.name for method in bull.contract_type.methods}) > 40
    for coin in (market.collateral, market.debt):
        assert coin.tried() == 6 * doors  # in and into the venue twice, out of it twice
        assert coin.entered() == 0


def test_every_view_answers_when_no_call_is_under_way(hostile, minter, taker):
    bull, market = hostile
    calls = every_call(bull, taker)
    market.debt.arm(bull, calls, sender=minter)

    market.debt.transfer(taker, 1, sender=minter)

    # all but what only the factory, the owner, a signer, a holder or a taker may do
    assert market.debt.tried() == len(calls)
    assert market.debt.entered() > len(calls) // 2
