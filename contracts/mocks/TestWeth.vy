# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Test ether
@notice  Wrapped ether of a sandbox: as WETH, and anyone may also mint it, as any test token.
@dev     A mock. Ether comes back for it only as far as there is some: what is minted has none.
@custom:invariants
    1. The sum of all balances is `totalSupply`.
@custom:kill  none
"""
from . import TestToken
from ..interfaces.external import IWeth

implements: IWeth

initializes: TestToken

exports: (
    TestToken.DOMAIN_SEPARATOR,
    TestToken.allowance,
    TestToken.approve,
    TestToken.balanceOf,
    TestToken.decimals,
    TestToken.mint,
    TestToken.name,
    TestToken.nonces,
    TestToken.permit,
    TestToken.symbol,
    TestToken.totalSupply,
    TestToken.transfer,
    TestToken.transferFrom,
)


@deploy
def __init__():
    TestToken.__init__("Wrapped Ether", "WETH", 18)


@payable
@external
def deposit():
    """
    @notice Wrap the ether that comes along.
    """
    TestToken.share_ledger._mint(msg.sender, msg.value)


@external
def withdraw(amount: uint256):
    """
    @notice Give up `amount` for as much ether.
    """
    TestToken.share_ledger._burn(msg.sender, amount)
    send(msg.sender, amount)
