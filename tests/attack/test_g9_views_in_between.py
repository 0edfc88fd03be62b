"""T-G9: borrow against a token where somebody asks its worth while it is half way through.

dForce lost 3.65 million dollars to whoever read a pool between its two legs. Here a lender, who
should have known better, lends against shares at their NAV. The attacker brings a coin that calls
the lender in each of its transfers, in every call of the token; each of the token's views is
locked, so that the lender hears nothing and lends nothing. Nor does Lens tell it, which could ask
the position and the oracle behind the token's back: it tells of faults. Before and after, the
lender lends what it always would.
"""

import pytest
from ape import compilers, project

from scripts._devnet import ENDLESS, WAD, next_0002, now, warp_to
from scripts._lens import Fault
from tests.attack.lens import LENS
from tests.attack.made import make_market, make_token
from tests.attack.purse import FREE
from tests.record import record

LENDER = """
# pragma version 0.4.3
interface Token:
    def convertToAssets(shares: uint256) -> uint256: view
    def balanceOf(owner: address) -> uint256: view

token: public(address)
lent: public(uint256)

@deploy
def __init__(token: address):
    self.token = token

@external
def lend(borrower: address):
    shares: uint256 = staticcall Token(self.token).balanceOf(borrower)
    self.lent = max(self.lent, staticcall Token(self.token).convertToAssets(shares))
"""
# Lends by what Lens says, whatever the faults; it remembers those.
CARELESS = (
    LENS
    + """
lens: Lens
token: address
lent: public(uint256)
faults: public(DynArray[uint256, 64])

@deploy
def __init__(lens: Lens, token: address):
    self.lens = lens
    self.token = token

@external
def lend(borrower: address):
    state: State = (staticcall self.lens.states([self.token]))[0]
    self.faults.append(state.faults)
    for number: uint256 in state.numbers:
        self.lent = max(self.lent, number)
    for number: uint256 in state.more:
        self.lent = max(self.lent, number)
"""
)
PRICE = 2 * 10**36  # both of 18 decimals
SHARES = 1_000 * WAD
CALLS = ["mint", "redeem", "fill_lever", "fill_delever"]
BUSY = Fault.PRICE | Fault.VENUE_PRICE | Fault.POSITION | Fault.AUCTION | Fault.COIN


@pytest.fixture
def made(devnet, ballast, minter, stranger):
    coins = minter.deploy(project.HostileToken), minter.deploy(project.HostileToken)
    market = make_market(devnet, coins, PRICE)
    token = make_token(devnet, ballast, minter, market, 100 * WAD, **FREE)
    for coin in coins:
        coin.mint(stranger, 10**30, sender=stranger)
        coin.approve(token, ENDLESS, sender=stranger)
    token.mint(SHARES, ENDLESS, 0, sender=stranger)
    kind = compilers.compile_source("vyper", LENDER, contractName="Lender")
    return token, market, minter.deploy(kind, token)


@pytest.mark.parametrize("name", CALLS)
def test_g9_views_in_between_answer_no_lender(made, stranger, name):
    token, market, lender = made
    if name.startswith("fill"):
        warp_to(next_0002(now()))
        price = PRICE * (105 if name == "fill_lever" else 95) // 100
        market.fill_oracle.set_price(price, sender=stranger)
    plea = bytes(lender.lend.encode_input(stranger))
    coins = market.collateral, market.debt
    for coin in coins:
        coin.arm(lender, [plea], sender=stranger)
    worth = token.convertToAssets(token.balanceOf(stranger))

    terms = (ENDLESS, 0) if name.startswith("fill") else (SHARES, ENDLESS, 0)
    getattr(token, name)(*terms, sender=stranger)

    assert sum(coin.tried() for coin in coins) >= 3
    assert sum(coin.entered() for coin in coins) == 0
    assert lender.lent() == 0 < worth
    record("attack", "g9", threat="T-G9", gain=lender.lent() / WAD, unit="debt coins", bound=0)


@pytest.mark.parametrize("name", CALLS)
def test_g9_lens_in_between_tells_of_faults_alone(ballast, made, stranger, minter, name):
    token, market, _ = made
    kind = compilers.compile_source("vyper", CARELESS, contractName="Careless")
    lender = minter.deploy(kind, ballast.lens, token)
    if name.startswith("fill"):
        warp_to(next_0002(now()))
        price = PRICE * (105 if name == "fill_lever" else 95) // 100
        market.fill_oracle.set_price(price, sender=stranger)
    coins = market.collateral, market.debt
    for coin in coins:
        coin.arm(lender, [bytes(lender.lend.encode_input(stranger))], sender=stranger)

    terms = (ENDLESS, 0) if name.startswith("fill") else (SHARES, ENDLESS, 0)
    getattr(token, name)(*terms, sender=stranger)

    entered = sum(coin.entered() for coin in coins)
    assert entered == sum(coin.tried() for coin in coins) >= 3
    assert [lender.faults(number) for number in range(entered)] == [BUSY] * entered
    assert lender.lent() == 0
    lender.lend(stranger, sender=stranger)
    assert lender.lent() > 0 == lender.faults(entered)


def test_g9_views_answer_the_same_lender_when_nothing_is_under_way(made, stranger):
    token, market, lender = made
    market.debt.arm(lender, [bytes(lender.lend.encode_input(stranger))], sender=stranger)

    market.debt.transfer(lender, 1, sender=stranger)

    assert market.debt.entered() == 1
    assert lender.lent() == token.convertToAssets(token.balanceOf(stranger))
