# pragma version 0.4.3
"""
@title   Daily schedule
@notice  The clock of the scheduled lane: 00:02:00 UTC, and the parcel of each day.
@dev     A parcel is (opening, debt left to fill) in one word: opening << 128 | left. A word of
         another day says nothing about today: that day's parcel is still whole.
"""

DAY: constant(uint256) = 86_400
OFFSET: constant(uint256) = 2 * 60  # 00:02:00 UTC


@pure
@internal
def _opened(now: uint256) -> uint256:
    # opened(t) = t - (t - OFFSET) mod DAY              the latest 00:02:00 UTC
    return now - (now - OFFSET) % DAY


@pure
@internal
def _left(parcel: uint256, opened: uint256, most: uint256) -> uint256:
    """
    @return Debt that may still be filled today, at most `most`.
    """
    if parcel >> 128 != opened:
        return most
    return min(parcel & convert(max_value(uint128), uint256), most)


@pure
@internal
def _take(parcel: uint256, opened: uint256, most: uint256, amount: uint256) -> uint256:
    """
    @notice The parcel after a fill of `amount`, which is at most `_left`.
    @dev    No more is left than would reach the band's edge (`most`) after it: a fill of all of it
            ends the day, and a parcel that was larger than the gap does not outlive a fill.
    """
    return opened << 128 | (self._left(parcel, opened, most) - amount)
