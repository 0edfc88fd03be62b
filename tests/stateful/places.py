"""Where a machine's token lives: on Morpho Blue, or on an Aave that has been in use for years."""

from ape.contracts import ContractInstance

from scripts._devnet import (
    ENDLESS,
    GAS,
    Ballast,
    Devnet,
    create_token,
    deploy_ballast,
    on_aave,
)
from tests.aave_now import aged

ON_MORPHO = ("ETHBULL", "ETHBEAR", "ETHHEDGE")
ON_AAVE = ("ETHBULL on Aave", "ETHBEAR on Aave")


def settle(
    name: str, devnet: Devnet, ballast: Ballast, tokens: dict[str, ContractInstance]
) -> tuple[Devnet, Ballast, ContractInstance]:
    """The token of that `name`, with what it stands on; on Aave a new one, which tests undo."""
    symbol, _, venue = name.partition(" on ")
    if not venue:
        return devnet, ballast, tokens[symbol]
    devnet = aged(on_aave(devnet))
    ballast = deploy_ballast(devnet)
    token = create_token(devnet, ballast, symbol)
    for coin in (devnet.weth, devnet.usdc):
        for account in (devnet.roles.trader, devnet.roles.liquidator):
            coin.approve(token, ENDLESS, sender=account, gas_limit=GAS)
    return devnet, ballast, token
