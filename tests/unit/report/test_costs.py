"""Costs: bars and tables add up to the whole difference."""

import numpy as np
import pytest

from scripts._paper.figures import add
from scripts._paper.told import Costs
from scripts._report import costs
from tests.unit.report import example


@pytest.mark.parametrize(("days", "expected"), [(30, 30), (120, 120), (134, 20), (365, 53)])
def test_bars_are_of_days_or_of_weeks_and_lose_nothing(days, expected):
    track = example.tracks(days=days, issuers=["Ballast"])[0]

    bars = costs.bars(track)

    assert len(bars) == expected
    assert bars[0][0] == track.days[0]
    assert add([each for _, each in bars]) == pytest.approx(add(track.costs))


def test_costs_sum_up_to_what_the_token_lost_against_its_leverage():
    for track in example.tracks(days=40):
        lost = track.target * np.log(track.price[-1] / track.price[0]) - np.log(track.nav[-1])

        assert add(track.costs).total == pytest.approx(lost)


def test_table_adds_up():
    for table in costs.section(example.tracks(days=40)).tables:
        columns = list(zip(*table.rows, strict=True))[1:]
        for column in columns:
            due, *four, gained, total = (
                float(cell.replace("−", "-").removesuffix(" %")) for cell in column
            )
            assert len(four) == len(Costs._fields)
            assert due - sum(four) == pytest.approx(gained, abs=0.003)
            assert sum(four) == pytest.approx(total, abs=0.003)


def test_what_costs_do_not_explain_is_told():
    tracks = example.tracks(days=40)
    tracks[0].costs.pop()
    tracks[0].days.pop()

    bull, bear = costs.section(tracks).tables

    assert bull.rows[-1][0] == "not explained"
    assert bear.rows[-1][0] == "all costs"


def test_token_that_is_gone_has_lost_without_end():
    tracks = example.tracks(days=40, issuers=["Ballast", "band"])
    tracks[0].nav[500:] = 0
    tracks[0].liquidations = [int(tracks[0].times[500])]

    part = costs.section(tracks)

    told = {row[0]: row[1:] for row in part.tables[0].rows}
    assert told["all costs"][0] == told["− beta slippage"][0] == "+∞"
    assert told["= log return of NAV"][0] == "−∞"
    assert "∞" not in told["all costs"][1]
    assert "not explained" not in told
    assert "Nothing is left of them in Ballast BULL." in part.sentences[0]
    assert "Premium includes what a liquidator took." in part.sentences


def test_sentence_tells_the_largest_and_what_was_given():
    track = example.tracks(days=2, issuers=["Ballast"])[0]
    track.costs = [Costs(-0.02, 0.01, 0.03, 0.04)] * 2

    told = costs.section([track]).sentences[0]

    assert "cost, 0.120 in logs: beta slippage was the largest, 0.080; funding gave 0.040." in told


def test_bars_stack_losses_up_and_gains_down():
    track = example.tracks(days=2, issuers=["Ballast"])[0]
    track.costs = [Costs(0.01, 0.02, -0.03, -0.04)] * 2

    chart = costs.chart(track).to_dict()
    first = data(chart, 0)[:4]

    assert [(row["base"], row["top"]) for row in first] == [
        (0, 0.01),
        (0.01, 0.03),
        (0, -0.03),
        (-0.03, -0.07),
    ]
    assert data(chart, 1)[0]["total"] == -0.04


def test_no_costs_no_section():
    tracks = example.tracks(days=2)
    for track in tracks:
        track.costs, track.days = [], []

    assert costs.section(tracks) is None


def data(chart, layer):
    place = chart["layer"][layer]["data"]
    return place["values"] if "values" in place else chart["datasets"][place["name"]]
