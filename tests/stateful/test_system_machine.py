"""The whole system, with an attacker in it whose wealth is measured: nobody loses to anybody.

Token, position, router and keeper on either real venue and the real Uniswap v3, in any order of
calls, days, prices, faults, gifts and liquidations. The attacker has endless capital and acts many
times within a block: it wins no more than what the fills in between pay at their premium, even if
the pool is its own.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from scripts._devnet import ENDLESS, USD, USDC_BOUNDS
from scripts._model.fixed_point import SCALE
from scripts._model.token import Filled, Lane, Token

from .dex import Dex
from .laws import (
    FILL_LAWS,
    FILLS,
    LAWS,
    LIQUIDATION_LAWS,
    Kind,
    Step,
    allowed,
    coarse,
    luck,
    owed,
    wealth,
    worth,
)
from .market import ASSET
from .places import ON_AAVE
from .stage import Size, campaign, part, pick, step
from .test_keeper_machine import KeeperMachine
from .test_router_machine import RouterMachine
from .test_token_machine import FILL_DELEVER, TRANSFER, TokenMachine
from .weather import ACTOR, BEYOND, COIN, ELAPSED, SIZE, WHICH
from .world import State, told

ATTACKER = "stranger"
OWN_POOL = (ATTACKER, "pool")  # as if all liquidity were the attacker's
EVENTS = {
    "scheduled lever",
    "scheduled delever",
    "emergency delever",
    "bad debt",
    "an attack with fills",
    "an attack without",
}

OPEN = st.sampled_from(["lever", "delever", "emergency"])
PART = st.one_of(
    st.builds(Fraction, st.integers(1, 100), st.just(100)),
    st.builds(Fraction, st.integers(1, 999), st.sampled_from([10**3, 10**6, 10**12])),
)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "mint",
                "redeem",
                "fill",
                "keep",
                "zap_in",
                "zap_out",
                "trade",
                "donate",
                "repay",
                "give_shares",
                "settle",
            ]
        ),
        PART,
        COIN,
        ASSET,
    ),
    min_size=2,
    max_size=8,
)


@dataclass
class Attack:
    """Many calls within a block, and what lay about or was paid for in them."""

    before: State
    after: State
    steps: list[Step] = field(default_factory=list)

    @property
    def allowance(self) -> Fraction:
        """The premium of each fill, what was found, and a unit of debt a call for rounding."""
        return sum((allowed(step) + luck(step) + 1 for step in self.steps), Fraction(0))


def nav(state: State) -> Fraction:
    """Of the position, in debt units, exactly."""
    return worth(state, state.collateral) - owed(state)


def inv_n2_of_an_attack(attack: Attack) -> None:
    """I-N2: whatever an attacker does in a block, it gains no more than the fills' premiums."""
    gain = wealth(attack.after, OWN_POOL) - wealth(attack.before, OWN_POOL)
    given = sum((coarse(step.before) for step in attack.steps), Fraction(0))  # by the venue
    assert gain <= attack.allowance + given


def inv_n2_of_the_others(attack: Attack) -> None:
    """I-N2: whatever an attacker does in a block, the others lose no more than the premiums."""
    before, after = attack.before, attack.after
    lost = nav(before) / before.supply - nav(after) / after.supply
    assert lost * (before.supply - before.shares(ATTACKER)) <= attack.allowance


def inv_n4(alone: State, crowded: State, shared: Fraction) -> None:
    """I-N4: mint and redemption around a fill take nothing from the others.

    What may be filled grows with the position; but what is left of a day's parcel, or of the
    venue's liquidity, does not: then what its taker pays is `shared` with whoever came in. So is
    what the taker overpays where the venue is coarse.
    """
    unit = Fraction(alone.price, SCALE)
    lost = nav(alone) / alone.supply - nav(crowded) / crowded.supply
    assert lost * alone.supply <= 8 + 4 * unit + shared + 2 * coarse(alone)


class SystemMachine(RouterMachine, KeeperMachine, TokenMachine):
    """The rules of the router, the keeper and the token, and the attacker's."""

    laws = (*LAWS, *FILL_LAWS, *LIQUIDATION_LAWS)

    # The attacker

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.WORLD, moves=MOVES, opened=st.none() | OPEN, elapsed=ELAPSED, beyond=BEYOND)
    def attack(
        self,
        moves: list[tuple[str, Size, str, str]],
        opened: str | None,
        elapsed: int,
        beyond: int,
    ) -> Kind | None:
        """Many calls in one block, in any order, from a healthy position on."""
        self.make_way()
        if opened is not None:
            self.seek(opened, elapsed, beyond)
        if not self.healthy:
            return Kind.SWITCH
        attack = Attack(self.seen, self.seen)

        for what, size, coin, asset in moves:
            done = getattr(self, f"attacker_{what}")(size, coin, asset)
            if done is not None:
                self.look_on(done)
                attack.steps.append(self.last)
        if attack.steps == []:
            return Kind.SWITCH

        attack.after = self.seen
        inv_n2_of_an_attack(attack)
        inv_n2_of_the_others(attack)
        filled = any(step.kind in FILLS for step in attack.steps)
        self.happened[f"an attack with{' fills' if filled else 'out'}"] += 1
        return None

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.REDEEM, opened=OPEN, size=PART, elapsed=ELAPSED, beyond=BEYOND)
    def mint_around_a_fill(self, opened: str, size: Size, elapsed: int, beyond: int) -> Kind | None:
        """Double the position for a fill, and halve it again."""
        self.make_way()
        self.seek(opened, elapsed, beyond)
        alone = self.model.copy()
        if not self.healthy or self.dust() or self.can_mint < 2:
            return Kind.WORLD
        filled = told(lambda: self.fill_everything(alone.token))
        if not isinstance(filled, Filled):
            return Kind.WORLD
        shares = part(size, self.can_mint // 2)

        minted = self.mints_in_kind(ATTACKER, ATTACKER, ATTACKER, shares) or Kind.MINT
        self.look_on(minted)
        offer = self.token.offer()
        if minted is Kind.REFUSAL or offer.lane is Lane.CLOSED:
            return Kind.WORLD
        self.look_on(self.attacker_fill(Fraction(1)) or Kind.WORLD)
        self.redeems(ATTACKER, ATTACKER, ATTACKER, shares)

        state = self.state_of(alone)
        paid = worth(state, filled.collateral) - filled.debt
        shared = Fraction(0)
        if offer.open < offer.reach:
            shared = max(shared, paid if filled.levering else -paid)
        inv_n4(state, self.state_of(self.model), shared)
        return None

    @precondition(lambda self: self.holders and self.debt > 0)
    @step(Kind.WORLD, which=WHICH, receiver=ACTOR, size=SIZE, stale=st.booleans())
    def redeem_without_a_price(
        self, which: int, receiver: str, size: Size, stale: bool
    ) -> Kind | None:
        """While the fill oracle refuses nobody fills, and everybody redeems."""
        self.get_well()
        if stale:
            self.go_stale()
        else:
            self.depeg()
        if not self.healthy:
            self.peg()
            return Kind.SWITCH
        assert self.token.fault != ""
        fill = self.call("token", FILL_DELEVER, ENDLESS, 0, ATTACKER)
        self.refuses(ATTACKER, fill, lambda: self.token.fill_delever(ENDLESS))

        owner = pick(which, self.holders)
        shares = part(size, self.token.balance(owner))
        redeemed = self.redeems(owner, owner, receiver, shares) or Kind.REDEEM
        self.look_on(redeemed)
        self.peg()
        return None if redeemed is Kind.REDEEM else Kind.SWITCH

    # What the attacker can do

    def attacker_mint(self, size: Size, *_: str) -> Kind | None:
        if self.can_mint == 0:
            return None
        shares = part(size, self.can_mint)
        return self.mints_in_kind(ATTACKER, ATTACKER, ATTACKER, shares) or Kind.MINT

    def attacker_redeem(self, size: Size, *_: str) -> Kind | None:
        balance = self.token.balance(ATTACKER)
        if balance == 0:
            return None
        return self.redeems(ATTACKER, ATTACKER, ATTACKER, part(size, balance)) or Kind.REDEEM

    def attacker_fill(self, size: Size, *_: str) -> Kind | None:
        endless = size == 1
        if self.can_lever:
            return self.levers(ATTACKER, ATTACKER, size, endless) or Kind.LEVER
        if self.can_delever:
            return self.delevers(ATTACKER, ATTACKER, size, endless) or Kind.DELEVER
        return None

    def attacker_keep(self, size: Size, *_: str) -> Kind | None:
        if not self.can_lever and not self.can_delever:
            return None
        return self.keeps(ATTACKER, ATTACKER, size, attacked=True)

    def attacker_zap_in(self, size: Size, coin: str, asset: str) -> Kind | None:
        most = min(self.can_mint, self.can_zap())
        if most == 0:
            return None
        shares = part(size, most)
        cost = self.cost(asset, shares)
        return self.mints(ATTACKER, ATTACKER, asset, shares, cost, 0, attacked=True) or Kind.MINT

    def attacker_zap_out(self, size: Size, coin: str, asset: str) -> Kind | None:
        most = min(self.token.balance(ATTACKER), self.can_zap())
        if most == 0:
            return None
        shares = part(size, most)
        done = self.redeems_for(ATTACKER, ATTACKER, asset, shares, 0, attacked=True)
        return done or Kind.REDEEM

    def attacker_trade(self, size: Size, coin: str, asset: str) -> Kind:
        self.trades(ATTACKER, coin, part(size, self.reserve(coin)))
        return Kind.TRADE

    def attacker_donate(self, size: Size, *_: str) -> Kind:
        given = part(size, self.world.gift("collateral"))
        self.venue.donate(self, ATTACKER, given)
        return Kind.GIFT

    def attacker_repay(self, size: Size, *_: str) -> Kind | None:
        if self.debt <= 1:
            return None
        self.venue.repay(self, ATTACKER, size, left=-1)
        return Kind.GIFT

    def attacker_give_shares(self, size: Size, *_: str) -> Kind:
        given = min(part(size, self.token.balance(ATTACKER)), self.token.balance(ATTACKER))
        self.token.transfer(ATTACKER, "minter", given)
        self.send(ATTACKER, self.call("token", TRANSFER, "minter", given))
        return Kind.SHARES

    def attacker_settle(self, *_: object) -> Kind:
        self.token.settle()
        self.send(ATTACKER, self.call("token", "settle()"))
        return Kind.SETTLE

    # How it is done

    def seek(self, opened: str, elapsed: int, beyond: int) -> None:
        """Come to where a lane is open."""
        if opened == "lever":
            self.seek_levering(elapsed, beyond)
        else:
            limit = "highest" if opened == "delever" else "emergency"
            self.seek_delevering(limit, elapsed, beyond)

    def state_of(self, model: Dex) -> State:
        """As the model has it."""
        return self.world.in_model(model, self.world.often)

    def fill_everything(self, token: Token) -> Filled:
        """All that is open, in the model."""
        fill = token.fill_lever if token.offer().levering else token.fill_delever
        return fill(ENDLESS)

    def depeg(self) -> None:
        """The dollar's feed says what nobody believes; for the venue the position is healthier."""
        floor, ceiling = USDC_BOUNDS
        self.cost_of_a_dollar(floor - 1 if self.rules_.long else ceiling + 1)
        self.look_on(Kind.WORLD)

    def peg(self) -> None:
        """Both feeds answer as always."""
        self.cost_of_a_dollar(USD)
        self.news(self.token.now, self.model.answer)

    def cost_of_a_dollar(self, answer: int) -> None:
        self.send("owner", self.call("usdc feed", "post(int256)", answer))
        self.model.dollar, self.model.refreshed_at = answer, self.token.now
        self.model.look()


@pytest.mark.parametrize("world", ["ETHBULL", "ETHBEAR", *ON_AAVE], indirect=True)
def test_any_order_of_calls_and_attacks_takes_nothing_from_anyone(world, request):
    name = f"system {request.node.callspec.params['world']}"

    campaign(SystemMachine, world, name, quick=5, often=EVENTS, more_laws=("I-N4",))
