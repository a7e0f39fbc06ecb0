"""The class report as one HTML page: complete in itself, without scripts and without network; for staff."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from autograder.classreport.values import ClassReport
from autograder.report import words
from autograder.report.escape import spans
from autograder.report.jinja import template

if TYPE_CHECKING:
    import jinja2

SHOWN_MISTAKES = 25
SHOWN_OTHERS = 12
NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def render(report: ClassReport, *, pictures: Mapping[str, str] = MappingProxyType({})) -> str:
    """The page. `pictures` are those of `pictures.draw`; without them the tables say the same.

    Everything else that comes from a report is escaped by the template engine.
    """
    return _template().render(
        report=report,
        pictures=pictures,
        bins=_bins(report),
        shown_mistakes=SHOWN_MISTAKES,
        others=[each for each in report.others if each.students > 1][:SHOWN_OTHERS],
    )


def number(value: float | None, decimals: int = 2) -> str:
    """A number for people: "0.42", "−0.07", or a dash where there is none."""
    if value is None:
        return NONE
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if float(text) else f"{0:.{decimals}f}"


def percent(share: float | None) -> str:
    """A share in percent, rounded, but never to 0 or 100 unless it is."""
    if share is None:
        return NONE
    rounded = round(100 * share)
    if share > 0 and rounded == 0:
        return "<1 %"
    if share < 1 and rounded == 100:
        return ">99 %"
    return f"{rounded} %"


def seconds(value: float | None) -> str:
    """A duration: "0.03", "12"."""
    return number(value, 2 if value is None or value < 9.995 else 0)


def _bins(report: ClassReport) -> list[tuple[str, int]]:
    """The distribution in at most ten steps, as a table shows it: ("0 to 10", 3)."""
    edges = [*report.edges[:-1:2], report.edges[-1]]
    merged = [sum(report.bins[place : place + 2]) for place in range(0, len(report.bins), 2)]
    steps = zip(edges, edges[1:], merged, strict=False)
    return [(f"{words.points(round(low, 2))} to {words.points(round(high, 2))}", many) for low, high, many in steps]


@functools.cache
def _template() -> jinja2.Template:
    return template(
        "autograder.classreport",
        "class.html.jinja",
        {
            "number": number,
            "percent": percent,
            "seconds": seconds,
            "points": words.points,
            "count": words.count,
            "spans": lambda text: list(spans(text)),
        },
    )
