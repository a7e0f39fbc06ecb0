"""`gradebook.csv`: one row for each student, and every topic of the gradebook beside each other."""

from __future__ import annotations

from autograder.gradebook.book import Gradebook
from autograder.gradebook.lines import lines_of
from autograder.intake.tables import write_table

WHO = ("name", "email", "student id", "username", "section", "on roster")


def overview(book: Gradebook) -> str:
    """The file. A student without a score has an empty cell; the column beside it says why."""
    topics = {topic: {line.student.student: line for line in lines_of(book, topic)} for topic in book.topics()}
    questions = {
        topic: list(dict.fromkeys(name for line in lines.values() for name in line.questions or ()))
        for topic, lines in topics.items()
    }
    header = [*WHO]
    for topic, names in questions.items():
        header += [topic, f"{topic} of", f"{topic} status", *(f"{topic} {name}" for name in names)]
    rows: list[list[object]] = [[*header]]
    for student in book.students():
        row: list[object] = [student.name, student.email, student.number, student.username, student.section,
                             "yes" if student.enrolled else "no"]  # fmt: skip
        seen = False
        for topic, names in questions.items():
            line = topics[topic].get(student.student)
            seen = seen or line is not None
            marks = (line.questions or {}) if line and line.earned is not None else {}
            row += [line and line.earned, line.points or None if line else None, line.status.value if line else "",
                    *(marks[name][0] if name in marks else None for name in names)]  # fmt: skip
        if seen:
            rows.append(row)
    return write_table(rows)
