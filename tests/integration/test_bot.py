"""The Silverback bot on the devnet: a process that Silverback runs fills what pays."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ape import networks

from scripts._devnet import ENDLESS, WAD, arbitrage, next_0002, now, set_price, warp_to
from scripts._rehearsal import faults
from tests.integration.keepers import environment, settings

SILVERBACK = Path(sys.executable).with_name("silverback")
PAYS = 45 * 60

pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def start(devnet, ballast, keeper_account, tmp_path):
    """`start(program, …)`: a process that is told all that a keeper must be; `said` is its file."""
    url = networks.provider.http_uri
    told = settings(
        devnet, ballast, [url], private_key=keeper_account.private_key, broadcast="true"
    )
    path = tmp_path / "said"
    started = []
    with path.open("w") as said:

        def _start(*command):
            process = subprocess.Popen(
                command,
                env=os.environ | environment(told) | {"SILVERBACK_NETWORK_CHOICE": url},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            process.said = path
            started.append(process)
            return process

        yield _start
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture
def many(bull, minter):
    """100,000 shares of ETHBULL."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)


def test_bot_fills_an_open_lane(start, devnet, bull, many):
    """`silverback run`, with a broker in its own process."""
    url = networks.provider.http_uri
    rpc = faults.caller(url)
    run = [SILVERBACK, "run", "scripts._keeper.bot:bot", "--network", url]
    bot = start(*run, "--runner", "scripts._keeper.bot:Runner")
    warp_to(next_0002(now()) + PAYS)
    set_price(devnet, "2100")
    arbitrage(devnet)
    assert bull.auction().brings > 0

    def done() -> bool:
        assert bot.poll() is None, bot.said.read_text()
        rpc("evm_mine", [])
        return bull.auction().brings == 0

    faults.wait_for(done, seconds=60)
    bot.send_signal(signal.SIGTERM)
    bot.wait(30)

    said = bot.said.read_text()
    assert '"event": "sent"' in said
    assert bot.returncode == 0


def test_opening_is_foretold(start, devnet, bull, many):
    """What the bot does at 00:02, done at noon: it says when the lane pays, and sends nothing."""
    set_price(devnet, "2100")
    arbitrage(devnet)
    work = "from scripts._keeper import bot; bot.begin(None); print(bot.on_opening(None))"

    process = start(sys.executable, "-c", work)

    process.wait(60)
    lines = process.said.read_text().splitlines()
    forecasts = [json.loads(line) for line in lines if '"event": "forecast"' in line]
    assert [each["opens_at"] for each in forecasts if each["symbol"] == "ETHBULL"] == [
        next_0002(now())
    ]
    assert re.search(r"{'open_lanes': 0, 'fills': 0, 'sent': 0, 'requests': \d}", lines[-1])
