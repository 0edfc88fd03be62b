"""A token in a crash on the devnet, with the real Morpho Blue and Uniswap v3.

A node slows down as blocks pile up. So at each point the contracts are asked what would be if the
prices came in then, and blocks are made of it only where somebody acts.
"""

from decimal import Decimal
from typing import Any

from ape import chain, networks, project
from ape.contracts import ContractInstance
from ape_ethereum.multicall.constants import MULTICALL3_ADDRESS, MULTICALL3_CODE
from eth_abi import decode, encode
from eth_utils import keccak, to_hex

from scripts._crash.bars import Bar
from scripts._crash.walk import STAKE, Life, walk
from scripts._devnet import (
    DAY,
    ENDLESS,
    GAS,
    POOL_FEE,
    USD,
    Ballast,
    Devnet,
    arbitrage,
    create_token,
    now,
    set_price,
    warp_to,
)
from scripts._model.fixed_point import WAD
from scripts._model.token import Auction, Lane
from scripts._twin import twin

MINUTE = 60
SYMBOLS = ("ETHBULL", "ETHBEAR")

# What the views return.
BALANCES = ("uint256", "uint256")
AUCTION = ("uint256", "bool", "int256", "uint256", "uint256")
SHARE = ("uint256",)

# tryAggregate(bool,(address,bytes)[]): a call that reverts leaves the others their answers
AGGREGATE = keccak(text="tryAggregate(bool,(address,bytes)[])")[:4]


class OnChain:
    """A place. `shift` is from the time of the bars to that of the chain."""

    def __init__(
        self, devnet: Devnet, ballast: Ballast, token: ContractInstance, shift: int
    ) -> None:
        self.devnet, self.ballast, self.token, self.shift = devnet, ballast, token, shift
        self.rules = twin(devnet, token).rules
        self.market = devnet.long if self.rules.long else devnet.short
        self.position = project.MorphoPosition.at(token.position())
        self.lltv, self.bonus = self.position.liquidation()

    def move(self, time: int, answer: int) -> None:
        self.time, self.price = time + self.shift, answer
        self._ask()

    def balances(self) -> tuple[int, int]:
        return decode(BALANCES, self.answers[0])

    def auction(self) -> Auction:
        lane, *rest = decode(AUCTION, self.answers[1])
        return Auction(Lane(lane), *rest)

    def share(self) -> int:
        return decode(SHARE, self.answers[2])[0]

    def fill(self, auction: Auction, least: int) -> None:
        keeper = self.devnet.roles.keeper
        self._arrive()
        arbitrage(self.devnet)
        order = (self.token, POOL_FEE, ENDLESS, least, keeper)
        self.ballast.keeper.fill(*order, sender=keeper, gas_limit=GAS)
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
        if now() < self.time:
            warp_to(self.time)
            set_price(self.devnet, Decimal(self.price) / USD)

    def _ask(self) -> None:
        self.answers = ask_at(
            self.time,
            (self.devnet.eth_feed.post, self.price),
            (self.devnet.usdc_feed.refresh,),
            (self.position.balances,),
            (self.token.auction,),
            (self.token.convertToAssets, WAD),
        )[2:]


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


def survive(place: OnChain, bars: list[Bar], delay: float) -> Life:
    """Walk on the chain, and undo it."""
    with chain.isolate():
        return walk(place, bars, delay)


def ask_at(time: int, *calls: tuple[Any, ...]) -> list[bytes]:
    """What methods with their arguments would return, called in this order at `time`."""
    asked = [(method.contract.address, method.encode_input(*args)) for method, *args in calls]
    data = to_hex(AGGREGATE + encode(["bool", "(address,bytes)[]"], [False, asked]))
    call = {"to": MULTICALL3_ADDRESS, "data": data}
    told = networks.provider.make_request("eth_call", [call, "latest", {}, {"time": hex(time)}])
    (answers,) = decode(["(bool,bytes)[]"], bytes.fromhex(told[2:]))
    return [answer for _, answer in answers]
