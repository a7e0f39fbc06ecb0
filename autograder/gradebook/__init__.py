"""Where results are kept: everything that was computed, and what staff decided, in one SQLite file."""

from __future__ import annotations

from autograder.gradebook.book import EVERYBODY, Attempt, Gradebook, Override, Standing, Submission
from autograder.gradebook.graded import Graded

__all__ = ["EVERYBODY", "Attempt", "Gradebook", "Graded", "Override", "Standing", "Submission"]
