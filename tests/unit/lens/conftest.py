"""The lens, asked as a bot does: by calldata and an `eth_call`."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ape import networks
from eth_abi import encode

from scripts import _lens
from scripts._devnet import CAP, ENDLESS, RULES, TOKENS, WAD
from tests.attack.made import make_coins, make_market, make_token
from tests.unit.lens.odd import POSITION, READER, VENUE, odd, odd_oracle

PRICE = 2 * 10**36  # of coins of 18 decimals
SEED = 100 * WAD
GAS = 30_000_000


@pytest.fixture(scope="session")
def lens(ballast):
    return ballast.lens


@pytest.fixture(scope="session")
def ask(lens):
    """What an `eth_call` of the lens returns."""

    def _ask(data: bytes, gas: int = GAS) -> bytes:
        call = {"to": lens.address, "data": "0x" + data.hex(), "gas": hex(gas)}
        return bytes(networks.provider.web3.eth.call(call))

    return _ask


def _addresses(tokens: Iterable[Any]) -> list[str]:
    return [getattr(token, "address", token) for token in tokens]


@pytest.fixture(scope="session")
def states(ask):
    """The states of some tokens."""

    def _states(*tokens: Any, gas: int = GAS) -> list[_lens.State]:
        return _lens.decode_states(ask(_lens.states_call(_addresses(tokens)), gas))

    return _states


@pytest.fixture(scope="session")
def page(ask):
    """A page of the registry."""

    def _page(start: int, count: int, gas: int = GAS) -> list[_lens.State]:
        return _lens.decode_states(ask(_lens.page_call(start, count), gas))

    return _page


@pytest.fixture(scope="session")
def facts(ask):
    """The facts of some tokens."""

    def _facts(*tokens: Any, gas: int = GAS) -> list[_lens.Facts]:
        return _lens.decode_facts(ask(_lens.facts_call(_addresses(tokens)), gas))

    return _facts


@pytest.fixture(scope="session")
def lender(devnet):
    """Has no end of both coins."""
    return devnet.roles.lender


@pytest.fixture
def made(devnet, ballast, minter):
    """A token whose fill oracle is odd, and its market, whose own is settable."""
    market = make_market(devnet, make_coins(minter, 18, 18), PRICE)
    oracle = odd_oracle(minter, PRICE)
    token = make_token(devnet, ballast, minter, market, SEED, oracle=oracle)
    return token, market, oracle


@pytest.fixture
def told(project, devnet, minter):
    """A token whose position says what it is told, by whom it is told, and a lens for it."""
    pair = make_coins(minter, 18, 18)
    venue = minter.deploy(odd(VENUE, "OddVenue"), *pair, PRICE)
    kinds = project.LeveragedToken, odd(POSITION, "OddPosition")
    blueprints = [kind.declare(sender=minter).contract_address for kind in kinds]
    factory = minter.deploy(project.Factory, *blueprints, venue)
    oracle = odd_oracle(minter, PRICE)
    pair[0].mint(minter, SEED, sender=minter)
    pair[0].approve(factory, ENDLESS, sender=minter)
    terms = (RULES | TOKENS["ETHBULL"][1], oracle, minter, minter, CAP, b"", SEED)
    factory.create("Told", "TOLD", *terms, sender=minter)
    token = project.LeveragedToken.at(factory.tokens(0))
    lens = minter.deploy(project.Lens, factory)

    def look() -> _lens.State:
        (state,) = lens.states([token])
        (decoded,) = _lens.decode_states(encode([f"{_lens.STATE}[]"], [[tuple(state)]]))
        return decoded

    return token, venue, oracle, look


@pytest.fixture
def in_between(project, devnet, ballast, lens, minter):
    """`in_between(question)`: a token, and what the lens answers in each transfer of a mint."""
    coins = [minter.deploy(project.HostileToken) for _ in range(2)]
    market = make_market(devnet, coins, PRICE)
    token = make_token(devnet, ballast, minter, market, SEED)

    def _in_between(question: Callable[[list[str]], bytes]) -> tuple[Any, list[bytes]]:
        reader = minter.deploy(odd(READER, "Reader"))
        plea = bytes(reader.ask.encode_input(lens, question([token.address])))
        for coin in coins:
            coin.arm(reader, [plea], sender=minter)
        token.mint(WAD, ENDLESS, 0, sender=minter)
        asked = sum(coin.entered() for coin in coins)
        assert asked == sum(coin.tried() for coin in coins) > 0
        return token, [bytes(reader.answers(number)) for number in range(asked)]

    return _in_between
