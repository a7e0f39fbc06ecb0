"""The pictures of a class report. Each says what a table beside it says in numbers, and no colour stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.classreport.drawing import BAD, GOOD, INK, LINE, NOTHING, PAPER, PART, SOFT, axes, inline, settings
from autograder.report.words import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import Locator

    from autograder.classreport.values import ClassReport, Item

MOST_MISTAKES = 12


def draw(report: ClassReport) -> dict[str, str]:
    """The pictures that this class has something to show in, as inline SVG: "totals", "questions", "missed", "checks".

    Raises ImportError if matplotlib is not installed.
    """
    with settings():
        pictures = {
            "totals": _totals(report) if report.totals else "",
            "questions": _questions(report.questions) if report.questions and report.read else "",
            "missed": _missed(report) if report.missed else "",
            "checks": _checks(report) if any(item.correlation is not None for item in report.checks) else "",
        }
    return {name: svg for name, svg in pictures.items() if svg}


def _totals(report: ClassReport) -> str:
    assert report.totals is not None
    figure, ax = axes(2.3)
    widths = [right - left for left, right in zip(report.edges, report.edges[1:], strict=False)]
    ax.bar(report.edges[:-1], report.bins, width=widths, align="edge", color=GOOD, edgecolor=PAPER, linewidth=0.8)
    top = max(report.bins) * 1.18
    spread = report.totals
    ax.axvspan(spread.lower_quartile, spread.upper_quartile, color=LINE, alpha=0.6, zorder=0, linewidth=0)
    ax.axvline(spread.median, color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
    right = spread.median > 0.6 * report.points
    ax.annotate(
        f"median {points(round(spread.median, 1))}", (spread.median, top), xytext=(-4 if right else 4, -2),
        textcoords="offset points", ha="right" if right else "left", va="top",
    )  # fmt: skip
    ax.set_ylim(0, top)
    ax.set_xlim(report.edges[0], report.edges[-1])
    ax.set_xlabel(f"points, of {points(report.points)} (shaded: the middle half)")
    ax.set_ylabel("students")
    ax.yaxis.set_major_locator(_whole_numbers())
    return inline(figure, name="totals", description="How many students have how many points; the table says the same.")


def _questions(questions: Sequence[Item]) -> str:
    figure, ax = axes(0.75 + 0.3 * len(questions))
    places = range(len(questions))
    left = [0.0] * len(questions)
    parts = (
        ("all points", GOOD, "", [item.full for item in questions]),
        ("some", PART, "", [item.n - item.full - item.none - item.blanks for item in questions]),
        ("none", BAD, "////", [item.none for item in questions]),
        ("no answer", NOTHING, "", [item.blanks for item in questions]),
        ("not graded", PAPER, "", [item.not_graded for item in questions]),
    )
    for label, colour, hatch, numbers in parts:
        if not any(numbers) and label == "not graded":
            continue
        widths = [
            100.0 * max(number, 0) / max(item.n + item.not_graded, 1)
            for number, item in zip(numbers, questions, strict=True)
        ]
        edge = SOFT if colour == PAPER else PAPER
        ax.barh(places, widths, left=left, height=0.72, color=colour, hatch=hatch, edgecolor=edge, linewidth=[0.8 * bool(width) for width in widths],
                label=label)  # fmt: skip
        left = [start + width for start, width in zip(left, widths, strict=True)]
    ax.set_yticks(places, [item.id for item in questions])
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("% of the students")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    figure.legend(loc="outside upper center", ncols=5, handlelength=1.2, handleheight=0.9, columnspacing=1.0)
    return inline(
        figure, name="questions", description="How many students earned all, some or no points of each question."
    )


def _missed(report: ClassReport) -> str:
    shown = report.missed[:MOST_MISTAKES]
    figure, ax = axes(0.45 + 0.27 * len(shown))
    places = range(len(shown))
    ax.barh(
        places, [each.students for each in shown], height=0.72, color=BAD, hatch="////", edgecolor=PAPER, linewidth=0.8
    )
    most = max(each.students for each in shown)
    for place, each in zip(places, shown, strict=True):
        ax.text(each.students + 0.01 * most, place, f" {each.students}", va="center", ha="left")
    ax.set_yticks(places, [f"{each.question}  {_short(each.id)}" for each in shown])
    ax.invert_yaxis()
    ax.set_xlim(0, most * 1.1)
    ax.set_xlabel("students")
    ax.xaxis.set_major_locator(_whole_numbers())
    ax.spines[["left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return inline(figure, name="missed", description="How many students made each of the most frequent mistakes.")


def _checks(report: ClassReport) -> str:
    figure, ax = axes(3.1)
    there = sorted((item.correlation, item.id) for item in report.checks if item.correlation is not None)
    odd = {each.number for each in report.suspects} | {number for _, number in there[:3]}
    for public, marker, label in ((True, "o", "public check"), (False, "s", "hidden check")):
        items = [item for item in report.checks if item.public is public]
        _dots(ax, items, odd, marker, label)
    ax.axhline(0.0, color=SOFT, linewidth=0.8)
    ax.set_xlim(-3, 103)
    ax.set_xlabel("% of the students who pass it")
    ax.set_ylabel("correlation with all else")
    ax.grid(visible=True, linewidth=0.5)
    ax.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=2, handletextpad=0.1)
    return inline(figure, name="checks", description="Of each check: how many pass it, and how it goes with the rest.")


def _dots(ax: Axes, items: Sequence[Item], odd: set[str], marker: str, label: str) -> None:
    there = [(100.0 * item.share, item.correlation, item.id)
             for item in items if item.share is not None and item.correlation is not None]  # fmt: skip
    if not there:
        return
    x, y, numbers = zip(*there, strict=True)
    ax.scatter(
        x, y, s=26, marker=marker, color=GOOD if marker == "o" else PART, edgecolor=INK, linewidth=0.6, label=label
    )
    for across, up, number in zip(x, y, numbers, strict=True):
        if number in odd:
            ax.annotate(number, (across, up), xytext=(4, 3), textcoords="offset points")


def _whole_numbers() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=6, integer=True)


def _short(name: str) -> str:
    return name if len(name) <= 38 else name[:37] + "…"
