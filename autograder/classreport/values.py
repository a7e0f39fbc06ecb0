"""What a class report says: frozen values, read by the page, the pictures and the tables."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.statistics import Spread


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of one question or one check."""

    id: str
    """"q2", or "2.1"."""
    title: str
    """Title of the question, or claim of the check."""
    question: str
    name: str
    """Of the check; empty for a question."""
    public: bool
    points: float
    n: int
    """Students with a score: asked, graded, and not excused."""
    answered: int
    """Students who were asked and gave an answer, graded or not."""
    share: float | None
    """Mean share of the points; for a check, the share of students who passed. None if most were not graded: who gave no
    answer has a verdict all the same, so those who have one are not like the others."""
    full: int
    """Students with all of its points."""
    none: int
    """Students with an answer, and none of its points."""
    blanks: int
    """Students without any answer to it."""
    not_graded: int
    followed: int
    """Students who passed, or passed a check of it, only with right answers to earlier questions in place of theirs."""
    correlation: float | None
    """Corrected item-total correlation: with the points of everything else."""
    seconds: float | None
    """Median time that grading it took, where there was an answer."""
    longest: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the order of the students would stay, were they asked other questions of this kind."""

    alpha: float | None
    """Cronbach's alpha over questions."""
    of_checks: float | None
    """The same over checks: those of one question look at one function, so this one is too high."""
    n: int
    """Students who can be compared: they have a score for every question below."""
    questions: int
    checks: int
    error: float | None
    """Standard error of measurement, in points."""
    caveats: tuple[str, ...]
    """Sentences."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A known mistake that students made."""

    question: str
    id: str
    hint: str
    students: int
    of: int
    """Students who answered the question."""
    checks: tuple[str, ...]
    """Numbers of the checks that recognised it."""
    example: str
    """A message that one of them read; nobody can be recognised by it."""
    example_of: str
    example_read_by: int


@dataclass(frozen=True, slots=True)
class Other:
    """A check that students failed in a way that no known mistake fits."""

    number: str
    name: str
    claim: str
    students: int
    example: str
    example_read_by: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A check that looks broken, and why."""

    number: str
    name: str
    claim: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Everything that a class report says."""

    topic: str
    title: str
    points: float
    handed_in: int
    read: int
    """Submissions that could be read: the students of every number below."""
    unreadable: tuple[tuple[str, int], ...]
    """Why files could not be read, and how many."""
    waiting: int
    """Students without a total yet: one of their checks was not graded."""
    totals: Spread | None
    """None if there are none, or most students have none yet."""
    edges: tuple[float, ...]
    bins: tuple[int, ...]
    """Students between one edge and the next."""
    questions: tuple[Item, ...]
    checks: tuple[Item, ...]
    reliability: Reliability
    missed: tuple[Missed, ...]
    """Most frequent first."""
    others: tuple[Other, ...]
    suspects: tuple[Suspect, ...]
