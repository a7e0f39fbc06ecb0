"""What a whole class understood: totals, questions, checks, mistakes, and which checks look broken.

::

    found = class_report(book.each("attention"))
    Path("report.html").write_text(page.render(found))
    tables.write(found, Path("report"))

Nobody is named in it: it is about the questions.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograder.classreport.faults import missed, other_failures, suspects
from autograder.classreport.grid import check_items, grid_of, question_items
from autograder.classreport.reliability import reliability
from autograder.classreport.sheet import Entry, sheet_of
from autograder.classreport.values import ClassReport
from autograder.statistics import counts, spread

__all__ = ["ClassReport", "class_report"]

MOST_BINS = 20


def class_report(entries: Iterable[Entry]) -> ClassReport:
    """What the reports of a class say together. Takes one at a time, and keeps none."""
    sheet = sheet_of(entries)
    grid = grid_of(sheet)
    totals = grid.totals(range(len(grid.asked)))
    there = totals[~np.isnan(totals)]
    waiting = int(grid.ungraded.any(axis=1).sum())
    points = float(grid.worth.sum())
    edges = round_edges(points)
    questions, checks = question_items(grid), check_items(grid)
    return ClassReport(
        topic=sheet.topic,
        title=sheet.title,
        points=points,
        handed_in=sheet.handed_in,
        read=len(sheet.rows),
        unreadable=tuple(sheet.unreadable.most_common()),
        waiting=waiting,
        totals=spread(there) if len(there) >= waiting else None,
        edges=edges,
        bins=tuple(counts(there, edges)),
        questions=questions,
        checks=checks,
        reliability=reliability(sheet, grid),
        missed=missed(sheet, questions),
        others=other_failures(sheet),
        suspects=suspects(sheet, checks),
    )


def round_edges(points: float) -> tuple[float, ...]:
    """Edges of at most 20 bins from 0 to `points`, a round number of points apart; the last one may be narrower.

    >>> round_edges(2.75)[:3], round_edges(14)[-2:]
    ((0.0, 0.2, 0.4), (13.0, 14.0))
    """
    steps = (digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5))
    step = next(step for step in steps if points <= MOST_BINS * step * (1 + 1e-9))
    inner = [round(number * step, 6) for number in range(MOST_BINS) if number * step < points * (1 - 1e-9)]
    return (*(inner or [0.0]), float(points) or 1.0)
