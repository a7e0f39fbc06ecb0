"""Classroom 50's `result.json`, format `classroom50/result/v1`.

Scores are integers there, so points are multiplied by the smallest number that makes all of them whole (7.5 of 10 points
becomes 15 of 20): the share stays exact, and nothing is rounded.

The format has no word for "not graded" either. Such a check is a test with the words "NOT GRADED" in its name and 0 of 0: it is
not counted as wrong. But then the score is not final, and a total cannot say so. Exit with an error after writing the
file, as `chainrule grade` does: the runner then records an error in place of the score.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograder.errors import CourseError
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import one_line
from autograder.verdict import Outcome, Report

FORMAT = "classroom50/result/v1"
_VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


@dataclass(frozen=True, slots=True)
class Handed:
    """Who handed in what, when and where: what the classroom knows and a report does not."""

    classroom: str
    assignment: str
    assignment_type: str
    """"individual", "group" or "team"."""
    owner: str
    submission: str
    """The tag, as in "submit/2026-06-01T14-32-05Z-a1b2c3d"."""
    commit: str
    release: str
    review: str
    datetime: str
    """Of the submission, UTC, as in "2026-06-01T14:32:01Z"."""

    def __post_init__(self) -> None:
        """Raises CourseError if the runner's words are not what the format asks for."""
        if self.assignment_type not in ("individual", "group", "team"):
            raise CourseError(f"must be individual, group or team, got {self.assignment_type!r}", key="ASSIGNMENT_TYPE")
        if not self.submission.startswith("submit/"):
            raise CourseError(f"must start with submit/, got {self.submission!r}", key="SUBMISSION_TAG")


def handed_in(environment: Mapping[str, str], *, at: dt.datetime) -> Handed:
    """What the runner's environment variables say. Raises CourseError if one is missing."""
    missing = [name for name in _VARIABLES.values() if not environment.get(name)]
    if missing:
        raise CourseError(
            f"the classroom50 format needs the variables of Classroom 50's runner; missing: {', '.join(missing)}"
        )
    when = at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Handed(**{key: one_line(environment[name]) for key, name in _VARIABLES.items()}, datetime=when)


def render(report: Report, *, audience: Audience = "student", handed: Handed | None = None) -> str:
    """The file, for students and staff alike. Without `handed`, it is read from the environment, and the time is now.

    Raises CourseError if the environment does not tell.
    """
    del audience
    if handed is None:
        handed = handed_in(os.environ, at=dt.datetime.now(dt.UTC))
    report = seen_by(report, "student")
    scale = _scale(report)
    tests: list[dict[str, Any]] = []
    for check in report.checks:
        name = f"{check.number} {check.claim}"
        graded = check.outcome is not Outcome.NOT_GRADED
        tests.append(
            {
                "test-name": name if graded else f"NOT GRADED: {name}",
                "passed": check.outcome is Outcome.PASSED,
                "score": round((check.earned or 0.0) * scale),
                "max-score": round(check.points * scale) if graded else 0,
            }
        )
    result: dict[str, Any] = {
        "schema": FORMAT,
        "classroom": handed.classroom,
        "assignment": handed.assignment,
        "assignment_type": handed.assignment_type,
        "owner": handed.owner,
        "submission": handed.submission,
        "commit": handed.commit,
        "release": handed.release,
        "review": handed.review,
        "datetime": handed.datetime,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def _scale(report: Report) -> int:
    """The smallest number that makes the points of every check whole."""
    return math.lcm(*(Fraction(check.points).limit_denominator(100).denominator for check in report.checks))
