# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Test token that strikes back
@notice  An ERC-20 that takes a fee of every transfer, and calls whom it is told to in the middle.
@dev     A mock that anyone may mint, set and arm. Every door is open to re-entry, so that a call
         that fails was refused by the other side.
@custom:invariants
    1. `entered` counts the armed calls that went through, `tried` all that were made.
@custom:kill  none
"""

from ..modules import fixed_point as fp
from ..modules import share_ledger

initializes: share_ledger

symbol: public(constant(String[7])) = "HOSTILE"
decimals: public(constant(uint8)) = 18

fee: uint256  # of each transfer, in WAD
target: address
calls: DynArray[Bytes[260], 64]
_tried: uint256
_entered: uint256


@external
@reentrant
def mint(receiver: address, amount: uint256):
    """
    @notice `amount` new tokens for `receiver`, for the asking.
    """
    share_ledger._mint(receiver, amount)


@external
@reentrant
def set_fee(fee: uint256):
    """
    @notice The token itself keeps `fee` WAD of every transfer from now on.
    """
    self.fee = fee


@external
@reentrant
def arm(target: address, calls: DynArray[Bytes[260], 64]):
    """
    @notice Make all `calls` to `target` in every transfer from now on.
    """
    self.target = target
    self.calls = calls


@external
@reentrant
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
@reentrant
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    share_ledger._spend(owner, msg.sender, amount)
    self._move(owner, receiver, amount)
    return True


@external
@reentrant
def approve(spender: address, amount: uint256) -> bool:
    share_ledger._approve(msg.sender, spender, amount)
    return True


@view
@external
@reentrant
def balanceOf(owner: address) -> uint256:
    return share_ledger.balances[owner]


@view
@external
@reentrant
def tried() -> uint256:
    """
    @return Armed calls that were made.
    """
    return self._tried


@view
@external
@reentrant
def entered() -> uint256:
    """
    @return Armed calls that went through.
    """
    return self._entered


@internal
def _move(owner: address, receiver: address, amount: uint256):
    kept: uint256 = fp._mul_div_up(amount, self.fee, fp.WAD)
    if kept > 0:
        share_ledger._transfer(owner, self, kept)
    share_ledger._transfer(owner, receiver, amount - kept)
    for data: Bytes[260] in self.calls:
        self._tried += 1
        if raw_call(self.target, data, revert_on_failure=False):
            self._entered += 1
