"""What grading found: frozen values, made by `grading` and read by every report.

A check's outcome is passed, failed, or not graded. "Not graded" means that the fault is ours or unknown: it has no
points, it is never turned into a number silently, and no check ever vanishes from a report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The verdict of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADED = "not graded"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict of one check, with everything that a report may say about it."""

    question: str
    name: str
    number: str
    """Place in the topic, as in "2.1": question 2, first check."""
    claim: str
    """The check's sentence, true of right answers."""
    public: bool
    points: float
    """What the check is worth."""
    outcome: Outcome
    message: str = ""
    """Why it failed, in words that a student may read (nothing hidden in it)."""
    hint: str | None = None
    """A known mistake that the answer fits, if one was recognised."""
    detail: str = ""
    """The same for staff: values, tracebacks, causes. Never shown to students."""
    mistake: str | None = None
    """The id of the recognised mistake."""
    follow_through: bool = False
    """True if it passed only with the right answers put in place of the student's earlier ones."""
    seconds: float = 0.0
    """Wall time. For staff: the time that a hidden check takes could carry something out."""

    @property
    def earned(self) -> float | None:
        """Points earned, or None if the check was not graded."""
        match self.outcome:
            case Outcome.PASSED:
                return self.points
            case Outcome.FAILED:
                return 0.0
            case Outcome.NOT_GRADED:
                return None


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The verdicts of one question."""

    id: str
    title: str
    checks: tuple[CheckResult, ...]

    @property
    def points(self) -> float:
        """What the question is worth."""
        return sum(check.points for check in self.checks)

    @property
    def earned(self) -> float:
        """Points earned by the checks that were graded."""
        return sum(check.earned or 0.0 for check in self.checks)

    @property
    def graded(self) -> bool:
        """Whether every check was graded."""
        return all(check.outcome is not Outcome.NOT_GRADED for check in self.checks)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A code cell that did not run to its end."""

    cell: int
    """Number of the code cell, counted from 1 in the order of the notebook."""
    kind: str
    """"syntax error", "raised", "took too long", "ended the process"."""
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One isolation layer, and whether it was active while a submission ran."""

    name: str
    active: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All verdicts and points of one submission."""

    topic: str
    title: str
    submission: str
    """File name, as given."""
    sha256: str
    """Of the submitted file, or "" where it could not be read."""
    questions: tuple[QuestionResult, ...]
    cells: tuple[CellProblem, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences about the submission as a whole, for the student."""
    isolation: tuple[Layer, ...] = ()
    stdout: str = ""
    """What the notebook printed, capped. For staff."""
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def checks(self) -> Iterator[CheckResult]:
        """Every check, in the order of the topic."""
        return (check for question in self.questions for check in question.checks)

    @property
    def points(self) -> float:
        """What the topic is worth."""
        return sum(question.points for question in self.questions)

    @property
    def earned(self) -> float:
        """Points earned by the checks that were graded."""
        return sum(question.earned for question in self.questions)

    @property
    def graded(self) -> bool:
        """Whether every check was graded. If not, `earned` is not yet a score."""
        return all(question.graded for question in self.questions)
