# pragma version 0.4.3
"""
@title   Two-step owner
@notice  An owner who hands over to someone who accepts, or to nobody for good.
"""


event OwnershipTransferStarted:
    previous_owner: indexed(address)
    new_owner: indexed(address)


event OwnershipTransferred:
    previous_owner: indexed(address)
    new_owner: indexed(address)


owner: address
pending_owner: address


@view
@internal
def _check_owner():
    assert msg.sender == self.owner, "owner: caller is not the owner"


@internal
def _offer(new_owner: address):
    self._check_owner()
    self.pending_owner = new_owner
    log OwnershipTransferStarted(previous_owner=self.owner, new_owner=new_owner)


@internal
def _accept():
    assert msg.sender == self.pending_owner, "owner: caller was not offered"
    self._set(msg.sender)


@internal
def _renounce():
    self._check_owner()
    self._set(empty(address))


@internal
def _set(new_owner: address):
    self.pending_owner = empty(address)
    log OwnershipTransferred(previous_owner=self.owner, new_owner=new_owner)
    self.owner = new_owner
