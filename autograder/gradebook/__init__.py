"""Where results are kept: everything that was computed, and what staff decided, in one SQLite file."""

from __future__ import annotations

from autograder.gradebook.book import Gradebook
from autograder.gradebook.graded import Graded
from autograder.gradebook.values import EVERYBODY, Attempt, Override, Standing, Submission

__all__ = ["EVERYBODY", "Attempt", "Gradebook", "Graded", "Override", "Standing", "Submission"]
