"""Where an array is wrong: the part of it that is worth showing, and a small picture of it in text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.compare.failure import Mismatch

ROWS, COLUMNS = 12, 12
"""What is shown of a larger array: the part around the first wrong entry."""
RIGHT, WRONG = "·", "✗"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Of an array of any number of axes, the rows and columns of one matrix. A vector is one row."""

    outer: tuple[int, ...]
    """Index of the matrix along all axes but the last two."""
    rows: range
    columns: range
    shape: tuple[int, int]
    """Of the whole matrix."""

    @property
    def whole(self) -> bool:
        """Whether it is all of the matrix."""
        return (len(self.rows), len(self.columns)) == self.shape


def excerpt(wrong: NDArray[np.bool_]) -> Excerpt:
    """The matrix with the first wrong entry, and the part around it. `wrong` has an axis, and an entry that is true."""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    outer = first[:-2]
    shape = np.atleast_2d(wrong[outer]).shape
    row, column = (0, first[-1]) if wrong.ndim == 1 else first[-2:]
    return Excerpt(outer, _around(row, shape[0], ROWS), _around(column, shape[1], COLUMNS), (shape[0], shape[1]))


def where_wrong(mismatch: Mismatch) -> str:
    """A grid of marks, "" where it would tell nothing: a single number, or an array that is wrong all over.

    It holds no value of the array, but more than a hidden check may tell.
    """
    wrong = np.asarray(mismatch.wrong)
    if wrong.ndim == 0 or not wrong.any() or wrong.all():
        return ""
    part = excerpt(wrong)
    marks = np.atleast_2d(wrong[part.outer])
    index = f"[{', '.join(map(str, part.outer))}]" if part.outer else ""
    of = "" if part.whole else (
        f", rows {part.rows[0]} to {part.rows[-1]} and columns {part.columns[0]} to {part.columns[-1]} of {part.shape}"
    )  # fmt: skip
    grid = ("  " + " ".join(WRONG if marks[row, column] else RIGHT for column in part.columns) for row in part.rows)
    return "\n".join([f"Wrong ({WRONG}) and right ({RIGHT}) entries of {mismatch.what}{index}{of}:", *grid])


def _around(place: int, size: int, room: int) -> range:
    start = max(0, min(place - room // 2, size - room))
    return range(start, min(size, start + room))
