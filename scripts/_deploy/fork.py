"""A copy of a network on this machine, to rehearse on: anvil, forked at the newest block."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

START = 30  # seconds that it may take


@contextmanager
def copy_of(url: str) -> Iterator[str]:
    """The URL of a copy of the chain at `url`, which ends with the context."""
    port = free_port()
    command = [anvil(), "--fork-url", url, "--port", str(port), "--silent"]
    # A fork of another chain of the same id and height must not lend its state.
    process = subprocess.Popen([*command, "--no-storage-caching"], stdin=subprocess.DEVNULL)
    try:
        here = f"http://127.0.0.1:{port}"
        wait_for(process, here)
        yield here
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def anvil() -> str:
    """The program. Raises click.ClickException if it is not installed."""
    beside = Path(sys.executable).with_name("anvil")
    found = str(beside) if beside.exists() else shutil.which("anvil")
    if not found:
        raise click.ClickException("a dry run needs anvil: `make .cache/protocols` installs it")
    return found


def wait_for(process: "subprocess.Popen[bytes]", url: str) -> None:
    """Wait until anvil answers. Raises click.ClickException if it does not."""
    ask = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.post(url, json=ask, timeout=START).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise click.ClickException("anvil cannot copy the network for a dry run: is the node archival?")
