"""The sheet as a rectangle of points, and what can be said of each of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.classreport.sheet import Asked, Sheet
from autograder.classreport.values import Item
from autograder.statistics import complete, corrected_correlations

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Marks of a class as arrays of shape (students, checks)."""

    asked: tuple[Asked, ...]
    share: Array
    """Of a check's points; nan if it was not graded or does not count."""
    out: NDArray[np.bool_]
    """Whether a check does not count for a student: excused, or never asked."""
    blank: Array
    seconds: Array
    ungraded: NDArray[np.bool_]
    followed: NDArray[np.bool_]

    @property
    def worth(self) -> Array:
        """Points of each check."""
        return np.array([each.points for each in self.asked], dtype=float)

    @property
    def points(self) -> Array:
        """Points of each student in each check; nan where there is no score."""
        return self.share * self.worth

    @property
    def questions(self) -> list[tuple[str, list[int]]]:
        """Each question with the columns of its checks."""
        names = dict.fromkeys(each.question for each in self.asked)
        return [(name, [column for column, each in enumerate(self.asked) if each.question == name]) for name in names]

    def totals(self, columns: Sequence[int]) -> Array:
        """Points of each student in some checks, out of all that they are worth; what does not count is left out of both.

        nan for a student with one that was not graded, or for whom none counts.
        """
        worth, out = self.worth[list(columns)], self.out[:, list(columns)]
        counted = np.where(out, 0.0, worth).sum(axis=1)
        earned = np.where(out, 0.0, self.points[:, list(columns)]).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(counted > 0, earned / counted * worth.sum(), np.nan))

    @property
    def by_question(self) -> Array:
        """Points of each student in each question, as (students, questions)."""
        columns = [self.totals(places) for _, places in self.questions]
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.share), 0))


def grid_of(sheet: Sheet) -> Grid:
    """All marks of a sheet."""
    asked = tuple(sheet.checks)

    def all_of(what: str) -> Array:
        columns = [sheet.column(each.name, what) for each in asked]
        return np.stack(columns, axis=1) if columns else np.zeros((len(sheet.rows), 0))

    return Grid(
        asked,
        all_of("share"),
        all_of("out") == 1.0,
        all_of("blank"),
        all_of("seconds"),
        all_of("ungraded") == 1.0,
        all_of("follow_through") == 1.0,
    )


def check_items(grid: Grid) -> tuple[Item, ...]:
    """What is known of each check."""
    correlations = _correlations(grid.points)
    return tuple(
        _item(
            grid, [column], each.number, each.claim, each, grid.share[:, column], correlations[column], name=each.name
        )
        for column, each in enumerate(grid.asked)
    )


def question_items(grid: Grid) -> tuple[Item, ...]:
    """What is known of each question."""
    points = grid.by_question
    correlations = _correlations(points)
    found = []
    for place, (name, columns) in enumerate(grid.questions):
        worth = float(grid.worth[columns].sum())
        share = points[:, place] / worth if worth else np.full(len(points), np.nan)
        first = grid.asked[columns[0]]
        found.append(_item(grid, columns, name, first.title, first, share, correlations[place]))
    return tuple(found)


def _item(
    grid: Grid, columns: list[int], id_: str, title: str, first: Asked, share: Array, correlation: float | None,
    name: str = "",
) -> Item:  # fmt: skip
    there = share[~np.isnan(share)]
    blank = grid.blank[:, columns]
    wholly_blank = np.all((blank == 1.0) | grid.out[:, columns], axis=1) & (blank == 1.0).any(axis=1)
    seconds = np.nansum(grid.seconds[:, columns], axis=1)[~wholly_blank & ~grid.out[:, columns].all(axis=1)]
    not_graded = int(grid.ungraded[:, columns].any(axis=1).sum())
    asked = ~grid.out[:, columns].all(axis=1)
    return Item(
        id=id_,
        title=title,
        question=first.question,
        name=name,
        public=all(grid.asked[column].public for column in columns),
        points=float(grid.worth[columns].sum()),
        n=len(there),
        answered=int((asked & ~wholly_blank).sum()),
        share=float(there.mean()) if len(there) and len(there) >= not_graded else None,
        full=int((there > 1.0 - 1e-9).sum()),
        none=int(((share == 0.0) & ~wholly_blank).sum()),
        blanks=int(wholly_blank.sum()),
        not_graded=not_graded,
        followed=int(grid.followed[:, columns].any(axis=1).sum()),
        correlation=correlation,
        seconds=float(np.median(seconds)) if len(seconds) else None,
        longest=float(seconds.max()) if len(seconds) else None,
    )


def _correlations(points: Array) -> list[float | None]:
    """Of each column with the sum of the others, over the students and columns that can be compared."""
    students, columns = complete(points)
    found = iter(corrected_correlations(points[np.ix_(students, columns)]))
    return [next(found) if there else None for there in columns]
