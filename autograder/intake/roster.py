"""The roster: who is in the class, from a table with columns as people, Canvas, Moodle and Gradescope name them."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import CourseError
from autograder.intake.handed import Student
from autograder.intake.tables import Table, read_table

COLUMNS = {
    "name": ("name", "full name", "student", "student name", "display name"),
    "first": ("first name", "given name", "forename", "first"),
    "last": ("last name", "surname", "family name", "last"),
    "email": ("email", "email address", "e-mail address", "mail"),
    "number": ("sid", "sis user id", "student id", "student number", "id number", "number", "matriculation number"),
    "username": ("username", "sis login id", "login", "login id", "user", "user name", "netid"),
    "canvas_id": ("canvas id", "canvas user id"),
    "moodle_id": ("participant", "participant id"),
    "section": ("section", "sections", "group", "class"),
}
"""What a column may be called. `id` is Canvas's own number beside Canvas's other columns, and else the student's."""


def read_roster(path: Path) -> list[Student]:
    """Everybody on the roster, in its order.

    Raises CourseError if there is no column that names students, a row names nobody, or two rows name the same one.
    """
    table = read_table(path)
    places = columns(table)
    if not places.keys() & {"name", "first", "last", "email", "number", "username", "canvas_id", "moodle_id"}:
        known = "name, email, student id, username"
        raise CourseError(f"has no column that names students; it needs one of: {known}; it has: "
                          f"{', '.join(table.header)}", path=path)  # fmt: skip
    students: dict[str, Student] = {}
    lines: dict[str, int] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        if _is_no_student(row):
            continue
        student = student_of(row, places)
        if student is None:
            raise CourseError("this row names nobody", path=path, key=f"line {line}")
        if student.student in students:
            raise CourseError(f"`{student.student}` stands in line {lines[student.student]} too: two students need "
                              "different ids, emails or names", path=path, key=f"line {line}")  # fmt: skip
        students[student.student] = student
        lines[student.student] = line
    if not students:
        raise CourseError("names no student below its header", path=path)
    return list(students.values())


def columns(table: Table) -> dict[str, int]:
    """Where the table says what of a student."""
    places = {what: table.column(*names) for what, names in COLUMNS.items()}
    own_id = table.column("id", "identifier")
    if own_id is not None:
        canvas = table.column("student") is not None or table.column("sis user id", "sis login id") is not None
        moodle = any(row[own_id].startswith("Participant ") for row in table.rows)
        what = "moodle_id" if moodle else "canvas_id" if canvas else "number"
        if places[what] is None:
            places[what] = own_id
    return {what: place for what, place in places.items() if place is not None}


def student_of(row: list[str], places: dict[str, int]) -> Student | None:
    """The student that a row names; None if it names nobody."""
    said = {what: row[place] for what, place in places.items()}
    name = said.get("name", "") or f"{said.get('first', '')} {said.get('last', '')}".strip()
    return student(
        name,
        email=said.get("email", ""),
        number=said.get("number", ""),
        username=said.get("username", ""),
        canvas_id=said.get("canvas_id", ""),
        moodle_id=said.get("moodle_id", "").removeprefix("Participant ").strip(),
        section=said.get("section", ""),
        enrolled=True,
    )


def student(
    name: str = "", *, email: str = "", number: str = "", username: str = "", canvas_id: str = "",
    moodle_id: str = "", section: str = "", enrolled: bool = False,
) -> Student | None:  # fmt: skip
    """A student with the key that such a student has; None if nothing says who it is."""
    key = number or email or username or canvas_id or moodle_id or name
    if not key:
        return None
    shown = name or email or username or key
    return Student(key, shown, email, number, username, canvas_id, moodle_id, section, enrolled)


def _is_no_student(row: list[str]) -> bool:
    """Rows that Canvas writes into its table: the points to be had, and the student that it makes for tests."""
    first = row[0].strip()
    return first.startswith("Points Possible") or first in {"Student, Test", "Test Student"}
