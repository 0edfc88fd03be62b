"""A NAV feed of a long token and of a short one."""

import pytest
from ape import project

from scripts._devnet import ENDLESS, WAD


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens, minter):
    """A long token, then a short one, with shares that divide nothing evenly."""
    token = tokens[request.param]
    token.mint(1_234_567 * WAD // 1_000 + 1, ENDLESS, 0, sender=minter)
    return token


@pytest.fixture
def market(devnet, token):
    return devnet.long if token.rules().long else devnet.short


@pytest.fixture
def feed(token, stranger):
    """Anyone may deploy one."""
    return stranger.deploy(project.NavFeed, token)
