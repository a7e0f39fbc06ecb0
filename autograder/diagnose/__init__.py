"""Explaining a mismatch: what kind of mistake would give exactly these wrong numbers?

Asked only after a comparison failed. A hint is a sentence that names the symptom and the concept behind it, not the fix.
It is given only if the wrong numbers fit it within rounding, and never quotes a value: hidden checks show it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograder.diagnose import arrangement, factors, shapes, values
from autograder.diagnose.fit import Case, fits

LARGEST = 500_000
"""Arrays with more elements are looked at for shape, nan and inf alone: an explanation may take two seconds."""
NEARLY = 1e-5
"""Relative to the largest element: what is closer than this is a matter of precision."""


def explain(
    actual: Any,
    expected: Any,
    *,
    sizes: Mapping[str, int] | None = None,
    terms: Mapping[str, Any] | None = None,
) -> str | None:
    """A hint that fits the difference between two arrays of real numbers, the most specific one first; or None.

    sizes: dimensions by the name that a student knows them by, as in {"X.shape[0]": 5}: wrong factors are looked for here
    terms: arrays by name, of which a multiple may have been added
    Never raises: a hint is a courtesy, and the verdict stands without it.
    """
    try:
        with np.errstate(all="ignore"):
            right = np.asarray(expected)
            hint = next(_hints(np.asarray(actual), right, dict(sizes or {}), dict(terms or {})), None)
            return hint if hint is None or right.ndim else _of_a_number(hint)
    except Exception:  # noqa: BLE001 - see the docstring
        return None


def _hints(
    actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], sizes: dict[str, int], terms: dict[str, Any]
) -> Iterator[str]:
    if actual.dtype.kind not in "biuf" or expected.dtype.kind not in "biuf":
        return
    if actual.shape != expected.shape:
        yield from shapes.hints(actual, expected)
        return
    case = Case.of(actual, expected, sizes, terms)
    if case.b.size == 0 or not np.isfinite(case.b).all():
        return
    if not np.isfinite(case.a).all():
        yield from values.not_finite(case)
        return
    if case.b.size > LARGEST:
        return
    if fits(case.a, case.b, NEARLY):  # nearly right: no other explanation may claim it
        yield from values.precision(case)
        return
    for detector in (
        values.truncated,
        values.zero,
        factors.named,
        values.complement,
        arrangement.transposed,
        values.normalised_over_another_axis,
        values.unmasked,
        values.masked_too_much,
        arrangement.reversed_along,
        arrangement.shifted,
        values.of_a_function,
        factors.extra_term,
        factors.offset,
        arrangement.blocks,
        arrangement.permuted,
        values.clipped,
        values.all_the_same,
        arrangement.border,
        arrangement.some_slices,
        factors.unnamed,
        factors.offset_along,
        factors.factor_along,
    ):
        yield from detector(case)


def _of_a_number(hint: str) -> str:
    return hint.replace("Every element is", "It is").replace("Every element has", "It has").replace(" everywhere", "")
