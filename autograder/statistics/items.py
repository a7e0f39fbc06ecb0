"""Item statistics of classical test theory.

Source: Lord and Novick, Statistical Theories of Mental Test Scores (1968), chapters 4 and 15; coefficient alpha: Cronbach,
Psychometrika 16 (1951), 297-334.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
"""Of shape (students, items); nan where there is no score."""


def shares(scores: Scores, worth: Any = 1.0) -> list[float | None]:
    """Mean score of each item divided by what the item is worth, over those who have one; None if nobody has.

    `worth` is a number or one for each item.

    >>> shares(np.array([[1.0, 0.0], [1.0, np.nan]]))
    [1.0, 0.0]
    """
    found: list[float | None] = []
    for column, most in zip(scores.T, np.broadcast_to(worth, scores.shape[1]), strict=True):
        there = column[~np.isnan(column)]
        found.append(float(there.mean() / most) if len(there) and most > 0 else None)
    return found


def complete(scores: Scores) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The students and the items that can be compared with each other, as two masks: a full rectangle of scores.

    An item that fewer than half of the students have a score for goes first, so that one broken check does not cost the
    whole class; then every student who lacks one of the items left.
    """
    there = ~np.isnan(scores)
    items = there.mean(axis=0) >= 0.5 if len(scores) else np.zeros(scores.shape[1], dtype=bool)
    students = np.asarray(there[:, items].all(axis=1))
    return (students if items.any() else np.zeros(len(scores), dtype=bool)), items


def corrected_correlations(scores: Scores) -> list[float | None]:
    """Correlation of each item with the sum of the others, over a full rectangle of scores.

    None where it is undefined: fewer than 3 students, no other item, or one of the two is the same for everybody.
    """
    students, items = scores.shape
    if students < 3 or items < 2:
        return [None] * items
    total = scores.sum(axis=1)
    return [_correlation(column, total - column) for column in scores.T]


def alpha(scores: Scores) -> float | None:
    """Cronbach's alpha, k/(k-1) (1 - sum of the items' variances / variance of the total), of a full rectangle of scores.

    None with fewer than 2 students or items, or if everybody has the same total.
    """
    students, items = scores.shape
    if students < 2 or items < 2:
        return None
    of_total = scores.sum(axis=1).var(ddof=1)
    if _is_nothing(of_total, scores.sum(axis=1)):
        return None
    return float(items / (items - 1) * (1.0 - scores.var(axis=0, ddof=1).sum() / of_total))


def from_patterns(patterns: Sequence[str], counts: Sequence[int]) -> Scores:
    """Scores from how many students gave each pattern of right (1) and wrong (0) answers, as in published tables.

    >>> from_patterns(["01", "11"], [2, 1])
    array([[0., 1.],
           [0., 1.],
           [1., 1.]])
    """
    rows = [[float(digit) for digit in pattern] for pattern in patterns]
    return np.repeat(np.array(rows), counts, axis=0)


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    if _is_nothing(x.var(), x) or _is_nothing(y.var(), y):
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))


def _is_nothing(variance: float, values: NDArray[np.float64]) -> bool:
    """Whether a variance is zero but for rounding: points such as 0.1 do not add up exactly."""
    return bool(variance <= (1e-12 * max(1.0, float(np.abs(values).max(initial=0.0)))) ** 2)
