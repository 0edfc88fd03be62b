"""Twin of modules/daily_schedule.vy: 00:02:00 UTC, and the parcel of each day.

Times are seconds since 1970. A parcel is opening << 128 | debt left to fill.
"""

DAY = 86_400
OFFSET = 2 * 60  # 00:02:00 UTC
LEFT = 2**128 - 1


def opened(now: int) -> int:
    """The latest 00:02:00 UTC."""
    return now - (now - OFFSET) % DAY


def left(parcel: int, opened: int, most: int) -> int:
    """Debt that may still be filled today, at most `most`."""
    if parcel >> 128 != opened:
        return most
    return min(parcel & LEFT, most)


def take(parcel: int, opened: int, most: int, amount: int) -> int:
    """The parcel after a fill of `amount`, which is at most what is left.

    No more is left than would reach the band's edge after it.
    """
    return opened << 128 | (left(parcel, opened, most) - amount)
