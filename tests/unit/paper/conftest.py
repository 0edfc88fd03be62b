"""Tokens on paper need no chain."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def ready():
    """Nothing here needs the chain of the other tests."""
