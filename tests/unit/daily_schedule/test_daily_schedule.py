from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import daily_schedule
from scripts._model.daily_schedule import DAY


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("daily_schedule")


times = st.integers(2 * DAY, 2**40)
debts = st.integers(0, 10**6) | st.integers(0, 2**128 - 1)


@st.composite
def parcels(draw):
    """A parcel of today or of another day, today's opening, what would reach the edge."""
    opened = daily_schedule.opened(draw(times))
    day = draw(st.sampled_from([opened, opened - DAY, opened + DAY, 0]))
    return day << 128 | draw(debts) * (day > 0), opened, draw(debts)


@st.composite
def takings(draw):
    """The same, with a fill of no more than is left."""
    parcel, opened, most = draw(parcels())
    return parcel, opened, most, draw(st.integers(0, daily_schedule.left(parcel, opened, most)))


@given(cases=st.lists(st.tuples(times), min_size=40))
def test_opened_at_any_time_equals_the_twin(harness, agree, cases):
    agree(harness.opened, daily_schedule.opened, cases)


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        (datetime(2030, 1, 2, 0, 1, 59, tzinfo=UTC), datetime(2030, 1, 1, 0, 2, tzinfo=UTC)),
        (datetime(2030, 1, 2, 0, 2, 0, tzinfo=UTC), datetime(2030, 1, 2, 0, 2, tzinfo=UTC)),
        (datetime(2032, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2032, 2, 29, 0, 2, tzinfo=UTC)),
    ],
)
def test_opened_at_the_edge_of_a_day_is_0002_utc(harness, now, opened):
    assert harness.opened(int(now.timestamp())) == int(opened.timestamp())


@given(cases=st.lists(parcels(), min_size=20))
def test_left_of_any_parcel_equals_the_twin(harness, agree, cases):
    agree(harness.left, daily_schedule.left, cases)


@given(cases=st.lists(takings(), min_size=20))
def test_take_from_any_parcel_equals_the_twin(harness, agree, cases):
    agree(harness.take, daily_schedule.take, cases)


@given(cases=st.lists(takings(), min_size=20))
def test_take_any_amount_leaves_so_much_less(harness, ask, cases):
    """What was left, at most what would reach the edge, less the fill; of all, nothing."""
    before = ask(harness.left, [(parcel, opened, most) for parcel, opened, most, _ in cases])
    parcels = ask(harness.take, cases)
    after = ask(
        harness.left,
        [(parcel, case[1], 2**128) for parcel, case in zip(parcels, cases, strict=True)],
    )

    for case, left, parcel, rest in zip(cases, before, parcels, after, strict=True):
        assert parcel >> 128 == case[1]
        assert rest == left - case[3]
