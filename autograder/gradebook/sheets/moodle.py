"""Moodle's grading worksheet: the downloaded one, with grade and feedback filled in.

Moodle takes back the sheet that it gave out, and no other: rows are found by its `Identifier`.
"""

from __future__ import annotations

from autograder.errors import CourseError
from autograder.gradebook.sheets.filling import Filled, Grades, Wanted, in_words, line_of_each_row, number, score


def fill(grades: Grades, wanted: Wanted) -> Filled:
    """The worksheet, filled in. Raises CourseError if there is none, or it is not Moodle's."""
    sheet = wanted.sheet
    if sheet is None:
        raise CourseError("Moodle takes back its own grading worksheet only: download it (Submissions, Actions, "
                          "Download grading worksheet) and name it with --sheet")  # fmt: skip
    place = sheet.column(wanted.column or "Grade")
    if place is None or sheet.column("Identifier") is None:
        lacking = "Identifier" if place is not None else wanted.column or "Grade"
        raise CourseError(f"is not Moodle's grading worksheet: it has no column `{lacking}`", path=sheet.path)
    comments, most = sheet.column("Feedback comments"), sheet.column("Maximum Grade")
    changeable = sheet.column("Grade can be changed")
    remarks: list[str] = []
    rows: list[list[object]] = [list(sheet.header)]
    scaled = set()
    for row, line in zip(sheet.rows, line_of_each_row(sheet, grades, remarks), strict=True):
        cells: list[object] = list(row)
        rows.append(cells)
        if line is None or line.earned is None:
            continue
        if changeable is not None and row[changeable].strip().lower() == "no":
            remarks.append(f"{line.student.name}: Moodle says that this grade cannot be changed; left as it is")
            continue
        maximum = (None if most is None else number(row[most])) or grades.points
        scaled.add(maximum)
        cells[place] = score(line, maximum)
        if comments is not None:
            cells[comments] = in_words(line)
    remarks += [
        f"grades are scaled from {grades.points:g} points to {each:g}" for each in sorted(scaled - {grades.points})
    ]
    return Filled(rows, sheet.delimiter, remarks)
