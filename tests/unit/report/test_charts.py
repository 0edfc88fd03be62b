"""What charts draw is what was told."""

import numpy as np
import pytest

from scripts._paper.told import Rebalance
from scripts._report import (
    drawdown,
    heat,
    histogram,
    issuers,
    leverage,
    lines,
    many,
    scatter,
    worth,
)
from scripts._report.amounts import ours
from tests.unit.report import example


def layers(chart):
    """The rows of each layer."""
    spec = chart.to_dict()
    found = []
    for layer in spec["layer"]:
        place = layer.get("data") or spec["data"]  # of all, where all have the same
        found.append(place["values"] if "values" in place else spec["datasets"][place["name"]])
    return found


@pytest.fixture
def bull():
    return example.tracks(days=200, issuers=["Ballast"])[0]


def test_worth_is_of_a_thousand_dollars(bull):
    (rows, _) = layers(worth.chart(bull))

    last = rows[-1]
    assert last["t"] == 1000 * bull.times[-1]
    told = [bull.nav[-1], bull.price[-1] / bull.price[0], bull.margin[-1], bull.ideal[-1]]
    assert [last[f"s{n}"] for n in range(4)] == pytest.approx(
        [1000 * each for each in told], rel=1e-5
    )


def test_drawdown_is_below_the_highest_so_far(bull):
    (rows, _) = layers(drawdown.chart(bull))

    assert rows[0]["s0"] == 0
    lowest = min(bull.nav[at] / bull.nav[: at + 1].max() - 1 for at in range(len(bull.nav)))
    assert min(row["s0"] for row in rows) == pytest.approx(lowest, rel=1e-5)


def test_leverage_keeps_its_extremes_and_marks_every_rebalance(bull):
    bull.liquidations = [int(bull.times[77])]

    band, rows, _, marks = layers(leverage.chart(bull))

    assert band == [{"low": bull.band[0], "high": bull.band[1]}]
    assert len(rows) < len(bull.times)
    assert max(row["s0"] for row in rows) == pytest.approx(bull.leverage.max(), rel=1e-5)
    assert min(row["s0"] for row in rows) == pytest.approx(bull.leverage.min(), rel=1e-5)
    kinds = [mark["kind"] for mark in marks]
    emergencies = sum(one.emergency for one in bull.rebalances)
    assert emergencies > 0
    assert kinds.count("emergency") == emergencies
    assert kinds.count("scheduled") == len(bull.rebalances) - emergencies
    assert kinds.count("liquidation") == 1
    (liquidation,) = (mark for mark in marks if mark["kind"] == "liquidation")
    assert liquidation["at"] > max(mark["at"] for mark in marks if mark != liquidation)
    assert liquidation["after"] == f"{bull.leverage[77]:+.3f}x"


def test_liquidation_of_a_bear_is_marked_at_the_lower_edge():
    bear = example.tracks(days=30, issuers=["Ballast"])[1]
    bear.liquidations = [int(bear.times[9])]

    marks = layers(leverage.chart(bear))[-1]

    assert min(marks, key=lambda mark: mark["at"])["kind"] == "liquidation"


def test_rebalances_are_thinned_but_the_largest_stays(bull):
    bull.rebalances = [Rebalance(int(time), 3.2, 3.0, False, 0.0) for time in bull.times]
    bull.rebalances[1234] = bull.rebalances[1234]._replace(before=4.5)

    marks = layers(leverage.chart(bull))[2]

    assert len(marks) <= leverage.MARKS + 1
    assert max(mark["at"] for mark in marks) == 4.5
    assert "+4.500x" in {mark["before"] for mark in marks}


def test_axis_is_logarithmic_only_where_worths_are_far_apart():
    times = np.arange(3)

    def kind(*values):
        chart = lines.money(times, [lines.Line("a", np.array(values), "#000000")], "told").to_dict()
        return chart["layer"][0]["encoding"]["y"]["scale"].get("type")

    assert kind(1.0, 2.0, 0.8) is None
    assert kind(1.0, 20.0, 0.8) == "log"


def test_line_ends_where_its_worth_comes_to_nothing():
    worths = np.array([1.0, 0.5, 0.0, 0.0])
    drawn = [lines.Line("a", worths, "#000000"), lines.Line("b", worths + 1, "#000001")]

    chart = lines.money(np.arange(4), drawn, "told")
    (rows, _) = layers(chart)

    assert [row["s0"] for row in rows] == [1000, 500, 0, 0]
    assert [row["e0"] for row in rows] == [1000, 500, 0, None]
    assert "e1" not in rows[0]
    (fold,) = chart.to_dict()["layer"][0]["transform"]
    assert sorted(fold["fold"]) == ["e0", "s1"]


def test_axis_shows_the_highest_of_a_line_that_ends():
    """And not its lowest, which is nothing."""
    drawn = [
        lines.Line("a", np.array([1.0, 40.0, 0.0]), "#000000"),
        lines.Line("b", np.array([1.0, 0.5, 0.4]), "#000001"),
    ]

    spec = lines.money(np.arange(3), drawn, "told").to_dict()

    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert 300 < low < 400
    assert high > 40_000


def test_issuers_are_compared_at_times_of_all():
    own, values = np.array([10, 20, 30]), np.array([1.0, 2.0, 3.0])

    known = issuers.at_times(own, values, np.array([5, 10, 15, 30, 40]))

    assert list(known[1:]) == [1, 1, 3, 3]
    assert np.isnan(known[0])


def test_issuers_are_all_drawn_ours_first():
    group = [track for track in example.tracks(days=20) if track.token == "BEAR"]
    group.reverse()
    (rows, _) = layers(issuers.chart(group))

    assert rows[-1]["s0"] == pytest.approx(1000 * group[-1].nav[-1], rel=1e-5)
    assert sorted(rows[-1][f"s{n}"] for n in range(5)) == pytest.approx(
        sorted(1000 * track.nav[-1] for track in group), rel=1e-5
    )


def test_ours_are_of_ballast_or_else_of_the_first():
    tracks = example.tracks(days=2)

    assert {track.issuer for track in ours(tracks)} == {"Ballast"}
    assert {track.issuer for track in ours(tracks[2:])} == {"2020 exchange"}
    assert ours([]) == []


def test_histogram_holds_every_path():
    bull = example.outcomes(paths=3_000)[0]
    bull.nav[:10] = 0

    bars, rules = layers(histogram.chart(bull))

    assert sum(bar["paths"] for bar in bars) == 3_000
    assert sum(bar["part"] for bar in bars) == pytest.approx(1, abs=1e-4)
    assert rules[1]["at"] == pytest.approx(1000 * np.median(bull.nav), rel=1e-5)


def test_histogram_of_one_outcome_is_one_bar():
    bull = example.outcomes(paths=5)[0]
    bull.nav[:] = 1.0

    bars, _ = layers(histogram.chart(bull))

    assert [bar["part"] for bar in bars if bar["part"]] == [1]


@pytest.mark.parametrize(("token", "factor"), [("BULL", 3), ("BEAR", 6)])
def test_curve_against_volatility_is_the_closed_form(token, factor):
    one = next(one for one in example.outcomes(years=0.5) if one.token == token)

    dots, curve = layers(scatter.by_volatility(one))

    assert len(dots) == scatter.DOTS
    for point in curve:
        assert point["y"] == pytest.approx(-factor * point["x"] ** 2 * 0.5, rel=1e-4)
    beside = np.log(one.nav) - one.target * one.trend
    assert dots[0]["y"] == pytest.approx(beside[0], rel=1e-4)


def test_curve_against_trend_is_the_closed_form_at_the_median_volatility():
    bear = example.outcomes()[1]
    middle = np.median(bear.volatility)

    _, curve = layers(scatter.by_trend(bear))

    for point in curve:
        form = 1000 * point["x"] ** -3 * np.exp(-6 * middle**2)
        assert point["y"] == pytest.approx(form, rel=1e-3)


def test_paths_that_left_nothing_have_no_dot_beside_the_trend():
    bull = example.outcomes(paths=100)[0]
    bull.nav[:40] = 0

    assert len(layers(scatter.by_volatility(bull))[0]) == 60


def test_quantiles_and_chances_are_those_of_the_paths():
    outcomes = example.outcomes(paths=1_000)

    table = many.section(outcomes).tables[0]
    row, one = table.rows[0], outcomes[0]

    told = [float(cell.replace(",", "")) for cell in row[1:6]]
    assert told == pytest.approx(1000 * np.quantile(one.nav, [0.05, 0.25, 0.5, 0.75, 0.95]), abs=1)
    assert row[7] == f"{100 * (one.nav < 0.5).mean():.1f} %"
    assert row[8] == f"{100 * (one.liquidations > 0).mean():.2f} %"
    assert row[9] == "1,000"


def test_heat_has_a_map_a_token_and_cost_and_frames_the_least():
    cells = example.cells()

    figures = heat.charts(cells)

    assert len(figures) == 4
    assert [figure.caption[:4] for figure in figures] == ["BULL", "BEAR", "BULL", "BEAR"]
    rows = layers(figures[0].chart)[0]
    least = min(cell.drag for cell in cells if cell.token == "BULL" and cell.cost == 0.0005)
    assert len(rows) == 15
    assert [row["drag"] for row in rows if row["least"]] == pytest.approx([least], rel=1e-5)


def test_rules_that_lose_everything_are_told_and_leave_the_colours_alone():
    cells = example.cells()
    cells[0] = cells[0]._replace(drag=np.inf, max_leverage=np.inf)

    spec = heat.charts(cells)[0].chart
    rows = layers(spec)[0]

    first = next(row for row in rows if row["drag"] is None)
    assert (first["told"], first["highest"], first["least"]) == ("all", "no end", 0)
    own = [cell.drag for cell in cells[1:] if cell.token == "BULL"]
    scale = spec.to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == pytest.approx([min(own), max(own)])


def test_map_of_rules_that_all_lose_everything_frames_none():
    cells = [cell._replace(drag=np.inf) for cell in example.cells()]

    part = heat.section(cells)

    assert not any(row["least"] for row in layers(part.figures[0].chart)[0])
    assert "all rules lose everything" in part.sentences[1]
    assert not any("A drag of" in sentence for sentence in part.sentences)


@pytest.mark.parametrize(
    ("paths", "said"), [(1, "the prices of this report"), (200, "the same 200 made-up paths")]
)
def test_rules_say_on_what_they_lived(paths, said):
    cells = [cell._replace(paths=paths) for cell in example.cells()]

    assert said in heat.section(cells).sentences[0]


def test_best_rules_are_told_with_their_leverage():
    sentences = heat.section(example.cells()).sentences

    best = min(
        (it for it in example.cells() if it.token == "BULL" and it.cost == 0.0005),
        key=lambda cell: cell.drag,
    )
    told = f"{best.schedule} with a band of {100 * best.band:.4g} % loses least, {best.drag:.2f} a"
    assert told in sentences[1]
    assert f"its leverage reaches {best.max_leverage:.2f}x" in sentences[1]
