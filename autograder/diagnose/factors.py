"""Right up to a factor, or up to something added."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograder.diagnose.fit import Array, Case, fits, telling


def named(case: Case) -> Iterator[str]:
    """One factor for all elements, and a known one."""
    factor = _factor(case)
    if factor is None:
        return
    if _same(factor, -1, case):
        yield "Every element has the wrong sign."
        return
    sign = "" if factor > 0 else "The sign is wrong, and apart from that: "
    for value, meaning in _meanings(case):
        if not _same(value, 1, case) and _same(abs(factor), value, case):
            yield f"{sign}{meaning}"


def unnamed(case: Case) -> Iterator[str]:
    """One factor for all elements, whatever it is."""
    if case.b.size >= 3 and np.unique(case.b[case.b != 0]).size >= 3 and _factor(case) is not None:
        yield "All elements are off by the same factor: a constant of the formula is missing, wrong, or there twice."


def extra_term(case: Case) -> Iterator[str]:
    """What differs is a multiple of one of the arguments."""
    difference = case.a - case.b
    for name, term in case.terms.items():
        x = np.asarray(term, dtype=np.float64)
        if x.shape != difference.shape or np.unique(x[x != 0]).size < 2 or not np.isfinite(x).all():
            continue
        multiple = float((difference * x).sum() / (x * x).sum())
        if multiple != 0 and fits(multiple * x, difference, max(case.tolerance, _cancellation(case, difference))):
            yield f"What differs is a multiple of {name}: a term with {name} is missing, there twice, or weighted wrongly."


def offset(case: Case) -> Iterator[str]:
    """The same amount added to every element."""
    difference = case.a - case.b
    if np.unique(case.b).size < 3:
        return
    if fits(difference, np.full_like(difference, difference.mean()), _along(case, difference)):
        yield "Every element is off by the same amount: an added constant is missing, or one too many."


def offset_along(case: Case) -> Iterator[str]:
    """An amount that is the same along one axis."""
    difference = case.a - case.b
    for axis in _axes(case.b):
        first = np.take(difference, [0], axis=axis)
        if fits(difference, np.broadcast_to(first, difference.shape), _along(case, difference)):
            yield (
                f"What differs is the same all along axis {axis}: an added term without this axis (a bias, a normaliser) "
                "is missing, wrong, or one too many."
            )


def factor_along(case: Case) -> Iterator[str]:
    """A factor that is the same along one axis."""
    for axis in _axes(case.b):
        weight = (case.b * case.b).sum(axis=axis, keepdims=True)
        if (weight == 0).any() or np.unique(case.b).size < 4:
            continue
        factor = (case.a * case.b).sum(axis=axis, keepdims=True) / weight
        if (factor != 0).all() and fits(case.a, factor * case.b, case.tolerance):
            yield (
                f"Along axis {axis} all elements are off by one factor, and elsewhere by another: look at what is summed, "
                "averaged or normalised over this axis."
            )


def _factor(case: Case) -> float | None:
    if not telling(case.b) or case.b.size == 0:
        return None
    largest = np.abs(case.b).max()
    b = case.b / largest
    factor = float((case.a * b).sum() / (b * b).sum() / largest)
    if factor == 0 or not math.isfinite(factor) or not fits(case.a, factor * case.b, case.tolerance):
        return None
    return factor


def _meanings(case: Case) -> Iterator[tuple[float, str]]:
    """Known factors, the more telling first; a size of 2 is left to the plain 2."""
    sizes = case.sizes or {f"the length of axis {axis}": size for axis, size in enumerate(case.b.shape)}
    sizes = {name: size for name, size in sizes.items() if size > 2}
    for name, n in sizes.items():
        yield n, f"Every element is too large by the factor {name}: a sum and a mean differ by exactly this."
        yield 1 / n, f"Every element is too small by the factor {name}: a mean and a sum differ by exactly this."
    yield 2, "Every element is twice the expected one: a 1/2 of the definition is lost, or something is counted twice."
    yield 1 / 2, "Every element is half the expected one: a 1/2 is one too many, or the 2 of a derivative is lost."
    for base, name in ((2, "2"), (10, "10")):
        for value in (math.log(base), 1 / math.log(base)):
            yield value, f"Logarithms to base {name} and natural logarithms differ by exactly this factor."
    for name, n in sizes.items():
        yield math.sqrt(n), f"Every element is too large by the square root of {name}: look for a scale in the formula."
        yield 1 / math.sqrt(n), f"Every element is too small by the square root of {name}: a scale is there twice?"
    for name, n in sizes.items():
        for value in (n / (n - 1), (n - 1) / n):
            yield value, f"The biased and the unbiased variance over {name} elements differ by exactly this factor."
            yield (
                math.sqrt(value),
                f"The biased and the unbiased standard deviation over {name} elements differ by exactly this factor.",
            )


def _same(factor: float, value: float, case: Case) -> bool:
    return math.isclose(factor, value, rel_tol=case.tolerance)


def _axes(b: Array) -> Iterator[int]:
    """The axes along which something can be constant without being trivial."""
    if b.ndim < 2:
        return
    for axis, length in enumerate(b.shape):
        if length > 1 and b.size // length > 1:
            yield axis


def _along(case: Case, difference: Array) -> float:
    return max(case.tolerance, _cancellation(case, difference))


def _cancellation(case: Case, difference: Array) -> float:
    """Rounding of a difference, relative to its largest element; so large that nothing fits if little is left of it."""
    largest = float(np.abs(difference).max())
    rounding = (1e-6 if case.single else 1e-14) * float(np.abs(case.b).max())
    return rounding / largest if rounding < 1e-3 * largest else 0.0
