"""A simulated class on disk: submissions, the roster, and the key that says what each student did."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.simulate import Student
from autograder.simulate.layouts import LAYOUTS, Placed, Row
from autograder.topic import Topic

ROSTER = ("Student ID", "Name", "Email", "Username", "Section", "Canvas ID", "Participant ID")


@dataclass(frozen=True, slots=True)
class Written:
    """Where everything lies."""

    submissions: Path
    roster: Path | None
    key: Path
    sheet: Path | None
    files: int


def write(
    students: Sequence[Student], topic: Topic, folder: Path, *, layout: str = "plain", roster: bool = True
) -> Written:
    """Write a class to `folder`, which no other user may read: it holds what students handed in, and the key to it.

    Raises CourseError if something is there already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError("is there already, and is not empty; write to another folder", path=folder)
    submissions = folder / "submissions"
    submissions.mkdir(parents=True)
    folder.chmod(0o700)
    how = LAYOUTS[layout]
    placed = list(how.place(students))
    for each in placed:
        target = submissions / each.path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(each.attempt.file.content)
    for name, text in (how.more(placed) if how.more else {}).items():
        (submissions / name).write_text(text, encoding="utf-8")
    enrolled = [student for student in students if student.enrolled]
    people = ([*_person(student)] for student in enrolled)
    return Written(
        submissions,
        _table(folder / "roster.csv", [ROSTER, *people]) if roster else None,
        _table(folder / "key.csv", _key(students, placed, topic)),
        _table(folder / f"{layout}_grades.csv", how.sheet(enrolled, topic)) if how.sheet else None,
        len({each.path for each in placed}),
    )


def _person(student: Student) -> Row:
    who = student.person
    return [who.number, who.name, who.email, who.username, who.section, who.canvas_id, who.moodle_id]


def _key(students: Sequence[Student], placed: Sequence[Placed], topic: Topic) -> Iterable[Row]:
    """One row for each file of each student, and one for each student without any."""
    about = ["student", "ability", "enrolled", "file", "attempt", "of", "damage", "readable", "hostile"]
    yield [*about, *topic.names]
    paths = {(each.student.person.number, id(each.attempt)): each.path for each in placed}
    for student in students:
        start = [student.person.number, f"{student.ability:.2f}", _yes(student.enrolled)]
        if not student.attempts:
            yield [*start, "", "", "", "", "", "", *("" for _ in topic.names)]
        for attempt in student.attempts:
            path = paths.get((student.person.number, id(attempt)))
            if path is None:
                continue
            yield [
                *start, path, attempt.number, len(student.attempts), attempt.damage, _yes(attempt.readable), attempt.hostile,
                *(attempt.answers[name] for name in topic.names),
            ]  # fmt: skip


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _table(path: Path, rows: Iterable[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
