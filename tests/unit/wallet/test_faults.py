"""Advice is for reverts that there are."""

import re
from pathlib import Path

import pytest

from scripts._wallet.faults import ADVICE, advice, explain

ROOT = Path(__file__).parents[3]
SOURCES = "\n".join(path.read_text() for path in (ROOT / "contracts").rglob("*.vy"))
OF_MORPHO = (ROOT / "node_modules/@morpho-org/morpho-blue/src/libraries/ErrorsLib.sol").read_text()


@pytest.mark.parametrize("start", ADVICE)
def test_advice_is_about_a_reason_that_a_contract_has(start):
    assert re.search(f'"{re.escape(start)}', SOURCES + OF_MORPHO)


def test_advice_takes_the_nearest_reason():
    assert "paused levering" in advice("fill: levering is paused")
    assert "too small" in advice("fill: nothing to take")


def test_explain_keeps_a_reason_without_advice():
    assert explain("ERC20: paused") == "ERC20: paused"
    assert explain("mint: paused").startswith("mint: paused: the owner")
    assert "no contract says why" in explain("")
