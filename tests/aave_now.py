"""Aave as tests meet it: as it began (3.0), which the devnet has, and as it is today (3.6).

Today's rounds against whoever moves, says errors by name, has no stable debt, one contract for all
rates, and e-modes that list their assets. Both are governed by the deployer.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ape import networks
from ape.api import AccountAPI
from ape.contracts import ContractInstance
from ape.utils import ZERO_ADDRESS
from eth_abi import decode, encode
from eth_utils import keccak

from scripts._aave import (
    RAY,
    RESERVES,
    Aave,
    build_aave,
    curve,
    deploy_libraries,
    list_reserve,
    open_registry,
    open_reserve,
)
from scripts._chain import deploy, paid_by
from scripts._devnet import DAY, Devnet, now, on_aave, price, set_price, warp_to
from scripts._thirdparty import container, linked

BASIS = 10**4
AGE = 10 * 365 * DAY  # after which a scaled unit of debt is worth almost three
CONTROLLER = keccak(text="INCENTIVES_CONTROLLER")  # its name in the registry
LIBRARIES = (
    "BorrowLogic",
    "ConfiguratorLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)
ERROR, PANIC = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")  # selectors
# What 3.0 says by a number, 3.6 says by this name.
FAULTS = {
    "18": "ReserveLiquidityNotZero",
    "24": "InvalidMintAmount",
    "26": "InvalidAmount",
    "28": "ReserveFrozen",
    "29": "ReservePaused",
    "30": "BorrowingNotEnabled",
    "32": "NotEnoughAvailableUserBalance",
    "34": "CollateralBalanceIsZero",
    "35": "HealthFactorLowerThanLiquidationThreshold",
    "36": "CollateralCannotCoverNewBorrow",
    "39": "NoDebtOfSelectedType",
    "43": "UnderlyingBalanceZero",
    "50": "BorrowCapExceeded",
    "51": "SupplyCapExceeded",
    "57": "LtvValidationFailed",
    "58": "InconsistentEModeCategory",
    "59": "PriceOracleSentinelCheckFailed",
    "90": "ReserveDebtNotZero",
}
SINCE = ("NotBorrowableInEMode",)  # said by 3.6 alone
NAMES = {keccak(text=f"{name}()")[:4]: name for name in (*FAULTS.values(), *SINCE)}


class Version(NamedTuple):
    """What differs between the two, to whoever governs."""

    name: str
    build: Callable[..., Aave]
    # deployer, aave, coin, rate, terms, treasury, and a symbol for a coin that has none
    list_reserve: Callable[..., None]
    # deployer, aave, category, its LTV, threshold and bonus in basis points, and its two assets
    categorize: Callable[..., None]


def build_aave_now(
    deployer: AccountAPI, feeds: Mapping[ContractInstance, ContractInstance], treasury: AccountAPI
) -> Aave:
    """The same as `build_aave` of the devnet, by today's contracts, with a rewards controller."""
    provider, oracle = open_registry(deployer, feeds)
    controller = deploy(container("aave-3.6/RewardsController"), deployer, deployer)
    provider.setAddress(CONTROLLER, controller, **paid_by(deployer))
    rates = deploy(container("aave-3.6/DefaultReserveInterestRateStrategyV2"), deployer, provider)
    libraries = deploy_libraries(deployer, "aave-3.6", LIBRARIES)
    code = deploy(linked("aave-3.6/PoolInstance", libraries), deployer, provider, rates)
    provider.setPoolImpl(code, **paid_by(deployer))
    pool = container("aave-3.6/PoolInstance").at(provider.getPool())
    code = deploy(linked("aave-3.6/PoolConfiguratorInstance", libraries), deployer)
    provider.setPoolConfiguratorImpl(code, **paid_by(deployer))
    at = provider.getPoolConfigurator()
    configurator = container("aave-3.6/PoolConfiguratorInstance").at(at)

    data = deploy(container("aave-3.6/AaveProtocolDataProvider"), deployer, provider)
    provider.setPoolDataProvider(data, **paid_by(deployer))
    made = Aave(provider, pool, configurator, oracle)
    for coin in feeds:
        list_reserve_now(deployer, made, coin, *RESERVES[coin.symbol()], treasury)
    return made


def list_reserve_now(
    deployer: AccountAPI,
    aave: Aave,
    coin: ContractInstance,
    rate: int,
    terms: tuple[int, int, int],
    treasury: AccountAPI,
    symbol: str | None = None,
) -> None:
    """The same as `list_reserve` of the devnet; rates are rounded to basis points a year."""
    controller = aave.provider.getAddress(CONTROLLER)
    code = (
        deploy(container("aave-3.6/ATokenInstance"), deployer, aave.pool, controller, treasury),
        deploy(container("aave-3.6/VariableDebtTokenInstance"), deployer, aave.pool, controller),
    )
    symbol = symbol or coin.symbol()
    titles = tuple(f"{kind}{symbol}" for kind in ("a", "a", "v", "v"))
    points = [each * BASIS // RAY for each in curve(rate)]
    rates = encode(["uint16", "uint32", "uint32", "uint32"], points)
    reserve = (*code, coin, *titles, b"", rates)
    aave.configurator.initReserves([reserve], **paid_by(deployer))
    open_reserve(deployer, aave, coin, terms)


def _categorize(
    deployer: AccountAPI,
    aave: Aave,
    category: int,
    terms: tuple[int, int, int],
    assets: tuple[ContractInstance, ...],
) -> None:
    aave.configurator.setEModeCategory(category, *terms, ZERO_ADDRESS, "", **paid_by(deployer))
    for asset in assets:
        aave.configurator.setAssetEModeCategory(asset, category, **paid_by(deployer))


def _categorize_now(
    deployer: AccountAPI,
    aave: Aave,
    category: int,
    terms: tuple[int, int, int],
    assets: tuple[ContractInstance, ...],
) -> None:
    configurator = aave.configurator
    configurator.setEModeCategory(category, *terms, "", **paid_by(deployer))
    for asset in assets:
        configurator.setAssetCollateralInEMode(asset, category, True, **paid_by(deployer))
        configurator.setAssetBorrowableInEMode(asset, category, True, **paid_by(deployer))


BEGUN = Version("3.0", build_aave, list_reserve, _categorize)
NOW = Version("3.6", build_aave_now, list_reserve_now, _categorize_now)
VERSIONS = (BEGUN, NOW)


def version_of(aave: Aave) -> Version:
    """What it was built as: its pool is called by where its code is from."""
    return NOW if aave.pool.contract_type.name.startswith("aave-3.6/") else BEGUN


def on_version(devnet: Devnet, version: Version) -> Devnet:
    """The devnet with that Aave on it, for tokens to live on."""
    return on_aave(devnet, version.build)


def aged(devnet: Devnet) -> Devnet:
    """So many years later: a scaled unit is worth more than a unit, and ETH costs what it did."""
    eth_usd = price(devnet)
    warp_to(now() + AGE)
    set_price(devnet, eth_usd)
    return devnet


def refusal(method: Any, *args: Any, sender: Any) -> str:
    """Why a call is refused, in words that both versions share; nothing where it goes through."""
    question = {
        "from": str(sender),
        "to": str(method.contract),
        "data": "0x" + bytes(method.encode_input(*args)).hex(),
    }
    web3 = networks.provider.web3
    (reply,) = web3.provider.make_batch_request([("eth_call", [question, "latest"])])
    if "error" not in reply:
        return ""
    data = bytes.fromhex(reply["error"].get("data", "0x").removeprefix("0x"))
    if data.startswith(ERROR):
        (words,) = decode(["string"], data[4:])
        return FAULTS.get(words, words)
    if data.startswith(PANIC):
        return f"Panic({int.from_bytes(data[4:])})"
    return NAMES.get(data[:4], f"0x{data.hex()}")
