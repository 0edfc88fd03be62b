"""What `create` takes, with any of it changed."""

from typing import Any

import pytest
from ape import project

from scripts._devnet import CAP, ENDLESS, RULES, TOKENS, WAD

LONG_SEED = 15 * WAD // 100  # at 2,000 dollars: 100 dollars of NAV, three times geared
SHORT_SEED = 400 * 10**6


@pytest.fixture(scope="module")
def factory(ballast, tokens, weth, usdc, creator):
    """With three tokens; the creator has approved it."""
    for coin in (weth, usdc):
        coin.approve(ballast.factory, ENDLESS, sender=creator)
    return ballast.factory


@pytest.fixture(scope="session")
def creator(devnet):
    return devnet.roles.trader


@pytest.fixture
def arguments(devnet, treasury, owner):
    """By default those of a 3x long token; a rule may be given by its name."""

    def _arguments(long: bool = True, **changes: Any) -> tuple:
        market = devnet.long if long else devnet.short
        name, own = TOKENS["ETHBULL" if long else "ETHBEAR"]
        fields = {
            "name": name,
            "symbol": "TEST",
            "rules": RULES | own,
            "oracle": market.fill_oracle,
            "treasury": treasury,
            "owner": owner,
            "cap": CAP,
            "market": market.id,
            "collateral": LONG_SEED if long else SHORT_SEED,
        }
        rules = {key: value for key, value in changes.items() if key not in fields}
        assert rules.keys() <= fields["rules"].keys(), "no such argument or rule"
        return tuple(
            (
                fields
                | {key: value for key, value in changes.items() if key in fields}
                | {"rules": fields["rules"] | rules}
            ).values()
        )

    return _arguments


@pytest.fixture
def create(factory, arguments, creator):
    """Create a token."""

    def _create(**changes: Any):
        receipt = factory.create(*arguments(**changes), sender=creator)
        return project.LeveragedToken.at(receipt.return_value)

    return _create


@pytest.fixture
def simulate(factory, arguments, creator):
    """The address that creating would give, or why it would not."""

    def _simulate(**changes: Any) -> str:
        return factory.create.call(*arguments(**changes), sender=creator, skip_trace=True)

    return _simulate
