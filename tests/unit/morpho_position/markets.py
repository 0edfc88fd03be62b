"""Morpho Blue as tests use it themselves: markets of their own, its books, and its strangers."""

from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance
from ape.utils import ZERO_ADDRESS
from eth_abi import encode
from eth_utils import keccak

from scripts._devnet import ENDLESS, LONG_LLTV, Devnet, Market, undone

VIRTUAL_SHARES = 10**6
VIRTUAL_ASSETS = 1


def ceil_div(x: int, y: int) -> int:
    return -(-x // y)


def open_market(
    devnet: Devnet,
    collateral: ContractInstance,
    debt: ContractInstance,
    price: int,
    lltv: int = LONG_LLTV,
    interest: bool = True,
) -> Market:
    """A market that nobody uses, with a settable oracle of its own and one for fills."""
    morpho, deployer = devnet.morpho, devnet.roles.deployer
    venue_oracle = deployer.deploy(project.SettableOracle, price)
    fill_oracle = deployer.deploy(project.SettableOracle, price)
    irm = devnet.long.irm.address if interest else ZERO_ADDRESS
    if not morpho.isIrmEnabled(irm):
        morpho.enableIrm(irm, sender=deployer)
    if not morpho.isLltvEnabled(lltv):
        morpho.enableLltv(lltv, sender=deployer)
    params = (debt.address, collateral.address, venue_oracle.address, irm, lltv)
    morpho.createMarket(params, sender=deployer)
    identity = keccak(encode(["address", "address", "address", "address", "uint256"], params))
    return Market(
        collateral, debt, devnet.long.irm, lltv, venue_oracle, fill_oracle, params, identity
    )


def use_market(devnet: Devnet, market: Market, lent: int, borrowed: int) -> None:
    """The lender lends test tokens and the borrower borrows some, well secured."""
    morpho, lender, borrower = devnet.morpho, devnet.roles.lender, devnet.roles.borrower
    price = market.venue_oracle.price()
    pledged = ceil_div(10 * borrowed * 10**36, price)
    market.debt.mint(lender, lent, sender=lender)
    market.debt.approve(morpho, ENDLESS, sender=lender)
    morpho.supply(market.params, lent, 0, lender, b"", sender=lender)
    market.collateral.mint(borrower, pledged, sender=borrower)
    market.collateral.approve(morpho, ENDLESS, sender=borrower)
    morpho.supplyCollateral(market.params, pledged, borrower, b"", sender=borrower)
    morpho.borrow(market.params, borrowed, 0, borrower, borrower, sender=borrower)


def books(devnet: Devnet, market: Market, position: str) -> tuple[int, int]:
    """
    Collateral and debt of `position` by Morpho's own storage, with the interest that accruing in
    this second writes. Nothing of it stays written.
    """
    with undone():
        devnet.morpho.accrueInterest(market.params, sender=devnet.roles.lender)
        held = devnet.morpho.position(market.id, position)
        total = devnet.morpho.market(market.id)
    owed = ceil_div(
        held.borrowShares * (total.totalBorrowAssets + VIRTUAL_ASSETS),
        total.totalBorrowShares + VIRTUAL_SHARES,
    )
    return held.collateral, owed


def drain(devnet: Devnet, market: Market, left: int) -> None:
    """The borrower borrows until only `left` debt tokens can be borrowed."""
    morpho, borrower = devnet.morpho, devnet.roles.borrower
    morpho.accrueInterest(market.params, sender=borrower)
    total = morpho.market(market.id)
    amount = total.totalSupplyAssets - total.totalBorrowAssets - left
    pledge = market.collateral.balanceOf(borrower) // 2
    morpho.supplyCollateral(market.params, pledge, borrower, b"", sender=borrower)
    morpho.borrow(market.params, amount, 0, borrower, borrower, sender=borrower)


def donate(devnet: Devnet, market: Market, position: str, giver: AccountAPI, amount: int) -> None:
    """`giver` adds collateral to `position`."""
    market.collateral.approve(devnet.morpho, ENDLESS, sender=giver)
    devnet.morpho.supplyCollateral(market.params, amount, position, b"", sender=giver)


def repay(
    devnet: Devnet,
    market: Market,
    position: str,
    giver: AccountAPI,
    assets: int = 0,
    shares: int = 0,
) -> None:
    """`giver` repays debt of `position`, given in `assets` or in borrow `shares`."""
    market.debt.approve(devnet.morpho, ENDLESS, sender=giver)
    devnet.morpho.repay(market.params, assets, shares, position, b"", sender=giver)


def liquidate(
    devnet: Devnet, market: Market, position: str, liquidator: AccountAPI, collateral: int
) -> None:
    """`liquidator` seizes `collateral` of `position`, which must be unhealthy."""
    market.debt.approve(devnet.morpho, ENDLESS, sender=liquidator)
    devnet.morpho.liquidate(market.params, position, collateral, 0, b"", sender=liquidator)
