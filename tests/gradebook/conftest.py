"""Reports without grading, and gradebooks to keep them in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from autograder.gradebook import Gradebook
from autograder.intake import HandedIn, Student
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

TOPIC = "topic"
LETTERS = {"p": Outcome.PASSED, "f": Outcome.FAILED, "n": Outcome.NOT_GRADED}


@pytest.fixture
def report_of():
    """`report_of("pf", "n")`: two questions, the first with two checks; passed, failed, not graded; 2 points each."""

    def make(*questions: str, file: str = "hw.ipynb", sha256: str = "ab" * 32) -> Report:
        found = []
        for number, outcomes in enumerate(questions, start=1):
            checks = tuple(
                CheckResult(
                    f"q{number}", f"check_{number}_{place}", f"{number}.{place}", "A claim.", True, 2.0,
                    LETTERS[letter], message="" if letter == "p" else "a message",
                    detail="OSError: no room\nTraceback" if letter == "n" else "",
                )
                for place, letter in enumerate(outcomes, start=1)
            )  # fmt: skip
            found.append(QuestionResult(f"q{number}", f"Title {number}", checks))
        return Report(TOPIC, "A topic", file, sha256, tuple(found), versions={"python": "3"})

    return make


@pytest.fixture
def handed():
    """`handed("ada", "first answer")`: a file of that student's with that content."""

    def make(student: str, content: str = "", *, origin: str = "", attempt: int | None = None, with_: str = "",
             enrolled: bool = False) -> HandedIn:  # fmt: skip
        sha256 = hashlib.sha256(f"{student}{content}".encode()).hexdigest()
        students = tuple(
            Student(name, name.title(), f"{name}@x.edu", enrolled=enrolled) for name in (student, with_) if name
        )
        return HandedIn(origin or f"{student}.ipynb", Path(f"/hw/{student}.ipynb"), sha256, students, attempt)

    return make


@pytest.fixture
def book(tmp_path):
    """A new gradebook."""
    with Gradebook.create(tmp_path) as book:
        yield book


@pytest.fixture
def graded(book, handed, report_of):
    """`graded("ada", "pf", "p")`: a student's submission, taken in and graded."""

    def add(student: str, *questions: str, content: str = "", key: str = "key", **more) -> None:
        one = handed(student, content, **more)
        book.hand_in(TOPIC, one.origin, [one])
        run = book.begin(TOPIC, kind="grade", key=key)
        book.add(run, report_of(*questions, file=one.file), content=one.sha256, key=key)
        book.end(run, "done")

    return add
