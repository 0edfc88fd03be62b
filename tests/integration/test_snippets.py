"""The README's snippets do what they say, each run as a reader would run it."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from ape import networks

from scripts import devnet as command
from scripts._devnet import USDC, WAD

ROOT = Path(__file__).parents[2]
SNIPPETS = Path(__file__).parent / "snippets"
RUN = {"mint.py": sys.executable, "calldata.py": sys.executable, "mint.mjs": "node"}
CENT = Decimal("0.01")


@pytest.fixture
def folder(tmp_path, devnet, ballast, tokens) -> Path:
    """A folder with the out/devnet.json that `ape run devnet` writes."""
    provider = networks.provider
    facts = command.facts(provider.http_uri, provider.chain_id, devnet, ballast, tokens)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/devnet.json").write_text(json.dumps(facts))
    return tmp_path


@pytest.fixture(params=RUN)
def snippet(request) -> str:
    return request.param


def test_snippet_buys_ten_shares_and_sells_five(snippet, folder, ballast, bull, usdc, minter):
    had = usdc.balanceOf(minter)
    nav = Decimal(bull.convertToAssets(WAD)) / USDC
    leverage = Decimal(bull.leverage()) / WAD

    done = subprocess.run(
        [RUN[snippet], str(SNIPPETS / snippet)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    paid, got, told = (
        Decimal(re.search(pattern, done.stdout)[1])
        for pattern in (r"paid ([\d.]+) USDC", r"got ([\d.]+) USDC", r"leverage ([\d.]+)x")
    )
    assert bull.balanceOf(minter) == 5 * WAD
    assert abs(Decimal(had - usdc.balanceOf(minter)) / USDC - (paid - got)) <= CENT
    assert 10 * nav < paid < Decimal("10.1") * nav
    assert Decimal("4.95") * nav < got < 5 * nav
    assert abs(told - leverage) < CENT
    assert usdc.balanceOf(ballast.router) == bull.balanceOf(ballast.router) == 0
    limit = paid * 1005 / 1000
    assert Decimal(usdc.allowance(minter, ballast.router)) / USDC <= limit - paid + 2 * CENT
    assert bull.allowance(minter, ballast.router) == 0


def test_readme_shows_the_snippet_as_it_is(snippet):
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    language = {".py": "python", ".mjs": "js"}[Path(snippet).suffix]

    assert f"```{language}\n{(SNIPPETS / snippet).read_text(encoding='utf8')}```" in readme
