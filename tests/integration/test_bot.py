"""The Silverback bot on the devnet: a process that Silverback runs fills what pays."""

import os
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
def bot(devnet, ballast, keeper_account, tmp_path):
    """`silverback run`, with the runner that polls for blocks and a broker in its own process."""
    url = networks.provider.http_uri
    told = settings(
        devnet, ballast, [url], private_key=keeper_account.private_key, broadcast="true"
    )
    said = (tmp_path / "said").open("w")
    process = subprocess.Popen(
        [SILVERBACK, "run", "scripts._keeper.bot:bot", "--network", url]
        + ["--runner", "scripts._keeper.bot:Runner"],
        env=os.environ | environment(told),
        stdout=said,
        stderr=subprocess.STDOUT,
    )
    process.said = Path(said.name)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()
    said.close()


def test_bot_fills_an_open_lane(bot, devnet, bull, minter):
    rpc = faults.caller(networks.provider.http_uri)
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)
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
    assert "Shutdown" in said or bot.returncode == 0
