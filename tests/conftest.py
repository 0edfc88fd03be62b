"""One chain for all tests: built once, and put back as it was after each."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from ape import networks
from hypothesis import HealthCheck, settings

from scripts._devnet import (
    ENDLESS,
    GAS,
    Devnet,
    arbitrage,
    create_tokens,
    deploy_ballast,
    set_price,
    undone,
)
from tests.attack.venues import BUILD

# Every example is a handful of transactions: few of them, and no clock on them. `thorough` is for
# long campaigns: HYPOTHESIS_PROFILE=thorough make test
COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}
settings.register_profile("quick", max_examples=25, derandomize=True, **COMMON)
settings.register_profile("thorough", max_examples=1_000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# The EVM in this process has no wheel for some machines: there, what is made for it is left out.
TESTS = Path(__file__).parent
collect_ignore = [
    str(path)
    for path in TESTS.rglob("test_*.py")
    if not find_spec("pyrevm") and "tests.evm" in path.read_text(encoding="utf8")
]

# What these folders are about is the node.
ON_A_NODE = {TESTS / folder for folder in ("integration", "gas")}

# Where tokens live; and the attackers that know any such place.
VENUES = list(BUILD)
THREATS = yaml.safe_load((TESTS / "attack" / "threats.yaml").read_text(encoding="utf8"))
SHARED = THREATS["here"].keys() - THREATS["of one venue"].keys()
ATTACKERS = {
    path
    for path in (TESTS / "attack").glob("test_*.py")
    if path.stem == "test_sandwich" or path.stem.split("_")[1].upper() in SHARED
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--venue",
        choices=VENUES,
        default=VENUES[0],
        help="where tokens live; on any but the first the attackers run alone",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not ON_A_NODE.isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.anvil)
    if config.getoption("venue") != VENUES[0]:
        config.hook.pytest_deselected(items=[each for each in items if each.path not in ATTACKERS])
        items[:] = [item for item in items if item.path in ATTACKERS]


@pytest.fixture(scope="session", autouse=True)
def ready(tokens):
    """All that tests share is there before the first of them."""


@pytest.fixture(scope="module", autouse=True)
def file_put_back(ready):
    """What a file's fixtures do to the chain ends with the file."""
    with undone():
        yield


@pytest.fixture(autouse=True)
def put_back(file_put_back):
    """What a test does to the chain ends with the test."""
    with undone():
        yield


@pytest.fixture(autouse=True)
def still(put_back):
    """Time moves only when a test moves it: a view and a transaction see the same second."""
    networks.provider.make_request("anvil_setBlockTimestampInterval", [0])
    yield
    networks.provider.make_request("anvil_removeBlockTimestampInterval", [])


@pytest.fixture(scope="session")
def devnet(request) -> Devnet:
    """The real Morpho Blue and Uniswap v3, ETH at 2,000 USDC; Aave v3 too where it is asked for."""
    return BUILD[request.config.getoption("venue")]()


@pytest.fixture(scope="session")
def ballast(devnet):
    """Factory, router, keeper."""
    return deploy_ballast(devnet)


@pytest.fixture(scope="session")
def tokens(devnet, ballast):
    """ETHBULL, ETHBEAR and ETHHEDGE, seeded; minter and taker have approved each."""
    made = create_tokens(devnet, ballast)
    for token in made.values():
        for coin in (devnet.weth, devnet.usdc):
            for account in (devnet.roles.trader, devnet.roles.liquidator):
                coin.approve(token, ENDLESS, sender=account, gas_limit=GAS)
    return made


@pytest.fixture(scope="session")
def bull(tokens):
    """+3x: WETH held, USDC owed."""
    return tokens["ETHBULL"]


@pytest.fixture(scope="session")
def bear(tokens):
    """-3x: USDC held, WETH owed."""
    return tokens["ETHBEAR"]


@pytest.fixture(scope="session")
def hedge(tokens):
    """-1x: USDC held, WETH owed."""
    return tokens["ETHHEDGE"]


@pytest.fixture(scope="session")
def market_at(devnet):
    """`market_at("2100")`: the feeds say that ETH costs so much, and the pool follows."""

    def _market_at(eth_usd: str) -> None:
        set_price(devnet, eth_usd)
        arbitrage(devnet)

    return _market_at


@pytest.fixture(scope="session")
def weth(devnet):
    return devnet.weth


@pytest.fixture(scope="session")
def usdc(devnet):
    return devnet.usdc


@pytest.fixture(scope="session")
def owner(devnet):
    """Owns every token."""
    return devnet.roles.deployer


@pytest.fixture(scope="session")
def minter(devnet):
    """Mints and redeems; rich in WETH and USDC."""
    return devnet.roles.trader


@pytest.fixture(scope="session")
def taker(devnet):
    """Fills auctions with its own WETH and USDC."""
    return devnet.roles.liquidator


@pytest.fixture(scope="session")
def keeper_account(devnet):
    """Fills auctions with no capital, through the keeper contract."""
    return devnet.roles.keeper


@pytest.fixture(scope="session")
def stranger(devnet):
    """Has no role and no tokens."""
    return devnet.roles.stranger


@pytest.fixture(scope="session")
def treasury(devnet):
    """Receives every fee."""
    return devnet.roles.treasury
