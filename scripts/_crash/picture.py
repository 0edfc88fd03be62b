"""The picture of a crash: the price, and under it what leverage became with each keeper."""

from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from scripts._life.walk import Life
from scripts._model.fixed_point import WAD
from scripts._picture import COLOURS, LABELS
from scripts._prices.bars import USD, Bar

TRIGGER, RUIN = "#c98a00", "black"


def draw(bars: list[Bar], lives: list[Life], path: Path) -> None:
    """Draw as a PNG file: a column for each token, a row for each delay."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    columns = [[life for life in lives if life.rules.long == long] for long in (True, False)]
    rows = len(columns[0])
    figure, axes = plt.subplots(
        1 + rows,
        2,
        figsize=(9.6, 2.6 + 1.5 * rows),
        sharex=True,
        sharey="row",
        squeeze=False,
        height_ratios=(1.7, *(1 for _ in range(rows))),
    )
    top = 1.3 * max(life.liquidation_leverage for life in lives)
    for number, column in enumerate(columns):
        _draw_price(axes[0, number], bars)
        symbol = column[0].symbol
        title = {"loc": "left", "fontweight": "bold", "color": COLOURS[symbol]}
        axes[0, number].set_title(LABELS[symbol], **title)
        for life, axis in zip(column, axes[1:, number], strict=True):
            _draw_life(axis, life, top)
    axes[0, 0].set_ylabel("ETH in USDC\n(shaded: each bar's range)")
    for life, axis in zip(columns[0], axes[1:, 0], strict=True):
        late = f"{life.delay:g} bar{'s' * (life.delay > 1)} late" if life.delay else "in time"
        axis.set_ylabel(f"leverage\nkeeper {late}")
    for axis in axes[-1]:
        locator = AutoDateLocator(minticks=6, maxticks=8)
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    figure.align_ylabels(axes[:, 0])
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    plt.close(figure)


def _draw_price(axis: Any, bars: list[Bar]) -> None:
    times = [_time(bar.time) for bar in bars]
    lows, highs = [bar.low / USD for bar in bars], [bar.high / USD for bar in bars]
    axis.fill_between(times, lows, highs, color="grey", alpha=0.5, lw=0)
    axis.plot(times, [bar.close / USD for bar in bars], color="black", linewidth=0.8)


def _draw_life(axis: Any, life: Life, top: float) -> None:
    trigger, ruin = life.rules.emergency / WAD, life.liquidation_leverage
    times = [_time(time) for time, _ in life.trail]
    levels = [min(level, top) for _, level in life.trail]
    for level, colour, dashes, label in (
        (trigger, TRIGGER, "--", f"emergency {trigger:.1f}x"),
        (ruin, RUIN, ":", f"liquidation {ruin:.1f}x"),
    ):
        axis.axhline(level, color=colour, linewidth=1, linestyle=dashes)
        axis.text(times[0], level, label, color=colour, va="bottom", fontsize=8)
    axis.plot(times, levels, color=COLOURS[life.symbol], linewidth=1)
    for liquidation in life.liquidations:
        when = _time(liquidation.time)
        axis.scatter([when], [ruin], marker="X", s=70, color=RUIN, zorder=3)
        label = f"{100 * liquidation.seized:.0f} % seized"
        axis.annotate(label, (when, ruin), xytext=(8, -14), textcoords="offset points")
    highest = f"highest {life.max_leverage:.1f}x, " if isfinite(life.max_leverage) else ""
    end = f"{highest}NAV at the end {life.nav:.3f}"
    axis.text(1, 0.98, end, ha="right", va="top", transform=axis.transAxes)
    axis.set_ylim(0, top)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
