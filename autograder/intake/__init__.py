"""Taking in what a class handed in: who is in the class, and which file is whose."""

from __future__ import annotations

from autograder.intake.handed import HandedIn, Student

__all__ = ["HandedIn", "Student"]
