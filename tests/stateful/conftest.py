"""What the machines beside a pool run in."""

from collections.abc import Iterator

import pytest

from .dex import DexWorld
from .places import ON_AAVE, settle


@pytest.fixture(params=["ETHBULL", "ETHBEAR", *ON_AAVE])
def world(request, devnet, ballast, tokens) -> Iterator[DexWorld]:
    """Tokens of each venue, long and short, beside the pool, on a node whose clock stands still."""
    made = DexWorld(*settle(request.param, devnet, ballast, tokens))
    with made.node.standing_still():
        yield made
