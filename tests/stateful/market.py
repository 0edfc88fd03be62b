"""What machines beside a pool have in common: trades on it, and zaps and fills through it."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from eth_abi import encode
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from scripts._devnet import ENDLESS, POOL_FEE
from scripts._model.fixed_point import SCALE, WAD, mul_div_down
from scripts._model.token import Lane

from .dex import FILL, OTHER, SWAP, Dex, DexWorld
from .laws import Kind
from .node import Call, Log, survey
from .stage import DUST, Size, part, step
from .weather import ACTOR, COIN, SIZE, Weather
from .world import COINS, told

ASSET = st.sampled_from([*COINS, "ether"])
WORD = 32
SELECTOR = 4  # bytes before the arguments of a call
DEPTH = 10  # at most such a part of what the pool has is traded at once
MARGIN = Fraction(3, 100)  # the pool's fee, and how far off the feed's its price may be


class Market(Weather):
    """The pool, and its rules."""

    world: DexWorld  # type: ignore[misc]
    model: Dex
    logs: list[Log]  # of the newest attempt that succeeded

    @step(Kind.TRADE, trader=ACTOR, sold=COIN, size=SIZE)
    def trade(self, trader: str, sold: str, size: Size) -> None:
        """Somebody moves the pool's price."""
        self.trades(trader, sold, part(size, self.reserve(sold)))

    @precondition(lambda self: self.model.root_of(self.model.answer) != self.model.pool.root)
    @step(Kind.TRADE)
    def arbitrage(self) -> None:
        """The pool's price is the feed's."""
        self.arbitrages()

    @step(Kind.GIFT, giver=ACTOR, coin=COIN, at=st.sampled_from(["router", "keeper"]), size=SIZE)
    def leave_coins_with_our_periphery(self, giver: str, coin: str, at: str, size: Size) -> None:
        """Somebody leaves coins where nobody will ever use them."""
        given = part(size, self.reserve(coin))
        self.send(giver, self.call(coin, "transfer(address,uint256)", at, given))
        self.model.pay(coin, given, giver, at)

    # The pool

    def reserve(self, coin: str) -> int:
        """The most that is traded at once."""
        return self.model.coins["pool", coin] // DEPTH

    def trades(self, trader: str, sold: str, sells: int, limit: int | None = None) -> None:
        """A swap of exactly `sells`, or up to a limit."""
        self.model.trade(trader, sold, sells, limit)
        pair = (self.world.address[sold], self.world.address[OTHER[sold]])
        order = (*pair, POOL_FEE, self.world.address[trader], ENDLESS, sells, 0, limit or 0)
        self.send(trader, self.call("swap router", SWAP, order))

    def arbitrages(self) -> None:
        """The arbitrageur trades the pool to the feed's price."""
        wanted, first = self.model.root_of(self.model.answer), self.model.first
        sold = first if wanted < self.model.pool.root else OTHER[first]
        self.trades("arbitrageur", sold, 2**128, wanted)

    def come_to_terms(self) -> None:
        """Unless the pool's price is about the feed's: be it exactly that."""
        wanted, found = self.model.root_of(self.model.answer), self.model.pool.root
        if not 99 * wanted < 100 * found < 101 * wanted:
            self.arbitrages()
            self.look_on(Kind.TRADE)

    # Zaps

    def can_zap(self) -> int:
        """Shares whose legs the pool is deep enough for."""
        depths = [
            self.reserve(coin) * self.supply // max(1, held)
            for coin, held in zip(COINS, (self.collateral, self.debt), strict=True)
        ]
        return min(depths)

    def is_thin(self, shares: int) -> bool:
        """Whether so little NAV is left that what a swap for so many shares costs may be more."""
        value = mul_div_down(self.collateral, self.market.price, SCALE)
        legs = zip(COINS, (self.collateral, self.debt), strict=True)
        cost = max(self.cost_of_swap(coin, leg * shares // self.supply) for coin, leg in legs)
        return self.dust() or value - self.debt < cost * value

    def cost_of_swap(self, coin: str, bought: int) -> Fraction:
        """At most such a part is lost in a swap of a part of what the pool has of a coin."""
        return Fraction(bought, self.model.coins["pool", coin] - bought) + MARGIN

    def is_small(self, shares: int) -> bool:
        """Whether so few shares are meant that rounding decides what they are worth."""
        legs = (self.collateral, self.debt)
        return any(leg * shares < DUST * self.supply for leg in legs)

    def attempt(
        self,
        sender: str,
        call: Call,
        act: Callable[[], Any],
        value: int = 0,
        excused: Callable[[str], bool] = lambda reason: False,
    ) -> Any:
        """Do it in both; or, where the model refuses for a reason that is excused, in neither."""
        result = told(act)
        if isinstance(result, str):
            assert excused(result), result
            self.refuses_for(result, sender, call, value)
            return None
        self.logs = self.send(sender, call, value)
        return result

    # The keeper

    def keeps(
        self,
        caller: str,
        receiver: str,
        size: Size,
        attacked: bool = False,
        automated: bool = False,
    ) -> Kind | None:
        """A fill through the keeper at its exact profit; large enough to heal the position.

        Where it is `automated`, by an order that the check has not said no to.
        """
        brought = "collateral" if self.can_lever else "debt"
        brings = min(self.auction.brings, self.reserve(brought))
        most = max(self.least_request(), part(size, brings))
        if told(lambda: self.model.copy().fill(receiver, most)) == self.venue.ill:
            most = self.auction.brings
        expected = told(lambda: self.model.copy().fill(receiver, most))
        profit = 0 if isinstance(expected, str) else expected[0]

        call = self.call("keeper", FILL, "token", POOL_FEE, most, profit, receiver)
        needed = True
        if automated:
            terms = call.data[SELECTOR:]
            order = terms[:WORD] + encode(["bool"], [self.can_lever]) + terms[WORD:]
            call = self.call("keeper", "performUpkeep(bytes)", order)
            check = self.call("keeper", "checkUpkeep(bytes)", order)
            (answer,) = self.world.node.read(survey([check]))
            needed = bool(answer[0])
        kind = Kind.LEVER if self.can_lever else Kind.DELEVER
        done = self.attempt(
            caller,
            call,
            lambda: self.model.fill(receiver, most, profit),
            excused=lambda reason: attacked or self.is_hopeless(reason, most),
        )
        if done is None:
            return Kind.REFUSAL
        assert needed
        self.saw_fill(self.logs, done[1])
        self.promise(receiver, OTHER[brought], profit)
        return kind

    def is_hopeless(self, reason: str, most: int) -> bool:
        """Whether a keeper may be refused: there is nothing to earn, or nothing to heal."""
        if reason != "keeper: profit below minimum":
            takes = self.auction.takes * most // max(1, self.auction.brings)
            return self.is_beyond_help() or self.dust() or takes < DUST * self.position.grain()
        brought = "collateral" if self.can_lever else "debt"
        brings = min(most, self.auction.brings)
        cost = self.cost_of_swap(brought, brings) * WAD
        takes = self.auction.takes * brings // max(1, self.auction.brings)
        small = min(brings, takes) < DUST
        return self.auction.lane is not Lane.EMERGENCY or self.auction.premium < cost or small
