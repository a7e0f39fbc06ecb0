"""A round of grading: what of a class has no final report yet, and keeping each report as it comes.

A report is final if every check in it has a verdict. What was not graded is tried again in the next round; everything else
is graded once for each version of submission, topic, toolkit and secret.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.gradebook.book import Gradebook
from autograder.gradebook.fingerprint import changed
from autograder.gradebook.values import Submission
from autograder.intake.sources import sha256_of
from autograder.verdict import Report

Grading = Callable[[Sequence[Path]], Iterable[tuple[int, Report]]]
"""Grades files: (place in the list, report) as they become ready."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be done, and what is done already."""

    topic: str
    key: str
    todo: tuple[Submission, ...]
    """One of each different file: equal files of the same name have equal reports."""
    done: int
    """Submissions with a final report under this key."""
    gone: tuple[Submission, ...]
    """Submissions whose file is not where it was, or has changed since: not graded now."""
    changed: tuple[str, ...] = ()
    """What is not as it was when some of them were graded: "topic", "toolkit", "secret"."""


def plan(book: Gradebook, topic: str, key: str, *, look: bool = False) -> Round:
    """What a round has to do for every submission to a topic. `look`: see whether files changed since they were taken in."""
    done = book.done(topic, key)
    todo: dict[tuple[str, str], Submission] = {}
    gone, ready = [], 0
    for submission in book.submissions(topic):
        if (submission.sha256, submission.file) in done:
            ready += 1
        elif not submission.path.is_file() or (look and sha256_of(submission.path) != submission.sha256):
            gone.append(submission)
        else:
            todo.setdefault((submission.sha256, submission.file), submission)
    earlier = book.keys(topic)
    parts = {part for each in todo if each in earlier for part in changed(earlier[each], key)}
    return Round(topic, key, tuple(todo.values()), ready, tuple(gone), tuple(sorted(parts)))


def take_over(book: Gradebook, work: Round, other: Gradebook) -> Round:
    """Take what is to be done from another gradebook, as far as it is done there; returns what is left to do."""
    done = other.done(work.topic, work.key)
    left, run = [], None
    for submission in work.todo:
        content = submission.sha256, submission.file
        report = other.report(work.topic, work.key, *content) if content in done else None
        if report is None:
            left.append(submission)
            continue
        run = run or book.begin(work.topic, kind="taken over", key=work.key)
        book.add(run, report, content=submission.sha256, key=work.key)
    if run:
        book.end(run, "done")
    return replace(work, todo=tuple(left), done=work.done + len(work.todo) - len(left))


def grade_round(
    book: Gradebook, work: Round, grade: Grading, *, kind: str = "grade", stopped: Callable[[], bool] = lambda: False
) -> Generator[tuple[Submission, Report], None, None]:
    """Grade what is to be done; each report is kept before it is told here."""
    run = book.begin(work.topic, kind=kind, key=work.key)
    finished = 0
    try:
        for place, report in grade([submission.path for submission in work.todo]):
            submission = work.todo[place]
            named = replace(report, submission=submission.file, topic=work.topic)
            book.add(run, named, content=report.sha256 or submission.sha256, key=work.key)  # it may have changed by now
            finished += 1
            yield submission, named
    finally:
        book.end(run, "done" if finished == len(work.todo) and not stopped() else "interrupted")
