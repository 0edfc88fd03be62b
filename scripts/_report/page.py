"""The report as one HTML page: no file beside it and no network is needed to read it."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scripts._paper.told import Cell, Outcomes, Track
from scripts._report import costs, drawdown, heat, issuers, leverage, many, worth
from scripts._report.section import Section
from scripts._report.style import themed

NARROW = {"expr": "width < 380 ? 2 : 4"}  # columns of a legend
HERE = Path(__file__).parent
OFFER = "window.vegaEmbed = vegaEmbed;"  # what the bundle leaves to other scripts
FILES = {"css": "page.css", "embed": "charts.js", "calculator": "calculator.js"}


def page(
    path: Path,
    title: str,
    tracks: Sequence[Track],
    outcomes: Sequence[Outcomes],
    cells: Sequence[Cell],
    facts: dict[str, str],
) -> None:
    """Write the report. Sections whose list is empty are left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(title, sections(tracks, outcomes, cells), facts), encoding="utf8")


def sections(
    tracks: Sequence[Track], outcomes: Sequence[Outcomes], cells: Sequence[Cell]
) -> list[Section]:
    """All parts of the report that there is something to tell in."""
    found: list[Section | None] = []
    if tracks:
        found += [worth.became(tracks), worth.against(tracks), leverage.section(tracks)]
        found += [drawdown.section(tracks), costs.section(tracks), issuers.section(tracks)]
    if outcomes:
        found += [many.section(outcomes)]
    if cells:
        found += [heat.section(cells)]
    return [section for section in found if section is not None]


def render(title: str, parts: Sequence[Section], facts: dict[str, str]) -> str:
    """The page as text."""
    charts = {
        f"{part.anchor}-{number}": themed(figure.chart.properties(width="container"), NARROW)
        for part in parts
        for number, figure in enumerate(part.figures)
    }
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        title=title,
        facts=facts,
        sections=parts,
        charts=_data(charts),
        bundle=_inside(_bundle() if charts else ""),
        **{name: _inside((HERE / file).read_text("utf8")) for name, file in FILES.items()},
    )


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and what puts them on a page."""
    return vl_convert.javascript_bundle(OFFER)


def _data(specs: dict[str, dict[str, Any]]) -> Markup:
    """JSON in which no tag begins."""
    text = json.dumps(specs, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def _inside(text: str) -> Markup:
    """A script or style as it is. None of ours, nor Vega, has a `</script` that is not in a string,
    and so none ends the tag that it stands in.
    """
    return Markup(re.sub("</(?=script)", r"<\\/", text, flags=re.I))
