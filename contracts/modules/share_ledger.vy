# pragma version 0.4.3
"""
@title   Share ledger
@notice  Balances, allowances and supply of an ERC-20 (https://eips.ethereum.org/EIPS/eip-20).
@dev     Internals only: the contract owns every door, so that its lock covers them.
"""
from ethereum.ercs import IERC20

balances: HashMap[address, uint256]
allowances: HashMap[address, HashMap[address, uint256]]
supply: uint256


@internal
def _transfer(owner: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "transfer: receiver is zero"
    balance: uint256 = self.balances[owner]
    assert balance >= amount, "transfer: balance too low"

    self.balances[owner] = unsafe_sub(balance, amount)  # amount <= balance
    # the sum of all balances is the supply, which fits
    self.balances[receiver] = unsafe_add(self.balances[receiver], amount)
    log IERC20.Transfer(sender=owner, receiver=receiver, value=amount)


@internal
def _mint(receiver: address, amount: uint256):
    assert receiver != empty(address), "mint: receiver is zero"
    self.supply += amount
    self.balances[receiver] = unsafe_add(self.balances[receiver], amount)  # <= supply
    log IERC20.Transfer(sender=empty(address), receiver=receiver, value=amount)


@internal
def _burn(owner: address, amount: uint256):
    self.balances[owner] -= amount  # the caller has checked that there are so many
    self.supply = unsafe_sub(self.supply, amount)  # balance <= supply
    log IERC20.Transfer(sender=owner, receiver=empty(address), value=amount)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowances[owner][spender] = amount
    log IERC20.Approval(owner=owner, spender=spender, value=amount)


@internal
def _spend(owner: address, spender: address, amount: uint256):
    """
    @notice Use up an allowance. An allowance of all ones is endless.
    """
    allowed: uint256 = self.allowances[owner][spender]
    if allowed == max_value(uint256):
        return
    assert allowed >= amount, "transfer: allowance too low"
    self.allowances[owner][spender] = unsafe_sub(allowed, amount)  # amount <= allowed
