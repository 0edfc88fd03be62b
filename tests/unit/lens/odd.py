"""What a creator may build a token of so that whoever reads it stumbles."""

from functools import cache

from ape import compilers
from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance
from eth_abi import encode

# Says any bytes, reverts with them, or uses up gas: all of it, nearly all of it, or so much.
ORACLE = """
# pragma version 0.4.3
said: Bytes[512]
dead: bool
greedy: bool
slow: bool
work: uint256

@deploy
def __init__(said: Bytes[512]):
    self.said = said

@external
def say(said: Bytes[512]):
    self.said = said

@external
def die():
    self.dead = True

@external
def waste():
    self.greedy = True

@external
def dawdle():
    self.slow = True

@external
def labour(work: uint256):
    self.work = work

@view
@raw_return
@external
def price() -> Bytes[512]:
    begun: uint256 = msg.gas
    for _: uint256 in range(1_000_000):
        if begun - msg.gas >= self.work:
            break
    if self.dead:
        raw_revert(self.said)
    if self.greedy:
        raise UNREACHABLE
    if self.slow:
        for _: uint256 in range(1_000_000):
            if msg.gas < 8_000:
                break
    return self.said
"""

# Answers what it is told to both of the questions that are asked about a coin.
COIN = """
# pragma version 0.4.3
balanceOf: public(HashMap[address, uint256])
_symbol: Bytes[512]
_decimals: Bytes[512]
mute: String[8]

@deploy
def __init__(symbol_: Bytes[512], decimals_: Bytes[512]):
    self._symbol = symbol_
    self._decimals = decimals_

@external
def say(symbol_: Bytes[512], decimals_: Bytes[512]):
    self._symbol = symbol_
    self._decimals = decimals_

@external
def hush(about: String[8]):
    self.mute = about

@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount

@external
def approve(spender: address, amount: uint256) -> bool:
    return True

@external
def transfer(receiver: address, amount: uint256) -> bool:
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[receiver] += amount
    return True

@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
    return True

@view
@raw_return
@external
def symbol() -> Bytes[512]:
    assert self.mute != "symbol", "odd coin: mute"
    return self._symbol

@view
@raw_return
@external
def decimals() -> Bytes[512]:
    assert self.mute != "decimals", "odd coin: mute"
    return self._decimals
"""

# Keeps what anybody answers to a question, asked whenever it is told to.
READER = """
# pragma version 0.4.3
answers: public(DynArray[Bytes[2048], 16])

@external
def ask(whom: address, question: Bytes[132]):
    self.answers.append(raw_call(whom, question, max_outsize=2048, is_static_call=True))
"""

# A position that has what it is told, wherever that may come from.
POSITION = """
# pragma version 0.4.3
struct Told:
    collateral: uint256
    debt: uint256
    price: uint256
    liquidity: uint256

interface Venue:
    def told() -> Told: view
    def coins() -> (address, address): view

VENUE: immutable(Venue)

@deploy
def __init__(venue: Venue):
    VENUE = venue

@external
def lever(collateral: uint256, debt: uint256, receiver: address):
    pass

@view
@external
def balances() -> (uint256, uint256):
    told: Told = staticcall VENUE.told()
    return told.collateral, told.debt

@view
@external
def books() -> (uint256, uint256, uint256):
    told: Told = staticcall VENUE.told()
    return told.collateral, told.debt, 0

@view
@external
def price() -> uint256:
    return (staticcall VENUE.told()).price

@view
@external
def liquidity() -> uint256:
    return (staticcall VENUE.told()).liquidity

@view
@external
def liquidation() -> (uint256, uint256):
    return 86 * 10**16, 44 * 10**15

@view
@external
def collateral() -> address:
    return (staticcall VENUE.coins())[0]

@view
@external
def debt() -> address:
    return (staticcall VENUE.coins())[1]
"""

VENUE = """
# pragma version 0.4.3
struct Told:
    collateral: uint256
    debt: uint256
    price: uint256
    liquidity: uint256

told: public(Told)
collateral: address
debt: address

@deploy
def __init__(collateral: address, debt: address, price: uint256):
    self.collateral = collateral
    self.debt = debt
    self.told.price = price

@external
def tell(told: Told):
    self.told = told

@view
@external
def coins() -> (address, address):
    return self.collateral, self.debt
"""


@cache
def odd(source: str, name: str) -> ContractContainer:
    """One of the sources above, compiled."""
    return compilers.compile_source("vyper", source, contractName=name)


def word(value: int) -> bytes:
    """A number as an answer."""
    return encode(["uint256"], [value])


def text(value: bytes) -> bytes:
    """A string as an answer."""
    return encode(["bytes"], [value])


def odd_oracle(maker: AccountAPI, price: int) -> ContractInstance:
    """It says `price`, to begin with."""
    return maker.deploy(odd(ORACLE, "OddOracle"), word(price))


def odd_coin(maker: AccountAPI, symbol: bytes = b"ODD", decimals: int = 18) -> ContractInstance:
    """A coin like any other, to begin with."""
    return maker.deploy(odd(COIN, "OddCoin"), text(symbol), word(decimals))
