"""The twin of Aave v3: whatever is done to the real one, it says the same, to the unit.

So much is compared that it is made for the chain in this process (tests.evm), and not for a node.
"""

from collections.abc import Callable
from dataclasses import astuple, replace
from fractions import Fraction

import pytest
from ape import networks
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts._aave import VARIABLE
from scripts._devnet import (
    DAY,
    ENDLESS,
    GAS,
    create_tokens,
    deploy_ballast,
    on_aave,
    set_price,
    undone,
    warp_to,
)
from scripts._life.walk import scaled
from scripts._model import aave
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import Token
from scripts._prices.bars import USD
from scripts._twin import NAME, twin
from tests.stateful.node import call, connect, survey
from tests.stateful.world import told, words

from .worlds import many

RAY = aave.RAY
BASIS = aave.BASIS

MINT = "mint(uint256,uint256,uint256,address)"
REDEEM = "redeem(uint256,uint256,uint256,address)"
FILL = "fill_{}(uint256,uint256,address)"
SUPPLY = "supply(address,uint256,address,uint16)"
WITHDRAW = "withdraw(address,uint256,address)"
BORROW = "borrow(address,uint256,uint256,uint16,address)"
REPAY = "repay(address,uint256,uint256,address)"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
SET_CAP = "setBorrowCap(address,uint256)"
SET_TERMS = "configureReserveAsCollateral(address,uint256,uint256,uint256)"


class Both:
    """A token on the real Aave, and its model."""

    def __init__(self, devnet, token) -> None:
        self.devnet, self.token, roles = devnet, token, devnet.roles
        self.node = connect(networks.provider)
        self.position = token.position()
        self.pool = devnet.aave.pool.address
        self.coins = [coin.address for coin in token_coins(devnet, token)]
        self.minter, self.taker = roles.trader.address, roles.liquidator.address
        self.governor = roles.deployer.address
        self.users = {"lender": roles.lender.address, "borrower": roles.borrower.address}
        self.answer = devnet.eth_feed.latestRoundData()[1]
        self.model = twin(devnet, token, self.users)
        self.market = self.model.position.market

    def reserve(self, coin: int) -> aave.Reserve:
        """That of the collateral, or of the debt."""
        return (self.market.collateral, self.market.debt)[coin]

    def do(self, sender: str, target: str, act: Callable[[], object], *asked) -> str:
        """Do it in both, or have both refuse it for one reason, which is returned."""
        request = call(target, *asked)
        try:
            act()
        except Revert as refusal:
            assert self.node.fault(request, sender) == refusal.reason
            return refusal.reason
        self.node.send(request, sender)
        return ""

    def come_to(self, now: int, answer: int) -> None:
        """It is `now`, and the feeds say what ether costs."""
        self.answer = max(USD, min(answer, 100_000 * USD))
        if now > self.model.now:
            warp_to(now)
        set_price(self.devnet, f"{self.answer / USD:.8f}")
        self.model.at(now, scaled(self.answer, self.model.rules.long))

    def compare(self) -> None:
        """All of both reserves is alike, and what the token and its position say."""
        fresh = twin(self.devnet, self.token, self.users)
        model, position = self.model, self.model.position
        assert fresh.position.market == self.market
        assert (fresh.supply, fresh.settled_at) == (model.supply, model.settled_at)
        loose = [call(coin, "balanceOf(address)", self.position) for coin in self.coins]
        asked = {
            **{call(self.position, f"{view}()"): getattr(position, view) for view in VIEWS},
            call(self.position, "price()"): lambda: self.market.price,
            call(self.token.address, "totalAssets()"): model.total_assets,
            call(self.token.address, "leverage()"): model.leverage,
            call(self.token.address, "auction()"): lambda: astuple(model.auction()),
            call(self.token.address, "preview_mint(uint256)", WAD): lambda: model.preview_mint(WAD),
            call(self.token.address, "preview_redeem(uint256)", WAD): lambda: model.preview_redeem(
                WAD
            ),
            loose[0]: lambda: position.loose_collateral,
            loose[1]: lambda: position.loose_debt,
        }
        answers = dict(zip(asked, self.node.read(survey(list(asked))), strict=True))
        assert answers == {question: words(told(say)) for question, say in asked.items()}


VIEWS = ("balances", "grain", "liquidity", "liquidation")


def token_coins(devnet, token):
    """Collateral and debt."""
    market = devnet.market(token.rules().long)
    return market.collateral, market.debt


def part(size, most: int) -> int:
    """So many units, or such a fraction of `most`."""
    return size if isinstance(size, int) else int(size * most)


# What can be done


def mint(it: Both, size, _) -> str:
    shares = part(size, it.model.supply)
    act = lambda: it.model.mint("minter", shares)  # noqa: E731
    return it.do(it.minter, it.token.address, act, MINT, shares, ENDLESS, 0, it.minter)


def redeem(it: Both, size, _) -> str:
    shares = part(size, it.model.balance("minter"))
    act = lambda: it.model.redeem("minter", shares)  # noqa: E731
    return it.do(it.minter, it.token.address, act, REDEEM, shares, ENDLESS, 0, it.minter)


def fill(it: Both, size, _) -> str:
    levering = getattr(told(it.model.offer), "levering", False)
    most = part(size, getattr(told(it.model.auction), "brings", 0) or 10**9)
    name = "lever" if levering else "delever"
    act = lambda: getattr(it.model, f"fill_{name}")(most)  # noqa: E731
    return it.do(it.taker, it.token.address, act, FILL.format(name), most, 0, it.taker)


def give(it: Both, size, coin: int) -> str:
    """A stranger supplies either coin in the position's name."""
    amount = part(size, it.model.position.balances()[coin])
    act = lambda: it.market.supply(it.reserve(coin), NAME, amount)  # noqa: E731
    return it.do(it.taker, it.pool, act, SUPPLY, it.coins[coin], amount, it.position, 0)


def repay(it: Both, size, _) -> str:
    amount = part(size, it.model.position.balances()[1])
    act = lambda: it.market.repay(it.market.debt, NAME, amount)  # noqa: E731
    return it.do(it.taker, it.pool, act, REPAY, it.coins[1], amount, VARIABLE, it.position)


def purge(it: Both, *_) -> str:
    act = lambda: it.market.stop_using(it.market.debt, NAME)  # noqa: E731
    return it.do(it.taker, it.position, act, "purge(address)", it.coins[1])


def lend(it: Both, size, coin: int) -> str:
    amount, lender = part(size, it.reserve(coin).there), it.users["lender"]
    act = lambda: it.market.supply(it.reserve(coin), "lender", amount)  # noqa: E731
    return it.do(lender, it.pool, act, SUPPLY, it.coins[coin], amount, lender, 0)


def withdraw(it: Both, size, coin: int) -> str:
    amount, lender = part(size, it.reserve(coin).there), it.users["lender"]
    act = lambda: it.market.withdraw(it.reserve(coin), "lender", amount)  # noqa: E731
    return it.do(lender, it.pool, act, WITHDRAW, it.coins[coin], amount, lender)


def borrow(it: Both, size, coin: int) -> str:
    amount, borrower = part(size, it.reserve(coin).there), it.users["borrower"]
    act = lambda: it.market.borrow(it.reserve(coin), "borrower", amount)  # noqa: E731
    asked = it.coins[coin], amount, VARIABLE, 0, borrower
    return it.do(borrower, it.pool, act, BORROW, *asked)


def liquidate(it: Both, size, deep: int) -> str:
    """Of a position that comes to where Aave liquidates half of it, or all."""
    collateral, debt = it.model.position.balances()
    if it.market.is_healthy(NAME) and debt > 0:
        value = debt * BASIS * (90 if deep else 99) // it.market.collateral.terms.threshold // 100
        price = max(1, value * SCALE // max(1, collateral))
        long = it.model.rules.long
        it.come_to(it.model.now, price * USD // 10**24 if long else USD * 10**48 // price)
    amount = part(size, it.model.position.balances()[1])
    act = lambda: it.market.liquidate(NAME, amount)  # noqa: E731
    asked = *it.coins, it.position, amount, False
    return it.do(it.taker, it.pool, act, LIQUIDATE, *asked)


def wait(it: Both, size, _) -> str:
    seconds = size if isinstance(size, int) else int(size * 90 * DAY)
    it.come_to(it.model.now + seconds, it.answer)
    return ""


def wait_for_the_window(it: Both, size, _) -> str:
    it.come_to(it.model.next_rebalance() + min(part(size, 7_200), 7_199), it.answer)
    return ""


def move(it: Both, size, up: int) -> str:
    """The price moves by up to a fifth."""
    by = 1 + (Fraction(up) - Fraction(1, 2)) * min(Fraction(1), Fraction(size)) * 2 / 5
    it.come_to(it.model.now, int(it.answer * by))
    return ""


def cap(it: Both, size, _) -> str:
    """Governance caps what may be borrowed, or no longer."""
    debt = it.market.debt
    tokens = part(size, 2 * debt.total_debt(it.model.now) // debt.terms.unit)
    act = lambda: set_terms(debt, borrow_cap=tokens)  # noqa: E731
    configurator = it.devnet.aave.configurator.address
    return it.do(it.governor, configurator, act, SET_CAP, it.coins[1], tokens)


def tighten(it: Both, size, coin: int) -> str:
    """Governance lowers the liquidation threshold, and the LTV with it."""
    reserve = it.reserve(coin)
    threshold = 7_500 + part(size, 800) % 800
    act = lambda: set_terms(reserve, ltv=threshold - 100, threshold=threshold)  # noqa: E731
    asked = it.coins[coin], threshold - 100, threshold, reserve.terms.bonus
    return it.do(it.governor, it.devnet.aave.configurator.address, act, SET_TERMS, *asked)


def set_terms(reserve: aave.Reserve, **terms: int) -> None:
    reserve.terms = replace(reserve.terms, **terms)


ACTS = (
    mint,
    redeem,
    fill,
    give,
    repay,
    purge,
    lend,
    withdraw,
    borrow,
    liquidate,
    wait,
    wait_for_the_window,
    move,
    cap,
    tighten,
)
SIZES = st.one_of(
    st.integers(0, 5),
    st.builds(Fraction, st.integers(1, 1_000), st.sampled_from([10**3, 10**5, 10**9])),
    st.sampled_from([Fraction(1), Fraction(11, 10)]),
)


@pytest.fixture(scope="module")
def place(devnet):
    """The devnet with Aave on it, and people who may use it."""
    made = on_aave(devnet)
    for account in (made.roles.trader, made.roles.liquidator):
        for coin in (made.weth, made.usdc):
            coin.approve(made.aave.pool, ENDLESS, sender=account, gas_limit=GAS)
    return made


@pytest.fixture(scope="module")
def live(place):
    """Tokens on Aave, by symbol."""
    made = create_tokens(place, deploy_ballast(place))
    for token in made.values():
        for account in (place.roles.trader, place.roles.liquidator):
            for coin in (place.weth, place.usdc):
                coin.approve(token, ENDLESS, sender=account, gas_limit=GAS)
    return made


@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBEAR"])
def test_any_order_of_calls_leaves_aave_and_its_twin_alike(place, live, symbol):
    seen: set[tuple[str, str]] = set()

    @settings(max_examples=8 * settings().max_examples // 5)
    @given(
        st.lists(
            st.tuples(st.sampled_from(ACTS), SIZES, st.integers(0, 1)), min_size=8, max_size=24
        )
    )
    def lives(steps):
        with undone():
            it = Both(place, live[symbol])
            assert mint(it, Fraction(10), 0) == ""
            it.compare()
            for act, size, which in steps:
                seen.add((act.__name__, act(it, size, which)))
                it.compare()

    lives()

    assert {act.__name__ for act in ACTS} <= {name for name, reason in seen if reason == ""}


# What a position and its token may rely on, at any index


def term(**others: int) -> aave.Terms:
    usual = {"unit": 1, "ltv": 9_300, "threshold": 9_500, "bonus": 10_100, "factor": 1_000}
    rates = {"kink": 9 * RAY // 10, "base": RAY // 50, "slope": RAY // 100, "steep": RAY // 2}
    return aave.Terms(**usual | rates | others)


plenty = settings(max_examples=20 * many.max_examples)

INDEX = st.just(RAY) | st.integers(RAY, 2 * RAY) | st.integers(RAY, 100 * RAY)
AMOUNT = st.integers(1, 50) | st.integers(1, 10**9) | st.integers(1, 10**24)


@st.composite
def positions(draw):
    """A position with some loan-to-value, at a price of one and at any indices."""
    now, (income, owing) = 10**9, draw(st.tuples(INDEX, INDEX))
    held = draw(AMOUNT)
    owed = held * draw(st.integers(0, 850)) * income // (1_000 * owing)
    rates = {"last_update": now, "there": 10**30, "income": income, "owing": owing}
    others = {"others": 10**26}
    collateral = aave.Reserve(term(), USD, supplied=others | {NAME: held}, used={NAME}, **rates)
    debt = aave.Reserve(term(), USD, owed=others | {NAME: owed}, **rates)
    return aave.Position(aave.Market(collateral, debt, now), NAME)


@plenty
@given(positions(), AMOUNT, AMOUNT)
def test_what_a_move_brings_is_there_but_for_the_grain(position, collateral, debt):
    """I-M2: what `IPosition` promises of `grain`."""
    grain, (held, owed) = position.grain(), position.balances()
    try:
        position.lever(collateral, debt)
    except Revert as refusal:
        assert refusal.reason in ("24", "36")
        return

    more, owes = position.balances()
    assert more >= held + collateral - grain
    assert owes <= owed + debt + grain

    repaid, taken = min(debt, owes - 1), min(collateral, more // 20)
    try:
        position.delever(repaid, taken)
    except Revert as refusal:
        assert refusal.reason in ("25", "35")
        return

    assert position.balances()[0] >= more - taken - grain
    assert position.balances()[1] <= owes - repaid + grain


@plenty
@given(positions(), st.integers(1, 10**27), st.integers(1, 10**6))
def test_mint_and_redeem_take_nothing_from_a_share(position, supply, millionths):
    """I-M2: to the unit that Aave can show, with no tolerance, at any indices."""
    rules = Rules(long=True, target=3 * WAD, emergency=usual_emergency(3 * WAD, True))
    now = position.market.now
    token = Token(rules, position, SCALE, settled_at=now, supply=supply, balances={NAME: supply})
    shares = max(1, supply * millionths // 10**6)
    for act in (token.mint, token.redeem):
        (collateral, debt), supply = position.balances(), token.supply
        try:
            act(NAME, shares)
        except Revert as refusal:
            assert refusal.reason in ("24", "25", "35", "36")
            continue

        more, owes = position.balances()
        assert more * supply >= collateral * token.supply
        assert owes * supply <= debt * token.supply


def test_all_debt_is_repaid_and_what_was_too_much_stays():
    """Aave counts to the nearest unit, the position up: then a unit is left for who comes next."""
    market = aave.Market(
        aave.Reserve(term(), USD, 0, there=10**6, supplied={NAME: 10**6}, used={NAME}),
        aave.Reserve(term(), USD, 0, owing=RAY * 5 // 4, owed={NAME: 1_001, "others": 10**6}),
        0,
    )
    position = aave.Position(market, NAME)

    assert position.balances() == (10**6, 1_252)  # of 1,251.25
    assert position.delever(1_252, 10**6) == 1_252

    assert position.balances() == (0, 0)
    assert (position.loose_collateral, position.loose_debt) == (0, 1)


def test_market_that_is_free_charges_nothing():
    market = aave.Market(
        aave.Reserve(term(), USD, 0, supplied={NAME: 10**20}, used={NAME}),
        aave.Reserve(term(), USD, 0, there=10**24, supplied={"others": 10**24}),
        0,
    )
    position = aave.Position(market, NAME)
    position.lever(10**20, 10**20)
    market.now += DAY
    charged, free = position.copy(), position.copy()

    free.market.free()
    free.lever(10**18, 10**18)
    charged.lever(10**18, 10**18)
    for one in (charged, free):
        one.market.now += DAY

    assert free.balances()[1] == 2 * 10**20 + 10**18 - 10**20
    assert charged.balances()[1] > free.balances()[1]


def test_price_that_is_set_is_read_again():
    """Whichever coin is the dollar, a feed's answer comes back whole."""
    for long, units in ((True, (10**18, 10**6)), (False, (10**6, 10**18))):
        reserves = (aave.Reserve(term(unit=unit), USD, 0) for unit in units)
        market = aave.Market(*reserves, 0, collateral_moves=long)
        for answer in (1, USD - 1, 199_999_999_999, 10**13):
            market.price = scaled(answer, long)

            assert (market.collateral if long else market.debt).answer == answer
            assert market.price == scaled(answer, long)
