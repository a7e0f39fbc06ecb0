"""Whose it is: what a download says of a student, held against the roster. Two that fit are none: nobody is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.intake.handed import Student
from autograder.intake.layouts import Claim
from autograder.intake.roster import student as student_called
from autograder.intake.tables import plain_name


@dataclass(frozen=True, slots=True)
class Match:
    """A student, and why there is doubt if there is."""

    student: Student
    doubt: str = ""


class Matcher:
    """Finds students of a roster. Without a roster every claim is believed."""

    def __init__(self, roster: Iterable[Student] | None) -> None:
        """Index the roster by everything that a student can be called."""
        self._believe = roster is None
        self._by: dict[tuple[str, str], set[str]] = {}
        self._students: dict[str, Student] = {}
        for student in roster or ():
            self._students[student.student] = student
            for kind in ("number", "email", "username", "canvas_id", "moodle_id"):
                self._index(kind, getattr(student, kind), student)
            for called in (student.number, student.email, student.email.partition("@")[0], student.username,
                           student.canvas_id):  # fmt: skip
                self._index("word", called, student)
            for order in _orders(student.name):
                self._index("name", order, student)
                self._index("word", order, student)

    def match(self, claim: Claim) -> Match:
        """The student of a claim; one that is not on the roster, with the doubt, if it fits none or several."""
        found: set[str] = set()
        for kind, said in (("number", claim.number), ("canvas_id", claim.canvas_id), ("moodle_id", claim.moodle_id),
                           ("email", claim.email), ("username", claim.username),
                           ("username", claim.email.partition("@")[0]),
                           ("name", claim.name)):  # fmt: skip
            found = found or self._found(kind, said)
        if claim.words:
            found = found or self._found("word", claim.words) or self._among(claim.words)
        if len(found) == 1:
            return Match(self._students[found.pop()])
        stranger = student_called(
            claim.name or claim.words, email=claim.email, number=claim.number, username=claim.username, canvas_id=claim.canvas_id,
            moodle_id=claim.moodle_id,
        )  # fmt: skip
        stranger = stranger or Student("unknown", "unknown")
        if self._believe:
            return Match(stranger)
        fits = " and ".join(sorted(self._students[each].name for each in found))
        return Match(stranger, f"fits {fits}" if found else "is not on the roster")

    def _among(self, words: str) -> set[str]:
        """Those of whom a word, or several in a row, is a name, a number or a login: "hw1_lovelace_ada_final"."""
        parts = [part for part in re.split(r"[^\w@]+|_", words) if part]
        found: set[str] = set()
        for first in range(len(parts)):
            for last in range(first + 1, len(parts) + 1):
                found |= self._found("word", "".join(parts[first:last]))
        return found

    def _index(self, kind: str, called: str, student: Student) -> None:
        if plain_name(called):
            self._by.setdefault((kind, plain_name(called)), set()).add(student.student)

    def _found(self, kind: str, said: str) -> set[str]:
        return set(self._by.get((kind, plain_name(said)), ())) if said else set()


def _orders(name: str) -> list[str]:
    """A name with each of its parts in front: "Ada King Lovelace", "King Lovelace Ada", "Lovelace Ada King"."""
    parts = [part for part in re.split(r"[\s,]+", name) if part]
    return [" ".join((*parts[first:], *parts[:first])) for first in range(len(parts))]
