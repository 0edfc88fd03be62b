"""The picture: a PNG of the main charts."""

import struct

import pytest

from scripts._report.picture import picture
from tests.unit.report import example


def size(path):
    """Width and height, from the header."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    return struct.unpack(">II", content[16:24])


def test_picture_has_a_column_a_token(tmp_path):
    both, one = tmp_path / "new" / "both.png", tmp_path / "one.png"
    tracks = example.tracks(days=4, issuers=["ballast"])

    picture(both, tracks, [], [])
    picture(one, tracks[:1], [], [])

    assert size(both)[0] > 1.8 * size(one)[0]
    assert size(both)[1] == size(one)[1]


def test_picture_leaves_out_what_is_empty(tmp_path):
    paths, rules = tmp_path / "paths.png", tmp_path / "rules.png"

    picture(paths, [], example.outcomes(paths=50), [])
    picture(rules, [], [], example.cells())

    assert size(paths)[1] > size(rules)[1]


def test_picture_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="picture: expected tracks, outcomes or cells"):
        picture(tmp_path / "none.png", [], [], [])
