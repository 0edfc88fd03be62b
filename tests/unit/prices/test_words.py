"""What prices are, in words."""

from scripts._prices.bars import USD, Bar, Gap, Prices
from scripts._prices.words import SHOWN, describe, headline

DAY = 86_400


def prices(*gaps):
    bars = [Bar(DAY * n, *(100 * USD,) * 3, (100 + n) * USD) for n in (0, 1)]
    return Prices(bars, DAY, list(gaps), "bars.csv")


def test_words_say_from_when_to_when():
    assert headline(prices()) == "1970-01-01 00:00 to 1970-01-03 00:00 UTC"


def test_words_say_how_prices_moved():
    assert describe(prices()) == ["2 bars of 1440 minutes, bars.csv: 100.00 → 101.00, +1.0 %"]


def test_words_say_what_is_missing():
    (_, told) = describe(prices(Gap(0, 3), Gap(DAY, 4)))

    assert told == (
        "7 bars are missing, after 1970-01-01 00:00, 1970-01-02 00:00: there the price jumps"
    )


def test_words_name_no_more_than_some_gaps():
    (_, told) = describe(prices(*(Gap(DAY * n, 1) for n in range(SHOWN + 1))))

    assert told.count("1970-01") == SHOWN
    assert "…" in told
