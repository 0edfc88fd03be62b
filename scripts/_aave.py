"""Aave v3 on the devnet: its real contracts, as their authors compiled them, with two reserves.

ETH and the dollar are lent, borrowed and used as collateral by the parameters that such reserves
have on Ethereum. Rates are made to be what the markets of Morpho Blue charge here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ape.api import AccountAPI
from ape.contracts import ContractInstance
from ape.utils import ZERO_ADDRESS
from eth_abi import encode

from scripts._chain import deploy, paid_by
from scripts._market import BORROWED, LENT, LONG_RATE, SHORT_RATE
from scripts._thirdparty import container, linked

RAY = 10**27
YEAR = 365 * 86_400
ENDLESS = 2**256 - 1
VARIABLE = 2  # the interest rate mode
BASE_UNIT = 10**8  # of the oracle's currency, as the feeds have it

# LTV, liquidation threshold, and one and the liquidator's bonus, in basis points: Aave's on
# Ethereum for WETH and USDC.
WETH_TERMS = (8_050, 8_300, 10_500)
USDC_TERMS = (7_500, 7_800, 10_450)
# Of a coin: what it costs to borrow, WAD a second, and its terms. Who is short owes ETH, who is
# long owes dollars.
RESERVES = {"WETH": (SHORT_RATE, WETH_TERMS), "USDC": (LONG_RATE, USDC_TERMS)}
RESERVE_FACTOR = 1_000  # of the interest, to Aave; basis points

# A reserve's rates in ray a year: where they begin, and how they rise to the kink and above it.
KINK = 90 * RAY // 100
SLOPES = (RAY // 100, 60 * RAY // 100)
STABLE = (RAY // 50, RAY, RAY // 50, RAY // 12, RAY // 5)  # borrowing that nobody can

LIBRARIES = (
    "BorrowLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "EModeLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)

Libraries: TypeAlias = dict[str, str]


@dataclass(frozen=True)
class AaveMarket:
    """A pair of reserves, and the oracle that a token's fills may ask."""

    collateral: ContractInstance
    debt: ContractInstance
    fill_oracle: ContractInstance
    category: int = 0  # e-mode; zero: none

    @property
    def arguments(self) -> bytes:
        """What a position is told after the pool: the pair, and the e-mode."""
        kinds = ["address", "address", "uint8"]
        return encode(kinds, [self.collateral.address, self.debt.address, self.category])


@dataclass(frozen=True)
class Aave:
    """A market of Aave v3. The deployer governs it."""

    provider: ContractInstance
    pool: ContractInstance
    configurator: ContractInstance
    oracle: ContractInstance

    def atoken(self, asset: ContractInstance) -> ContractInstance:
        """What a supplier of `asset` holds."""
        data = self.pool.getReserveData(asset)
        return container("aave/AToken").at(data.aTokenAddress)

    def debt_token(self, asset: ContractInstance) -> ContractInstance:
        """What a borrower of `asset` owes."""
        data = self.pool.getReserveData(asset)
        return container("aave/VariableDebtToken").at(data.variableDebtTokenAddress)


def build_aave(
    deployer: AccountAPI, feeds: Mapping[ContractInstance, ContractInstance], treasury: AccountAPI
) -> Aave:
    """Deploy all of it, and list the coins that `feeds` has prices for, WETH and USDC."""
    provider, oracle = open_registry(deployer, feeds)
    libraries = deploy_libraries(deployer, "aave", LIBRARIES)
    provider.setPoolImpl(_linked("Pool", deployer, libraries, provider), **paid_by(deployer))
    pool = container("aave/Pool").at(provider.getPool())
    configurator = _linked("PoolConfigurator", deployer, libraries)
    provider.setPoolConfiguratorImpl(configurator, **paid_by(deployer))
    configurator = container("aave/PoolConfigurator").at(provider.getPoolConfigurator())

    made = Aave(provider, pool, configurator, oracle)
    for coin in feeds:
        list_reserve(deployer, made, coin, *RESERVES[coin.symbol()], treasury)
    return made


def open_registry(
    deployer: AccountAPI, feeds: Mapping[ContractInstance, ContractInstance]
) -> tuple[ContractInstance, ContractInstance]:
    """A registry that the deployer governs, without a pool as yet, and the oracle it names."""
    provider = deploy(container("aave/PoolAddressesProvider"), deployer, "Devnet", deployer)
    provider.setACLAdmin(deployer, **paid_by(deployer))
    roles = deploy(container("aave/ACLManager"), deployer, provider)
    provider.setACLManager(roles, **paid_by(deployer))
    for grant in (roles.addPoolAdmin, roles.addEmergencyAdmin):
        grant(deployer, **paid_by(deployer))
    told = list(feeds), list(feeds.values())
    oracle = deploy(
        container("aave/AaveOracle"),
        deployer,
        *(provider, *told, ZERO_ADDRESS, ZERO_ADDRESS, BASE_UNIT),
    )
    provider.setPriceOracle(oracle, **paid_by(deployer))
    data = deploy(container("aave/AaveProtocolDataProvider"), deployer, provider)
    provider.setPoolDataProvider(data, **paid_by(deployer))
    return provider, oracle


def list_reserve(
    deployer: AccountAPI,
    aave: Aave,
    coin: ContractInstance,
    rate: int,
    terms: tuple[int, int, int],
    treasury: AccountAPI,
    symbol: str | None = None,
) -> None:
    """Let `coin` be lent, borrowed at `rate` (WAD a second) and more, and used as collateral.

    `symbol` is for a coin that has none.
    """
    strategy = deploy(
        container("aave/DefaultReserveInterestRateStrategy"),
        deployer,
        *(aave.provider, *curve(rate), *STABLE),
    )
    names = ("AToken", "StableDebtToken", "VariableDebtToken")
    code = [deploy(container(f"aave/{name}"), deployer, aave.pool) for name in names]
    symbol = symbol or coin.symbol()
    titles = (f"{kind}{symbol}" for kind in ("a", "a", "v", "v", "s", "s"))
    reserve = (*code, coin.decimals(), strategy, coin, treasury, ZERO_ADDRESS)
    aave.configurator.initReserves([(*reserve, *titles, b"")], **paid_by(deployer))
    open_reserve(deployer, aave, coin, terms)


def open_reserve(
    deployer: AccountAPI, aave: Aave, coin: ContractInstance, terms: tuple[int, int, int]
) -> None:
    """What is listed may from now on be used as collateral, borrowed, and lent in a flash."""
    aave.configurator.configureReserveAsCollateral(coin, *terms, **paid_by(deployer))
    aave.configurator.setReserveBorrowing(coin, True, **paid_by(deployer))
    aave.configurator.setReserveFactor(coin, RESERVE_FACTOR, **paid_by(deployer))
    aave.configurator.setReserveFlashLoaning(coin, True, **paid_by(deployer))


def curve(rate: int) -> tuple[int, ...]:
    """Kink, start and slopes in ray of a reserve that costs `rate`, WAD a second, at first."""
    return KINK, rate * YEAR * 10**9, *SLOPES


def use_aave(
    lender: AccountAPI, borrower: AccountAPI, aave: Aave, dollars: Mapping[ContractInstance, int]
) -> None:
    """Lend every coin and borrow from it; `dollars` is what a dollar buys of each."""
    pool = aave.pool
    for coin, dollar in dollars.items():
        for person in (lender, borrower):
            coin.approve(pool, ENDLESS, **paid_by(person))
        pool.supply(coin, LENT * dollar, lender, 0, **paid_by(lender))
        pool.supply(coin, 10 * BORROWED * dollar, borrower, 0, **paid_by(borrower))
    for coin, dollar in dollars.items():
        pool.borrow(coin, BORROWED * dollar, VARIABLE, 0, borrower, **paid_by(borrower))


def deploy_libraries(deployer: AccountAPI, folder: str, names: Iterable[str]) -> Libraries:
    """Where a version's libraries are, by name: `names`, and the one that calls another."""
    made = {name: deploy(container(f"{folder}/{name}"), deployer).address for name in names}
    flash = deploy(linked(f"{folder}/FlashLoanLogic", made), deployer)
    return made | {"FlashLoanLogic": flash.address}


def _linked(name: str, deployer: AccountAPI, libraries: Libraries, *args: Any) -> ContractInstance:
    return deploy(linked(f"aave/{name}", libraries), deployer, *args)
