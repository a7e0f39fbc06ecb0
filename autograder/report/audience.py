"""What a report says to whom: the one place where secrets and a student's control characters are taken out.

Each format renders what `seen_by` returns and nothing else, so no format can forget a field.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from autograder.report.escape import one_line, plain
from autograder.verdict import CellProblem, CheckResult, Layer, QuestionResult, Report

Audience = Literal["student", "staff"]


def seen_by(report: Report, audience: Audience) -> Report:
    """The report as this audience may read it, with every text made plain (see `escape.plain`).

    Students get messages and hints. They do not get details, ids of mistakes, what the notebook printed, isolation
    layers, nor how long hidden checks took: with a loop that runs for a secret time, a submission could carry a hidden
    input out through a duration. The total would give away the sum of them, so it goes too.
    """
    clean = _plain_report(report)
    return clean if audience == "staff" else _for_student(clean)


def _for_student(report: Report) -> Report:
    questions = tuple(
        replace(question, checks=tuple(_check_for_student(check) for check in question.checks))
        for question in report.questions
    )
    return replace(report, questions=questions, isolation=(), stdout="", seconds=0.0)


def _check_for_student(check: CheckResult) -> CheckResult:
    return replace(check, detail="", mistake=None, seconds=check.seconds if check.public else 0.0)


def _plain_report(report: Report) -> Report:
    return replace(
        report,
        topic=one_line(report.topic),
        title=one_line(report.title),
        submission=one_line(report.submission),
        sha256=one_line(report.sha256),
        questions=tuple(_plain_question(question) for question in report.questions),
        cells=tuple(_plain_cell(cell) for cell in report.cells),
        notes=tuple(plain(note) for note in report.notes),
        isolation=tuple(Layer(one_line(layer.name), layer.active, plain(layer.note)) for layer in report.isolation),
        stdout=plain(report.stdout),
        versions={one_line(name): one_line(version) for name, version in report.versions.items()},
    )


def _plain_question(question: QuestionResult) -> QuestionResult:
    checks = tuple(_plain_check(check) for check in question.checks)
    return QuestionResult(one_line(question.id), one_line(question.title), checks)


def _plain_check(check: CheckResult) -> CheckResult:
    return replace(
        check,
        question=one_line(check.question),
        name=one_line(check.name),
        number=one_line(check.number),
        claim=one_line(check.claim),
        message=plain(check.message),
        hint=None if check.hint is None else plain(check.hint),
        detail=plain(check.detail),
        mistake=None if check.mistake is None else one_line(check.mistake),
    )


def _plain_cell(cell: CellProblem) -> CellProblem:
    return replace(cell, kind=one_line(cell.kind), message=plain(cell.message))
