"""The week that is rehearsed has its crashes, and moves every night."""

from scripts._model.daily_schedule import DAY, opened
from scripts._rehearsal.bad_days import NIGHTS
from scripts._rehearsal.path import CRASHES, DAYS, path
from scripts.rehearse import PRICE, START

POINTS = list(path(PRICE))


def price_at(since: int) -> float:
    return next(price for at, price in POINTS if at >= since)


def test_path_is_the_same_every_time():
    assert list(path(PRICE)) == POINTS


def test_path_takes_a_week_and_never_stands_still():
    times = [at for at, _ in POINTS]

    assert times[0] == 0 and times[-1] == DAYS * DAY
    assert all(60 <= later - sooner <= 300 for sooner, later in zip(times, times[1:], strict=False))


def test_path_crashes_and_recovers():
    for crash in CRASHES:
        before, bottom = price_at(crash.at), price_at(crash.at + crash.within)
        after = price_at(crash.at + crash.within + crash.over)

        assert bottom < 0.85 * before
        assert after > 1.05 * bottom


def test_path_moves_every_night():
    first = opened(START) + DAY - START
    nights = [price_at(first + night * DAY + 45 * 60) for night in range(DAYS)]

    moves = [abs(now / last - 1) for last, now in zip([PRICE, *nights], nights, strict=False)]
    assert len(NIGHTS) == DAYS
    assert min(moves) > 0.01
