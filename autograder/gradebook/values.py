"""What a gradebook is asked for: submissions, standings, checks as they were asked, decisions of staff."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Attempt = Literal["last", "best"]
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Submission:
    """A file that was handed in, as the gradebook knows it."""

    id: int
    origin: str
    path: Path
    file: str
    sha256: str
    students: tuple[str, ...]
    attempt: int | None
    handed_in: str
    late: bool
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The grading that counts for a student, without its report: cheap to have for a whole class."""

    student: str
    name: str
    submission: Submission
    attempt: int
    attempts: int
    grading: int
    key: str
    earned: float
    """As computed, without overrides."""
    points: float
    graded: bool
    readable: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A check, as it was asked."""

    question: str
    title: str
    """Of the question."""
    number: str
    name: str
    points: float


@dataclass(frozen=True, slots=True)
class Override:
    """What staff decided for one check of one student, or of everybody."""

    student: str
    name: str
    """Of the check."""
    points: float | None
    """None: excused."""
    reason: str
    at: str
