"""A token on the devnet, with the real Morpho Blue and Uniswap v3.

A node slows down as blocks pile up. So at each look the contracts are asked what would be if the
prices came in then, and blocks are made of it only where somebody acts. What they would say at the
looks to come is asked in the same request, and forgotten once somebody acts.
"""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ape import networks, project
from ape.contracts import ContractInstance
from ape_ethereum.multicall.constants import MULTICALL3_ADDRESS, MULTICALL3_CODE
from eth_abi import decode, encode
from eth_utils import keccak, to_hex

from scripts._devnet import (
    DAY,
    ENDLESS,
    GAS,
    POOL_FEE,
    USDC,
    Ballast,
    Devnet,
    arbitrage,
    create_token,
    now,
    set_price,
    undone,
    warp_to,
)
from scripts._life.in_model import InModel
from scripts._life.walk import MANY, MINUTE, STAKE, Life, Point, walk
from scripts._model.fixed_point import WAD
from scripts._model.token import Auction, Lane
from scripts._prices.bars import USD, Bar
from scripts._twin import twin

SYMBOLS = ("ETHBULL", "ETHBEAR")
AHEAD = 32  # looks to come that are asked about at once

# What the views return.
BALANCES = ("uint256", "uint256")
AUCTION = ("uint256", "bool", "int256", "uint256", "uint256")
NUMBER = ("uint256",)

Call = tuple[Any, ...]  # a method and its arguments

# tryAggregate(bool,(address,bytes)[]): a call that reverts leaves the others their answers
AGGREGATE = keccak(text="tryAggregate(bool,(address,bytes)[])")[:4]


class OnChain:
    """A place. `shift` is from the time of the bars to that of the chain.

    `earned` is what the keeper got out of each fill of a life, in dollars, once the pool was paid.
    """

    def __init__(
        self, devnet: Devnet, ballast: Ballast, token: ContractInstance, shift: int
    ) -> None:
        self.devnet, self.ballast, self.token, self.shift = devnet, ballast, token, shift
        self.rules = twin(devnet, token).rules
        self.market = devnet.long if self.rules.long else devnet.short
        self.position = project.MorphoPosition.at(token.position())
        self.lltv, self.bonus = self.position.liquidation()
        self.looks: Sequence[Point] = []
        self.known: dict[int, list[bytes]] = {}  # answers by time
        self.earned: list[float] = []

    def expect(self, looks: Sequence[Point]) -> None:
        self.looks, self.known, self.earned = looks, {}, []

    def move(self, time: int, answer: int) -> None:
        self.time, self.price = time, answer
        if time not in self.known:
            self._ask()

    def balances(self) -> tuple[int, int]:
        return decode(BALANCES, self.known[self.time][0])

    def auction(self) -> Auction:
        lane, *rest = decode(AUCTION, self.known[self.time][1])
        return Auction(Lane(lane), *rest)

    def worth(self) -> int:
        return decode(NUMBER, self.known[self.time][2])[0]

    def leverage(self) -> int:
        return decode(NUMBER, self.known[self.time][3])[0]

    def fill(self, auction: Auction, least: int) -> None:
        keeper, market = self.devnet.roles.keeper, self.market
        self._arrive()
        arbitrage(self.devnet)
        paid_in = market.debt if auction.levering else market.collateral
        held = paid_in.balanceOf(keeper)
        order = (self.token, POOL_FEE, ENDLESS, least, keeper)
        self.ballast.keeper.fill(*order, sender=keeper, gas_limit=GAS)
        earned = paid_in.balanceOf(keeper) - held
        ether = paid_in == self.devnet.weth
        self.earned.append(earned * self.price / (WAD * USD) if ether else earned / USDC)
        self._ask()

    def liquidate(self, whole: bool) -> None:
        self._arrive()
        morpho, liquidator = self.devnet.morpho, self.devnet.roles.liquidator
        held = morpho.position(self.market.id, self.position)
        size = (held.collateral, 0) if whole else (0, held.borrowShares)
        order = (self.market.params, self.position, *size, b"")
        morpho.liquidate(*order, sender=liquidator, gas_limit=GAS)
        self._ask()

    def _arrive(self) -> None:
        """Blocks in which it is time and the prices come in."""
        time = self.time + self.shift
        if now() < time:
            warp_to(time)
            set_price(self.devnet, Decimal(self.price) / USD)

    def _ask(self) -> None:
        """What the contracts say now, and would say at the looks to come if nobody acted."""
        self.known = {}
        following = bisect_right(self.looks, (self.time, self.price))
        looks = [(self.time, self.price), *self.looks[following : following + AHEAD]]
        views = (
            (self.devnet.usdc_feed.refresh,),
            (self.position.balances,),
            (self.token.auction,),
            (self.token.convertToAssets, MANY * WAD),
            (self.token.leverage,),
        )
        post = self.devnet.eth_feed.post
        asked = [(time + self.shift, ((post, price), *views)) for time, price in looks]
        for (time, _), answers in zip(looks, ask_at(asked), strict=True):
            self.known[time] = answers[2:]


def begin(devnet: Devnet, ballast: Ballast, bars: list[Bar]) -> list[OnChain]:
    """Both tokens at their targets, with STAKE dollars of NAV each, just before the first bar.

    It is that time of a day to come, and blocks follow each other without time passing.
    """
    networks.provider.make_request("anvil_setBlockTimestampInterval", [0])
    networks.provider.set_code(MULTICALL3_ADDRESS, MULTICALL3_CODE)
    shift = -(-(now() + DAY - bars[0].time) // DAY) * DAY
    warp_to(bars[0].time + shift - MINUTE)
    set_price(devnet, Decimal(bars[0].open) / USD)
    return [_stake(devnet, ballast, symbol, shift) for symbol in SYMBOLS]


def _stake(devnet: Devnet, ballast: Ballast, symbol: str, shift: int) -> OnChain:
    token = create_token(devnet, ballast, symbol)
    place = OnChain(devnet, ballast, token, shift)
    trader, liquidator = devnet.roles.trader, devnet.roles.liquidator
    place.market.debt.approve(devnet.morpho, ENDLESS, sender=liquidator, gas_limit=GAS)
    place.market.collateral.approve(token, ENDLESS, sender=trader, gas_limit=GAS)
    shares = STAKE * WAD - token.totalSupply()
    token.mint(shares, ENDLESS, 0, sender=trader, gas_limit=GAS)
    return place


def twin_of(place: OnChain) -> InModel:
    """The same token in the model, as it is now."""
    return InModel(twin(place.devnet, place.token), place.shift)


def survive(place: OnChain, bars: list[Bar], delay: float) -> Life:
    """Walk on the chain, and undo it."""
    with undone():
        return walk(place, bars, delay)


def ask_at(asked: Sequence[tuple[int, Sequence[Call]]]) -> list[list[bytes]]:
    """What methods with their arguments would return, called in this order, at each time."""
    requests = []
    for time, calls in asked:
        inner = [(method.contract.address, method.encode_input(*args)) for method, *args in calls]
        data = AGGREGATE + encode(["bool", "(address,bytes)[]"], [False, inner])
        call = {"to": MULTICALL3_ADDRESS, "data": to_hex(data)}
        requests.append(("eth_call", [call, "latest", {}, {"time": hex(time)}]))
    told = networks.provider.web3.provider.make_batch_request(requests)
    return [_answers(answer) for answer in told]


def _answers(told: Any) -> list[bytes]:
    (answers,) = decode(["(bool,bytes)[]"], bytes.fromhex(told["result"][2:]))
    return [answer for _, answer in answers]
