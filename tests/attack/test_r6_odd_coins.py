"""T-R6: coins that keep a part, answer nothing, or refuse somebody.

A token that books what it asked for and not what it got pays one holder with another's coins. Here
nothing is booked: coins go to the venue, which takes exactly what it was told or reverts. So a coin
that answers nothing works; one that keeps a part works for nobody and gives nobody anything, even
if it begins to later; and whoever is on a coin's list is kept from it alone, as anywhere else.
"""

from functools import cache

import pytest
from ape import compilers, project

from scripts._devnet import ENDLESS, WAD, next_0002, now, warp_to
from tests.attack.made import make_market, make_token
from tests.attack.purse import FREE, fault
from tests.record import record

PRICE = 2 * 10**36  # both of 18 decimals
SHARES = 1_000 * WAD
FEE = WAD // 100
SEED = 100 * WAD
gains: list[int] = []

BLACKLIST = """
# pragma version 0.4.3
decimals: public(constant(uint8)) = 18
balanceOf: public(HashMap[address, uint256])
blocked: public(HashMap[address, bool])

@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount

@external
def block_(account: address):
    self.blocked[account] = True

@external
def approve(spender: address, amount: uint256) -> bool:
    return True

@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True

@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    assert not self.blocked[msg.sender], "coin: blocked"
    self._move(owner, receiver, amount)
    return True

@internal
def _move(owner: address, receiver: address, amount: uint256):
    assert not (self.blocked[owner] or self.blocked[receiver]), "coin: blocked"
    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
"""


@cache
def blacklist():
    return compilers.compile_source("vyper", BLACKLIST, contractName="Blacklist")


def make_coin(maker, kind: str):
    if kind == "silent":
        return maker.deploy(project.SilentToken, 18)
    return maker.deploy(project.HostileToken if kind == "hostile" else blacklist())


@pytest.fixture
def made(devnet, venue, ballast, minter, stranger):
    """`made("silent")`: a token of two such coins, and its market; both people are rich."""

    def _made(kind: str):
        coins = make_coin(minter, kind), make_coin(minter, kind)
        market = make_market(devnet, coins, PRICE)
        token = make_token(devnet, ballast, minter, market, SEED, **FREE)
        for coin in coins:
            coin.mint(stranger, 10**30, sender=stranger)
            for spender in (token, venue.address):
                coin.approve(spender, ENDLESS, sender=stranger)
        return token, market

    return _made


def wealth(devnet, market, account) -> int:
    """In debt units, at two for one, without shares."""
    return 2 * market.collateral.balanceOf(account) + market.debt.balanceOf(account)


def tell(gain: int) -> None:
    """Coins of these kinds have no symbol: what it gained at best, in debt coins."""
    assert gain <= 0
    gains.append(gain)
    record("attack", "r6", threat="T-R6", gain=max(gains) / WAD, unit="debt coins", bound=0)


def rounds(token, market, who) -> list[str]:
    """Every entry that there is, once in each direction; why each is refused."""
    told = [fault(lambda: token.mint(SHARES, ENDLESS, 0, sender=who))]
    for percent, fill in ((105, token.fill_lever), (95, token.fill_delever)):
        warp_to(next_0002(now()))
        market.fill_oracle.set_price(PRICE * percent // 100, sender=who)
        told.append(fault(lambda: fill(ENDLESS, 0, sender=who)))  # noqa: B023
    market.fill_oracle.set_price(PRICE, sender=who)
    if token.balanceOf(who):
        told.append(fault(lambda: token.redeem(token.balanceOf(who), ENDLESS, 0, sender=who)))
    return told


@pytest.mark.parametrize("kind", ["silent", "hostile", "blacklist"])
def test_r6_odd_coin_that_behaves_serves_everybody_exactly(made, stranger, kind):
    token, market = made(kind)

    assert rounds(token, market, stranger) == ["", "", "", ""]
    for coin in (market.collateral, market.debt):
        assert coin.balanceOf(token) == coin.balanceOf(token.position()) == 0


@pytest.mark.parametrize("leg", ["collateral", "debt"])
def test_r6_coin_that_begins_to_keep_a_part_gives_an_attacker_nothing(
    devnet, venue, made, minter, stranger, leg
):
    """The attacker holds shares by then, and half of the time pays the position in front."""
    token, market = made("hostile")
    token.mint(SHARES, ENDLESS, 0, sender=minter)
    token.mint(SHARES, ENDLESS, 0, sender=stranger)
    coin = getattr(market, leg)
    coin.set_fee(FEE, sender=stranger)
    before = wealth(devnet, market, stranger)
    supply, books = token.totalSupply(), venue.books(market, token.position())

    mint = fault(lambda: token.mint.call(WAD, ENDLESS, 0, sender=stranger))
    redeem = fault(lambda: token.redeem.call(WAD, ENDLESS, 0, sender=stranger))
    need = token.preview_mint(WAD)[0] if leg == "collateral" else token.preview_redeem(WAD)[0]
    coin.transfer(token.position(), need, sender=stranger)  # what arrives is not enough
    paid = [
        fault(lambda: act.call(WAD, ENDLESS, 0, sender=stranger))  # noqa: B023
        for act in (token.mint, token.redeem)
    ]

    # what is borrowed comes from the venue, or through the position
    forwarded = venue.short if venue.forwards else ""
    assert (mint, redeem) == (
        (venue.short, "") if leg == "collateral" else (forwarded, venue.short)
    )
    assert venue.short in paid
    assert token.totalSupply() == supply
    assert venue.books(market, token.position()) == books
    tell(wealth(devnet, market, stranger) - before)


@pytest.mark.parametrize("leg", ["collateral", "debt"])
def test_r6_coin_that_blocks_the_attacker_keeps_out_nobody_else(
    made, minter, stranger, treasury, leg
):
    """Nor does a treasury on the list: its fees are shares."""
    token, market = made("blacklist")
    token.mint(SHARES, ENDLESS, 0, sender=stranger)
    coin = getattr(market, leg)
    for who in (stranger, treasury):
        coin.block_(who, sender=minter)

    assert rounds(token, market, minter) == ["", "", "", ""]
    own = [
        fault(lambda: token.mint.call(WAD, ENDLESS, 0, sender=stranger)),
        fault(lambda: token.redeem.call(WAD, ENDLESS, 0, sender=stranger)),
    ]
    assert all(own)
    # shares are no such coin: they can be given to somebody who may
    token.transfer(minter, token.balanceOf(stranger), sender=stranger)
    token.redeem(SHARES, ENDLESS, 0, sender=minter)
    assert token.balanceOf(minter) == 0


@pytest.mark.parametrize("leg", ["collateral", "debt"])
def test_r6_coin_that_blocks_the_position_stops_all_and_gives_nobody_anything(
    devnet, venue, made, minter, stranger, leg
):
    """What freezes a coin freezes it in here."""
    token, market = made("blacklist")
    token.mint(SHARES, ENDLESS, 0, sender=minter)
    token.mint(SHARES, ENDLESS, 0, sender=stranger)
    before = wealth(devnet, market, stranger)
    getattr(market, leg).block_(token.position(), sender=minter)

    mint = fault(lambda: token.mint.call(WAD, ENDLESS, 0, sender=stranger))
    redeem = fault(lambda: token.redeem.call(WAD, ENDLESS, 0, sender=stranger))

    # collateral leaves from the venue, and debt may come from there: these legs go on
    assert (mint == "") == (leg == "debt" and not venue.forwards)
    assert (redeem == "") == (leg == "collateral")
    tell(wealth(devnet, market, stranger) - before)
