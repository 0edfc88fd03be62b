"""A copy of a network on this machine, to rehearse on: anvil, forked at the newest block."""

from contextlib import AbstractContextManager

from scripts._anvil import anvil

TROUBLE = "anvil cannot copy the network for a dry run: is the node archival?"


def copy_of(url: str) -> AbstractContextManager[str]:
    """The URL of a copy of the chain at `url`, which ends with the context."""
    # A fork of another chain of the same id and height must not lend its state.
    return anvil("--fork-url", url, "--no-storage-caching", trouble=TROUBLE)
