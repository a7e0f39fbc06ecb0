"""What numbers say about a class and about the items it was asked: pure functions of arrays.

Scores are arrays of shape (students, items); nan is a score that does not exist (not graded, excused, not asked), and is
never taken for a zero. A number that the data do not determine is None, never nan and never a guess.
"""

from autograder.statistics.items import alpha, complete, corrected_correlations, shares
from autograder.statistics.totals import Spread, counts, spread

__all__ = ["Spread", "alpha", "complete", "corrected_correlations", "counts", "shares", "spread"]
