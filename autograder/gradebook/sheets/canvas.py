"""Canvas's gradebook import: who a row is, and one column for the assignment.

Only the columns that name students and the one with grades are written: an import changes nothing else.
"""

from __future__ import annotations

import re

from autograder.errors import CourseError
from autograder.gradebook.lines import Line
from autograder.gradebook.sheets.filling import Filled, Grades, Wanted, line_of_each_row, number, score
from autograder.intake.tables import Table, plain_name

NAMES = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "Points Possible"
_WITH_ID = re.compile(r"^(?P<title>.*?)\s*\((?P<id>\d+)\)$")


def fill(grades: Grades, wanted: Wanted) -> Filled:
    """The file to import. Raises CourseError if `wanted.column` is not in the sheet, or the sheet is not Canvas's."""
    if wanted.sheet is None:
        return _anew(grades, wanted.column or grades.title)
    return _filled(grades, wanted.sheet, wanted.column)


def _anew(grades: Grades, title: str) -> Filled:
    rows: list[list[object]] = [[*NAMES, title], [f"    {POSSIBLE}", "", "", "", "", grades.points]]
    remarks = []
    for line in grades.lines:
        student = line.student
        if not (student.canvas_id or student.number or student.username):
            remarks.append(f"{student.name} has no Canvas id, SIS id or login: Canvas will go by the name")
        rows.append([student.name, student.canvas_id, student.number, student.username, student.section or "all",
                     _cell(line, grades.points)])  # fmt: skip
    return Filled(rows, remarks=remarks)


def _filled(grades: Grades, sheet: Table, column: str) -> Filled:
    remarks: list[str] = []
    names = [place for name in NAMES if (place := sheet.column(name)) is not None]
    if sheet.column("Student") is None or sheet.column("ID") is None:
        raise CourseError("is not Canvas's gradebook: it has no columns `Student` and `ID`", path=sheet.path)
    place = _column(sheet, column or grades.title)
    if place is None and column:
        raise CourseError(f"has no column `{column}`", path=sheet.path)
    title = grades.title if place is None else sheet.header[place]
    if place is None:
        remarks.append(
            f"no column is called `{title}`: importing the file makes a new assignment; --column names another"
        )
    maximum = grades.points
    rows: list[list[object]] = [[*(sheet.header[each] for each in names), title]]
    for row, line in zip(sheet.rows, line_of_each_row(sheet, grades, remarks), strict=True):
        cells: list[object] = [row[each] for each in names]
        if row[0].startswith(POSSIBLE):
            possible = None if place is None else number(row[place])
            maximum = possible or maximum
            if maximum != grades.points:
                remarks.append(f"grades are scaled from {grades.points:g} points to the {maximum:g} of `{title}`")
            rows.append([*cells, maximum])
        else:
            grade = None if line is None else _cell(line, maximum)
            rows.append([*cells, grade if grade is not None or place is None else row[place]])
    return Filled(rows, sheet.delimiter, remarks)


def _cell(line: Line, maximum: float) -> object:
    return "EX" if line.excused else score(line, maximum)


def _column(sheet: Table, wanted: str) -> int | None:
    """The column of an assignment, by its whole heading, its id, or its title."""
    for place, heading in enumerate(sheet.header):
        match = _WITH_ID.match(heading)
        known = {heading, match["id"], match["title"]} if match else {heading}
        if plain_name(wanted) in map(plain_name, known):
            return place
    return None
