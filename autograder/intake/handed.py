"""A student, and a file that was handed in: values that intake makes and the gradebook keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Student:
    """Who a grade belongs to, with everything that other systems call them."""

    student: str
    """The key that grades and overrides hang on: the first of number, email, username, id and name that is known."""
    name: str
    email: str = ""
    number: str = ""
    """Student number: Gradescope's SID, Canvas's SIS User ID, Moodle's ID number."""
    username: str = ""
    """Login name."""
    canvas_id: str = ""
    moodle_id: str = ""
    """Moodle's participant number in one assignment."""
    section: str = ""
    enrolled: bool = False
    """Whether they stand on the roster."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One file, handed in by one student or by a group."""

    origin: str
    """Which one it is: its place in the folder or the archive, the same when it is downloaded again."""
    path: Path
    """Where its content can be read."""
    sha256: str
    """Of its content."""
    students: tuple[Student, ...]
    attempt: int | None = None
    """Its number among the attempts of the same student, where the source says it."""
    handed_in: str = ""
    """When, as in "2026-06-01T14:32:05+00:00", where the source says it."""
    late: bool = False
    note: str = ""
    """What staff should know of it: that it fits two students, say."""

    @property
    def file(self) -> str:
        """Its name, as a report shows it."""
        return self.path.name
