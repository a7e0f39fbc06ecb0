"""JUnit XML, as surefire writes it and CI systems read it: a suite for each question, a test case for each check.

A failed check is a `failure`; a check that was not graded is an `error`: CI systems show the two apart, and none of them
takes an error for success.

Source: https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import one_line, shortened
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

_MESSAGE_CHARACTERS = 300


def render(report: Report, *, audience: Audience = "staff") -> str:
    """The report as an XML document. For students the times of hidden checks read 0."""
    report = seen_by(report, audience)
    root = ET.Element("testsuites", {"name": report.title or report.topic, **_counts(report.questions)})
    for question in report.questions:
        root.append(_suite(report, question))
    if len(root):
        _append_about_submission(root[0], report)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, question: QuestionResult) -> ET.Element:
    name = f"{report.topic}.{question.id}"
    suite = ET.Element("testsuite", {"name": name, **_counts((question,))})
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("title", question.title),
        ("points", words.points(question.points)),
        ("earned", words.points(question.earned)),
        ("graded", "true" if question.graded else "false"),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": value})
    for check in question.checks:
        suite.append(_case(name, check))
    return suite


def _case(suite: str, check: CheckResult) -> ET.Element:
    case = ET.Element(
        "testcase", {"classname": suite, "name": f"{check.number} {check.claim}", "time": f"{check.seconds:.3f}"}
    )
    text = "\n".join(_paragraphs(check))
    message = one_line(shortened(words.cause(check), characters=_MESSAGE_CHARACTERS))
    match check.outcome:
        case Outcome.FAILED:
            ET.SubElement(case, "failure", {"message": message, "type": check.mistake or "failed"}).text = text
        case Outcome.NOT_GRADED:
            ET.SubElement(case, "error", {"message": f"not graded: {message}", "type": "not graded"}).text = text
        case Outcome.PASSED:
            if text:
                ET.SubElement(case, "system-out").text = text
    return case


def _paragraphs(check: CheckResult) -> list[str]:
    return [
        *([words.FOLLOW_THROUGH] if check.follow_through else []),
        *([words.cause(check)] if words.cause(check) else []),
        *([f"Hint: {check.hint}"] if check.hint else []),
        *(["", "For staff:", check.detail] if check.detail else []),
    ]


def _counts(questions: tuple[QuestionResult, ...]) -> dict[str, str]:
    checks = [check for question in questions for check in question.checks]
    outcomes = [check.outcome for check in checks]
    return {
        "tests": str(len(checks)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.NOT_GRADED)),
        "skipped": "0",
        "time": f"{sum(check.seconds for check in checks):.3f}",
    }


def _append_about_submission(suite: ET.Element, report: Report) -> None:
    if report.stdout:
        ET.SubElement(suite, "system-out").text = report.stdout
    about = [
        *([warning] if (warning := words.not_graded(report.checks)) else []),
        *(f"{words.place(cell)}: {cell.message}" for cell in report.cells),
        *report.notes,
        *(f"isolation: {words.layer(layer)}" for layer in report.isolation),
    ]
    if about:
        ET.SubElement(suite, "system-err").text = "\n".join(about)
