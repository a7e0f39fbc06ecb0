"""One student's grade in one topic: what was computed, and what staff decided, kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.verdict import CheckResult, QuestionResult, Report


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade that counts for a student, with the report that it comes from."""

    student: str
    """The key of the student."""
    name: str
    submission: str
    """Where the file stood in what was handed in."""
    attempt: int
    """Counted from 1 among the student's own."""
    report: Report
    overrides: Mapping[str, float | None]
    """Points that staff gave, by the name of the check; None: excused, it does not count at all."""

    def earned_by(self, check: CheckResult) -> float | None:
        """Points for one check with overrides applied; None if it is excused, or was not graded and not overridden."""
        return self.overrides.get(check.name, check.earned)

    def worth(self, check: CheckResult) -> float:
        """What one check is worth for this student: nothing if it is excused."""
        return 0.0 if self.excused(check) else check.points

    def excused(self, check: CheckResult) -> bool:
        """Whether the check does not count for this student."""
        return check.name in self.overrides and self.overrides[check.name] is None

    @property
    def earned(self) -> float:
        """Points earned, with overrides applied."""
        return sum(self.earned_by(check) or 0.0 for check in self.report.checks)

    @property
    def points(self) -> float:
        """What the topic is worth for this student, without what is excused."""
        return sum(self.worth(check) for check in self.report.checks)

    @property
    def graded(self) -> bool:
        """Whether every check has a verdict, of the grader's or of staff. If not, `earned` is not yet a score."""
        return all(check.earned is not None or check.name in self.overrides for check in self.report.checks)

    def of_question(self, question: QuestionResult) -> tuple[float, float]:
        """Points earned by a question, and what it is worth, with overrides applied."""
        return (
            sum(self.earned_by(check) or 0.0 for check in question.checks),
            sum(self.worth(check) for check in question.checks),
        )
