"""An oracle of 18-decimal collateral in 6-decimal debt, behind a sequencer, whose feeds obey us.

And a bench for oracles that exist for one call only: any configuration without a transaction.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from ape.api import ProviderAPI
from ape.exceptions import ProviderError
from eth_abi import encode

NOBODY = "0x" + "00" * 20
PRICE = "0xa035b1fe"  # its selector
RULES = "(address,uint256,uint256,uint256)"


@pytest.fixture(scope="session")
def deployer(accounts):
    return accounts[0]


@pytest.fixture(scope="session")
def collateral(project, deployer):
    return deployer.deploy(project.TestToken, "Wrapped Ether", "WETH", 18)


@pytest.fixture(scope="session")
def debt(project, deployer):
    return deployer.deploy(project.TestToken, "USD Coin", "USDC", 6)


@pytest.fixture(scope="session")
def feeds(project, deployer):
    """By leg: 3000 dollars for one of the collateral, 1 dollar for one of the debt."""
    return {
        "base": deployer.deploy(project.Feed, 8, "ETH / USD", 3_000 * 10**8),
        "quote": deployer.deploy(project.Feed, 8, "USDC / USD", 10**8),
    }


@pytest.fixture(scope="session")
def rules(feeds):
    """By leg: feed, heartbeat, floor, ceiling."""
    return {
        "base": (feeds["base"].address, 3_600, 100 * 10**8, 100_000 * 10**8),
        "quote": (feeds["quote"].address, 86_400, 95 * 10**6, 105 * 10**6),
    }


@pytest.fixture(scope="session")
def sequencer(project, deployer):
    """Up since 1970."""
    feed = deployer.deploy(project.Feed, 0, "L2 sequencer uptime status", 0)
    feed.set_started_at(1, sender=deployer)
    return feed


@pytest.fixture(scope="session")
def grace():
    return 3_600


@pytest.fixture(scope="session")
def arguments(collateral, debt, rules, sequencer, grace):
    """What `oracle` is made of, but for the arguments that are named."""
    usual = {
        "collateral": collateral,
        "debt": debt,
        "base": rules["base"],
        "quote": rules["quote"],
        "sequencer": sequencer,
        "grace": grace,
    }

    return lambda **changes: (usual | changes).values()


@pytest.fixture(scope="session")
def deploy(project, deployer, arguments):
    return lambda **changes: deployer.deploy(project.ChainlinkOracle, *arguments(**changes))


@pytest.fixture(scope="session")
def oracle(deploy):
    """Behind a sequencer."""
    return deploy()


@pytest.fixture(scope="session")
def oracle_on_l1(deploy):
    return deploy(sequencer=NOBODY, grace=0)


@pytest.fixture(scope="session", autouse=True)
def built(oracle, oracle_on_l1):
    """All at once: one that came later would be gone with the file, in whatever order tests run."""


@pytest.fixture(scope="session")
def fault(chain):
    """Why a call reverts. A bare call: Ape would trace it first, at a second a revert."""

    def _fault(call: dict[str, Any]) -> str:
        with pytest.raises(ProviderError) as caught:
            chain.provider.make_request("eth_call", [call, "latest"])
        return str(caught.value).removeprefix("execution reverted: ")

    return _fault


@pytest.fixture(scope="session")
def init_fault(project, arguments, fault):
    """Why the constructor refuses, by the arguments that are not as in `oracle`."""
    serialize = project.ChainlinkOracle.constructor.serialize_transaction
    return lambda **changes: fault({"data": serialize(*arguments(**changes)).data.to_0x_hex()})


@pytest.fixture(scope="session")
def price_fault(fault):
    """Why an oracle has no price."""
    return lambda oracle: fault({"to": oracle.address, "data": PRICE})


@pytest.fixture
def now(chain):
    """A second soon to come, in which the test will look."""
    return chain.blocks.head.timestamp + 100


@dataclass(frozen=True)
class Bench:
    """Oracles that exist for one call.

    A call to nobody with the creation code answers the runtime code; a second call runs that at an
    address of our choice. Feeds and tokens are a few bytes of code put in place for the call.
    """

    provider: ProviderAPI
    creation: bytes
    oracle, collateral, debt, base, quote = (f"0x{i:040}" for i in range(101, 106))

    def build(
        self,
        collateral: int,
        debt: int,
        base: tuple[int, int, int] | None,
        quote: tuple[int, int, int] | None,
    ) -> str:
        """
        Runtime code of an oracle on an L1, from the tokens' decimals and each feed's decimals,
        floor and ceiling; None for a leg without a feed.
        """
        legs = [
            (address, 1, *leg[1:]) if leg else (NOBODY, 0, 0, 0)
            for address, leg in ((self.base, base), (self.quote, quote))
        ]
        arguments = encode(
            ["address", "address", RULES, RULES, "address", "uint256"],
            [self.collateral, self.debt, *legs, NOBODY, 0],
        )
        code = {
            self.collateral: _says(collateral),
            self.debt: _says(debt),
            self.base: _says(base[0] if base else 0),
            self.quote: _says(quote[0] if quote else 0),
        }
        return self._call({"data": "0x" + (self.creation + arguments).hex()}, code)

    def price(self, oracle: str, base: int, quote: int) -> int:
        """What an oracle (its runtime code) says when its feeds have just answered so."""
        code = {self.oracle: oracle, self.base: _says(0, base), self.quote: _says(0, quote)}
        return int(self._call({"to": self.oracle, "data": PRICE}, code), 16)

    def _call(self, transaction: dict[str, str], code: dict[str, str]) -> str:
        overrides = {address: {"code": code_} for address, code_ in code.items()}
        return self.provider.make_request("eth_call", [transaction, "latest", overrides])


def _says(first: int, answer: int = 0) -> str:
    """Code that answers whatever is asked with a round of this second.

    Its first word is the round's id, or the decimals to whoever asks for these.
    """
    words = [f"7f{word % 2**256:064x}" for word in (first, answer)]  # PUSH32
    words += ["42", "42", words[0]]  # TIMESTAMP
    stores = [f"{word}60{32 * i:02x}52" for i, word in enumerate(words)]  # MSTORE
    return "0x" + "".join(stores) + "60a05ff3"  # RETURN all five


@pytest.fixture(scope="session")
def bench(project, chain):
    creation = project.ChainlinkOracle.contract_type.get_deployment_bytecode()
    return Bench(chain.provider, bytes(creation))
