"""Series made short: what is always left in."""

import numpy as np
import pytest

from scripts._report.thin import kept, moments, rows, spread


@pytest.mark.parametrize("most", [50, 400, 700])
def test_thinned_series_keep_every_extreme_and_both_ends(most):
    rng = np.random.default_rng(5)
    series = [np.cumsum(rng.standard_normal(9_000)) for _ in range(4)]

    at = kept(series, most)

    assert len(at) <= most
    assert (np.diff(at) > 0).all()
    assert at[0] == 0 and at[-1] == 8_999
    for one in series:
        assert one[at].min() == one.min()
        assert one[at].max() == one.max()


def test_a_single_spike_in_each_stretch_is_kept():
    spikes = np.zeros(10_000)
    spikes[37::100] = 1

    at = kept([spikes], 202)

    assert set(range(37, 10_000, 100)) <= set(at)


def test_short_series_are_left_alone():
    assert list(kept([np.zeros(5)], 5)) == [0, 1, 2, 3, 4]


def test_what_is_not_a_number_is_no_extreme():
    series = np.full(1_000, np.nan)
    series[500] = 1.0

    assert 500 in kept([series], 10)


def test_sample_is_even_and_no_larger_than_asked_for():
    assert list(spread(3, 10)) == [0, 1, 2]
    assert list(spread(101, 3)) == [0, 50, 100]
    assert len(spread(0, 3)) == 0


def test_rows_leave_out_what_has_no_end():
    found = rows({"a": [1.23456789, np.inf], "b": np.array([np.nan, -0.5]), "c": ["x", "y"]})

    assert found == [{"a": 1.23457, "b": None, "c": "x"}, {"a": None, "b": -0.5, "c": "y"}]


def test_moments_are_of_utc():
    assert moments([1_584_014_400]) == {
        "t": [1_584_014_400_000],
        "when": ["2020-03-12 12:00 UTC"],
    }
