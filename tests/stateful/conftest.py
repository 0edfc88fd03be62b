"""What the machines beside a pool run in."""

from collections.abc import Iterator

import pytest

from .dex import DexWorld


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def world(request, devnet, ballast, tokens) -> Iterator[DexWorld]:
    """A long token and a short one beside the pool, on a node whose clock stands still."""
    made = DexWorld(devnet, ballast, tokens[request.param])
    with made.node.standing_still():
        yield made
