"""Arrays of different shapes: are the numbers right all the same, and what made the shape?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.diagnose.fit import fits, telling

TOLERANCE = 1e-6
MOST_AXES = 5


def hints(actual: NDArray[Any], expected: NDArray[Any]) -> Iterator[str]:
    """What may have led from the one shape to the other."""
    a, b = actual.astype(np.float64), expected.astype(np.float64)
    yield from _transposed(a, b)
    yield from _broadcast(a, b)
    yield from _length_one(a, b)
    yield from _not_reduced(a, b)
    yield from _reduced_too_far(a, b)
    if a.size == b.size > 1 and fits(a.reshape(-1), b.reshape(-1), TOLERANCE):
        yield "The numbers are right and in the right order, but in another shape."


def _transposed(a: NDArray[Any], b: NDArray[Any]) -> Iterator[str]:
    if a.ndim != b.ndim or not 2 <= a.ndim <= MOST_AXES or sorted(a.shape) != sorted(b.shape):
        return
    for axes in itertools.permutations(range(b.ndim)):
        if fits(a, b.transpose(axes), TOLERANCE):
            yield "The numbers are right, but the axes stand in another order: one transpose is missing, or too many."
    yield "The sizes are right, but the axes stand in another order: is something transposed?"


def _broadcast(a: NDArray[Any], b: NDArray[Any]) -> Iterator[str]:
    n = a.shape[-1] if a.ndim else 0
    if a.ndim >= 2 and n > 1 and a.shape[-2] == n and b.shape in {(*a.shape[:-2], n), (*a.shape[:-2], n, 1)}:
        yield (
            "An array of shape (N,) and one of shape (N, 1) were combined: numpy stretches them to (N, N), each element "
            "with each."
        )


def _length_one(a: NDArray[Any], b: NDArray[Any]) -> Iterator[str]:
    if a.size == b.size and a.ndim != b.ndim and np.squeeze(a).shape == np.squeeze(b).shape:
        change = "One axis of length 1 is too many" if a.ndim > b.ndim else "An axis of length 1 is missing"
        right = "; the numbers are right" if fits(np.squeeze(a), np.squeeze(b), TOLERANCE) else ""
        yield f"{change}{right}. Sums and slices drop an axis, keepdims=True and [:, None] keep or add one."


def _not_reduced(a: NDArray[Any], b: NDArray[Any]) -> Iterator[str]:
    """The expected result is a sum or mean of what was got."""
    if a.size <= b.size or not a.size or not telling(b):
        return
    if b.ndim == 0:
        for name, total in (("mean", a.mean()), ("sum", a.sum())):
            if fits(np.asarray(total), b, TOLERANCE):
                yield f"These are the single terms: their {name} is the expected number."
    for axis in range(a.ndim):
        for name, reduced in (("mean", a.mean(axis=axis)), ("sum", a.sum(axis=axis))):
            if fits(reduced, b, TOLERANCE):
                yield f"These are the single terms: their {name} over axis {axis} is the expected result."


def _reduced_too_far(a: NDArray[Any], b: NDArray[Any]) -> Iterator[str]:
    if b.size <= a.size or not b.size or not telling(a):
        return
    if a.ndim == 0:
        for name, total in (("mean", b.mean()), ("sum", b.sum())):
            if fits(a, np.asarray(total), TOLERANCE):
                yield f"This is the {name} of the expected elements: something is reduced that should be kept."
    for axis in range(b.ndim):
        for name, reduced in (("mean", b.mean(axis=axis)), ("sum", b.sum(axis=axis))):
            if fits(a, reduced, TOLERANCE):
                yield f"This is the {name} of the expected elements over axis {axis}, which should be kept."
