"""What grading anew changes: for whom, by how much, and at which check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.gradebook.book import Gradebook

Mark = tuple[float | None, float]
"""Points earned (None: not graded) and what the check is worth."""


@dataclass(frozen=True, slots=True)
class State:
    """One student's grade, as far as it is compared."""

    name: str
    marks: Mapping[str, Mark]
    """By check, as computed."""
    earned: float
    """With overrides."""
    points: float


@dataclass(frozen=True, slots=True)
class Change:
    """One student's grade, before and after."""

    student: str
    name: str
    before: State | None
    after: State
    checks: Mapping[str, tuple[Mark | None, Mark | None]]
    """The checks that are not as they were; None where there was, or is, no such check."""

    @property
    def by(self) -> float:
        """How many points more there are."""
        return self.after.earned - (self.before.earned if self.before else 0.0)


def state_of(book: Gradebook, topic: str) -> dict[str, State]:
    """Everybody's grade in a topic as it is now."""
    overrides = book.overrides_by_student(topic)
    states = {}
    for standing in book.standings(topic):
        mine = overrides(standing.student)
        marks: dict[str, Mark] = {}
        earned = points = 0.0
        for _, name, worth, computed in book.marks(standing.grading):
            marks[name] = computed, worth
            counts = mine.get(name, computed)
            earned += counts or 0.0
            points += 0.0 if name in mine and counts is None else worth
        states[standing.student] = State(standing.name, marks, earned, points)
    return states


def changes(before: Mapping[str, State], after: Mapping[str, State]) -> Iterator[Change]:
    """Whose grade is not what it was, in the order of `after`."""
    for student, now in after.items():
        then = before.get(student)
        old = then.marks if then else {}
        names = dict.fromkeys([*now.marks, *old])
        checks = {name: (old.get(name), now.marks.get(name)) for name in names if old.get(name) != now.marks.get(name)}
        if checks or then is None or (then.earned, then.points) != (now.earned, now.points):
            yield Change(student, now.name, then, now, checks)


def by_check(found: list[Change]) -> dict[str, Counter[str]]:
    """For each check, how many verdicts became what: {"rows_sum_to_one": {"0 -> 3": 38}}."""
    counts: dict[str, Counter[str]] = {}
    for change in found:
        for name, (old, new) in change.checks.items():
            counts.setdefault(name, Counter())[f"{in_words(old)} -> {in_words(new)}"] += 1
    return counts


def in_words(mark: Mark | None) -> str:
    """A mark for a table: "2.5", "not graded", "none" if there is no such check."""
    if mark is None:
        return "none"
    return "not graded" if mark[0] is None else f"{mark[0]:.4g}"
