"""Small classes, written down as who did what."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

OUTCOMES = {"P": Outcome.PASSED, "F": Outcome.FAILED, "B": Outcome.FAILED, "?": Outcome.NOT_GRADED}


@dataclass
class Entry:
    """What is asked of a student's grade."""

    report: Report
    overrides: dict[str, float | None] = field(default_factory=dict)


def student(*questions, overrides=None, file="hw.ipynb", changes=None):
    """A student whose checks ended as each question says: "PF?B" is passed, failed, not graded, blank.

    Every check is worth a point. `changes`: number of a check -> fields of its result.
    """
    results = []
    for number, outcomes in enumerate(questions, start=1):
        checks = []
        for place, letter in enumerate(outcomes, start=1):
            name = f"check_{number}_{place}"
            fields = {
                "question": f"q{number}", "name": name, "number": f"{number}.{place}", "claim": f"Claim {number}.{place}.",
                "public": place == 1, "points": 1.0, "outcome": OUTCOMES[letter], "seconds": 0.5,
                "message": {"P": "", "F": "3 of 3 elements differ.", "B": f"`f{number}` is not written yet.",
                            "?": "This check could not be graded."}[letter],
                "detail": "ZeroDivisionError: by zero\nTraceback" if letter == "?" else "",
            }  # fmt: skip
            checks.append(CheckResult(**(fields | (changes or {}).get(f"{number}.{place}", {}))))
        results.append(QuestionResult(f"q{number}", f"Question {number}", tuple(checks)))
    return Entry(Report("topic", "A topic", file, "0f" * 32, tuple(results)), dict(overrides or {}))


def unreadable(reason, *questions, file="hw.ipynb"):
    """A file that could not be read."""
    failed = student(*questions, file=file)
    report = failed.report
    return Entry(Report(report.topic, report.title, file, "", report.questions, notes=(f"{file}: {reason}",)))


@pytest.fixture
def a_class():
    """Forty students of every kind, in two questions of two checks each."""
    mistake = {"mistake": "no_mean", "hint": "The loss is a *mean*: `1/N`.", "message": "dw is 4 times too large."}
    raised = {"message": "`f2` raised ValueError: I am Ada (cell 3, line 4)\n    x = 'Ada'"}
    return [
        *(student("PP", "PP") for _ in range(12)),
        *(student("PP", "PF", changes={"2.2": mistake}) for _ in range(8)),
        *(student("PF", "FF", changes={"2.1": mistake, "2.2": mistake}) for _ in range(4)),
        *(student("PF", "FF", changes={"2.1": raised}) for _ in range(2)),
        *(student("FF", "BB") for _ in range(6)),
        *(student("BB", "BB") for _ in range(2)),
        *(student("PP", "P?") for _ in range(2)),
        *(
            unreadable("is empty. Was it saved before it was handed in?", "FF", "FF", file=f"ada{n}.ipynb")
            for n in (1, 2)
        ),
        unreadable("is not valid JSON at line 7, column 3: it breaks off there", "FF", "FF"),
        unreadable("is not valid JSON at line 9, column 1: it breaks off there", "FF", "FF"),
    ]
