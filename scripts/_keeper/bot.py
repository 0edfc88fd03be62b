"""The keeper as a Silverback bot: the same decisions, on each block and at each opening.

    silverback run scripts._keeper.bot:bot --network $RPC --runner scripts._keeper.bot:Runner

Silverback says when there is a block, and spreads the work over its workers; what is read, decided
and sent is the keeper's, by the same KEEPER_ settings, its account among them. Each worker has a
keeper of its own. Two that see two blocks at once may both send: at one nonce, so that one of the
two is mined.
"""

import asyncio
from threading import Lock
from typing import Any

from ape import chain
from silverback import SilverbackBot
from silverback.main import SharedState
from silverback.runner import PollingRunner

from scripts._keeper import settings
from scripts._keeper.chain import NoNode, WrongChain
from scripts._keeper.report import logger
from scripts._keeper.settings import SettingsError
from scripts._keeper.wallet import unlock
from scripts._keeper.watch import Keeper, build

bot = SilverbackBot()
at_work = Lock()
keepers: list[Keeper] = []  # of this worker: one


class Runner(PollingRunner):
    """Asks Ape's node for blocks, and goes on asking when it fails.

    Silverback's own wants to know the block time of a network, which Ape does not know of one that
    is given by its URL, and ends with the first request that fails.
    """

    async def _block_task(self, task_data: Any) -> None:
        told = settings.load()
        seen = None
        while True:
            try:
                block = await asyncio.to_thread(bot.provider.get_block, "latest")
            except Exception as error:
                logger(told.log_level).warning("no block", extra={"fault": type(error).__name__})
                block = None
            if block and block.hash != seen:
                seen = block.hash
                self._runtime_task_group.create_task(self.run_task(task_data, block))
            await asyncio.sleep(told.block_seconds / 4)


@bot.on_worker_startup()
def begin(state: Any) -> None:
    """Read the settings and unlock the account: what is wrong shows before the first block.

    Silverback gives a state to one worker only, and without one a worker fails at each block.
    """
    if not hasattr(bot, "state"):
        bot.state = SharedState()
    told = settings.load()
    account = unlock(told)
    if told.broadcast and not account:
        raise SettingsError("KEEPER_BROADCAST needs KEEPER_ACCOUNT or KEEPER_PRIVATE_KEY")
    keepers[:] = [build(told, account, logger(told.log_level))]


@bot.on_(chain.blocks)
def on_block(block: Any) -> dict[str, int]:
    """Fill what pays. Returns metrics of the block."""
    return _work()


@bot.cron("2 0 * * *")
def on_opening(time: Any) -> dict[str, int]:
    """At 00:02 UTC, when the lanes open: say what will pay and when, and fill what pays now."""
    return _work(forecast=True)


@bot.cron("* * * * *")
def on_minute(time: Any) -> dict[str, int]:
    """Every minute, for when the node that tells of blocks is dead: the keeper has others."""
    return _work()


def _work(forecast: bool = False) -> dict[str, int]:
    """One block, unless this worker is still at the last one."""
    (keeper,) = keepers
    if not at_work.acquire(blocking=False):
        return {}
    try:
        if forecast:
            keeper.foretell(keeper.lookout.look())
        step = keeper.step()
        if step is None:
            return {}
        return {
            "open_lanes": sum(1 for state in step.view.states if state.lane),
            "fills": len(step.fills),
            "sent": len(step.sent),
            "requests": step.requests,
        }
    except WrongChain:
        raise
    except NoNode as error:
        keeper.log.error("lost a block", extra={"fault": str(error)})
        return {}
    except Exception:  # a few of them would end the bot, and the next block comes
        keeper.log.exception("lost a block")
        return {}
    finally:
        at_work.release()
