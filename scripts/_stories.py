"""Stories of leveraged tokens, lived on a devnet: a person, a keeper, and a market that moves.

A person mints with USDC and, days later, redeems to USDC. Every day the price moves, the clock goes
to 00:02:00 UTC and on, and a keeper fills what pays. What happened is returned as plain records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ape import accounts, chain, networks
from ape.contracts import ContractInstance
from ape.exceptions import ContractLogicError

from scripts._devnet import (
    ENDLESS,
    GAS,
    POOL_FEE,
    USDC,
    WAD,
    Ballast,
    Devnet,
    arbitrage,
    create_token,
    next_0002,
    now,
    price,
    refresh,
    set_price,
    undone,
    warp_to,
)
from scripts._model.fixed_point import SCALE
from scripts._model.token import Lane, Token
from scripts._twin import twin

STAKE = 10_000 * USDC  # what the person puts into each token
MINUTE = 60
FILL_GAS = {"morpho": 400_000, "aave": 800_000}  # more than a fill through the keeper takes

ALL = ("ETHBULL", "ETHBEAR", "ETHHEDGE")


@dataclass(frozen=True)
class Story:
    """Tokens and the prices they live through.

    `days` holds each day's prices in order; the last one is there when the rebalance opens.
    """

    name: str
    symbols: tuple[str, ...]
    start: str
    days: tuple[tuple[str, ...], ...]

    @property
    def points(self) -> list[float]:
        """The price at the start and at the end of each day."""
        return [float(self.start), *(float(day[-1]) for day in self.days)]


STORIES = (
    Story("up", ALL, "100", (("105",), ("110",), ("115",), ("120",), ("125",))),
    Story("chop", ALL, "200", (("220",), ("198",), ("217.8",), ("196.02",))),
    Story("crash", ("ETHBULL",), "100", (("97", "94", "91", "88.8"),)),
    Story("crash", ("ETHBEAR",), "100", (("102", "104", "106", "107"),)),
)
# There the short token is twice short, and needs more of a move.
STORIES_ON_AAVE = (
    *STORIES[:-1],
    Story("crash", ("ETHBEAR",), "100", (("103", "106", "109", "111"),)),
)


@dataclass(frozen=True)
class Move:
    """Something that happened to a token: what its model needs to live it again.

    `kind` is mint, redeem or fill; amounts are raw units; `price` is the oracle's, scaled by 1e36.
    """

    kind: str
    time: int
    price: int
    shares: int
    collateral: int
    debt: int
    levering: bool = False
    emergency: bool = False

    def worth(self, long: bool) -> float:
        """Collateral less debt at the price of the day, in raw units of the quote asset."""
        if long:
            return self.collateral * self.price / SCALE - self.debt
        return self.collateral - self.debt * SCALE / self.price


@dataclass(frozen=True)
class Row:
    """A token's day: NAV per share, what was traded and the premium paid for it, all in USDC."""

    day: int
    price: float
    nav: float
    before: float  # leverage when the price had moved
    after: float
    traded: float
    premium: float
    emergency: bool


@dataclass
class Life:
    """What a token lived through, from the person's mint to their redemption."""

    symbol: str
    start: Token  # its model, as the chain was before the mint
    paid: int = 0  # USDC, raw units
    received: int = 0
    entry_nav: float = 0.0  # NAV per share in USDC when the person came
    moves: list[Move] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def actual(self) -> float:
        """Return on the money put in."""
        return self.received / self.paid - 1


Show = Callable[[Life, Row], None]


@dataclass(frozen=True)
class Stage:
    """A story's chain and actors."""

    devnet: Devnet
    ballast: Ballast
    tokens: dict[str, ContractInstance]
    lives: dict[str, Life]


def tell(devnet: Devnet, ballast: Ballast, story: Story, show: Show) -> tuple[list[Life], int]:
    """Live a story, then undo it: the lives of its tokens, and how many transactions it took.

    `show` is called with each row as soon as it is known.
    """
    with undone():
        return _tell(devnet, ballast, story, show)


def _tell(devnet: Devnet, ballast: Ballast, story: Story, show: Show) -> tuple[list[Life], int]:
    sent = _sent()
    set_price(devnet, story.start)
    arbitrage(devnet)
    tokens = {symbol: create_token(devnet, ballast, symbol) for symbol in story.symbols}
    lives = {symbol: Life(symbol, twin(devnet, token)) for symbol, token in tokens.items()}
    stage = Stage(devnet, ballast, tokens, lives)
    for symbol in story.symbols:
        _enter(stage, symbol)
    for number, prices in enumerate(story.days, 1):
        _day(stage, number, prices, show)
    for symbol in story.symbols:
        _leave(stage, symbol)
    return list(lives.values()), _sent() - sent


def _sent() -> int:
    return sum(account.nonce for account in accounts.test_accounts)


def _enter(stage: Stage, symbol: str) -> None:
    """The person puts in the stake."""
    devnet, router = stage.devnet, stage.ballast.router
    token, life = stage.tokens[symbol], stage.lives[symbol]
    person = devnet.roles.trader
    devnet.usdc.approve(router, STAKE, sender=person, gas_limit=GAS)
    life.entry_nav = token.convertToAssets(WAD) / USDC
    purse = devnet.usdc.balanceOf(person)
    order = (token, devnet.usdc, POOL_FEE, STAKE, 0, person, ENDLESS)
    receipt = router.mint_exact_in(*order, sender=person, gas_limit=GAS)
    life.paid = purse - devnet.usdc.balanceOf(person)
    event = token.Minted.from_receipt(receipt)[0]
    life.moves.append(_move(devnet, life, "mint", receipt, event, shares=event.shares))
    arbitrage(devnet)


def _leave(stage: Stage, symbol: str) -> None:
    """The person takes all out."""
    devnet, router = stage.devnet, stage.ballast.router
    token, life = stage.tokens[symbol], stage.lives[symbol]
    person = devnet.roles.trader
    shares = token.balanceOf(person)
    token.approve(router, shares, sender=person, gas_limit=GAS)
    purse = devnet.usdc.balanceOf(person)
    order = (token, devnet.usdc, POOL_FEE, shares, 0, person, ENDLESS)
    receipt = router.redeem(*order, sender=person, gas_limit=GAS)
    life.received = devnet.usdc.balanceOf(person) - purse
    event = token.Redeemed.from_receipt(receipt)[0]
    life.moves.append(_move(devnet, life, "redeem", receipt, event, shares=event.shares))
    arbitrage(devnet)


def _day(stage: Stage, number: int, prices: tuple[str, ...], show: Show) -> None:
    """The market moves through `prices`, and the keeper looks after each and in the window."""
    devnet, tokens, lives = stage.devnet, stage.tokens, stage.lives
    start, opening = now(), next_0002(now())
    done = {symbol: len(life.moves) for symbol, life in lives.items()}
    seen = {}
    for i, eth_usd in enumerate(prices, 1):
        # the last price is there a minute before the window opens
        warp_to(start + (opening - MINUTE - start) * i // len(prices))
        set_price(devnet, eth_usd)
        arbitrage(devnet)
        seen = {s: (t.convertToAssets(WAD) / USDC, t.leverage() / WAD) for s, t in tokens.items()}
        for symbol in tokens:
            _look(stage, symbol)

    for minute in range(lives[next(iter(lives))].start.rules.window // MINUTE):
        warp_to(opening + minute * MINUTE)
        if not any([_look(stage, symbol) for symbol in tokens]):
            break
    refresh(devnet)

    for symbol, token in tokens.items():
        life = lives[symbol]
        long = life.start.rules.long
        fills = life.moves[done[symbol] :]
        nav, leverage = seen[symbol]
        row = Row(
            day=number,
            price=float(prices[-1]),
            nav=nav,
            before=leverage,
            after=token.leverage() / WAD,
            traded=sum(_debt_in_quote(move, long) for move in fills) / USDC,
            premium=sum(-m.worth(long) if m.levering else m.worth(long) for m in fills) / USDC,
            emergency=any(move.emergency for move in fills),
        )
        life.rows.append(row)
        show(life, row)


def _debt_in_quote(move: Move, long: bool) -> float:
    return move.debt if long else move.debt * SCALE / move.price


def _look(stage: Stage, symbol: str) -> bool:
    """The keeper fills if it pays more than its gas. Whether a lane was open."""
    devnet, token, life = stage.devnet, stage.tokens[symbol], stage.lives[symbol]
    auction = token.auction()
    if auction.lane == Lane.CLOSED:
        return False
    if auction.premium * 1_000_000 <= POOL_FEE * WAD:  # the pool's fee alone costs more
        return True
    keeper = devnet.roles.keeper
    least = _gas_cost(devnet, token.debt() if auction.levering else token.collateral())
    order = (token, POOL_FEE, ENDLESS, least, keeper)
    try:
        receipt = stage.ballast.keeper.fill(*order, sender=keeper, gas_limit=FILL_GAS[devnet.venue])
    except ContractLogicError as fault:
        if "profit below minimum" in str(fault):
            return True
        raise
    event = token.Filled.from_receipt(receipt)[0]
    emergency = event.lane == Lane.EMERGENCY
    more = {"levering": event.levering, "emergency": emergency}
    life.moves.append(_move(devnet, life, "fill", receipt, event, **more))
    arbitrage(devnet)
    return True


def _gas_cost(devnet: Devnet, asset: str) -> int:
    """What a fill's gas costs, in raw units of `asset`."""
    ether = FILL_GAS[devnet.venue] * networks.provider.base_fee
    return ether if asset == devnet.weth else int(ether * price(devnet) * USDC / WAD)


def _move(
    devnet: Devnet, life: Life, kind: str, receipt: Any, event: Any, shares: int = 0, **more: bool
) -> Move:
    return Move(
        kind,
        chain.blocks[receipt.block_number].timestamp,
        devnet.market(life.start.rules.long).fill_oracle.price(),
        shares,
        event.collateral,
        event.debt,
        **more,
    )
