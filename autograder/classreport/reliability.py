"""How much the totals of a class can be trusted to order its students, and what stands in the way of saying so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.classreport.grid import Array, Grid
from autograder.classreport.sheet import Sheet
from autograder.classreport.values import Reliability
from autograder.report.words import count
from autograder.statistics import alpha, complete

FEW = 30
"""With fewer students, correlations and alpha say more about who happens to be in the class than about the checks."""


def reliability(sheet: Sheet, grid: Grid) -> Reliability:
    """Cronbach's alpha of a class, with what is to be known about it."""
    points = grid.by_question
    students, columns = complete(points)
    compared = points[np.ix_(students, columns)]
    found = alpha(compared)
    deviation = float(compared.sum(axis=1).std(ddof=1)) if len(compared) > 1 else 0.0
    return Reliability(
        alpha=found,
        of_checks=_alpha_of(grid.points),
        n=int(students.sum()),
        questions=int(columns.sum()),
        checks=len(grid.asked),
        error=None if found is None else deviation * (1.0 - max(min(found, 1.0), 0.0)) ** 0.5,
        caveats=tuple(_caveats(sheet, grid, points)),
    )


def _alpha_of(points: Array) -> float | None:
    students, columns = complete(points)
    return alpha(points[np.ix_(students, columns)])


def _caveats(sheet: Sheet, grid: Grid, points: Array) -> Iterator[str]:
    students, columns = complete(points)
    n = int(students.sum())
    if n < FEW:
        yield (
            f"{count(n, 'student')} can be compared. With fewer than {FEW}, correlations and alpha say more about who "
            "happens to be in the class than about the questions."
        )
    if len(sheet.sets) > 1:
        yield (
            f"Students were asked {len(sheet.sets)} different sets of checks. Only those with a score for every question that "
            "counts here are compared; correlations of checks that few were asked are missing."
        )
    excused = sum(any(mark.excused for mark in row.values()) for row in sheet.rows)
    if excused:
        yield (
            f"{count(excused, 'student')} had checks excused. Their points are out of what is left, scaled to the full "
            "points; checks that they lack cost them their place in the correlations of checks."
        )
    waiting = int(grid.ungraded.any(axis=1).sum())
    if waiting:
        yield f"{count(waiting, 'student')} had checks that were not graded, and are not compared."
    dropped = [name for (name, _), there in zip(grid.questions, columns, strict=True) if not there]
    if dropped and len(sheet.rows):
        yield f"Left out, because fewer than half of the students have a score: {', '.join(dropped)}."
    compared = points[np.ix_(students, columns)]
    same = [name for name, constant in zip([q for q, _ in grid.questions], _constant(points, students), strict=True)
            if constant and name not in dropped]  # fmt: skip
    if same and n > 1:
        yield f"The same for everybody, and so silent on who knows more: {', '.join(same)}."
    nothing = compared.sum(axis=1) == 0.0
    if nothing.any() and n > 2:
        without = alpha(compared[~nothing])
        shown = "is not defined" if without is None else f"is {without:.2f}"
        yield (
            f"{count(int(nothing.sum()), 'student')} earned nothing at all, which raises every correlation; without them "
            f"alpha {shown}."
        )


def _constant(points: Array, students: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[bool]:
    chosen = points[students]
    return [len(column) > 1 and bool(np.ptp(column) == 0.0) for column in chosen.T]
