"""One page for a student, to open in a browser or to print: complete in itself, without scripts and without network."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import shortened, spans
from autograder.report.jinja import template
from autograder.verdict import Outcome, QuestionResult, Report

if TYPE_CHECKING:
    import jinja2

_MESSAGE_CHARACTERS = 8_000
_STDOUT_CHARACTERS = 50_000
_KINDS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_GRADED: "open"}


def render(report: Report, *, audience: Audience = "student") -> str:
    """The report as an HTML page. Everything that comes from a report is escaped by the template engine."""
    report = seen_by(report, audience)
    return _template().render(
        report=report,
        total=words.total(report),
        tally=words.tally(report.checks),
        warning=words.not_graded(report.checks),
        follow_through=words.FOLLOW_THROUGH,
    )


@functools.cache
def _template() -> jinja2.Template:
    return template(
        "autograder.report",
        "report.html.jinja",
        {
            "share": lambda part: words.share(part.earned, part.points),
            "of_question": words.of_question,
            "cause": words.cause,
            "place": words.place,
            "layer": words.layer,
            "kind": lambda check: _KINDS[check.outcome],
            "mark": lambda check: words.MARKS[check.outcome],
            "spans": lambda text: list(spans(shortened(text, characters=_MESSAGE_CHARACTERS))),
            "shortened": lambda text: shortened(text, characters=_STDOUT_CHARACTERS),
            "state": _state,
            "percent": _percent,
        },
    )


def _state(question: QuestionResult) -> str:
    """Style of a question: "open" if a check was not graded, "passed" with full points, else "failed"."""
    if not question.graded:
        return "open"
    return "passed" if question.earned >= question.points else "failed"


def _percent(part: QuestionResult | Report) -> str:
    """Earned points in percent of those to be had, as a CSS width."""
    return f"{100 * part.earned / part.points:.1f}%" if part.points else "0%"
