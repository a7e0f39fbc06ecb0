"""How the points of a class are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the middle of some numbers is, and how far they reach."""

    n: int
    mean: float
    deviation: float | None
    """Standard deviation with n - 1; None for a single number."""
    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float


def spread(values: Sequence[float] | NDArray[np.float64]) -> Spread | None:
    """The spread of some numbers; None if there are none.

    Quartiles are interpolated linearly between the two nearest numbers: definition 7 of Hyndman and Fan, Sample Quantiles
    in Statistical Packages, The American Statistician 50 (1996), 361-365.
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers):
        return None
    lowest, lower, median, upper, highest = (float(each) for each in np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1]))
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
    return Spread(len(numbers), float(numbers.mean()), deviation, lowest, lower, median, upper, highest)


def counts(values: Sequence[float] | NDArray[np.float64], edges: Sequence[float]) -> list[int]:
    """How many numbers lie in each of the bins between ascending `edges`; the last bin has both its ends.

    What lies outside is counted in the first or the last bin: no one is left out of a picture of the class.

    >>> counts([0, 5, 10, 11], [0, 5, 10])
    [1, 3]
    """
    inside = np.clip(np.asarray(values, dtype=float), edges[0], edges[-1])
    return [int(each) for each in np.histogram(inside, bins=np.asarray(edges, dtype=float))[0]]
