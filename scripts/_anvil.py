"""An anvil of one's own, on a free port, that ends with whoever needed it."""

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
def anvil(*options: str, trouble: str = "anvil does not start") -> Iterator[str]:
    """Its URL. Raises click.ClickException with `trouble` if it does not answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [_program(), "--port", str(port), "--silent", *options]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, url, trouble)
        yield url
    finally:
        process.terminate()
        process.wait()


def _program() -> str:
    """Beside Python, where `make` puts it, or on the PATH."""
    beside = Path(sys.executable).with_name("anvil")
    found = str(beside) if beside.exists() else shutil.which("anvil")
    if not found:
        raise click.ClickException("anvil is not there: `make .cache/protocols` installs it")
    return found


def _wait(process: "subprocess.Popen[bytes]", url: str, trouble: str) -> None:
    ask = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.post(url, json=ask, timeout=START).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise click.ClickException(trouble)
