"""Values against right values: closeness, shape, dtype, exact integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autograder import diagnose
from autograder.compare.arrays import array_of_shape, as_array, expected_array
from autograder.compare.failure import Differs, Mismatch, numbers, place
from autograder.compare.tolerance import Kind, Tolerance, norm_relative_error, tolerance
from autograder.errors import CourseError

Array = NDArray[Any]

DTYPE_WORDS: dict[Any, str] = {
    np.floating: "a floating-point dtype",
    np.integer: "an integer dtype",
    np.number: "a number dtype",
    np.bool_: "bool",
    bool: "bool",
}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    what: str,
    kind: Kind = "forward",
    rtol: float | None = None,
    atol: float | None = None,
    because: str | None = None,
    dtype: DTypeLike | None = None,
    actual_dtype: DTypeLike | None = None,
    sizes: Mapping[str, int] | None = None,
    terms: Mapping[str, Any] | None = None,
) -> None:
    """The values are the right ones, up to rounding.

    what: how the student would write it, as in "softmax(x).sum(axis=-1)"
    kind: row of the tolerance table; `rtol` and `atol` override it together, and need `because`
    dtype: judge at this precision (np.float32) instead of that of `expected`
    actual_dtype: the dtype that the answer must have; without it every real dtype will do, but for bool and floats
    sizes, terms: sizes and arrays by name, from which a wrong factor or an extra term may be explained

    Integers and bools are compared exactly if both sides are such.
    Raises CheckFailed; GraderError if `expected` is not numbers or holds NaN.
    """
    right = expected_array(expected, what=what)
    got = array_of_shape(actual, right.shape, what=what, right=right)
    if actual_dtype is not None:
        assert_dtype(got, actual_dtype, what=what)
    _same_kind(got, right, what=what)
    allowed = tolerance(kind, right.dtype if dtype is None else dtype, rtol=rtol, atol=atol, because=because)
    both_exact = got.dtype.kind in "biu" and right.dtype.kind in "biu"
    if both_exact and because is None:
        wrong, detail = got != right, ""
    elif kind == "gradient":
        wrong, detail = _gradient_difference(got, right, allowed)
    else:
        wrong, detail = _difference(got, right, allowed), ""
    if wrong.any():
        hint = diagnose.explain(got, right, sizes=sizes, terms=terms)
        raise _differs(got, right, wrong, what=what, detail=detail, allowed=allowed, hint=hint)


def assert_shape(actual: Any, shape: tuple[int, ...], *, what: str) -> None:
    """The value has this shape, as an array, a tensor or a nested list; () is a single number."""
    array_of_shape(actual, tuple(shape), what=what)


def assert_dtype(actual: Any, dtype: Any, *, what: str) -> None:
    """The value has this dtype: `np.float32`, or a family of dtypes such as `np.floating`, `np.integer`.

    A Python float counts as float64, a Python int as int64.
    """
    got = as_array(actual, what=what).dtype
    if isinstance(dtype, type) and issubclass(dtype, np.generic) and dtype in {np.floating, np.integer, np.number}:
        fits = np.issubdtype(got, dtype)
        wanted = DTYPE_WORDS[dtype]
    else:
        fits = got == np.dtype(dtype)
        wanted = np.dtype(dtype).name
    if not fits:
        hint = None
        if wanted == "float32" and got == np.float64:
            hint = "An array made without dtype= is float64, and float64 with float32 gives float64."
        raise Differs(f"{what} has dtype {got.name}, expected {wanted}.", hint=hint)


def assert_integer(actual: Any, expected: Any, *, what: str) -> None:
    """The value is exactly this integer, or array of integers, and is an integer by its type too."""
    right = expected_array(expected, what=what)
    if right.dtype.kind not in "iu":
        raise CourseError(f"assert_integer: the expected value of {what} is not an integer")
    wanted = "an integer" if right.ndim == 0 else f"integers of shape {right.shape}"
    got = array_of_shape(actual, right.shape, what=what)
    if got.dtype.kind == "b":
        raise Differs(f"{what} is a bool, expected {wanted}.")
    if got.dtype.kind == "f":
        hint = "The value is right, but it is a float: `/` gives a float, and so does np.sum of floats."
        shown = f"is the float {got.item():.6g}" if got.ndim == 0 else "holds floats"
        raise Differs(
            f"{what} {shown}, expected {wanted}.",
            redacted=f"{what} {'is a float' if got.ndim == 0 else 'holds floats'}, expected {wanted}.",
            hint=hint if np.array_equal(got, right) else None,
        )
    wrong = got != right
    if wrong.any():
        raise _differs(got, right, wrong, what=what, detail="", allowed=None, hint=None)


def _same_kind(got: Array, right: Array, *, what: str) -> None:
    if got.dtype.kind == "b" and right.dtype.kind == "f":
        raise Differs(f"{what} holds True and False (dtype bool), expected numbers."
                      if got.ndim else f"{what} is a bool, expected a number.")  # fmt: skip
    if got.dtype.kind == "f" and right.dtype.kind == "b":
        raise Differs(f"{what} holds floats, expected True and False (dtype bool)."
                      if got.ndim else f"{what} is a float, expected True or False.")  # fmt: skip


def _difference(got: Array, right: Array, allowed: Tolerance) -> NDArray[np.bool_]:
    a, b = got.astype(np.float64), right.astype(np.float64)
    finite = np.isfinite(b)
    largest = float(np.abs(b[finite]).max(initial=1.0))
    with np.errstate(all="ignore"):
        limit = allowed.atol * largest + allowed.rtol * np.abs(b)
        close = (a == b) | (finite & (np.abs(a - b) <= limit))
    return np.asarray(~close)


def _gradient_difference(got: Array, right: Array, allowed: Tolerance) -> tuple[NDArray[np.bool_], str]:
    a, b = got.astype(np.float64), right.astype(np.float64)
    if not np.isfinite(b).all():  # nothing to take a norm of: an infinite slope is right only where it is expected
        return _difference(got, right, allowed), ""
    error = norm_relative_error(a, b)
    with np.errstate(all="ignore"):
        difference = np.abs(a - b)
        largest = float(difference.max(initial=0.0))
        if error <= allowed.rtol or largest <= allowed.atol:
            return np.zeros(a.shape, dtype=np.bool_), ""
        limit = min(allowed.rtol * float(np.abs(b).max()) + allowed.atol, 0.999 * largest)  # the largest is shown
        wrong = ~(difference <= limit)
    detail = "" if not np.isfinite(error) else f"relative error {error:.2g}, allowed {allowed.rtol:.0e}; "
    return wrong, detail


def _differs(
    got: Array,
    right: Array,
    wrong: NDArray[np.bool_],
    *,
    what: str,
    detail: str,
    allowed: Tolerance | None,
    hint: str | None,
) -> Differs:
    worst = _worst(got, right, wrong)
    first, second = numbers(got[worst], right[worst])
    values = f"got {first}, expected {second}" + _margin(got[worst], right[worst], allowed, detail)
    mismatch = Mismatch(what, got, right, wrong)
    if got.ndim == 0:
        return Differs(f"{what}: {detail}{values}.", redacted=f"{what} is not right.", hint=hint, mismatch=mismatch)
    count = int(wrong.sum())
    verb = "differs" if count == 1 else "differ"
    counted = f"{what}: {count} of {got.size} elements {verb}"
    where = "at" if count == 1 else "worst at"
    return Differs(
        f"{counted}; {detail}{where} {place(worst)}: {values}.",
        redacted=f"{counted}.",
        hint=hint,
        mismatch=mismatch,
    )


def _worst(got: Array, right: Array, wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    with np.errstate(all="ignore"):
        distance = np.abs(got.astype(np.float64) - right.astype(np.float64))
    distance = np.where(np.isnan(distance), np.inf, distance)
    flat = int(np.argmax(np.where(wrong, distance, -1.0)))
    return tuple(int(i) for i in np.unravel_index(flat, got.shape))


def _margin(got: Any, right: Any, allowed: Tolerance | None, detail: str) -> str:
    """How much was allowed, where the two numbers look alike."""
    if allowed is None or detail or got.dtype.kind != "f":
        return ""
    with np.errstate(all="ignore"):
        distance = abs(float(got) - float(right))
        if not distance <= 1e-3 * max(1.0, abs(float(right))):
            return ""
    return f" (off by {distance:.1e}; only rounding is allowed)"
