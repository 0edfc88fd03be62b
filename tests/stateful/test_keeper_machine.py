"""Any order of fills through the keeper leaves it, the pool and the token as the model has them.

It has no capital: the real Uniswap v3 lends what a fill brings. All of the profit goes to the
receiver, nothing stays, and where there is no profit nothing happens.
"""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from scripts._devnet import ENDLESS, POOL_FEE
from scripts._model.token import Auction

from .dex import FILL
from .laws import FILL_LAWS, LAWS, Kind
from .market import Market
from .node import Call
from .stage import Size, campaign, part, pick, step
from .weather import ACTOR, BEYOND, ELAPSED, SIZE, WHICH
from .world import told

EVENTS = {"scheduled lever", "scheduled delever", "emergency delever"}
REASONS = {
    "keeper: unknown token",
    "keeper: nothing to fill",
    "keeper: profit below minimum",
    "swap: unknown pool",
    "oracle: price is stale",
}

LATE = st.integers(45 * 60, 2 * 3_600 - 1)  # since the lane opened: the premium is the highest


class KeeperMachine(Market):
    """The rules."""

    laws = (*LAWS, *FILL_LAWS)

    @precondition(lambda self: self.collateral > 0)
    @step(
        Kind.LEVER,
        caller=ACTOR,
        receiver=ACTOR,
        size=SIZE,
        beyond=BEYOND,
        elapsed=ELAPSED | LATE,
        automated=st.booleans(),
    )
    def keep_below_target(
        self,
        caller: str,
        receiver: str,
        size: Size,
        beyond: int,
        elapsed: int,
        automated: bool,
    ) -> Kind | None:
        self.make_way()
        self.seek_levering(elapsed, beyond)
        if not self.can_lever:
            return Kind.WORLD  # the day's parcel has been used up
        self.come_to_terms()

        return self.keeps(caller, receiver, size, automated=automated)

    @precondition(lambda self: self.collateral > 0)
    @step(
        Kind.DELEVER,
        caller=ACTOR,
        receiver=ACTOR,
        size=SIZE,
        beyond=BEYOND,
        elapsed=ELAPSED | LATE,
        limit=st.sampled_from(["highest", "emergency", "liquidation"]),
        automated=st.booleans(),
    )
    def keep_above_target(
        self,
        caller: str,
        receiver: str,
        size: Size,
        beyond: int,
        elapsed: int,
        limit: str,
        automated: bool,
    ) -> Kind | None:
        self.seek_delevering(limit, elapsed, beyond)
        if not self.can_delever:
            return Kind.WORLD
        self.come_to_terms()

        return self.keeps(caller, receiver, size, automated=automated)

    @step(Kind.REFUSAL, caller=ACTOR, size=SIZE, which=WHICH, stale=st.booleans())
    def keep_in_vain(self, caller: str, size: Size, which: int, stale: bool) -> None:
        if stale:
            self.go_stale()
        most = part(size, max(1, self.auction.brings))

        def fill(token: str, fee: int, max_in: int, least: int) -> Call:
            return self.call("keeper", FILL, token, fee, max_in, least, caller)

        def reason(max_in: int, least: int) -> str:
            refusal = told(lambda: self.model.copy().fill(caller, max_in, least))
            assert isinstance(refusal, str)
            return refusal

        attempts = [
            ("keeper: unknown token", fill("router", POOL_FEE, most, 0)),
            (reason(most, 2**127), fill("token", POOL_FEE, most, 2**127)),
            (reason(0, 0), fill("token", POOL_FEE, 0, 0)),
        ]
        if self.auction != Auction():
            attempts += [("swap: unknown pool", fill("token", 3_000, ENDLESS, 0))]

        refusal, call = pick(which, attempts)

        self.refuses_for(refusal, caller, call)

    @precondition(lambda self: self.collateral > 0 and self.can_mint > 0)
    @step(Kind.MINT, caller=ACTOR, size=SIZE)
    def grow(self, caller: str, size: Size) -> Kind | None:
        """Somebody mints in kind, so that there is more to fill."""
        shares = part(size, self.can_mint)
        loose = self.position.loose_collateral
        call = self.call(
            "token", "mint(uint256,uint256,uint256,address)", shares, ENDLESS, 0, caller
        )
        done = self.attempt(
            caller,
            call,
            lambda: self.token.mint(caller, shares),
            excused=lambda reason: self.dust(),
        )
        if done is None:
            return Kind.REFUSAL
        self.promise(caller, "shares", shares)
        self.pay_in("collateral", done.collateral, caller, loose)
        self.pay_out("debt", done.debt, caller)
        return None


def test_any_order_of_fills_by_the_keeper_keeps_nothing(world, request):
    name = f"keeper {request.node.callspec.params['world']}"

    campaign(KeeperMachine, world, name, quick=3, often=EVENTS, rare=REASONS)
