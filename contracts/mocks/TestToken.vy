# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Test token
@notice  An ERC-20 with EIP-2612 permit and any decimals that anyone may mint: the devnet's USDC.
@dev     A mock, made of the same modules as the shares of a leveraged token.
@custom:invariants
    1. The sum of all balances is `totalSupply`.
@custom:kill  none
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from ..modules import share_ledger
from ..modules import typed_permit

implements: IERC20
implements: IERC20Detailed

initializes: share_ledger
initializes: typed_permit[share_ledger := share_ledger]

decimals: public(immutable(uint8))

name: public(String[64])
symbol: public(String[32])


@deploy
def __init__(name_: String[64], symbol_: String[32], decimals_: uint8):
    typed_permit.__init__(name_)
    decimals = decimals_
    self.name = name_
    self.symbol = symbol_


@external
def mint(receiver: address, amount: uint256):
    """
    @notice `amount` new tokens for `receiver`, for the asking.
    """
    share_ledger._mint(receiver, amount)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    share_ledger._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    share_ledger._spend(owner, msg.sender, amount)
    share_ledger._transfer(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    share_ledger._approve(msg.sender, spender, amount)
    return True


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice An approval that `owner` signed, https://eips.ethereum.org/EIPS/eip-2612.
    """
    typed_permit._permit(owner, spender, amount, deadline, v, r, s)


@view
@external
def totalSupply() -> uint256:
    return share_ledger.supply


@view
@external
def balanceOf(owner: address) -> uint256:
    return share_ledger.balances[owner]


@view
@external
def allowance(owner: address, spender: address) -> uint256:
    return share_ledger.allowances[owner][spender]


@view
@external
def nonces(owner: address) -> uint256:
    return typed_permit.nonces[owner]


@view
@external
def DOMAIN_SEPARATOR() -> bytes32:
    return typed_permit._separator()
