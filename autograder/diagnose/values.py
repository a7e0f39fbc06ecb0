"""What the numbers themselves say: not finite, zero, cut off, of another function, not masked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.diagnose.fit import Array, Case, equal, fits, telling


def not_finite(case: Case) -> Iterator[str]:
    """Nan or inf where numbers should be."""
    if np.isnan(case.a).any():
        yield "nan usually means that exp() overflowed, that 0 was divided by 0, or the logarithm of a negative number."
    else:
        yield "inf usually means that exp() overflowed, the logarithm of 0, or a division by 0."


def precision(case: Case) -> Iterator[str]:
    """Right to about seven digits."""
    in_float32 = case.single or (_in_float32(case.a) and not _in_float32(case.b))
    if in_float32 and fits(case.a, case.b, 1e-5):
        yield "It agrees to about seven digits, as far as float32 reaches: is it computed in float32?"
    elif fits(case.a, case.b, 1e-6):
        yield "It agrees to about six digits: float32 somewhere inside does that, and so does a small epsilon too many."


def truncated(case: Case) -> Iterator[str]:
    """Integers where there should be fractions."""
    if not telling(case.b) or not np.array_equal(case.a, np.round(case.a)):
        return
    if any(np.array_equal(case.a, cut(case.b)) for cut in (np.trunc, np.floor, np.round)) and (
        case.kind in "iu" or np.any(case.a)
    ):
        yield "The digits after the point are lost: an integer array and `//` cut them off."


def zero(case: Case) -> Iterator[str]:
    """Zero everywhere."""
    if not np.any(case.a):
        yield "It is zero everywhere: the values never get there, or a factor of 0 stands before them."


def all_the_same(case: Case) -> Iterator[str]:
    """One number everywhere, where there should be several."""
    if case.a.size >= 3 and np.ptp(case.a) == 0 and np.unique(case.b).size >= 3:
        yield "All elements are the same number, but should differ: is something summed or averaged over too much?"


def normalised_over_another_axis(case: Case) -> Iterator[str]:
    """Sums to one along the wrong axis."""
    right = [axis for axis in range(case.b.ndim) if _sums_to_one(case.b, axis)]
    got = [axis for axis in range(case.b.ndim) if _sums_to_one(case.a, axis)]
    if len(right) == len(got) == 1 and right != got:
        yield f"It sums to one along axis {got[0]}, but should along axis {right[0]}."


def unmasked(case: Case) -> Iterator[str]:
    """Right but for elements that should be zero."""
    zeros = case.b == 0
    wrong = ~equal(case.a, case.b, case.tolerance)
    if zeros.any() and not (wrong & ~zeros).any() and np.unique(case.b[~zeros]).size >= 2:
        yield "Only elements that should be 0 are wrong: a mask or a condition that sets them to 0 has no effect there."


def masked_too_much(case: Case) -> Iterator[str]:
    """Right but for elements that are zero."""
    wrong = ~equal(case.a, case.b, case.tolerance)
    if not np.any(case.a[wrong]) and np.unique(case.b[~wrong & (case.b != 0)]).size >= 2:
        yield "Some elements are 0 that should not be, all others are right: a mask or a condition reaches too far."


def complement(case: Case) -> Iterator[str]:
    """One minus the right answer."""
    if fits(case.a, 1 - case.b, case.tolerance) and (telling(case.b) or np.unique(case.b).size == 2 < case.b.size):
        yield "Every element is one minus the expected one: two classes, or keep and drop, are exchanged."


def of_a_function(case: Case) -> Iterator[str]:
    """The right numbers, with one function too many or too few."""
    if not telling(case.b):
        return
    b = case.b
    candidates = (
        (np.log(b), "These are the logarithms of the expected values."),
        (np.exp(b), "These are exp() of the expected values: one exp() too many, or a logarithm missing."),
        (
            np.sqrt(b),
            "These are the square roots of the expected values: a norm or its square, a variance or its root?",
        ),
        (b * b, "These are the squares of the expected values: a norm or its square, a variance or its root?"),
        (1 / b, "These are the reciprocals of the expected values."),
        (np.abs(b), "The sizes are right, but minus signs are lost."),
    )
    for candidate, hint in candidates:
        if np.isfinite(candidate).all() and fits(case.a, candidate, case.tolerance):
            yield hint


def clipped(case: Case) -> Iterator[str]:
    """Right up to a value that is not exceeded."""
    wrong = ~equal(case.a, case.b, case.tolerance)
    if wrong.sum() < 2 or np.unique(case.a[~wrong]).size < 2:
        return
    for limit, beyond in ((case.a.max(), case.b > case.a), (case.a.min(), case.b < case.a)):
        if (case.a[wrong] == limit).all() and beyond[wrong].all():
            yield "The most extreme elements are all the same number: something is clipped, or saturates."


def _in_float32(x: Array) -> bool:
    return bool((x == x.astype(np.float32)).all())


def _sums_to_one(x: Array, axis: int) -> bool:
    fractions = bool((x >= 0).all()) and not np.array_equal(x, np.round(x))
    return x.shape[axis] > 1 and fractions and bool((np.abs(x.sum(axis=axis) - 1) < 1e-5).all())
