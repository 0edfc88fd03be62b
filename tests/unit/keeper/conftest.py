"""The keeper contract, the hours at which there is work, and that it keeps nothing of it."""

import pytest

from scripts._devnet import (
    ENDLESS,
    WAD,
    next_0002,
    now,
    warp_to,
)

# Seconds into the scheduled lane: the premium is highest.
PAYS = 45 * 60


@pytest.fixture
def keeper(ballast):
    return ballast.keeper


@pytest.fixture(autouse=True)
def keeps_nothing(ask, keeper, tokens, weth, usdc):
    """Neither the keeper nor a position ever has more or less than before.

    Called in a test, it takes what lies there now as what has to stay.
    """
    holders = [(keeper,), *((token.position(),) for token in tokens.values())]
    before: list = []

    def holdings() -> list:
        return [keeper.balance, *(ask(coin.balanceOf, holders) for coin in (weth, usdc))]

    def remember() -> None:
        before[:] = holdings()

    remember()
    yield remember
    assert holdings() == before


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens, minter):
    """A long token, then a short one, each with 10,000 shares."""
    token = tokens[request.param]
    token.mint(10_000 * WAD, ENDLESS, 0, sender=minter)
    return token


@pytest.fixture
def collateral(token, weth, usdc):
    return weth if token.rules().long else usdc


@pytest.fixture
def debt(token, weth, usdc):
    return usdc if token.rules().long else weth


@pytest.fixture
def below(token, market_at):
    """The scheduled lane pays, with the token at 2.7x."""
    warp_to(next_0002(now()) + PAYS)
    market_at("2100" if token.rules().long else "1900")


@pytest.fixture
def above(token, market_at):
    """The scheduled lane pays, with the token at 3.4x."""
    warp_to(next_0002(now()) + PAYS)
    market_at("1900" if token.rules().long else "2100")


@pytest.fixture
def far_above(token, market_at):
    """In the afternoon, with the token past its emergency leverage."""
    warp_to(next_0002(now()) + 15 * 3_600)
    market_at("1740" if token.rules().long else "2150")
