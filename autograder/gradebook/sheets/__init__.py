"""Grades in the shapes that other systems take: Canvas, Moodle, Gradescope, and a plain table.

Where a system gives out a sheet to fill in, that sheet is filled in: its rows and the columns that name students come back as
they were. A student without a score keeps what stands there, or gets an empty cell, and never a zero. Text that a spreadsheet
would run is made harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from autograder.gradebook.sheets import canvas, gradescope, moodle, plain
from autograder.gradebook.sheets.filling import Filled, Grades, Wanted, grades_of

__all__ = ["SHEETS", "Filled", "Grades", "Wanted", "grades_of"]

SHEETS: Mapping[str, Callable[[Grades, Wanted], Filled]] = MappingProxyType(
    {"canvas": canvas.fill, "moodle": moodle.fill, "gradescope": gradescope.fill, "csv": plain.fill}
)
"""By what `--to` says: the grades of a topic and what is wanted -> a file."""
