"""When an explanation fits, and when a fit means anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A wrong answer beside the right one: two arrays of one shape."""

    a: Array
    """What was got, as float64."""
    b: Array
    """What was expected, as float64."""
    kind: str
    """Of the dtype of what was got: "b", "i", "u" or "f"."""
    single: bool
    """Whether what was got has less than float64 precision."""
    tolerance: float
    sizes: dict[str, int]
    terms: dict[str, Any]

    @classmethod
    def of(cls, actual: NDArray[Any], expected: NDArray[Any], sizes: dict[str, int], terms: dict[str, Any]) -> Case:
        """The two arrays, with a tolerance for the precision of the first."""
        single = actual.dtype.kind == "f" and actual.dtype.itemsize < 8
        return cls(
            actual.astype(np.float64),
            expected.astype(np.float64),
            actual.dtype.kind,
            single,
            1e-4 if single else 1e-6,
            sizes,
            terms,
        )


def fits(a: Array, b: Array, tolerance: float) -> bool:
    """Whether two arrays are equal up to `tolerance` times the largest element of the second."""
    if a.shape != b.shape or not a.size or not np.isfinite(b).all():
        return False
    return bool((np.abs(a - b) <= tolerance * np.abs(b).max()).all())


def equal(a: Array, b: Array, tolerance: float) -> NDArray[np.bool_]:
    """Where they are equal, up to `tolerance` times the largest element of the second."""
    return np.asarray(np.abs(a - b) <= tolerance * np.abs(b).max(initial=0.0))


def telling(b: Array) -> bool:
    """Whether a fit to these numbers is hardly a coincidence: not if there are only a few round ones."""
    nonzero = np.unique(b[b != 0])
    return nonzero.size >= 3 or (nonzero.size >= 1 and _many_decimals(nonzero))


def ordered(b: Array) -> bool:
    """Whether an order of these numbers can be recognised: they differ from each other."""
    distinct = np.unique(b)
    return distinct.size >= 3 or (distinct.size == 2 and b.size == 2 and _many_decimals(distinct))


def _many_decimals(x: Array) -> bool:
    return bool((np.abs(100 * x - np.round(100 * x)) > 1e-6 * np.maximum(1.0, np.abs(x))).any())
