"""Right numbers in wrong places, and wrong numbers in some places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from autograder.diagnose.fit import Case, equal, fits, ordered

MOST_AXES = 5


def transposed(case: Case) -> Iterator[str]:
    """Two axes of equal length exchanged."""
    if not 2 <= case.b.ndim <= MOST_AXES or not ordered(case.b):
        return
    for axes in itertools.permutations(range(case.b.ndim)):
        if fits(case.a, case.b.transpose(axes), case.tolerance):
            yield "The numbers are right, but two axes are exchanged: one transpose is missing, or too many."


def reversed_along(case: Case) -> Iterator[str]:
    """Back to front along an axis."""
    if not ordered(case.b):
        return
    for axis in range(case.b.ndim):
        if fits(case.a, np.flip(case.b, axis), case.tolerance):
            yield f"The numbers are right, but reversed along axis {axis}."
    if case.b.ndim >= 2 and fits(case.a, np.flip(case.b, (-2, -1)), case.tolerance):
        yield (
            "The numbers are right, but reversed along the last two axes: convolution flips the kernel, "
            "cross-correlation does not."
        )


def shifted(case: Case) -> Iterator[str]:
    """One place too early or too late."""
    for axis, length in enumerate(case.b.shape):
        if length < 3:
            continue
        early, late = _cut(axis, slice(None, -1)), _cut(axis, slice(1, None))
        for got, expected, way in ((late, early, "late"), (early, late, "early")):
            part = case.b[expected]
            if ordered(part) and fits(case.a[got], part, case.tolerance):
                yield f"The numbers are right, but stand one place too {way} along axis {axis}: off by one."


def blocks(case: Case) -> Iterator[str]:
    """Two, three or four blocks along an axis, in another order."""
    if not ordered(case.b):
        return
    for axis, length in enumerate(case.b.shape):
        for count in (2, 3, 4):
            if length % count or length == count:
                continue
            parts = np.split(case.b, count, axis=axis)
            for order in itertools.permutations(range(count)):
                if fits(case.a, np.concatenate([parts[i] for i in order], axis=axis), case.tolerance):
                    yield f"The {count} blocks along axis {axis} (gates, heads?) are right, but in another order."


def permuted(case: Case) -> Iterator[str]:
    """The same numbers in another order."""
    if not ordered(case.b) or np.unique(case.b).size < case.b.size / 2:
        return
    if case.b.ndim >= 2:
        for axis in range(case.b.ndim):
            rows_a = np.moveaxis(case.a, axis, 0).reshape(case.a.shape[axis], -1)
            rows_b = np.moveaxis(case.b, axis, 0).reshape(case.b.shape[axis], -1)
            weights = np.cos(np.arange(1.0, rows_b.shape[1] + 1))  # rows with the same weighted sum are the same rows
            order_a, order_b = np.argsort(rows_a @ weights), np.argsort(rows_b @ weights)
            if fits(rows_a[order_a], rows_b[order_b], case.tolerance):
                yield f"The slices along axis {axis} are right, but in another order."
    if fits(np.sort(case.a, axis=None), np.sort(case.b, axis=None), case.tolerance):
        yield "The numbers are right, but in another order."


def border(case: Case) -> Iterator[str]:
    """Wrong along the edges of the last two axes, and only there."""
    if case.b.ndim < 2 or min(case.b.shape[-2:]) < 3:
        return
    right = equal(case.a, case.b, case.tolerance)
    inside = right[..., 1:-1, 1:-1]
    wrong_outside = ~right
    wrong_outside[..., 1:-1, 1:-1] = False
    edges = right.size - inside.size
    if inside.all() and np.unique(case.b[..., 1:-1, 1:-1]).size >= 2 and wrong_outside.sum() > edges / 2:
        yield "It is right inside, and wrong along the border of the last two axes: look at the padding."


def some_slices(case: Case) -> Iterator[str]:
    """Right in some slices along an axis, wrong throughout the others."""
    right = equal(case.a, case.b, case.tolerance)
    for axis, length in enumerate(case.b.shape):
        if length < (4 if case.b.ndim == 1 else 2):  # of three numbers, one is easily right
            continue
        others = tuple(i for i in range(case.b.ndim) if i != axis)
        whole = np.asarray(right.all(axis=others))
        if not 0 < whole.sum() < length or not _throughout(right, whole, axis, others):
            continue
        if not np.take(case.b, np.flatnonzero(whole), axis=axis).any():
            continue  # zeros are right too easily
        where = _which(whole)
        noun = "slice" if case.b.ndim > 1 else "element"
        if where is not None:
            yield where.format(noun=noun, axis=axis)
        elif case.b.ndim > 1:
            yield f"Some slices along axis {axis} are right throughout, the others are not."


def _throughout(right: NDArray[np.bool_], whole: NDArray[np.bool_], axis: int, others: tuple[int, ...]) -> bool:
    """Whether in each of the slices that are not right most elements are wrong."""
    share = right.mean(axis=others) if others else right.astype(np.float64)
    return bool((share[~whole] < 0.5).all()) and right.shape[axis] > 1


def _which(whole: NDArray[np.bool_]) -> str | None:
    if whole.size < 3:
        return (
            None
            if whole.size < 2
            else f"Only the {'first' if whole[0] else 'last'} {{noun}} along axis {{axis}} is right."
        )
    if whole.sum() == 1 and (whole[0] or whole[-1]):
        return f"Only the {'first' if whole[0] else 'last'} {{noun}} along axis {{axis}} is right."
    if whole.sum() == whole.size - 1 and not (whole[0] and whole[-1]):
        return f"Only the {'last' if whole[0] else 'first'} {{noun}} along axis {{axis}} is wrong."
    return None


def _cut(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)
