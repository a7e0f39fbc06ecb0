"""The shape in which Gradescope gives grades out, for whatever reads that: one row for each student, one column a question."""

from __future__ import annotations

from autograder.gradebook.lines import Line, Status
from autograder.gradebook.sheets.filling import Filled, Grades, Wanted, line_of_each_row

WHO = ("First Name", "Last Name", "SID", "Email", "Sections")
WHAT = ("Total Score", "Max Points", "Status", "Submission ID", "Submission Time", "Lateness (H:M:S)", "View Count",
        "Submission Count")  # fmt: skip
_STATUS = {Status.GRADED: "Graded", Status.UNREADABLE: "Graded", Status.MISSING: "Missing"}


def fill(grades: Grades, wanted: Wanted) -> Filled:
    """Everybody's grades; with a sheet, those of its rows in their order, with the names that stand there."""
    questions = [f"{place}: {title} ({points:.1f} pts)" for place, (_, title, points) in enumerate(grades.questions, 1)]
    rows: list[list[object]] = [[*WHO, *WHAT, *questions]]
    remarks: list[str] = []
    if wanted.sheet is None:
        rows += [[*_who(line), *_what(line, grades)] for line in grades.lines]
        return Filled(rows, remarks=remarks)
    sheet = wanted.sheet
    places = [sheet.column(name) for name in WHO]
    for row, line in zip(sheet.rows, line_of_each_row(sheet, grades, remarks), strict=True):
        who = ["" if place is None else row[place] for place in places]
        if not any(who[:2]) and (name := sheet.column("Name")) is not None:  # as it was in older exports
            who[:2] = _first_last(row[name])
        rows.append([*who, *(_what(line, grades) if line is not None else [""] * len(rows[0][len(WHO) :]))])
        if line is None:
            remarks.append(f"{' '.join(filter(None, who[:2])) or who[3]} has no grade here")
    return Filled(rows, sheet.delimiter, remarks)


def _who(line: Line) -> list[object]:
    student = line.student
    return [*_first_last(student.name), student.number, student.email, student.section]


def _first_last(name: str) -> list[str]:
    """First and last name: "Ada King Lovelace" and "Lovelace, Ada King" are the same."""
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return [first.strip(), last.strip()]


def _what(line: Line, grades: Grades) -> list[object]:
    standing = line.standing
    handed = standing.submission if standing else None
    per_question = line.questions or {}
    return [
        line.earned,
        line.points if standing else grades.points,
        _STATUS.get(line.status, "Ungraded"),
        handed.origin.removeprefix("submission_") if handed else "",
        handed.handed_in if handed else "",
        "",
        "",
        standing.attempts if standing else 0,
        *(per_question[name][0] if name in per_question and line.earned is not None else None
          for name, _, _ in grades.questions),
    ]  # fmt: skip
