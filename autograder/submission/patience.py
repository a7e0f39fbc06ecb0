"""How long to wait for one of many, so that those which hang leave time for the others."""

from __future__ import annotations

PATIENCE = 1 / 4
"""Of the time that is left for all, what one may take: however many hang, they never use up all of it."""


def allowance(most_s: float, *, left_s: float, least_s: float) -> float:
    """Seconds for the next one: `most_s`, or less if of the time for all only `left_s` are left, but `least_s` at least.

    >>> allowance(10, left_s=300, least_s=1), allowance(10, left_s=20, least_s=1), allowance(10, left_s=2, least_s=1)
    (10, 5.0, 1)
    """
    return min(most_s, max(left_s * PATIENCE, least_s))
