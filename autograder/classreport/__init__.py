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

BINS = 20


def class_report(entries: Iterable[Entry]) -> ClassReport:
    """What the reports of a class say together. Takes one at a time, and keeps none."""
    sheet = sheet_of(entries)
    grid = grid_of(sheet)
    totals = grid.totals(range(len(grid.asked)))
    there = totals[~np.isnan(totals)]
    waiting = int(grid.ungraded.any(axis=1).sum())
    points = float(grid.worth.sum())
    edges = tuple(float(edge) for edge in np.linspace(0.0, points or 1.0, BINS + 1))
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
