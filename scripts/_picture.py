"""The picture of the demo: price, NAV against a margin position, leverage with its band."""

from pathlib import Path

from scripts._attribution import margin
from scripts._model.fixed_point import WAD
from scripts._stories import Life, Story

COLOURS = {"ETHBULL": "#0a7d4f", "ETHBEAR": "#c0392b", "ETHHEDGE": "#2c5f9e"}
LABELS = {"ETHBULL": "BULL +3x", "ETHBEAR": "BEAR −3x", "ETHHEDGE": "HEDGE −1x"}
TITLES = {"up": "Trend: +5 a day", "chop": "Chop: ±10 % a day"}


def draw(told: list[tuple[Story, list[Life]]], path: Path) -> None:
    """Draw the stories side by side, one column each, as a PNG file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = plt.subplots(
        3, len(told), figsize=(9.6, 7.6), sharex="col", squeeze=False, height_ratios=(2, 3, 3)
    )
    for column, (story, lives) in enumerate(told):
        price, nav, leverage = axes[:, column]
        days = list(range(len(story.points)))
        price.plot(days, story.points, color="black", marker="o", markersize=3)
        price.set_title(TITLES[story.name], loc="left", fontweight="bold")
        nav.axhline(0, color="grey", linewidth=0.6)
        for life in lives:
            _draw_life(nav, leverage, story, life)
        leverage.set_xlabel("day")
        leverage.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0, 0].set_ylabel("ETH in USDC")
    axes[1, 0].set_ylabel("return, %\n(dashed: margin position)")
    axes[2, 0].set_ylabel("leverage\n(shaded: band)")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    axes[0, 0].legend(handles, labels, loc="upper left", frameon=False)
    axes[2, -1].legend(loc="center left", bbox_to_anchor=(0, 0.62), frameon=False)
    figure.align_ylabels(axes[:, 0])
    figure.tight_layout()
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=140)
    plt.close(figure)


def _draw_life(nav, leverage, story: Story, life: Life) -> None:  # type: ignore[no-untyped-def]
    colour = COLOURS[life.symbol]
    rules = life.start.rules
    sign = 1 if rules.long else -1
    target = sign * rules.target / WAD
    band = rules.band / WAD
    days = list(range(len(story.points)))

    values = [0.0, *((row.nav / life.entry_nav - 1) * 100 for row in life.rows)]
    label = f"{life.symbol.removeprefix('ETH')} {'+' if sign > 0 else '−'}{abs(target):g}x"
    loans = [100 * margin(story.points[: day + 1], target) for day in days]
    nav.plot(days, values, color=colour, marker="o", markersize=3, label=label)
    nav.plot(days, loans, color=colour, linestyle="--", linewidth=1, alpha=0.7)

    leverage.axhspan(target * (1 - band), target * (1 + band), color=colour, alpha=0.25, lw=0)
    times, levels = [0.0], [target]
    for row in life.rows:
        times += [row.day, row.day]
        levels += [sign * row.before, sign * row.after]
    leverage.plot(times, levels, color=colour, marker="o", markersize=3)
    cries = [(row.day, sign * row.before) for row in life.rows if row.emergency]
    if cries:
        x, y = zip(*cries, strict=True)
        leverage.scatter(x, y, marker="x", color="black", zorder=3, label="emergency rebalance")
