"""The page: what its tables say, which sections it has, and that it needs nothing besides."""

import json
import re
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from scripts._report.page import page
from tests.unit.report import example

WHOLE = ["became", "nav", "leverage", "drawdown", "costs", "issuers", "paths", "rules"]
MOST = 8_000_000  # bytes


class Reader(HTMLParser):
    """Tags with their attributes, sections, rows of tables, and what scripts hold."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sections, self.rows, self.scripts = [], [], [], []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "section":
            self.sections.append(dict(attrs)["id"])
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        elif tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside in ("th", "td"):
            self.rows[-1][-1] += data
        elif self.inside == "script":
            self.scripts[-1] += data

    @property
    def charts(self):
        return json.loads(next(text for text in self.scripts if text.startswith("{")))


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    def write(tracks=(), outcomes=(), cells=(), title="Ballast", facts=None):
        path = tmp_path_factory.mktemp("page") / "out" / "report.html"
        page(path, title, list(tracks), list(outcomes), list(cells), facts or {})
        return path.read_text(encoding="utf8")

    return write


@pytest.fixture(scope="module")
def whole(write):
    tracks, outcomes = example.tracks(days=40), example.outcomes(paths=2_000)
    return write(tracks, outcomes, example.cells(), facts={"prices": "generated"})


def test_page_has_every_section_and_the_calculator(whole):
    assert Reader(whole).sections == [*WHOLE, "slippage"]


def test_page_shows_the_facts(whole):
    assert "<dt>prices</dt><dd>generated</dd>" in whole


@pytest.mark.parametrize(
    ("given", "sections"),
    [
        ({}, []),
        ({"tracks": example.tracks(days=3)}, WHOLE[:6]),
        ({"tracks": example.tracks(days=3, issuers=["Ballast"])}, WHOLE[:5]),
        ({"outcomes": example.outcomes(paths=50)}, ["paths"]),
        ({"cells": example.cells()}, ["rules"]),
    ],
)
def test_page_leaves_out_what_there_is_nothing_to_tell_of(write, given, sections):
    assert Reader(write(**given)).sections == [*sections, "slippage"]


def test_table_tells_what_the_track_says(write):
    tracks = example.tracks(days=40)
    rows = [row for row in Reader(write(tracks)).rows if len(row) == 10 and row[0] != "issuer"]

    in_order = [track for token in ("BULL", "BEAR") for track in tracks if track.token == token]
    assert len(rows) == len(in_order)
    for row, track in zip(rows, in_order, strict=True):
        names = ("nav", "ideal", "margin", "price")
        returns = [getattr(track, name)[-1] / getattr(track, name)[0] - 1 for name in names]
        assert row[0].lower() == track.issuer.lower()
        assert number(row[1]) == pytest.approx(1000 * track.nav[-1], abs=0.5)
        assert [number(cell) / 100 for cell in row[2:6]] == pytest.approx(returns, abs=0.0005)
        drag = track.target * np.log(track.price[-1] / track.price[0]) - np.log(track.nav[-1])
        assert number(row[6]) == pytest.approx(drag, abs=0.0005)
        lowest = min(track.nav[at] / track.nav[: at + 1].max() for at in range(len(track.nav)))
        assert number(row[7]) / 100 == pytest.approx(lowest - 1, abs=0.0005)
        emergencies = sum(one.emergency for one in track.rebalances)
        assert row[8] == f"{len(track.rebalances)} ({emergencies})"
        assert row[9] == "0"


def test_sentence_names_the_best_and_the_worst(write):
    tracks = example.tracks(days=40)
    bulls = sorted((track for track in tracks if track.token == "BULL"), key=worth)
    asset = bulls[0].price[-1] / bulls[0].price[0] - 1

    text = write(tracks)

    assert f"BULL: {bulls[-1].issuer.capitalize()} did best, where 1,000 dollars became " in text
    assert f"and {bulls[0].issuer.capitalize()} worst, with {1000 * worth(bulls[0]):,.0f}" in text
    assert f"the asset itself returned {100 * asset:+.1f} %".replace("-", "−") in text


def test_page_loads_nothing(whole):
    loading = [
        value
        for _, attributes in Reader(whole).tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action", "poster")
    ]

    assert [value for value in loading if not value.startswith("#")] == []
    assert "@import" not in whole
    assert not re.search(r"url\(\s*['\"]?http", whole)
    policy = next(tag["content"] for _, tag in Reader(whole).tags if "http-equiv" in tag)
    assert "default-src 'none'" in policy and "http" not in policy and "*" not in policy


def test_charts_carry_their_data(whole):
    assert '"url"' not in json.dumps(Reader(whole).charts)


def test_every_chart_has_its_place(whole):
    places = [tag["data-chart"] for _, tag in Reader(whole).tags if "data-chart" in tag]

    assert places == list(Reader(whole).charts)
    assert all(chart["description"] for chart in Reader(whole).charts.values())


def test_scripts_are_javascript(whole, tmp_path):
    """The bundle too: nothing in it was changed that matters by being put into the page."""
    scripts = [text for text in Reader(whole).scripts if not text.startswith("{")]

    assert len(scripts) == 3
    for number_, text in enumerate(scripts):
        path = tmp_path / f"{number_}.js"
        path.write_text(text)
        subprocess.run(["node", "--check", path], check=True)


def test_title_and_facts_are_text(write):
    text = write(title="<b>&", facts={"<i>": "</script><script>"})

    assert "<title>&lt;b&gt;&amp;</title>" in text
    assert "<i>" not in text and "</script><script>" not in text


def test_name_of_an_issuer_cannot_end_a_script(write):
    tracks = example.tracks(days=3, issuers=["Ballast"])
    for track in tracks:
        track.issuer = "</script><b>"

    reader = Reader(write(tracks))

    assert ("b", {}) not in reader.tags
    assert "</script><b>" in json.dumps(reader.charts)


def test_year_of_hours_of_all_issuers_stays_small(write):
    text = write(example.tracks(days=365), example.outcomes(paths=10_000), example.cells())

    assert len(text.encode()) < MOST


def test_token_that_has_nothing_left_is_shown(write):
    tracks = example.tracks(days=10)
    for track in tracks:
        track.nav[100:] = 0
        track.leverage[100:] = np.inf
        track.max_leverage = np.inf
        track.liquidations = [int(track.times[100])]
    outcomes = example.outcomes(paths=100)
    outcomes[0].nav[:] = 0

    text = write(tracks, outcomes)

    assert "at last it had nothing left, and it was liquidated once" in text
    assert "Nothing is left of them in Ballast BULL." in text
    assert "Whoever bought Ballast BULL at the worst moment lost everything." in text
    assert "−100.0 %" in text
    assert "+∞" in text
    assert not re.search(r"\b(nan|inf|NaN|Infinity)\b", json.dumps(Reader(text).charts))


def test_margin_that_is_gone_is_told_with_its_day(write):
    tracks = example.tracks(days=10, issuers=["Ballast"])
    tracks[0].margin[100:] = 0  # hours

    text = write(tracks)

    assert re.search(r"(more|less) than the margin position&#39;s 0 \(gone on 2020-01-05\)", text)


def test_issuers_that_have_lost_all_are_named(write):
    tracks = example.tracks(days=10)
    tracks[2].nav[100:] = 0

    text = write(tracks)

    assert "nothing is left of them in 2020 exchange." in text


def test_paths_are_told_with_the_closed_form(write):
    outcomes = example.outcomes(paths=500)
    bull = outcomes[0]
    bull.liquidations[:] = 0
    bull.liquidations[7], bull.nav[7] = 1, 0.25

    text = write(outcomes=outcomes)

    drag = np.median(3 * bull.trend - np.log(bull.nav))
    alone = np.median(3 * bull.volatility**2)
    assert "0.20 % were liquidated, none of which had more than 250 left at the end" in text
    assert f"half of the paths took {drag:.2f} or more, in logs" in text
    assert f"would have taken {alone:.2f} by the closed form" in text


def test_liquidated_paths_of_next_to_nothing_have_a_cent(write):
    outcomes = example.outcomes(paths=500)
    outcomes[0].liquidations[:] = 0
    outcomes[0].liquidations[7], outcomes[0].nav[7] = 1, 1e-9

    assert "none of which had more than 0.01 left at the end" in write(outcomes=outcomes)


def worth(track):
    return track.nav[-1]


def number(cell):
    return float(cell.replace("−", "-").replace(",", "").removesuffix(" %"))
