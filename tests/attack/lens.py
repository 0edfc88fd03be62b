"""Lens, as a contract of one token sees it that asks from within a call."""

LENS = """
# pragma version 0.4.3
struct State:
    token: address
    faults: uint256
    numbers: uint256[7]
    lane: uint256
    levering: bool
    premium: int256
    more: uint256[5]
    paused: bool
    cap: uint256
    settled_at: uint256

interface Lens:
    def states(tokens: DynArray[address, 256]) -> DynArray[State, 1]: view
"""
