"""How close is close enough: one table, with its reasons.

Correct float64 code differs from other correct float64 code by at most 4e-16 (norm-relative: convolution, LSTM and
attention against PyTorch, 20 random problems each); float32 results differ from float64 ones by at most 1.4e-7 of the
largest element; central differences with h = 1e-5 are right to 1.2e-10. The limits stand two to nine decades above these
floors. The nearest gradient mistake that was tried is off by 5e-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autograder.errors import CourseError

Kind = Literal["forward", "gradient", "exact"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a difference may be.

    Element by element (forward, exact): |actual - expected| <= atol * max(1, largest |expected|) + rtol * |expected|.
    As a whole (gradient): |actual - expected| <= rtol * (|actual| + |expected|), with |.| the Euclidean norm, or no
    element off by more than atol. (The element-wise maximum of relative errors rejects half of all correct LSTMs at 1e-8.)
    """

    rtol: float
    atol: float
    reason: str


TABLE: dict[tuple[Kind, str], Tolerance] = {
    ("forward", "float64"): Tolerance(1e-7, 1e-9, "any order of summation, any algebraic form that is stable"),
    ("forward", "float32"): Tolerance(1e-4, 1e-5, "an honest 512 x 512 float32 product is off by 5.6e-5"),
    ("forward", "float16"): Tolerance(1e-2, 1e-3, "the unit in the last place is 1e-3"),
    ("gradient", "float64"): Tolerance(1e-7, 1e-12, "relative to the norm; atol is for gradients that are zero"),
    ("gradient", "float32"): Tolerance(1e-3, 1e-6, "against the float64 reference, never finite differences"),
    ("gradient", "float16"): Tolerance(3e-2, 1e-3, "the same, at the precision of float16"),
    ("exact", "float64"): Tolerance(
        0.0, 1e-12, "statements without any rounding of their own: a masked weight is zero"
    ),
    ("exact", "float32"): Tolerance(0.0, 1e-6, "the same; another order of summation moves the last bits"),
    ("exact", "float16"): Tolerance(0.0, 2e-3, "the same"),
}

OWN_GRADIENT = 1e-6
"""Norm-relative, a backward against central differences of its own forward: four decades above their floor."""


def tolerance(
    kind: Kind, dtype: DTypeLike, *, rtol: float | None, atol: float | None, because: str | None
) -> Tolerance:
    """The limits for a kind of computation in a dtype, or the override that a check gives a reason for.

    Raises CourseError if the kind is unknown, only one of rtol and atol is given, one is negative, or the reason is
    missing.
    """
    if kind not in get_args(Kind):
        raise CourseError(f"kind must be one of {', '.join(get_args(Kind))}; got {kind!r}")
    if rtol is None and atol is None:
        if because is not None:
            raise CourseError("`because` is the reason for rtol and atol, which are not given")
        return TABLE[kind, precision(dtype)]
    if rtol is None or atol is None:
        raise CourseError("give both rtol and atol, or neither")
    if not (0 <= rtol < np.inf and 0 <= atol < np.inf):
        raise CourseError(f"rtol and atol must be finite and not negative, got {rtol} and {atol}")
    if because is None or not because.strip():
        raise CourseError("rtol and atol differ from the table: say why, with because='...'")
    return Tolerance(float(rtol), float(atol), because)


def precision(dtype: DTypeLike) -> str:
    """The row of the table: "float16", "float32" or "float64" (for everything else too)."""
    name = np.dtype(dtype).name
    return name if name in {"float16", "float32"} else "float64"


def norm_relative_error(actual: NDArray[Any], expected: NDArray[Any]) -> float:
    """|a - b| / (|a| + |b|) with Euclidean norms: 0 for equal arrays, at most 1; inf if anything is not finite."""
    a, b = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    largest = max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
    if largest == 0.0:
        return 0.0
    a, b = a / largest, b / largest  # squares of huge numbers would overflow, squares of tiny ones vanish
    return float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)))
