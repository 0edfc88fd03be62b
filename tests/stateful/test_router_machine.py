"""Any order of calls of the router leaves it, the pool and the token as the model has them.

The pool is the real Uniswap v3, the venue the real Morpho Blue or Aave v3. The router never keeps
anything, pays out everything, and whatever an attacker does to the pool in front of a caller, the
caller's bounds hold.
"""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from scripts._devnet import ENDLESS, POOL_FEE

from .dex import EXACT_IN, MINT, QUOTES, REDEEM
from .laws import Kind
from .market import ASSET, Market
from .node import Call, survey
from .stage import MINTED, REDEEMED, Size, campaign, part, pick, step
from .weather import ACTOR, COIN, SIZE, WHICH
from .world import told, words

REASONS = {
    "router: amount above max",
    "router: amount below min",
    "router: shares below min",
    "router: shares are worth nothing",
    "router: value below max",
    "router: unexpected ether",
    "router: only weth may pay",
    "router: unknown token",
    "router: unknown asset",
    "router: deadline has passed",
    "router: receiver is zero",
    "swap: unknown pool",
    "mint: zero shares",
    "redeem: zero shares",
    "redeem: shares above balance",
    "Unexpected error",  # of Uniswap's quoter: more than the pool has
}

SLACK = st.sampled_from([0, 0, 1, 10**6, 10**18])  # beyond a bound
QUOTE = st.sampled_from(sorted(QUOTES))
AMOUNT = st.builds(pow, st.just(2), st.integers(0, 100)) | st.just(0)
CHANGE = st.sampled_from([0, 1, 10**18])  # ether that comes back
TOLERANCE = st.integers(0, 500)  # hundredths of a percent


class RouterMachine(Market):
    """The rules."""

    @precondition(lambda self: self.collateral > 0)
    @step(
        Kind.MINT, caller=ACTOR, receiver=ACTOR, asset=ASSET, size=SIZE, slack=SLACK, change=CHANGE
    )
    def mint_for_one_asset(
        self, caller: str, receiver: str, asset: str, size: Size, slack: int, change: int
    ) -> Kind | None:
        self.get_ready()
        shares = part(size, min(self.can_mint, self.can_zap()))

        return self.mints(caller, receiver, asset, shares, self.cost(asset, shares) + slack, change)

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.MINT, caller=ACTOR, receiver=ACTOR, asset=ASSET, size=SIZE, change=CHANGE)
    def mint_for_an_exact_amount(
        self, caller: str, receiver: str, asset: str, size: Size, change: int
    ) -> Kind | None:
        self.get_ready()
        coin, native = self.world.asset(asset)
        # a tenth less, since the price of more shares is no better
        possible = min(self.can_mint, self.can_zap())
        brings = part(size, self.cost(asset, possible) * 9 // 10)
        shares = told(lambda: self.model.affordable(coin, brings))
        least = 0 if isinstance(shares, str) else shares
        call, value = self.zap(EXACT_IN, asset, brings, least, receiver, change)

        done = self.attempt(
            caller,
            call,
            lambda: self.model.mint_exact_in(caller, receiver, coin, native, brings, least),
            value,
            lambda reason: self.is_thin(possible) or self.is_small(least),
        )
        if done is None:
            return Kind.REFUSAL
        self.saw(self.logs, MINTED, done[1])
        self.promise(caller, coin, -brings)
        self.promise(receiver, "shares", least)
        return None

    @precondition(lambda self: self.holders)
    @step(Kind.REDEEM, which=WHICH, receiver=ACTOR, asset=ASSET, size=SIZE, slack=SLACK)
    def redeem_for_one_asset(
        self, which: int, receiver: str, asset: str, size: Size, slack: int
    ) -> Kind | None:
        self.get_well()
        owner = pick(which, self.holders)
        shares = self.some_of(owner, size)

        least = max(0, self.proceeds(asset, shares) - slack)
        return self.redeems_for(owner, receiver, asset, shares, least)

    @precondition(lambda self: self.collateral > 0)
    @step(
        Kind.MINT,
        caller=ACTOR,
        asset=ASSET,
        size=SIZE,
        tolerance=TOLERANCE,
        attacker=ACTOR,
        sold=COIN,
        force=SIZE,
    )
    def mint_behind_an_attacker(
        self,
        caller: str,
        asset: str,
        size: Size,
        tolerance: int,
        attacker: str,
        sold: str,
        force: Size,
    ) -> Kind | None:
        """The attacker trades on the pool between the quote and the call."""
        self.get_ready()
        shares = part(size, min(self.can_mint, self.can_zap()) // 2)
        most = self.cost(asset, shares) * (10_000 + tolerance) // 10_000
        self.attacks(attacker, sold, force)

        return self.mints(caller, caller, asset, shares, most, 0, attacked=True)

    @precondition(lambda self: self.holders)
    @step(
        Kind.REDEEM,
        which=WHICH,
        asset=ASSET,
        size=SIZE,
        tolerance=TOLERANCE,
        attacker=ACTOR,
        sold=COIN,
        force=SIZE,
    )
    def redeem_behind_an_attacker(
        self,
        which: int,
        asset: str,
        size: Size,
        tolerance: int,
        attacker: str,
        sold: str,
        force: Size,
    ) -> Kind | None:
        """Likewise."""
        self.get_well()
        owner = pick(which, self.holders)
        shares = self.some_of(owner, size)
        least = self.proceeds(asset, shares) * (10_000 - tolerance) // 10_000
        self.attacks(attacker, sold, force)

        return self.redeems_for(owner, owner, asset, shares, least, attacked=True)

    @precondition(lambda self: self.collateral > 0)
    @step(Kind.REFUSAL, caller=ACTOR, asset=ASSET, size=SIZE, which=WHICH, more=SLACK)
    def zap_in_in_vain(self, caller: str, asset: str, size: Size, which: int, more: int) -> None:
        self.get_ready()
        coin, native = self.world.asset(asset)
        shares = part(size, min(self.can_mint, self.can_zap()))
        most = self.cost(asset, shares)
        now, token, router = self.token.now, "token", "router"
        value = most if native else 0

        def mint(token: str, asset: str, fee: int, deadline: int) -> Call:
            return self.call("router", MINT, token, asset, fee, shares, most, caller, deadline)

        too_late = mint(token, asset, POOL_FEE, now - 1)
        attempts = [
            ("router: deadline has passed", too_late, value),
            ("router: unknown token", mint(router, asset, POOL_FEE, now), value),
            ("router: unknown asset", mint(token, token, POOL_FEE, now), value),
            ("router: only weth may pay", Call(self.world.address[router], b""), 1 + more),
        ]
        if native:
            attempts += [("router: value below max", mint(token, asset, POOL_FEE, now), most - 1)]
        else:
            ether = ("router: unexpected ether", mint(token, asset, POOL_FEE, now), 1 + more)
            attempts += [ether]
        if self.debt > 0 and not self.is_small(shares):
            attempts += [("swap: unknown pool", mint(token, asset, 3_000, now), value)]
        none, _ = self.zap(MINT, asset, 0, most, caller)
        attempts += [("mint: zero shares", none, value)]
        if most > 0:
            few = told(
                lambda: self.model.copy().mint(caller, caller, coin, native, shares, most - 1)
            )
            less, value_of_less = self.zap(MINT, asset, shares, most - 1, caller)
            attempts += [(str(few), less, value_of_less)]
            affordable = told(lambda: self.model.affordable(coin, most))
            least = (0 if isinstance(affordable, str) else affordable) + 1 + more
            reason = told(
                lambda: self.model.copy().mint_exact_in(caller, caller, coin, native, most, least)
            )
            exact, value_of_it = self.zap(EXACT_IN, asset, most, least, caller)
            attempts += [(str(reason), exact, value_of_it)]
        reason, call, value = pick(which, [each for each in attempts if each[2] >= 0])

        self.refuses_for(reason, caller, call, value)

    @precondition(lambda self: self.holders)
    @step(Kind.REFUSAL, owner=WHICH, asset=ASSET, size=SIZE, which=WHICH, more=st.integers(1, 100))
    def zap_out_in_vain(self, owner: int, asset: str, size: Size, which: int, more: int) -> None:
        self.get_well()
        caller = pick(owner, self.holders)
        coin, native = self.world.asset(asset)
        shares = self.some_of(caller, size)
        proceeds = self.proceeds(asset, shares)
        attempts: list[tuple[str, Call]] = []
        for count, least in [
            (0, 0),
            (shares, proceeds + more),
            (self.token.balance(caller) + more, 0),
        ]:
            if count > self.can_zap():
                continue
            reason = told(
                lambda n=count, m=least: self.model.copy().redeem(  # type: ignore[misc]
                    caller, caller, coin, native, n, m
                )
            )
            assert isinstance(reason, str)
            attempts += [(reason, self.zap(REDEEM, asset, count, least, caller)[0])]
        order = ("token", asset, POOL_FEE, shares, 0)
        late = self.call("router", REDEEM, *order, caller, self.token.now - 1)
        astray = self.call("router", REDEEM, *order, "nobody", ENDLESS)
        attempts += [("router: deadline has passed", late), ("router: receiver is zero", astray)]
        reason, call = pick(which, attempts)

        self.refuses_for(reason, caller, call)

    @step(Kind.WORLD, quote=QUOTE, asset=ASSET, amount=AMOUNT)
    def ask_for_any_amount(self, quote: str, asset: str, amount: int) -> None:
        """However much it is: more than the pool has, too."""
        coin, _ = self.world.asset(asset)
        expected = told(lambda: QUOTES[quote](self.model, coin, amount))

        call = self.call("router", quote, "token", asset, POOL_FEE, amount)
        assert self.world.node.read(survey([call])) == [words(expected)]
        if isinstance(expected, str):
            self.happened[expected] += 1

    # What comes before

    def get_ready(self) -> None:
        """Minting is possible, and the pool about at the feed's price."""
        self.make_way()
        self.come_to_terms()

    def get_well(self) -> None:
        """Redeeming is possible, and the pool about at the feed's price."""
        if not self.healthy:
            self.come_to(self.token.now, self.answer_at("target", 0))
        self.come_to_terms()

    def attacks(self, attacker: str, sold: str, force: Size) -> None:
        """A trade in front of somebody's call."""
        self.trades(attacker, sold, part(force, self.reserve(sold)))
        self.look_on(Kind.TRADE)

    def some_of(self, owner: str, size: Size) -> int:
        return part(size, max(1, min(self.token.balance(owner), self.can_zap())))

    # What it costs and brings

    def cost(self, asset: str, shares: int) -> int:
        """What so many shares cost now; nothing where they cannot be had."""
        coin, _ = self.world.asset(asset)
        cost = told(lambda: self.model.quote_mint(coin, shares))
        return 0 if isinstance(cost, str) else cost

    def proceeds(self, asset: str, shares: int) -> int:
        """What so many shares bring now; nothing where they bring none."""
        coin, _ = self.world.asset(asset)
        proceeds = told(lambda: self.model.quote_redeem(coin, shares))
        return 0 if isinstance(proceeds, str) else proceeds

    # How it is done

    def zap(
        self, function: str, asset: str, size: int, bound: int, receiver: str, change: int = 0
    ) -> tuple[Call, int]:
        """A call at the last second of its deadline, and the ether that goes along."""
        way = ("token", asset, POOL_FEE)
        call = self.call("router", function, *way, size, bound, receiver, self.token.now)
        if asset != "ether" or function == REDEEM:
            return call, 0
        return call, (size if function == EXACT_IN else bound) + change

    def mints(
        self,
        caller: str,
        receiver: str,
        asset: str,
        shares: int,
        most: int,
        change: int,
        attacked: bool = False,
    ) -> Kind | None:
        coin, native = self.world.asset(asset)
        call, value = self.zap(MINT, asset, shares, most, receiver, change)
        done = self.attempt(
            caller,
            call,
            lambda: self.model.mint(caller, receiver, coin, native, shares, most),
            value,
            lambda reason: attacked or self.is_thin(shares) or self.is_small(shares),
        )
        if done is None:
            return Kind.REFUSAL
        self.saw(self.logs, MINTED, done[1])
        self.promise(caller, coin, -most)
        self.promise(receiver, "shares", shares)
        self.happened[f"mint for {asset}"] += 1
        return None

    def redeems_for(
        self,
        owner: str,
        receiver: str,
        asset: str,
        shares: int,
        least: int,
        attacked: bool = False,
    ) -> Kind | None:
        coin, native = self.world.asset(asset)
        call, _ = self.zap(REDEEM, asset, shares, least, receiver)
        done = self.attempt(
            owner,
            call,
            lambda: self.model.redeem(owner, receiver, coin, native, shares, least),
            excused=lambda reason: attacked or self.is_thin(shares) or self.is_small(shares),
        )
        if done is None:
            return Kind.REFUSAL
        self.saw(self.logs, REDEEMED, done[1])
        self.promise(receiver, coin, least)
        self.promise(owner, "shares", -shares)
        self.happened[f"redeem for {asset}"] += 1
        return None


WAYS = {f"{what} for {asset}" for what in ("mint", "redeem") for asset in ("collateral", "debt")}
WAYS |= {"mint for ether", "redeem for ether"}


def test_any_order_of_zaps_keeps_nothing_and_pays_everything(world, request):
    name = f"router {request.node.callspec.params['world']}"

    campaign(RouterMachine, world, name, quick=3, often=WAYS, rare=REASONS)
