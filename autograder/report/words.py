"""What every format says in the same words: points, counts, and that something was not graded."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.verdict import CellProblem, CheckResult, Layer, Outcome, QuestionResult, Report

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_GRADED: "?"}
NO_CAUSE = "No cause was recorded."
FOLLOW_THROUGH = "passed with the right answers to earlier questions in place of yours"


def points(value: float) -> str:
    """Points as people write them: "7.5", "10", "0.3333"."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(earned: float | None, worth: float) -> str:
    """Points earned out of those to be had: "1.5 of 3", or "not graded"."""
    return "not graded" if earned is None else f"{points(earned)} of {points(worth)}"


def worth(value: float) -> str:
    """Points with their unit: "1 point", "1.5 points"."""
    return f"{points(value)} point" if points(value) == "1" else f"{points(value)} points"


def count(number: int, noun: str) -> str:
    """A number of things: "1 check", "3 checks"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_question(question: QuestionResult) -> str:
    """The points of a question, with a word if some are still open: "1 of 3, 1 not graded"."""
    if question.graded:
        return share(question.earned, question.points)
    return (
        f"{share(question.earned, question.points)}, {points(question.points - _gradable(question.checks))} not graded"
    )


def total(report: Report) -> str:
    """The points of the report: "7.5 of 10 points", or "7.5 of 10 points so far" if a check was not graded."""
    line = f"{points(report.earned)} of {worth(report.points)}"
    return line if report.graded else f"{line} so far"


def tally(checks: Iterable[CheckResult]) -> str:
    """How many checks had which outcome: "5 checks passed, 1 failed, 1 not graded"."""
    outcomes = [check.outcome for check in checks]
    counts = [(outcomes.count(outcome), outcome) for outcome in Outcome if outcome in outcomes]
    if not counts:
        return "no checks"
    (first, outcome), *rest = counts
    return ", ".join([f"{count(first, 'check')} {outcome}", *(f"{number} {outcome}" for number, outcome in rest)])


def not_graded(checks: Iterable[CheckResult]) -> str:
    """A warning that the score is not final, or "" if every check was graded."""
    missing = [check for check in checks if check.outcome is Outcome.NOT_GRADED]
    if not missing:
        return ""
    pronoun = "It does" if len(missing) == 1 else "They do"
    value = worth(sum(check.points for check in missing))
    return (
        f"This score is not final: {count(len(missing), 'check')} ({value}) could not be graded. "
        f"{pronoun} not count as wrong: course staff have to see why, and grade again."
    )


def cause(check: CheckResult) -> str:
    """Why a check failed or was not graded. A check that was not graded always has something to say."""
    return check.message or (NO_CAUSE if check.outcome is Outcome.NOT_GRADED else "")


def place(cell: CellProblem) -> str:
    """Where a cell stopped and how: "code cell 4, line 3: raised"."""
    line = "" if cell.line is None else f", line {cell.line}"
    return f"code cell {cell.cell}{line}: {cell.kind}"


def layer(layer: Layer) -> str:
    """An isolation layer and its state: "network: NOT ACTIVE (no permission)"."""
    note = f" ({layer.note})" if layer.note else ""
    return f"{layer.name}: {'active' if layer.active else 'NOT ACTIVE'}{note}"


def _gradable(checks: Iterable[CheckResult]) -> float:
    return sum(check.points for check in checks if check.outcome is not Outcome.NOT_GRADED)
