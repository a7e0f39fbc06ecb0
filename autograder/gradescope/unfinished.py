"""Reports of which a part is missing: nothing graded yet, or cut off on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.verdict import CheckResult, Outcome, Report

if TYPE_CHECKING:
    from autograder.topic import Topic

NOT_REACHED = "The run ended before this check was graded. The fault may be ours: ask your instructor to run it again."


def blank(topic: Topic) -> Report:
    """The report of a submission of which nothing has been graded. Loads the checks, and with them numpy and torch."""
    from autograder.errors import GraderError
    from autograder.grading import not_graded

    report = not_graded(topic, Path("submission"), GraderError("not begun"))
    return cut_off(replace(report, submission="", versions={}))


def cut_off(report: Report) -> Report:
    """The same report, in which every check that was not graded says that the run ended before its turn."""
    questions = tuple(
        replace(question, checks=tuple(_not_reached(check) for check in question.checks))
        for question in report.questions
    )
    return replace(report, questions=questions)


def _not_reached(check: CheckResult) -> CheckResult:
    if check.outcome is not Outcome.NOT_GRADED:
        return check
    return replace(check, message=NOT_REACHED, detail="")
