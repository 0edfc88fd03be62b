"""One token on the chain and in the model, and the questions that both must answer alike."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Any, TypeVar

from ape import networks
from ape.contracts import ContractInstance

from scripts._devnet import (
    ENDLESS,
    ETH_BOUNDS,
    ETH_HEARTBEAT,
    USD,
    USDC_BOUNDS,
    USDC_HEARTBEAT,
    WAD,
    Devnet,
)
from scripts._model import aave
from scripts._model.leverage_math import gearing
from scripts._model.revert import Revert
from scripts._model.token import LOCKED, Filled, Lane, Token
from scripts._twin import twin

from .node import Answer, Call, call, connect, survey, time
from .questions import Question, Questionnaire
from .venues import venue_of

T = TypeVar("T")

ACTORS = ("minter", "taker", "stranger")  # who have all they need
PAUPER = "pauper"  # who has a few shares, and nothing else
HOLDERS = (*ACTORS, PAUPER, "treasury", LOCKED)
COINS = ("collateral", "debt")
PURSES = (*ACTORS, PAUPER, "treasury", "lender", "venue", "token", "position")
PAIRS = tuple((owner, spender) for owner in ACTORS for spender in ACTORS if owner != spender)

PURSE = {"weth": 10**9 * WAD, "usdc": 10**19}  # raw units for each actor
SHARES = {"minter": 1_000 * WAD, "stranger": 10 * WAD, PAUPER: 5 * WAD}  # to begin with

# Sizes at which previews are compared after each step.
SHARE_SIZES = (0, 1, 3 * WAD + 1, 10**25)
FILL_SIZES = (1, 10**9 + 7, 3 * WAD + 1, ENDLESS)

# Asset prices that the feeds may give, in their decimals.
LOWEST, HIGHEST = 10 * USD, 100_000 * USD


def told(question: Callable[[], T]) -> T | str:
    """What the model answers, or the reason for which it refuses."""
    try:
        return question()
    except Revert as refusal:
        return refusal.reason


def words(answer: Any) -> Answer:
    """An answer of the model as the words that the chain returns."""
    if isinstance(answer, str):
        return answer
    parts = answer if isinstance(answer, tuple) else (answer,)
    return tuple(int(part) % 2**256 for part in parts)


def fault_of(answer: int, bounds: tuple[int, int], age: int, heartbeat: int) -> str:
    """Why the token's oracle refuses what a feed says, if it does."""
    floor, ceiling = bounds
    if answer < floor:
        return "oracle: answer below floor"
    if answer > ceiling:
        return "oracle: answer above ceiling"
    return "oracle: price is stale" if age > heartbeat else ""


@dataclass
class Twin:
    """The model, and what it leaves to others: purses, approvals, and the feeds."""

    token: Token
    coins: dict[tuple[str, str], int]  # of a holder, of a coin; the position's are the model's
    allowances: dict[tuple[str, str], int]  # shares, of an owner, for a spender
    answer: int  # of the feed, dollars for an ether
    updated_at: int  # of that feed
    refreshed_at: int  # of the dollar's feed, which is never the one that is stale first
    dollar: int = field(default=USD, kw_only=True)  # what that feed answers

    def copy(self) -> "Twin":
        """Another one just like this."""
        return replace(
            self,
            token=self.token.copy(),
            coins=dict(self.coins),
            allowances=dict(self.allowances),
        )

    def look(self) -> None:
        """See the feeds as the oracles do: the venue's is patient, the token's is not."""
        now, long = self.token.now, self.token.rules.long
        # debt for one collateral, raw for raw: 6 and 18 decimals, or 18 and 6
        dollar = self.dollar
        price = self.answer * 10**24 // dollar if long else dollar * 10**48 // self.answer
        market = self.token.position.market
        if isinstance(market, aave.Market):
            market.steady.answer = dollar
        self.token.at(price=price)
        ether = fault_of(self.answer, ETH_BOUNDS, now - self.updated_at, ETH_HEARTBEAT)
        cash = fault_of(dollar, USDC_BOUNDS, now - self.refreshed_at, USDC_HEARTBEAT)
        self.token.fault = (ether or cash) if long else (cash or ether)

    def answer_for(self, value: int) -> int:
        """The feed's answer at which the collateral is worth `value` of the debt."""
        collateral, _ = self.token.position.balances()
        price = max(1, value * 10**36 // collateral)
        dollars = price * self.dollar if self.token.rules.long else 10**72 * self.dollar // price
        answer = dollars // 10**24
        return min(max(answer, LOWEST), HIGHEST)

    def pay(self, coin: str, amount: int, payer: str, receiver: str) -> None:
        """Move coins from purse to purse; the position's is kept by the model."""
        for holder, change in ((payer, -amount), (receiver, amount)):
            if holder != "position":
                self.coins[holder, coin] += change

    def give(self, coin: str, amount: int, giver: str, receiver: str) -> None:
        """Leave coins with the token, or in the position, where the next caller uses them."""
        self.pay(coin, amount, giver, receiver)
        if receiver == "position" and coin == "collateral":
            self.token.position.loose_collateral += amount
        elif receiver == "position":
            self.token.position.loose_debt += amount

    def purse(self, holder: str, coin: str) -> int:
        """Coins of `holder`."""
        if holder != "position":
            return self.coins[holder, coin]
        position = self.token.position
        return position.loose_collateral if coin == "collateral" else position.loose_debt

    def edge(self, fill: Filled) -> int:
        """The gearing that a fill may reach: the nearer edge, target in an emergency."""
        rules = self.token.rules
        if fill.lane == Lane.EMERGENCY:
            return gearing(rules.target, rules.long)
        return gearing(rules.lowest if fill.levering else rules.highest, rules.long)


@dataclass(frozen=True)
class State:
    """The answers, by question; and by the model, as nobody can be asked for them: the supply with
    the management fee to now, and what a share of debt on the venue is worth now, as a fraction.

    Of such shares the venue takes `spare` for itself when it rounds.
    """

    answers: dict[str, Answer]
    supply: int
    borrowed: tuple[int, int]
    spare: int
    word: int  # of the venue's answer, that has the position's shares of debt
    players: tuple[str, ...]  # whose wealth counts together
    purses: tuple[str, ...]  # all that have coins
    ether: str = ""  # the coin that it wraps into, where ether is in play

    def words(self, question: str) -> tuple[int, ...]:
        """An answer that is no revert."""
        answer = self.answers[question]
        assert not isinstance(answer, str), f"{question}: {answer}"
        return answer

    @property
    def collateral(self) -> int:
        return self.words("position.balances()")[0]

    @property
    def debt(self) -> int:
        """What the position reports: rounded up."""
        return self.words("position.balances()")[1]

    @property
    def borrow_shares(self) -> int:
        return self.words("venue.account")[self.word]

    @property
    def grain(self) -> int:
        """What the venue's rounding may take of a move, in units of either coin."""
        return self.words("position.grain()")[0]

    @property
    def price(self) -> int:
        return self.words("position.price()")[0]

    def shares(self, holder: str) -> int:
        return self.words(f"token.balanceOf({holder})")[0]

    def coin(self, holder: str, coin: str) -> int:
        """Coins of `holder`, and the ether that might be."""
        (amount,) = self.words(f"{coin}.balanceOf({holder})")
        if coin == self.ether and (ether := self.answers.get(f"ether.balanceOf({holder})")):
            return amount + int(ether[0])
        return amount

    def holding(self, holder: str, what: str) -> int:
        """Of a coin, or of shares."""
        return self.shares(holder) if what == "shares" else self.coin(holder, what)


class World:
    """A token on the devnet, set up for the machine, with its model as it is at the beginning."""

    players: tuple[str, ...] = ACTORS
    purses: tuple[str, ...] = PURSES
    ether = ""

    def __init__(
        self, devnet: Devnet, token: ContractInstance, more: Mapping[str, str] | None = None
    ) -> None:
        self.node = connect(networks.provider)
        long = token.rules().long
        self.market = devnet.market(long)
        self.venue = venue_of(devnet, self.market)
        names = ("weth", "usdc") if long else ("usdc", "weth")
        self.coin_names = dict(zip(COINS, names, strict=True))
        roles = devnet.roles
        self.address = {
            "minter": roles.trader.address,
            "taker": roles.liquidator.address,
            "stranger": roles.stranger.address,
            PAUPER: roles.keeper.address,
            "treasury": roles.treasury.address,
            "owner": roles.deployer.address,
            "lender": roles.lender.address,
            "arbitrageur": roles.arbitrageur.address,
            LOCKED: "0x000000000000000000000000000000000000dEaD",
            "token": token.address,
            "position": token.position(),
            "collateral": self.market.collateral.address,
            "debt": self.market.debt.address,
            "weth": devnet.weth.address,
            "usdc": devnet.usdc.address,
            "eth feed": devnet.eth_feed.address,
            "usdc feed": devnet.usdc_feed.address,
            **self.venue.addresses,
            **(more or {}),
        }
        self.others = ("token", "venue", "owner", *ACTORS)

        self._fund()
        questions = self._questions()
        often = {label: asked for label, asked in questions.items() if not asked.seldom}
        self.all, self.often = Questionnaire(questions), Questionnaire(often)
        self.model = self._model(devnet, token)

    # Asking

    def call(self, target: str, signature: str, *args: Any) -> Call:
        """A call of one of ours by name; names among the arguments become addresses."""
        given = [self.address[arg] if isinstance(arg, str) else arg for arg in args]
        return call(self.address[target], signature, *given)

    def words(self, target: str, signature: str, *args: Any) -> tuple[int, ...]:
        """What the chain answers to one question."""
        (answer,) = self.node.read(survey([self.call(target, signature, *args)]))
        return tuple(map(int, answer))

    def keeps(self, holder: str, coin: str) -> str:
        """Where the coins of `holder` are: those of the venue may lie elsewhere."""
        return f"{coin} reserve" if holder == "venue" else holder

    def in_model(self, model: Twin, asked: Questionnaire) -> State:
        """What the model answers to what is `asked`."""
        market = model.token.position.market
        told = {label: words(question.model(model)) for label, question in asked.questions.items()}
        return State(
            told,
            model.token.true_supply(),
            self.venue.rate(market),
            self.venue.spare,
            self.venue.word,
            self.players,
            self.purses,
            self.ether,
        )

    def on_chain(self, expected: State, asked: Questionnaire) -> State:
        """What the chain answers to the same, where the model has answered `expected`."""
        told = zip(asked.questions, self.node.read(asked.survey), strict=True)
        return replace(expected, answers=dict(told))

    # Acting

    def gift(self, coin: str) -> int:
        """The largest gift: as much as the position has in the beginning."""
        collateral, debt = self.model.token.position.balances()
        return collateral if coin == "collateral" else debt

    def send(self, sender: str, target: str, signature: str, *args: Any) -> Any:
        """A transaction that succeeds, and its logs."""
        return self.node.send(self.call(target, signature, *args), self.address[sender])

    # Setting up

    def _fund(self) -> None:
        self.venue.prepare(self)
        for actor in (*ACTORS, PAUPER):
            for coin in COINS:
                for spender in ("token", "venue"):
                    self.send(actor, coin, "approve(address,uint256)", spender, ENDLESS)
        for actor in ACTORS:
            amount = PURSE["weth"]
            self.send("arbitrageur", "weth", "transfer(address,uint256)", actor, amount)
            self.send("owner", "usdc", "mint(address,uint256)", actor, PURSE["usdc"])
        for holder, shares in SHARES.items():
            mint = "mint(uint256,uint256,uint256,address)"
            self.send("minter", "token", mint, shares, ENDLESS, 0, holder)

    def _model(self, devnet: Devnet, token: ContractInstance) -> Twin:
        model = twin(devnet, token, self.venue.people)
        model.balances = {holder: shares for holder, shares in self._ask(HOLDERS, "token").items()}
        self.venue.complete(self, model)
        coins = {
            (holder, coin): amount
            for coin in COINS
            for holder, amount in self._ask(self.purses, coin).items()
        }
        _, answer, _, updated_at, _ = devnet.eth_feed.latestRoundData()
        *_, refreshed_at, _ = devnet.usdc_feed.latestRoundData()
        made = Twin(model, coins, dict.fromkeys(PAIRS, 0), answer, updated_at, refreshed_at)
        made.look()
        return made

    def _ask(self, holders: Iterable[str], coin: str) -> dict[str, int]:
        """The balances of `holders`."""
        calls = [self.call(coin, BALANCE, self.keeps(holder, coin)) for holder in holders]
        answers = self.node.read(survey(calls))
        return {who: int(answer[0]) for who, answer in zip(holders, answers, strict=True)}

    def _questions(self) -> dict[str, Question]:
        """Everything that is compared after each step."""
        asked: dict[str, Question] = {"time": Question(time(), _now)}

        def ask(
            target: str,
            signature: str,
            model: Callable[[Twin], Any],
            *args: Any,
            seldom: bool = False,
        ) -> None:
            label = f"{target}.{signature.split('(')[0]}({', '.join(map(str, args))})"
            asked[label] = Question(self.call(target, signature, *args), model, seldom)

        for view, answer in VIEWS.items():
            ask("token", f"{view}()", answer)
        for view, answer in POSITION_VIEWS.items():
            ask("position", f"{view}()", answer)
        for view, (sizes, sized) in SIZED_VIEWS.items():
            for size in sizes:
                ask("token", f"{view}(uint256)", _at(sized, size), size, seldom=True)
        for holder in HOLDERS:
            ask("token", "balanceOf(address)", _at(_balance, holder), holder)
        ask("token", "maxRedeem(address)", _at(_balance, "minter"), "minter", seldom=True)
        ask("token", "maxMint(address)", lambda m: m.token.max_mint(), "minter", seldom=True)
        for pair in PAIRS:
            ask("token", ALLOWANCE, _at(lambda m, p: m.allowances[p], pair), *pair)
        for coin in COINS:
            for holder in self.purses:
                purse = _at(lambda m, of: m.purse(*of), (holder, coin))
                asked_of = self.call(coin, BALANCE, self.keeps(holder, coin))
                asked[f"{coin}.balanceOf({holder})"] = Question(asked_of, purse)
            # I-S5: nobody may move what the token or the position hold, but for the venue
            for pair in (("token", "position"), ("token", "venue"), ("position", "token")):
                ask(coin, ALLOWANCE, lambda m: 0, *pair, seldom=True)
        asked |= self.venue.questions(self)
        return asked


ALLOWANCE = "allowance(address,address)"
BALANCE = "balanceOf(address)"

VIEWS: dict[str, Callable[[Twin], Any]] = {
    "totalSupply": lambda m: m.token.supply,
    "settled_at": lambda m: m.token.settled_at,
    "cap": lambda m: m.token.cap,
    "paused": lambda m: m.token.paused,
    "leverage": lambda m: told(m.token.leverage),
    "auction": lambda m: told(lambda: astuple(m.token.auction())),
    "totalAssets": lambda m: told(m.token.total_assets),
    "next_rebalance": lambda m: m.token.next_rebalance(),
}
POSITION_VIEWS: dict[str, Callable[[Twin], Any]] = {
    "balances": lambda m: m.token.position.balances(),
    "liquidity": lambda m: m.token.position.liquidity(),
    "liquidation": lambda m: m.token.position.liquidation(),
    "grain": lambda m: m.token.position.grain(),
    "books": lambda m: (*m.token.position.balances(), m.token.position.grain()),
    "price": lambda m: m.token.position.market.price,
}
SIZED_VIEWS: dict[str, tuple[tuple[int, ...], Callable[[Twin, int], Any]]] = {
    "preview_mint": (SHARE_SIZES, lambda m, n: told(lambda: m.token.preview_mint(n))),
    "preview_redeem": (SHARE_SIZES, lambda m, n: told(lambda: m.token.preview_redeem(n))),
    "preview_fill_lever": (FILL_SIZES, lambda m, n: told(lambda: m.token.preview_fill_lever(n))),
    "preview_fill_delever": (
        FILL_SIZES,
        lambda m, n: told(lambda: m.token.preview_fill_delever(n)),
    ),
    "convertToAssets": ((WAD,), lambda m, n: told(lambda: m.token.convert_to_assets(n))),
    "convertToShares": ((10**6,), lambda m, n: told(lambda: m.token.convert_to_shares(n))),
}


def _at(model: Callable[[Twin, T], Any], argument: T) -> Callable[[Twin], Any]:
    return lambda twin: model(twin, argument)


def _now(model: Twin) -> int:
    return model.token.now


def _balance(model: Twin, holder: str) -> int:
    return model.token.balance(holder)
