"""Calls in an order that a seed decides, on a chain of their own: good ones and bad ones."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from ape.contracts import ContractInstance
from ape.exceptions import ContractLogicError
from pytest import MonkeyPatch

from scripts._devnet import (
    DAY,
    ENDLESS,
    POOL_FEE,
    USDC,
    WAD,
    Ballast,
    Devnet,
    arbitrage,
    build_devnet,
    create_token,
    deploy_ballast,
    next_0002,
    now,
    set_price,
    warp_to,
)
from tests.builds import CODE_SIZE
from tests.builds.transcript import Transcript, recorded
from tests.evm import build, engine, stand_in

VIEWS = (
    *("auction", "leverage", "target", "next_rebalance", "totalAssets", "rules", "parts"),
    *("settled_at", "cap", "paused", "owner", "name", "symbol", "totalSupply"),
)
SHARES = (0, 1, WAD, 1_000 * WAD + 1, 10**6 * WAD, 2**255)
AMOUNTS = (0, 1, 10**6, 123_456_789, WAD, ENDLESS)
PRICES = ("1400", "1750", "1900", "2000", "2090", "2150", "2600")


class Lines(Transcript):
    """One that can be read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__()

    def keep(self, line: str) -> None:
        super().keep(line)
        self.lines.append(line)


def played(level: str, seed: int, steps: int) -> list[str]:
    """What calls are answered on the build of this `level`."""
    transcript = Lines()
    with MonkeyPatch.context() as patch:
        patch.setattr(build, "optimize", level)
        patch.setattr(engine, "code_size", CODE_SIZE)
        patch.setattr(stand_in, "engine", engine.Chain(), raising=False)
        stand_in.Accounts()  # have their ether on this chain
        devnet = build_devnet("2000")
        ballast = deploy_ballast(devnet)
        with recorded(transcript):
            tokens = [create_token(devnet, ballast, symbol) for symbol in ("ETHBULL", "ETHBEAR")]
            for coin in (devnet.weth, devnet.usdc, *tokens):
                for spender in (*tokens, ballast.router):
                    coin.approve(spender, ENDLESS, sender=devnet.roles.trader)
            draw = Random(seed)
            for _ in range(steps):
                token = draw.choice(tokens)
                with suppress(ContractLogicError):
                    draw.choice(list(moves(draw, devnet, ballast, token)))()
                for name in draw.sample(VIEWS, 3):
                    with suppress(ContractLogicError):
                        getattr(token, name)()
    return transcript.lines


def moves(
    draw: Random, devnet: Devnet, ballast: Ballast, token: ContractInstance
) -> Iterator[Callable[[], object]]:
    """What may be done with a token."""
    trader, owner, stranger = devnet.roles.trader, devnet.roles.deployer, devnet.roles.stranger
    shares, amount, flag = draw.choice(SHARES), draw.choice(AMOUNTS), draw.random() < 0.3
    seconds, coin = draw.randrange(3 * DAY), draw.choice((devnet.weth, devnet.usdc))
    swap = token, coin, POOL_FEE
    last = trader, now()
    yield lambda: token.mint(shares, ENDLESS, 0, sender=trader)
    yield lambda: token.mint(shares, amount, amount, sender=trader)
    yield lambda: token.redeem(shares, ENDLESS, 0, sender=trader)
    yield lambda: token.fill_lever(amount, 0, sender=trader)
    yield lambda: token.fill_delever(amount, 0, sender=trader)
    yield lambda: token.transfer(stranger, shares, sender=trader)
    yield lambda: token.transferFrom(trader, stranger, shares, sender=owner)
    yield lambda: token.settle(sender=stranger)
    yield lambda: token.set_paused(flag, sender=owner)
    yield lambda: token.set_cap(shares, sender=owner)
    yield lambda: token.preview_mint(shares)
    yield lambda: token.preview_redeem(shares)
    yield lambda: token.preview_fill_lever(amount)
    yield lambda: token.preview_fill_delever(amount)
    yield lambda: token.convertToAssets(shares)
    yield lambda: token.convertToShares(amount)
    yield lambda: token.maxMint(trader)
    yield lambda: token.maxRedeem(trader)
    yield lambda: ballast.router.mint_exact_in(*swap, 1_000 * USDC, 0, *last, sender=trader)
    yield lambda: ballast.router.mint(*swap, shares, ENDLESS, *last, sender=trader)
    yield lambda: ballast.router.redeem(*swap, shares, 0, *last, sender=trader)
    yield lambda: ballast.router.quote_mint.call(*swap, shares)
    yield lambda: ballast.router.quote_redeem.call(*swap, shares)
    yield lambda: ballast.keeper.fill(token, POOL_FEE, ENDLESS, 0, stranger, sender=stranger)
    for _ in range(4):
        yield lambda: warp_to(now() + seconds)
        yield lambda: warp_to(next_0002(now()) + seconds % 7_200)
        yield lambda: set_price(devnet, draw.choice(PRICES))
    yield lambda: arbitrage(devnet)
