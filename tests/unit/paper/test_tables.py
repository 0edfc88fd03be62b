"""Tables of the screen: they fit it, and what is not quite all does not read as all."""

import numpy as np
import pytest

from scripts._paper.figures import places
from scripts._paper.tables import show_outcomes, show_tracks
from tests.unit.report import example

WIDTH = 120


@pytest.fixture
def shown(capsys):
    def shown(show, found):
        show(found)
        return capsys.readouterr().out.splitlines()

    return shown


def test_tracks_are_a_line_each_and_explained(shown):
    tracks = example.tracks(days=20)
    tracks[0].nav[100:] = 0
    tracks[1].nav[-1] = 0.00002

    lines = shown(show_tracks, tracks)

    assert max(map(len, lines)) <= WIDTH
    assert len({len(line) for line in lines[: 1 + len(tracks)]}) == 1
    assert "-100.0 %" in lines[1] and " all " in lines[1]
    assert "-99.998 %" in lines[2] and " all " not in lines[2]
    assert "logs of NAV that were lost" in lines[1 + len(tracks)]


def test_outcomes_are_a_line_each_and_explained(shown):
    outcomes = example.outcomes(paths=200)
    outcomes[0].nav[:150] = 0

    lines = shown(show_outcomes, outcomes)

    assert max(map(len, lines)) <= WIDTH
    assert len({len(line) for line in lines[: 1 + len(outcomes)]}) == 1
    assert " all " in lines[1]
    lost = 3 * outcomes[2].trend - np.log(outcomes[2].nav)
    assert f" {np.median(lost):.3f} " in lines[3]
    assert "drag: log of NAV a year that L times" in lines[1 + len(outcomes)]
    assert "closed: L(L−1)σ²/2" in lines[2 + len(outcomes)]


@pytest.mark.parametrize(
    ("part", "usual", "digits"),
    [
        (-0.5, 1, 1),
        (-0.9994, 1, 1),
        (-0.9996, 1, 2),
        (0.99999, 1, 3),
        (-1, 1, 1),
        (-1 + 1e-12, 1, 6),
    ],
)
def test_nearly_all_has_more_digits(part, usual, digits):
    assert places(part, usual) == digits
