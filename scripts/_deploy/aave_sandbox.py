"""An Aave v3 of one's own on a testnet: its real contracts, governed by who deploys.

By the terms and at the rates of the devnet, one step at a time, so that the same again goes on
where it was interrupted.
"""

from collections.abc import Mapping

import click
from eth_utils import to_checksum_address
from web3.contract import Contract

from scripts import _aave
from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import Network, TokenFile

NAME = "Ballast's sandbox"
TOKENS = ("AToken", "StableDebtToken", "VariableDebtToken")


def bring(
    run: Run, coins: Mapping[str, str], feeds: Mapping[str, str], tokens: list[TokenFile]
) -> str:
    """The Pool, with a reserve for each coin of `tokens`; the addresses are by name."""
    feed_of = {token.pair[i]: token.feeds[i] for token in tokens for i in (0, 1)}
    if strange := [coin for coin in feed_of if coin not in _aave.RESERVES]:
        raise click.ClickException(
            f"a sandbox's Aave has no {strange[0]}; allowed: {', '.join(_aave.RESERVES)}"
        )
    provider = _provider(run)
    pool, configurator = _pool(run, provider)
    arguments = (
        [coins[coin] for coin in feed_of],
        [feeds[feed] for feed in feed_of.values()],
        *(NOBODY, NOBODY, _aave.BASE_UNIT),
    )
    oracle = _have(run, "oracle", "AaveOracle", provider.address, *arguments)
    _name(run, provider, "PriceOracle", oracle)
    data = _have(run, "data provider", "AaveProtocolDataProvider", provider.address)
    _name(run, provider, "PoolDataProvider", data)
    code = [_have(run, f"{name} code", name, pool.address) for name in TOKENS]
    for coin in feed_of:
        _reserve(run, provider, pool, configurator, coin, coins[coin], code)
    return pool.address


def use(run: Run, network: Network, coin: str, lend: int, loan: int) -> None:
    """Lend so much of a coin and borrow from it, where nobody has; raw units."""
    address, me = network.coin(coin), run.sender.address
    pool = run.at("aave/Pool", network.lender("aave"))
    reserve = pool.functions.getReserveData(address).call()
    lent, owed = (run.at("TestToken", reserve[i]).functions.totalSupply() for i in (8, 10))
    if lent.call() < lend:
        run.call(f"lend {coin} to Aave", pool, "supply", address, lend, me, 0)
    if not owed.call():
        order = (address, loan, _aave.VARIABLE, 0, me)
        run.call(f"borrow {coin} from Aave", pool, "borrow", *order)


def _provider(run: Run) -> Contract:
    """The addresses of all, and who may do what."""
    me = to_checksum_address(run.record.deployer)
    address = _have(run, "addresses", "PoolAddressesProvider", NAME, me)
    provider = run.at("aave/PoolAddressesProvider", address)
    _name(run, provider, "ACLAdmin", me)
    roles = run.at("aave/ACLManager", _have(run, "roles", "ACLManager", address))
    _name(run, provider, "ACLManager", roles.address)
    if not roles.functions.isPoolAdmin(me).call():
        run.call("govern Aave", roles, "addPoolAdmin", me)
    return provider


def _pool(run: Run, provider: Contract) -> tuple[Contract, Contract]:
    """The pool, and what changes its reserves."""
    for library in (*_aave.LIBRARIES, "FlashLoanLogic"):
        _have(run, library, library)
    found = []
    for name, arguments in (("Pool", (provider.address,)), ("PoolConfigurator", ())):
        code = _have(run, f"{name} code", name, *arguments)
        get = provider.get_function_by_name(f"get{name}")
        if get().call() == NOBODY:
            run.call(f"set Aave {name}", provider, f"set{name}Impl", code)
        found.append(run.at(f"aave/{name}", get().call()))
    pool, configurator = found
    return pool, configurator


def _reserve(
    run: Run,
    provider: Contract,
    pool: Contract,
    configurator: Contract,
    coin: str,
    address: str,
    code: list[str],
) -> None:
    """A coin that can be lent, borrowed and used as collateral."""
    rate, terms = _aave.RESERVES[coin]
    rates = (*_aave.curve(rate), *_aave.STABLE)
    kind = "DefaultReserveInterestRateStrategy"
    strategy = _have(run, f"{coin} rate", kind, provider.address, *rates)
    if pool.functions.getReserveData(address).call()[8] == NOBODY:
        treasury = to_checksum_address(run.record.deployer)
        decimals = run.at("TestToken", address).functions.decimals().call()
        names = [f"{letter}{coin}" for letter in "aavvss"]
        order = (*code, decimals, strategy, address, treasury, NOBODY, *names, b"")
        run.call(f"list {coin} on Aave", configurator, "initReserves", [order])
    for name, change, mask, values in (
        ("take {} as collateral", "configureReserveAsCollateral", 0xFFFF << 16, terms),
        ("let {} be borrowed", "setReserveBorrowing", 1 << 58, (True,)),
        ("let {} be lent in a flash", "setReserveFlashLoaning", 1 << 63, (True,)),
        ("keep interest on {}", "setReserveFactor", 0xFFFF << 64, (_aave.RESERVE_FACTOR,)),
    ):
        (bits,) = pool.functions.getConfiguration(address).call()
        if not bits & mask:
            run.call(name.format(coin), configurator, change, address, *values)


def _have(run: Run, name: str, what: str, *arguments: object) -> str:
    """A contract of Aave's, as its authors compiled it."""
    return run.deploy(f"Aave {name}", f"aave/{what}", *arguments)


def _name(run: Run, provider: Contract, role: str, address: str) -> None:
    """Tell the provider who has a role."""
    if provider.get_function_by_name(f"get{role}")().call() != address:
        run.call(f"set Aave {role}", provider, f"set{role}", address)
