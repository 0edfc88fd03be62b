"""Moments and spans as people say them."""

from datetime import UTC, datetime

DAY, HOUR, MINUTE = 86_400, 3_600, 60


def date_of(timestamp: int) -> str:
    """`2030-01-02 00:02:00 UTC`, of seconds since 1970."""
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"


def in_words(seconds: int) -> str:
    """A span in its two largest units: `12 h 2 min`."""
    parts = [
        (seconds // DAY, "d"),
        (seconds % DAY // HOUR, "h"),
        (seconds % HOUR // MINUTE, "min"),
        (seconds % MINUTE, "s"),
    ]
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"
