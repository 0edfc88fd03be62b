"""Figures of tokens as tables on a screen."""

from math import inf

import click

from scripts._paper.figures import judge, judge_track, places
from scripts._paper.told import Outcomes, Track

PATH = (
    f"  {'issuer':18} {'token':5} {'return':>10} {'ideal':>10} {'funding':>8} {'fees':>6}"
    f" {'premium':>8} {'slippage':>9} {'drawdown':>10} {'leverage':>9} {'daily+now':>10}"
)
PATHS = (
    f"  {'issuer':18} {'token':5} {'mean':>9} {'5 %':>9} {'median':>9} {'95 %':>9}"
    f" {'drag/year':>9} {'closed':>6} {'half lost':>9} {'liquidated':>10} {'daily+now':>11}"
)
PATH_WORDS = (
    "  funding to slippage: logs of NAV that were lost (−: gained), which sum up to L times the",
    "  price's log return less NAV's; leverage: the highest; red: liquidated;",
    "  daily+now: rebalances on schedule, and at once",
)
PATHS_WORDS = (
    "  drag: log of NAV a year that L times the price's log return did not become, a median;",
    "  closed: L(L−1)σ²/2, what volatility alone takes; all: nothing is left; daily+now: a year's",
)


def show_tracks(tracks: list[Track]) -> None:
    """One path: what became of each token, and what took of it, in logs."""
    click.secho(PATH, dim=True)
    for track in tracks:
        told = judge_track(track)
        costs = told["costs"]
        slippage = costs["beta_slippage"] if track.nav[-1] > 0 else inf
        planned = told["rebalances"] - told["emergencies"]
        traded = f"{planned}+{told['emergencies']}"
        highest = "no NAV" if told["max_leverage"] is None else f"{told['max_leverage']:.2f}x"
        click.secho(
            f"  {track.issuer:18} {track.token:5}"
            f" {_percent(told['return'], 10)} {_percent(told['ideal'], 10)}"
            f" {costs['funding']:>8.3f} {costs['management']:>6.3f} {costs['premium']:>8.3f}"
            f" {_number(slippage):>9} {_percent(-told['drawdown'], 10)}"
            f" {highest:>9} {traded:>10}",
            fg="red" if told["liquidations"] else None,
        )
    click.secho("\n".join(PATH_WORDS), dim=True)


def show_outcomes(outcomes: list[Outcomes]) -> None:
    """Many paths: how likely what is, and what took of it a year, in logs."""
    click.secho(PATHS, dim=True)
    for found in outcomes:
        told = judge(found)
        quantiles = told["quantiles"]
        planned = told["rebalances"] - told["emergencies"]
        traded = f"{planned:.0f}+{told['emergencies']:.1f}"
        drag = inf if told["drag"] is None else told["drag"]
        click.echo(
            f"  {found.issuer:18} {found.token:5} {_percent(told['return'])}"
            f" {_percent(quantiles['5'])} {_percent(told['median'])}"
            f" {_percent(quantiles['95'])}"
            f" {_number(drag):>9} {told['closed_form']:>6.3f}"
            f" {100 * told['lost_half']:>7.1f} % {100 * told['liquidated']:>8.2f} %"
            f" {traded:>11}"
        )
    click.secho("\n".join(PATHS_WORDS), dim=True)


def _percent(part: float, width: int = 9) -> str:
    """Of what is not quite all, as many digits as the width has room for."""
    digits = min(places(part, 1), width - 7)
    return f"{100 * part:>+{width - 2},.{digits}f} %"


def _number(value: float) -> str:
    return "all" if value == inf else f"{value:.3f}"
