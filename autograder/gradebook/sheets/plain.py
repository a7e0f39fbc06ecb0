"""A plain table of one topic: everything about a grade that fits on a line."""

from __future__ import annotations

from autograder.gradebook.lines import Status
from autograder.gradebook.sheets.filling import Filled, Grades, Wanted, line_of_each_row

HEADER = ("name", "email", "student id", "username", "canvas id", "participant", "section", "on roster", "status", "points",
          "of", "attempt", "attempts", "late", "submission", "overrides", "note")  # fmt: skip


def fill(grades: Grades, wanted: Wanted) -> Filled:
    """Everybody, by name; with a sheet, the students of its rows in their order. Can be read as a roster again."""
    lines = list(grades.lines)
    remarks: list[str] = []
    if wanted.sheet is not None:
        lines = [line for line in line_of_each_row(wanted.sheet, grades, remarks) if line is not None]
    rows: list[list[object]] = [[*HEADER, *(name for name, _, _ in grades.questions)]]
    for line in lines:
        student, standing = line.student, line.standing
        handed = standing.submission if standing else None
        per_question = line.questions or {}
        rows.append([
            student.name, student.email, student.number, student.username, student.canvas_id, student.moodle_id,
            student.section, "yes" if student.enrolled else "no", line.status.value, line.earned,
            grades.points if line.status is Status.MISSING else line.points,
            standing.attempt if standing else "", standing.attempts if standing else "",
            "late" if handed and handed.late else "", handed.origin if handed else "", line.overrides or "",
            handed.note if handed else "",
            *(per_question[name][0] if name in per_question and line.earned is not None else None
              for name, _, _ in grades.questions),
        ])  # fmt: skip
    return Filled(rows, remarks=remarks)
