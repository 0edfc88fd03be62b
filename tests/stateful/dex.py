"""A token beside a Uniswap v3 pool: the router, the keeper and the pool, on chain and in the model.

A zap is what the router does: a swap around a mint or a redemption, paid in one of the two coins.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from math import isqrt

from ape import networks
from ape.contracts import ContractInstance
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, POOL_FEE, WAD, Ballast, Devnet
from scripts._model.fixed_point import MAX
from scripts._model.revert import atomic, check
from scripts._model.token import Filled, Minted, Redeemed
from tests.unit.lens.model import state_of

from .node import WORD, ether, survey
from .pool import Pool
from .world import ACTORS, COINS, PURSES, Question, Twin, World, told

NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
OTHER = {"collateral": "debt", "debt": "collateral"}
ETHER = 10**9 * WAD  # wei for each actor
MANY = 10**24  # shares that the router measures the cost with
ASKED = 3 * WAD + 1  # shares, or units of an asset

ZAP = "(address,address,uint24,uint256,uint256,address,uint256)"
MINT, EXACT_IN, REDEEM = f"mint{ZAP}", f"mint_exact_in{ZAP}", f"redeem{ZAP}"
FILL = "fill(address,uint24,uint256,uint256,address)"
SWAP = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"


@dataclass
class Dex(Twin):
    """The model with a pool beside it. Ether is wei by holder; `first` is the coin token0."""

    pool: Pool
    ether: dict[str, int]
    first: str

    def copy(self) -> "Dex":
        """Another one just like this."""
        return replace(
            self,
            token=self.token.copy(),
            coins=dict(self.coins),
            allowances=dict(self.allowances),
            pool=self.pool.copy(),
            ether=dict(self.ether),
        )

    def snapshot(self) -> Callable[[], None]:
        """Remember the state; the answer puts it back."""
        undo_token = self.token.snapshot()
        coins, wei, pool = dict(self.coins), dict(self.ether), vars(self.pool).copy()

        def undo() -> None:
            undo_token()
            self.coins, self.ether = coins, wei
            vars(self.pool).update(pool)

        return undo

    def swap(self, sold: str, amount: int, limit: int | None = None) -> tuple[int, int]:
        """What the pool is owed and what it gives: it sells `amount`, or buys minus `amount`."""
        owed, received = self.pool.swap(sold == self.first, amount, limit)
        check(limit is not None or amount in (owed, -received), "swap: pool is too shallow")
        return owed, received

    @atomic
    def trade(self, trader: str, sold: str, amount: int, limit: int | None = None) -> None:
        """A swap of one's own."""
        owed, received = self.swap(sold, amount, limit)
        self.pay(sold, owed, trader, "pool")
        self.pay(OTHER[sold], received, "pool", trader)

    def root_of(self, answer: int) -> int:
        """The pool's root at the feed's `answer`, dollars for an ether."""
        usdc, weth = answer * 10**6, self.dollar * WAD
        weth_first = (self.first == "collateral") == self.token.rules.long
        return isqrt((usdc if weth_first else weth) * 2**192 // (weth if weth_first else usdc))

    # The router

    @atomic
    def mint(
        self, payer: str, receiver: str, asset: str, native: bool, shares: int, max_in: int = MAX
    ) -> tuple[int, Minted]:
        """What is paid of `asset` for exactly `shares`, and the mint."""
        collateral, debt = self.token.preview_mint(shares)
        owed, received = self._zap(True, asset, collateral, debt)
        paid = amount(True, collateral, debt, owed, received)
        check(paid <= max_in, "router: amount above max")

        position = self.token.position
        position.loose_collateral += received + (paid if asset == "collateral" else 0)
        minted = self.token.mint(receiver, shares, collateral, debt)
        self.pay("collateral", received, "pool", "position")
        self._spend(asset, native, paid, payer, "pool" if asset == "debt" else "position")
        self.pay("collateral", collateral, "position", "venue")
        self.pay("debt", debt, "venue", "pool")
        return paid, minted

    @atomic
    def mint_exact_in(
        self, payer: str, receiver: str, asset: str, native: bool, paid: int, min_shares: int = 0
    ) -> tuple[int, Minted]:
        """What is paid of `asset`, at most `paid`, and the mint of what that buys."""
        shares = self.affordable(asset, paid)
        check(shares >= min_shares, "router: shares below min")
        return self.mint(payer, receiver, asset, native, shares, paid)

    @atomic
    def redeem(
        self, owner: str, receiver: str, asset: str, native: bool, shares: int, min_out: int = 0
    ) -> tuple[int, Redeemed]:
        """What `shares` bring of `asset`, and the redemption."""
        debt, collateral = self.token.preview_redeem(shares)
        owed, received = self._zap(False, asset, collateral, debt)
        got = amount(False, collateral, debt, owed, received)

        position, loose = self.token.position, self.token.position.loose_debt
        position.loose_debt += debt
        redeemed = self.token.redeem(owner, shares, debt, collateral)
        check(got >= min_out, "router: amount below min")
        stayed = position.loose_debt - loose
        self.pay("debt", debt - stayed, "position", "venue")
        if asset == "debt":
            self.pay("debt", received, "pool", "position")
            self.pay("collateral", collateral, "venue", "pool")
            self._earn(asset, native, got, "position", receiver)
        else:
            self.pay("debt", received, "pool", "position")
            self.pay("collateral", owed, "venue", "pool")
            self._earn(asset, native, got, "venue", receiver)
        return got, redeemed

    def quote_mint(self, asset: str, shares: int) -> int:
        """What `mint` would take."""
        collateral, debt = self.token.preview_mint(shares)
        return self._quote(True, asset, collateral, debt)

    def quote_redeem(self, asset: str, shares: int) -> int:
        """What `redeem` would pay out."""
        debt, collateral = self.token.preview_redeem(shares)
        return self._quote(False, asset, collateral, debt)

    def affordable(self, asset: str, paid: int) -> int:
        """The shares that `mint_exact_in` brings."""
        collateral, debt = self.token.preview_mint(MANY)
        if asset == "debt":
            collateral = self._at_spot("collateral", collateral)
        else:
            debt = self._at_spot("debt", debt)
        shares = paid * MANY // max(1, amount(True, collateral, debt, 0, 0))

        collateral, debt = self.token.preview_mint(shares)
        owed, received = self._quote_legs(True, asset, collateral, debt)
        cost = amount(True, collateral, debt, owed, received)
        if cost <= paid:
            return shares
        price = 0
        if owed > 0 and received > 0:
            price = owed // received if asset == "debt" else received // owed
        grain = self.token.position.grain()
        slack = (2 + grain) * (price + 2) + cost // shares + paid // 10**9
        return shares * (paid - min(slack, paid)) // cost

    # The keeper

    @atomic
    def fill(self, receiver: str, max_in: int, min_profit: int = 0) -> tuple[int, Filled]:
        """The profit of a fill, and the fill."""
        auction = self.token.auction()
        levering, brings = auction.levering, auction.brings
        if max_in < brings:
            preview = self.token.preview_fill_lever if levering else self.token.preview_fill_delever
            brings, _ = preview(max_in)
        check(brings > 0, "keeper: nothing to fill")
        sold, bought = ("debt", "collateral") if levering else ("collateral", "debt")
        owed, _ = self.swap(sold, -brings)

        position = self.token.position
        if levering:
            position.loose_collateral += brings
            filled = self.token.fill_lever(brings)
            taken = filled.debt
        else:
            position.loose_debt += brings
            filled = self.token.fill_delever(brings)
            taken = filled.collateral
        check(taken >= owed + min_profit, "keeper: profit below minimum")
        self.pay(bought, brings, "pool", "position")
        self.pay(bought, brings, "position", "venue")
        self.pay(sold, owed, "venue", "pool")
        self.pay(sold, taken - owed, "venue", receiver)
        return taken - owed, filled

    # Parts

    def _zap(self, minting: bool, asset: str, collateral: int, debt: int) -> tuple[int, int]:
        """A mint sells debt for collateral, a redemption collateral for debt."""
        sold, specified = self._order(minting, asset, collateral, debt)
        return self.swap(sold, specified) if specified else (0, 0)

    def _order(self, minting: bool, asset: str, collateral: int, debt: int) -> tuple[str, int]:
        """What a zap sells, and the amount that its swap is asked for."""
        specified = debt if asset == "collateral" else collateral
        exact_out = minting == (asset == "debt")
        return "debt" if minting else "collateral", -specified if exact_out else specified

    def _quote(self, minting: bool, asset: str, collateral: int, debt: int) -> int:
        owed, received = self._quote_legs(minting, asset, collateral, debt)
        return amount(minting, collateral, debt, owed, received)

    def _quote_legs(self, minting: bool, asset: str, collateral: int, debt: int) -> tuple[int, int]:
        """As Uniswap's quoter has it: it sells any amount, but buys no more than there is."""
        sold, specified = self._order(minting, asset, collateral, debt)
        owed, received = self.pool.copy().swap(sold == self.first, specified)
        check(specified > 0 or received == -specified, "Unexpected error")
        return max(owed, specified), received

    def _at_spot(self, other: str, quantity: int) -> int:
        root = self.pool.root
        if other == self.first:
            return (quantity * root >> 96) * root >> 96
        return ((quantity << 96) // root << 96) // root

    def _spend(self, asset: str, native: bool, paid: int, payer: str, payee: str) -> None:
        if native:
            self.ether[payer] -= paid
            self.pay(asset, paid, "position", payee)
        else:
            self.pay(asset, paid, payer, payee)

    def _earn(self, asset: str, native: bool, got: int, payer: str, receiver: str) -> None:
        if native:
            self.ether[receiver] += got
            self.pay(asset, got, payer, "position")
        else:
            self.pay(asset, got, payer, receiver)


# What the router says on chain, and what the model says.
QUOTES: dict[str, Callable[[Dex, str, int], int]] = {
    f"{quote}(address,address,uint24,uint256)": model
    for quote, model in {
        "quote_mint": Dex.quote_mint,
        "quote_redeem": Dex.quote_redeem,
        "quote_mint_exact_in": Dex.affordable,
    }.items()
}


def amount(minting: bool, collateral: int, debt: int, owed: int, received: int) -> int:
    """What a zap costs or brings, in its asset."""
    more = collateral + (owed if minting else received)
    less = debt + (received if minting else owed)
    check(more >= less, "router: shares are worth nothing")
    return more - less


class DexWorld(World):
    """A token with router, keeper and pool, where actors have approved the router and trade."""

    players = (*ACTORS, "pool", "arbitrageur")
    purses = (*PURSES, "pool", "arbitrageur", "router", "keeper")

    def __init__(self, devnet: Devnet, ballast: Ballast, token: ContractInstance) -> None:
        long = token.rules().long
        self.ether = "collateral" if long else "debt"
        self.first = "collateral"
        market = devnet.market(long)
        if market.debt.address.lower() < market.collateral.address.lower():
            self.first = "debt"
        more = {
            "router": ballast.router.address,
            "keeper": ballast.keeper.address,
            "lens": ballast.lens.address,
            "pool": devnet.pool.address,
            "swap router": devnet.swap_router.address,
            "ether": NATIVE,
            "nobody": ZERO_ADDRESS,
        }
        super().__init__(devnet, token, more)

    def asset(self, asset: str) -> tuple[str, bool]:
        """Of "collateral", "debt" and "ether": the coin that it is, and whether it is ether."""
        return (self.ether, True) if asset == "ether" else (asset, False)

    def _fund(self) -> None:
        super()._fund()
        for actor in ACTORS:
            networks.provider.set_balance(self.address[actor], ETHER)
            self.send(actor, "token", "approve(address,uint256)", "router", ENDLESS)
            for coin in COINS:
                for spender in ("router", "swap router"):
                    self.send(actor, coin, "approve(address,uint256)", spender, ENDLESS)

    def _model(self, devnet: Devnet, token: ContractInstance) -> Dex:
        made = super()._model(devnet, token)
        slot = devnet.pool.slot0()
        pool = Pool(slot[0], slot[1], devnet.pool.liquidity(), POOL_FEE)
        answers = self.node.read(survey([ether(self.address[actor]) for actor in ACTORS]))
        wei = {actor: int(answer[0]) for actor, answer in zip(ACTORS, answers, strict=True)}
        return Dex(**vars(made), pool=pool, ether=wei, first=self.first)

    def _seen(self, model: Twin) -> tuple[int, ...]:
        """What Lens has to say: where the list begins, how long it is, and the words of a state."""
        token, *rest = astuple(state_of(model.token, self.address["token"]))
        return (WORD, 1, int(token, 16), *rest)

    def _questions(self) -> dict[str, Question]:
        asked = super()._questions()
        asked["pool.slot0()"] = Question(
            self.call("pool", "slot0()"), lambda m: (m.pool.root, m.pool.tick, 0, 1, 1, 0, 1)
        )
        # I-L1: Lens tells what the model does, and never reverts
        lens = self.call("lens", "states(address[])", [self.address["token"]])
        asked["lens.states()"] = Question(lens, self._seen, seldom=True)
        for actor in ACTORS:
            asked[f"ether.balanceOf({actor})"] = Question(ether(self.address[actor]), _wei(actor))
        for ours in ("router", "keeper"):
            asked[f"ether of {ours}"] = Question(ether(self.address[ours]), lambda m: 0)
            shares = self.call("token", "balanceOf(address)", ours)
            asked[f"shares of {ours}"] = Question(shares, lambda m: 0)
            for spender in ("pool", "token", "position", *ACTORS):
                for coin in (*COINS, "token"):
                    call = self.call(coin, "allowance(address,address)", ours, spender)
                    label = f"{coin}.allowance({ours}, {spender})"
                    asked[label] = Question(call, lambda m: 0, seldom=True)
        for asset in (*COINS, "ether"):
            coin, _ = self.asset(asset)
            for quote, model in QUOTES.items():
                call = self.call("router", quote, "token", asset, POOL_FEE, ASKED)
                asked[f"{quote} in {asset}"] = Question(call, _quoted(model, coin), seldom=True)
        return asked


def _wei(holder: str) -> Callable[[Dex], int]:
    return lambda model: model.ether[holder]


def _quoted(quote: Callable[[Dex, str, int], int], asset: str) -> Callable[[Dex], int | str]:
    return lambda model: told(lambda: quote(model, asset, ASKED))
