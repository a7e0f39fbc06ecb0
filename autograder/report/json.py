"""Our own format, `chainrule/report/v1`: everything in a report, for programs and for keeping.

Published as a JSON schema in `schemas/report.v1.schema.json`. Keys are those of `autograder.verdict`; a report, a question and
a check also say `earned` (null for a check that was not graded), the first two `points` and `graded`.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from autograder.errors import CourseError
from autograder.report.audience import Audience, seen_by
from autograder.verdict import Report

FORMAT = "chainrule/report/v1"


def render(report: Report, *, audience: Audience = "staff") -> str:
    """The report as JSON; `load` reads it back."""
    report = seen_by(report, audience)
    content: dict[str, Any] = msgspec.to_builtins(report)
    content |= {"points": report.points, "earned": report.earned, "graded": report.graded}
    for question, entry in zip(report.questions, content["questions"], strict=True):
        entry |= {"points": question.points, "earned": question.earned, "graded": question.graded}
        for check, check_entry in zip(question.checks, entry["checks"], strict=True):
            check_entry["earned"] = check.earned
    return json.dumps({"format": FORMAT, **content}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def load(text: str) -> Report:
    """The report that was written. Sums are formed anew, not read.

    Raises CourseError if the text is not such a report.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise CourseError(f"not a report: {error}") from None
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise CourseError(f"not a report in the format {FORMAT}; it says {found!r}", key="format")
    try:
        return msgspec.convert(content, Report)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at ")
        raise CourseError(message, key=key.strip("`").removeprefix("$.") or None) from None
