"""Any order of calls leaves a token and its model alike, bit for bit: on either real venue.

A rule does what must succeed, or tries in vain what must be refused, for the model's own reason.
After each one everything that can be asked is asked of both, and the invariants of `laws.py` hold.
Where a rule needs a lane to be open or the position to be unhealthy, it first lets the price and
the clock make it so.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from scripts._devnet import ENDLESS
from scripts._model.fixed_point import mul_div_down
from scripts._model.token import MAX_CAP, Filled

from .laws import FILL_LAWS, LAWS, LIQUIDATION_LAWS, Kind
from .places import ON_AAVE, ON_MORPHO, settle
from .stage import (
    FEE_ACCRUED,
    MINTED,
    REDEEMED,
    Size,
    campaign,
    part,
    pick,
    run,
    step,
)
from .weather import (
    ACTOR,
    BEYOND,
    COIN,
    ELAPSED,
    MORE,
    SIZE,
    WHICH,
    Weather,
)
from .world import ACTORS, PAUPER, State, World, told

MINT = "mint(uint256,uint256,uint256,address,address)"
REDEEM = "redeem(uint256,uint256,uint256,address,address)"
FILL_LEVER = "fill_lever(uint256,uint256,address)"
FILL_DELEVER = "fill_delever(uint256,uint256,address)"
TRANSFER = "transfer(address,uint256)"

# What every campaign must see besides each rule.
EVENTS = {"scheduled lever", "scheduled delever", "emergency delever", "bad debt"}
REASONS = {
    "mint: zero shares",
    "mint: paused",
    "mint: cap exceeded",
    "mint: collateral above max",
    "mint: debt below min",
    "mint: position is empty",
    "redeem: zero shares",
    "redeem: shares above balance",
    "redeem: debt above max",
    "redeem: collateral below min",
    "fill: levering is paused",
    "fill: not open for levering",
    "fill: not open for delevering",
    "fill: nothing to take",
    "fill: no collateral to take",
    "fill: debt below limit",
    "fill: collateral below limit",
    "oracle: price is stale",
    "token: position is insolvent",
    "transfer: balance too low",
    "transfer: allowance too low",
}

FILL: dict[str, st.SearchStrategy[Any]] = {
    "caller": ACTOR,
    "receiver": ACTOR,
    "size": SIZE,
    "endless": st.booleans(),
    "beyond": BEYOND,
}
SPARE = st.sampled_from([0, 1, ENDLESS])  # left of an approval


class TokenMachine(Weather):
    """The rules."""

    laws = (*LAWS, *FILL_LAWS, *LIQUIDATION_LAWS)

    # Shares

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.MINT, caller=ACTOR, receiver=ACTOR, debt_receiver=ACTOR, size=SIZE)
    def mint(self, caller: str, receiver: str, debt_receiver: str, size: Size) -> Kind | None:
        self.make_way()

        return self.mints_in_kind(caller, receiver, debt_receiver, part(size, self.can_mint))

    @step(
        Kind.REFUSAL,
        caller=ACTOR,
        size=SIZE,
        more=MORE,
        which=WHICH,
        trouble=st.sampled_from([None, None, "strained", "paused", "dry", "ill", "wiped out"]),
        beyond=BEYOND,
    )
    def mint_in_vain(
        self, caller: str, size: Size, more: int, which: int, trouble: str | None, beyond: int
    ) -> None:
        if trouble == "paused":
            self.set_paused(True)
            self.look_on(Kind.SWITCH)
        elif trouble == "dry":
            self.make_way()
            self.leave_liquidity(0)
            self.look_on(Kind.VENUE)
        elif trouble == "strained":
            self.make_way()
            self.fall_ill("liquidation", -beyond // 10)
        elif trouble == "ill":
            self.fall_ill("liquidation", beyond)
        elif trouble == "wiped out":
            self.be_wiped_out(caller, beyond)
        else:
            self.make_way()
        attempts = [(0, ENDLESS, 0), (self.room() + more, ENDLESS, 0)]
        if self.can_mint > 0:
            shares = part(size, self.can_mint)
            collateral, debt = self.token.preview_mint(shares)
            attempts += [(shares, collateral - 1, debt), (shares, collateral, debt + 1)]
        too_much = self.loan(self.position.liquidity() + 1)
        ill = self.is_far_from_healthy() and not self.dust() and self.loan(1) <= self.room()
        strained = self.healthy and not self.can_borrow and self.refuses_to_lend(self.loan(1))
        if self.token.paused or self.collateral == 0:
            attempts = [(min(more, max(1, self.room())), ENDLESS, 0)]
        elif ill or strained:
            attempts = [(self.loan(1), ENDLESS, 0)]
        elif trouble == "dry" and 0 < too_much <= min(self.room(), self.affordable()):
            attempts = [(too_much, ENDLESS, 0)]
        shares, most, least = pick(which, attempts)

        call = self.call("token", MINT, shares, most, least, caller, caller)
        self.refuses(caller, call, lambda: self.token.mint(caller, shares, most, least))

    @precondition(lambda self: self.holders)
    @step(Kind.REDEEM, which=WHICH, receiver=ACTOR, size=SIZE)
    def redeem(self, which: int, receiver: str, size: Size) -> Kind | None:
        owner = pick(which, self.holders)

        return self.redeems(owner, owner, receiver, part(size, self.token.balance(owner)))

    @precondition(lambda self: self.holders)
    @step(Kind.REDEEM, which=WHICH, receiver=ACTOR)
    def redeem_everything(self, which: int, receiver: str) -> Kind | None:
        owner = pick(which, self.holders)

        return self.redeems(owner, owner, receiver, self.token.balance(owner))

    @precondition(lambda self: self.holders)
    @step(Kind.REDEEM, which=WHICH, whom=WHICH, size=SIZE, spare=SPARE)
    def redeem_for_another(self, which: int, whom: int, size: Size, spare: int) -> Kind | None:
        owner = pick(which, self.holders)
        spender = pick(whom, [actor for actor in ACTORS if actor != owner])
        shares = part(size, self.token.balance(owner))
        allowed = min(ENDLESS, shares + spare)

        self.send(owner, self.call("token", "approve(address,uint256)", spender, allowed))
        self.model.allowances[owner, spender] = allowed
        self.look_on(Kind.SHARES)
        kind = self.redeems(spender, owner, spender, shares)

        if kind is None:
            self.model.allowances[owner, spender] = spare
        return kind

    @precondition(lambda self: self.holders)
    @step(
        Kind.REFUSAL,
        which=WHICH,
        size=SIZE,
        more=MORE,
        how=WHICH,
        limit=st.none() | st.sampled_from(["liquidation", "ruin"]),
        beyond=BEYOND,
    )
    def redeem_in_vain(
        self, which: int, size: Size, more: int, how: int, limit: str | None, beyond: int
    ) -> None:
        if limit is not None:
            self.fall_ill(limit, beyond)
        owner = pick(which, self.holders)
        balance = self.token.balance(owner)
        shares = part(size, balance)
        debt, collateral = self.token.preview_redeem(shares)
        attempts = [
            (0, ENDLESS, 0),
            (balance + more, ENDLESS, 0),
            (shares, debt, collateral + 1),
        ]
        if debt > 0:
            attempts += [(shares, debt - 1, collateral)]
        if not self.healthy and self.refuses_to_let_go(owner, balance):
            attempts += [(balance, ENDLESS, 0)]
        shares, most, least = pick(how, attempts)

        call = self.call("token", REDEEM, shares, most, least, owner, owner)
        self.refuses(owner, call, lambda: self.token.redeem(owner, shares, most, least))

    @step(Kind.SETTLE, caller=ACTOR)
    def settle(self, caller: str) -> None:
        fee = self.token.settle()
        logs = self.send(caller, self.call("token", "settle()"))

        assert [log.words[-1] for log in logs if log.event == FEE_ACCRUED] == [fee] * (fee > 0)

    @step(Kind.SHARES, which=WHICH, receiver=ACTOR, size=SIZE)
    def transfer(self, which: int, receiver: str, size: Size) -> Kind | None:
        owner = pick(which, [*ACTORS, "treasury"])
        amount = min(part(size, self.token.balance(owner)), self.token.balance(owner))

        self.token.transfer(owner, receiver, amount)
        self.send(owner, self.call("token", TRANSFER, receiver, amount))

        return Kind.PAYOUT if owner == "treasury" else None

    # Fills

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.LEVER, **FILL, elapsed=ELAPSED)
    def fill_lever(
        self, caller: str, receiver: str, size: Size, endless: bool, beyond: int, elapsed: int
    ) -> Kind | None:
        self.make_way()
        self.seek_levering(elapsed, beyond)
        if not self.can_lever:
            return Kind.WORLD  # the day's parcel has been used up

        return self.levers(caller, receiver, size, endless)

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.DELEVER, **FILL, elapsed=ELAPSED)
    def fill_delever(
        self, caller: str, receiver: str, size: Size, endless: bool, beyond: int, elapsed: int
    ) -> Kind | None:
        self.seek_delevering("highest", elapsed, beyond)

        return self.delevers(caller, receiver, size, endless)

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.DELEVER, **FILL, limit=st.sampled_from(["emergency", "liquidation"]))
    def fill_in_an_emergency(
        self, caller: str, receiver: str, size: Size, endless: bool, beyond: int, limit: str
    ) -> Kind | None:
        self.seek_delevering(limit, 0, beyond)

        return self.delevers(caller, receiver, size, endless)

    @step(
        Kind.REFUSAL,
        caller=ACTOR,
        size=SIZE,
        more=MORE,
        which=WHICH,
        trouble=st.sampled_from([None, "open", "open", "stale", "paused"]),
        elapsed=ELAPSED,
        beyond=BEYOND,
    )
    def fill_lever_in_vain(
        self,
        caller: str,
        size: Size,
        more: int,
        which: int,
        trouble: str | None,
        elapsed: int,
        beyond: int,
    ) -> None:
        if trouble == "open":
            self.seek_levering(elapsed, beyond)
        elif trouble == "stale":
            self.go_stale()
        elif trouble == "paused":
            self.set_paused(True)
            self.look_on(Kind.SWITCH)
        attempts = [(more, 0)]
        if self.can_lever:
            request = max(self.least_request(), part(size, self.auction.brings))
            collateral, debt = self.token.preview_fill_lever(request)
            too_much = mul_div_down(debt, request, collateral) + 1
            attempts = [(self.least_request() - 1, 0), (request, too_much)]
        request, limit = pick(which, attempts)

        call = self.call("token", FILL_LEVER, request, limit, caller)
        self.refuses(caller, call, lambda: self.token.fill_lever(request, limit))

    @step(
        Kind.REFUSAL,
        caller=ACTOR,
        size=SIZE,
        more=MORE,
        which=WHICH,
        limit=st.sampled_from([None, "highest", "emergency", "liquidation"]),
        elapsed=ELAPSED,
        beyond=BEYOND,
    )
    def fill_delever_in_vain(
        self,
        caller: str,
        size: Size,
        more: int,
        which: int,
        limit: str | None,
        elapsed: int,
        beyond: int,
    ) -> None:
        if limit is not None:
            self.seek_delevering(limit, elapsed, beyond)
        attempts = [(more, 0)]
        if self.can_delever:
            request = max(self.least_request(), part(size, self.auction.brings))
            debt, collateral = self.token.preview_fill_delever(request)
            too_much = mul_div_down(collateral, request, debt) + 1
            attempts = [(self.least_request() - 1, 0), (request, too_much)]
            if self.is_far_from_healthy() and not self.dust():
                attempts += [(self.least_request(), 0)]
        request, least = pick(which, attempts)

        call = self.call("token", FILL_DELEVER, request, least, caller)
        self.refuses(caller, call, lambda: self.token.fill_delever(request, least))

    # Strangers and the venue

    @step(Kind.GIFT, giver=ACTOR, size=SIZE)
    def donate_collateral(self, giver: str, size: Size) -> None:
        amount = part(size, self.world.gift("collateral"))

        self.venue.donate(self, giver, amount)

    @step(Kind.GIFT, giver=ACTOR, coin=COIN, at=st.sampled_from(["position", "token"]), size=SIZE)
    def leave_coins(self, giver: str, coin: str, at: str, size: Size) -> None:
        amount = part(size, self.world.gift(coin))

        self.send(giver, self.call(coin, TRANSFER, at, amount))

        self.model.give(coin, amount, giver, at)

    @precondition(lambda self: self.debt > 1)
    @step(Kind.GIFT, giver=ACTOR, size=SIZE, left=st.integers(-20, 20))
    def repay_on_behalf(self, giver: str, size: Size, left: int) -> None:
        self.venue.repay(self, giver, size, left)

    @precondition(lambda self: self.debt > 0)
    @step(
        Kind.VENUE,
        liquidator=ACTOR,
        size=SIZE | st.just(Fraction(1)),
        by_debt=st.booleans(),
        limit=st.sampled_from(["liquidation", "ruin"]),
        beyond=BEYOND,
    )
    def be_liquidated(
        self, liquidator: str, size: Size, by_debt: bool, limit: str, beyond: int
    ) -> Kind | None:
        self.fall_ill(limit, beyond)
        if self.healthy or not self.venue.liquidate(self, liquidator, size, by_debt):
            return Kind.WORLD  # nothing that is worth a unit is left
        self.happened["bad debt"] += self.position.balances()[0] == 0
        return None

    @step(
        Kind.SWITCH,
        what=st.sampled_from(["pause", "cap", "liquidity", None, None]),
        left=st.sampled_from([0, 1, 10**6, 10**18, 10**22]),
    )
    def obstruct(self, what: str | None, left: int) -> None:
        """Let there be no minting, or only `left` of something; or lift all of that."""
        if what == "pause":
            self.set_paused(True)
        elif what == "cap":
            self.set_cap(min(MAX_CAP, self.supply + left))
        elif what == "liquidity":
            self.leave_liquidity(min(left, self.market.liquidity()))
        else:
            self.lift_all()

    # What nobody may do

    @step(Kind.REFUSAL, caller=ACTOR, more=MORE, which=WHICH)
    def act_without_the_means(self, caller: str, more: int, which: int) -> None:
        call = self.world.call
        lever, delever = (f"{move}(uint256,uint256,address)" for move in ("lever", "delever"))
        no_owner, no_token = "owner: caller is not the owner", "caller is not the token"
        too_much = self.token.balance(caller) + more
        attempts = [
            ("transfer: balance too low", caller, call("token", TRANSFER, PAUPER, too_much)),
            (no_owner, caller, call("token", "set_paused(bool)", True)),
            (no_owner, caller, call("token", "set_cap(uint256)", more)),
            (f"lever: {no_token}", caller, call("position", lever, 0, more, caller)),
            (f"delever: {no_token}", caller, call("position", delever, 0, more, caller)),
        ]
        if self.can_mint > 0 and self.lacks_collateral():
            mint = call("token", MINT, self.can_mint, ENDLESS, 0, PAUPER, PAUPER)
            attempts += [(self.poverty("collateral"), PAUPER, mint)]
        if self.lacks_debt():
            redeem = call("token", REDEEM, self.token.balance(PAUPER), ENDLESS, 0, PAUPER, PAUPER)
            attempts += [(self.poverty("debt"), PAUPER, redeem)]
        for (owner, spender), allowed in self.model.allowances.items():
            if spender == caller and allowed < self.token.balance(owner):
                redeem = call("token", REDEEM, allowed + 1, ENDLESS, 0, spender, owner)
                attempts += [("transfer: allowance too low", spender, redeem)]
        if self.healthy:
            reason, seize = self.venue.too_early()
            attempts += [(reason, caller, seize)]

        self.refuses_for(*pick(which, attempts))

    # How it is done

    def refuses_to_let_go(self, owner: str, shares: int) -> bool:
        """Whether so many cannot be redeemed; by what is rounded up it may heal the position."""
        return isinstance(told(lambda: self.token.copy().redeem(owner, shares)), str)

    def refuses_to_lend(self, shares: int) -> bool:
        """Whether so many shares cannot be minted; Aave lends up to less than it liquidates at."""
        return isinstance(told(lambda: self.token.copy().mint(PAUPER, shares)), str)

    def mints_in_kind(
        self, caller: str, receiver: str, debt_receiver: str, shares: int
    ) -> Kind | None:
        """A mint at exact bounds."""
        bounds = self.token.preview_mint(shares)
        call = self.call("token", MINT, shares, *bounds, receiver, debt_receiver)
        mint = lambda token: token.mint(receiver, shares, *bounds)  # noqa: E731
        excused = not self.can_borrow or self.is_crumb(bounds[1])
        if self.too_little_is_left(caller, call, mint, excused):
            return Kind.REFUSAL
        loose = self.position.loose_collateral

        minted = self.token.mint(receiver, shares, *bounds)
        logs = self.send(caller, call)

        self.saw(logs, MINTED, minted)
        self.promise(caller, "collateral", -bounds[0])
        self.promise(debt_receiver, "debt", bounds[1])
        self.promise(receiver, "shares", shares)
        self.pay_in("collateral", minted.collateral, caller, loose)
        self.pay_out("debt", minted.debt, debt_receiver)
        return None

    def redeems(self, caller: str, owner: str, receiver: str, shares: int) -> Kind | None:
        """A redemption at exact bounds, of a position that is healthy if any price makes it so."""
        if not self.healthy:
            self.come_to(self.token.now, self.answer_at("target", 0))
        bounds = self.token.preview_redeem(shares)
        call = self.call("token", REDEEM, shares, *bounds, receiver, owner)
        redeem = lambda token: token.redeem(owner, shares, *bounds)  # noqa: E731
        excused = not self.healthy or self.is_crumb(bounds[1])
        if self.too_little_is_left(caller, call, redeem, excused):
            return Kind.REFUSAL
        loose = self.position.loose_debt

        redeemed = self.token.redeem(owner, shares, *bounds)
        logs = self.send(caller, call)

        self.saw(logs, REDEEMED, redeemed)
        self.promise(caller, "debt", -bounds[0])
        self.promise(receiver, "collateral", bounds[1])
        self.promise(owner, "shares", -shares)
        self.pay_in("debt", redeemed.debt, caller, loose)
        self.pay_out("collateral", redeemed.collateral, receiver)
        return None

    def levers(self, caller: str, receiver: str, size: Size, endless: bool) -> Kind | None:
        """A fill at its exact limit, if there is one."""
        request = max(self.least_request(), part(size, self.auction.brings))
        collateral, debt = self.token.preview_fill_lever(request)
        limit = mul_div_down(debt, request, collateral)
        if endless:
            request, limit = ENDLESS, 0
        call = self.call("token", FILL_LEVER, request, limit, receiver)
        fill = lambda token: token.fill_lever(request, limit)  # noqa: E731
        if self.too_little_is_left(caller, call, fill, excused=self.is_crumb(debt)):
            return Kind.REFUSAL
        loose = self.position.loose_collateral

        filled = self.token.fill_lever(request, limit)
        logs = self.send(caller, call)

        self.saw_fill(logs, filled)
        self.promise(caller, "collateral", -request)
        self.promise(receiver, "debt", min(limit, debt))
        self.pay_in("collateral", filled.collateral, caller, loose)
        self.pay_out("debt", filled.debt, receiver)
        return None

    def delevers(self, caller: str, receiver: str, size: Size, endless: bool) -> Kind | None:
        """A fill at its exact limit, if there is one; large enough to heal the position."""
        if not self.can_delever:
            return Kind.WORLD  # the day's parcel has been used up
        request = ENDLESS if endless else max(self.least_request(), part(size, self.auction.brings))
        if not isinstance(told(lambda: self.token.copy().fill_delever(request)), Filled):
            request = self.auction.brings
        debt, collateral = self.token.preview_fill_delever(request)
        least = 0 if request == ENDLESS else mul_div_down(collateral, request, debt)
        call = self.call("token", FILL_DELEVER, request, least, receiver)
        beyond_help = request == self.auction.brings and self.is_beyond_help()
        excused = beyond_help or self.is_crumb(collateral)
        fill = lambda token: token.fill_delever(request, least)  # noqa: E731
        if self.too_little_is_left(caller, call, fill, excused):
            return Kind.REFUSAL
        loose = self.position.loose_debt

        filled = self.token.fill_delever(request, least)
        logs = self.send(caller, call)

        self.saw_fill(logs, filled)
        self.promise(caller, "debt", -request)
        self.promise(receiver, "collateral", min(least, collateral))
        self.pay_in("debt", filled.debt, caller, loose)
        self.pay_out("collateral", filled.collateral, receiver)
        return None


@pytest.fixture(params=[*ON_MORPHO, *ON_AAVE])
def world(request, devnet, ballast, tokens) -> Iterator[World]:
    """A token with its model, on a node whose clock stands still."""
    place, _, token = settle(request.param, devnet, ballast, tokens)
    made = World(place, token)
    with made.node.standing_still():
        yield made


def test_any_order_of_calls_leaves_chain_and_model_alike(world, request):
    name = f"token {request.node.callspec.params['world']}"

    rare = REASONS | world.venue.reasons
    campaign(TokenMachine, world, name, quick=5, often=EVENTS, rare=rare)


@pytest.mark.anvil
@pytest.mark.parametrize("world", [*ON_MORPHO, ON_AAVE[0]], indirect=True)
def test_a_few_orders_of_calls_on_a_node_leave_chain_and_model_alike(world):
    happened = run(TokenMachine, world, range(1))

    assert happened["mint"] * happened["redeem"] * happened["fill_delever"] > 0


@pytest.mark.parametrize("world", ON_MORPHO, indirect=True)
def test_the_same_draws_do_the_same_again(world):
    def states() -> list[State]:
        seen: list[State] = []

        @seed(0)
        class Watched(TokenMachine):
            def look(self, kind: Kind) -> None:
                super().look(kind)
                seen.append(self.seen)

        run(Watched, world, range(1))
        return seen

    assert states() == states()
