"""Whatever a token or a coin calls itself, nothing of it steers a terminal."""

from dataclasses import replace

import pytest

from scripts._wallet import place as module
from scripts._wallet.place import Place
from scripts._wallet.preview import named
from scripts._wallet.printable import printable

from .test_place import LENS, LOCAL, OTHER
from .test_screen import AT_TARGET, BULL

NAMES = ("name", "symbol", "collateral_symbol", "debt_symbol")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sign", ["\x1b", "\r", "\n", "\x9b", "\u202e"])
def test_name_that_steers_terminals_is_disarmed(name, sign):
    facts = printable(replace(BULL, **{name: f"{sign}[2JETH"}))

    assert getattr(facts, name) == "\N{REPLACEMENT CHARACTER}[2JETH"


def test_name_that_is_none_of_those_is_left_alone():
    assert printable(replace(BULL, name="Éther ×3")).name == "Éther ×3"


def test_all_commands_see_what_is_disarmed(monkeypatch):
    class Silent:
        def call(self, *_):
            return b""

    told = [(AT_TARGET, replace(BULL, name="\x1b[2J"))]
    monkeypatch.setattr(module, "decode_look", lambda _: told)
    place = Place(LOCAL, OTHER, OTHER, LENS, {"ETHBULL": OTHER})

    _, facts = place.one(Silent(), OTHER)

    assert named(facts) == "ETHBULL (\N{REPLACEMENT CHARACTER}[2J)"
