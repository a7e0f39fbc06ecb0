"""What all shapes share: the grades, the sheet to fill in, and which of its rows is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.gradebook.book import Gradebook
from autograder.gradebook.lines import Line, Status, lines_of
from autograder.intake.layouts import Claim
from autograder.intake.matching import Matcher
from autograder.intake.roster import columns, student_of
from autograder.intake.tables import Table


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades of a class in one topic."""

    topic: str
    title: str
    points: float
    """What the topic is worth."""
    questions: Sequence[tuple[str, str, float]]
    """Id, title and points of each."""
    lines: Sequence[Line]


def grades_of(book: Gradebook, topic: str) -> Grades:
    """The grades of a topic, as the gradebook has them."""
    asked = book.asked(topic)
    worth: dict[tuple[str, str], float] = {}
    for check in asked:
        worth[check.question, check.title] = worth.get((check.question, check.title), 0.0) + check.points
    questions = [(name, title, points) for (name, title), points in worth.items()]
    return Grades(topic, book.title(topic), sum(check.points for check in asked), questions, lines_of(book, topic))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for."""

    sheet: Table | None = None
    """The sheet to fill in."""
    column: str = ""
    """The column for the grade, where it cannot be told from the title."""


@dataclass(slots=True)
class Filled:
    """A file with grades, and what did not fit in."""

    rows: list[list[object]]
    delimiter: str = ","
    remarks: list[str] = field(default_factory=list)


def line_of_each_row(sheet: Table, grades: Grades, remarks: list[str]) -> list[Line | None]:
    """Whose each row of a sheet is; None for a row of nobody's. Says which grades are in no row."""
    by_student = {line.student.student: line for line in grades.lines}
    matcher = Matcher([line.student for line in grades.lines])
    places = columns(sheet)
    found: list[Line | None] = []
    for row in sheet.rows:
        student = student_of(row, places)
        claim = student and Claim(student.name, student.email, student.number, student.username, student.canvas_id,
                                  student.moodle_id)  # fmt: skip
        match = matcher.match(claim) if claim else None
        found.append(by_student.get(match.student.student) if match and not match.doubt else None)
        if match and match.doubt.startswith("fits"):
            remarks.append(f"{match.student.name}: the row {match.doubt}; left as it is")
    there = {line.student.student for line in found if line is not None}
    for line in grades.lines:
        if line.earned is not None and line.student.student not in there:
            remarks.append(f"{line.student.name} has a grade, and no row in {sheet.path.name}")
    return found


def score(line: Line, maximum: float) -> float | None:
    """The grade on a scale from 0 to `maximum`; None if there is none.

    What is excused counts neither as earned nor as lost: 45 of the 90 points that are left are a half.
    """
    if line.earned is None or line.points <= 0:
        return None
    return line.earned / line.points * maximum


def in_words(line: Line) -> str:
    """A grade for somebody to read: "q1 10 of 10, q2 3.5 of 5"."""
    if line.questions is None or line.status is Status.NOT_GRADED:
        return ""
    return ", ".join(f"{name} {earned:.4g} of {worth:.4g}" for name, (earned, worth) in line.questions.items())


def number(text: str) -> float | None:
    """A number in a cell, with a point or a comma; None for anything else."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
