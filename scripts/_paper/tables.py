"""Figures of tokens as tables on a screen."""

from typing import Any

import click

from scripts._paper.figures import judge, judge_track
from scripts._paper.told import Outcomes, Track

PATH = (
    f"  {'issuer':18} {'token':5} {'return':>9} {'ideal':>9} {'funding':>9} {'fees':>7}"
    f" {'premium':>8} {'slippage':>9} {'drawdown':>9} {'leverage':>9} {'daily+now':>10}"
)
PATHS = (
    f"  {'issuer':18} {'token':5} {'mean':>9} {'5 %':>8} {'median':>8} {'95 %':>9}"
    f" {'drag/year':>10} {'closed':>7} {'half lost':>10} {'liquidated':>11} {'daily+now':>10}"
)


def show_tracks(tracks: list[Track]) -> None:
    """One path: what became of each token, and what took of it, in logs."""
    click.secho(PATH, dim=True)
    for track in tracks:
        told = judge_track(track)
        costs = told["costs"]
        planned = told["rebalances"] - told["emergencies"]
        traded = f"{planned}+{told['emergencies']}"
        highest = "no NAV" if told["max_leverage"] is None else f"{told['max_leverage']:.2f}x"
        click.secho(
            f"  {track.issuer:18} {track.token:5}"
            f" {_percent(told['return'])} {_percent(told['ideal'])}"
            f" {costs['funding']:>9.3f} {costs['management']:>7.3f} {costs['premium']:>8.3f}"
            f" {costs['beta_slippage']:>9.3f} {_percent(-told['drawdown'])}"
            f" {highest:>9} {traded:>10}",
            fg="red" if told["liquidations"] else None,
        )


def show_outcomes(outcomes: list[Outcomes]) -> None:
    """Many paths: how likely what is, and what took of it a year, in logs."""
    click.secho(PATHS, dim=True)
    for found in outcomes:
        told = judge(found)
        quantiles = told["quantiles"]
        planned = told["rebalances"] - told["emergencies"]
        traded = f"{planned:.0f}+{told['emergencies']:.1f}"
        click.echo(
            f"  {found.issuer:18} {found.token:5} {_percent(told['return'])}"
            f" {_percent(quantiles['5'], 8)} {_percent(told['median'], 8)}"
            f" {_percent(quantiles['95'])}"
            f" {_number(told['drag']):>10} {told['closed_form']:>7.3f}"
            f" {100 * told['lost_half']:>8.1f} % {100 * told['liquidated']:>9.2f} %"
            f" {traded:>10}"
        )


def _percent(part: float, width: int = 9) -> str:
    return f"{100 * part:>+{width - 2},.1f} %"


def _number(value: Any) -> str:
    return "all" if value is None else f"{value:.3f}"
