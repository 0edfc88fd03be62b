"""The picture: a PNG of the headline."""

import struct

import pytest

from scripts._report.picture import SCALE, picture
from tests.unit.report import example


def size(path):
    """Width and height, from the header."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    return struct.unpack(">II", content[16:24])


def test_picture_has_a_column_a_token(tmp_path):
    both, one = tmp_path / "new" / "both.png", tmp_path / "one.png"
    tracks = example.tracks(days=4, issuers=["Ballast"])

    picture(both, tracks)
    picture(one, tracks[:1])

    assert size(both)[0] > 1.8 * size(one)[0]
    assert size(both)[1] == pytest.approx(size(one)[1], rel=0.03)  # BEAR has one more kind of mark


def test_picture_fits_a_page_and_shows_paths_instead_of_costs(tmp_path):
    costs, paths = tmp_path / "costs.png", tmp_path / "paths.png"
    tracks = example.tracks(days=4)

    picture(costs, tracks)
    picture(paths, tracks, example.outcomes(paths=50))

    for path in (costs, paths):
        width, height = size(path)
        assert width / SCALE == pytest.approx(880, abs=20)
        assert height / SCALE == pytest.approx(890, abs=40)
    assert costs.read_bytes() != paths.read_bytes()


def test_picture_leaves_out_what_is_empty(tmp_path):
    paths, all_of_it = tmp_path / "paths.png", tmp_path / "all.png"

    picture(paths, [], example.outcomes(paths=50))
    picture(all_of_it, example.tracks(days=4), example.outcomes(paths=50))

    assert size(all_of_it)[1] > 2 * size(paths)[1]


def test_picture_says_where_prices_are_from(tmp_path):
    silent, telling = tmp_path / "silent.png", tmp_path / "telling.png"
    tracks = example.tracks(days=4)

    picture(silent, tracks)
    picture(telling, tracks, source="made up")

    assert size(telling)[1] > size(silent)[1]


def test_picture_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="picture: expected tracks or outcomes"):
        picture(tmp_path / "none.png", [])
