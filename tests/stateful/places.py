"""Where a machine's token lives: on Morpho Blue, or on an Aave that has been in use for years."""

from ape.contracts import ContractInstance

from scripts._devnet import (
    DAY,
    ENDLESS,
    GAS,
    Ballast,
    Devnet,
    create_token,
    deploy_ballast,
    now,
    on_aave,
    set_price,
    warp_to,
)

AGE = 10 * 365 * DAY  # after which a scaled unit of debt is worth almost three
ON_MORPHO = ("ETHBULL", "ETHBEAR", "ETHHEDGE")
ON_AAVE = ("ETHBULL on Aave", "ETHBEAR on Aave")


def aged(devnet: Devnet) -> Devnet:
    """The devnet with Aave on it, for so long that a scaled unit is worth more than a unit."""
    made = on_aave(devnet)
    warp_to(now() + AGE)
    set_price(made, "2000")
    return made


def settle(
    name: str, devnet: Devnet, ballast: Ballast, tokens: dict[str, ContractInstance]
) -> tuple[Devnet, Ballast, ContractInstance]:
    """The token of that `name`, with what it stands on; on Aave a new one, which tests undo."""
    symbol, _, venue = name.partition(" on ")
    if not venue:
        return devnet, ballast, tokens[symbol]
    devnet = aged(devnet)
    ballast = deploy_ballast(devnet)
    token = create_token(devnet, ballast, symbol)
    for coin in (devnet.weth, devnet.usdc):
        for account in (devnet.roles.trader, devnet.roles.liquidator):
            coin.approve(token, ENDLESS, sender=account, gas_limit=GAS)
    return devnet, ballast, token
