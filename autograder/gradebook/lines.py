"""One line for each student: what an instructor, a spreadsheet and a learning platform are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograder.gradebook.book import Gradebook
from autograder.gradebook.values import Standing
from autograder.intake.handed import Student


class Status(StrEnum):
    """Where a student stands in a topic."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    """The file is no notebook: graded, with no points, and worth a look."""
    NOT_GRADED = "not graded"
    """A check has no verdict: what was earned is not a score."""
    WAITING = "waiting"
    """Handed in, and no report yet."""
    MISSING = "no submission"


@dataclass(frozen=True, slots=True)
class Line:
    """A student and their grade in one topic."""

    student: Student
    status: Status
    earned: float | None = None
    """With overrides; None where there is no score."""
    points: float = 0.0
    """What the topic is worth for this student: less where checks are excused."""
    questions: Mapping[str, tuple[float, float]] | None = None
    """Points earned and to be had, by question."""
    standing: Standing | None = None
    overrides: int = 0
    """How many decisions of staff are in it."""

    @property
    def excused(self) -> bool:
        """Whether nothing of the topic counts for this student."""
        return self.status is not Status.MISSING and self.points == 0 and self.overrides > 0


def lines_of(book: Gradebook, topic: str) -> list[Line]:
    """Everybody: those with a grade, those whose file waits for one, and those who handed nothing in, by name."""
    standings = {standing.student: standing for standing in book.standings(topic)}
    handed = {student for submission in book.submissions(topic) for student in submission.students}
    overrides = book.overrides_by_student(topic)
    result = []
    for student in book.students():
        standing = standings.get(student.student)
        if standing is None:
            if student.student in handed:
                result.append(Line(student, Status.WAITING))
            elif student.enrolled:
                result.append(Line(student, Status.MISSING))
            continue
        mine = overrides(student.student)
        questions: dict[str, tuple[float, float]] = {}
        open_checks = 0
        for question, name, points, computed in book.marks(standing.grading):
            earned = mine.get(name, computed)
            open_checks += earned is None and name not in mine
            worth = 0.0 if name in mine and mine[name] is None else points
            before = questions.get(question, (0.0, 0.0))
            questions[question] = before[0] + (earned or 0.0), before[1] + worth
        total = sum(earned for earned, _ in questions.values())
        status = Status.GRADED if standing.readable else Status.UNREADABLE
        result.append(
            Line(
                student,
                Status.NOT_GRADED if open_checks else status,
                None if open_checks else total,
                sum(worth for _, worth in questions.values()),
                questions,
                standing,
                len(mine),
            )
        )
    return result
