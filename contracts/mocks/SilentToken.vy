# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Test token that answers nothing
@notice  An ERC-20 whose transfers and approvals return no value, as USDT's do not.
@dev     A mock that anyone may mint.
@custom:invariants
    1. The sum of all balances is the supply.
@custom:kill  none
"""

from ..modules import share_ledger

initializes: share_ledger

decimals: public(immutable(uint8))


@deploy
def __init__(decimals_: uint8):
    decimals = decimals_


@external
def mint(receiver: address, amount: uint256):
    """
    @notice `amount` new tokens for `receiver`, for the asking.
    """
    share_ledger._mint(receiver, amount)


@external
def transfer(receiver: address, amount: uint256):
    share_ledger._transfer(msg.sender, receiver, amount)


@external
def transferFrom(owner: address, receiver: address, amount: uint256):
    share_ledger._spend(owner, msg.sender, amount)
    share_ledger._transfer(owner, receiver, amount)


@external
def approve(spender: address, amount: uint256):
    share_ledger._approve(msg.sender, spender, amount)


@view
@external
def balanceOf(owner: address) -> uint256:
    return share_ledger.balances[owner]
