"""What a function does beside its result: its arguments left alone, the same answer twice, a training run that learns."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.compare.arrays import Unfit, _array, as_array
from autograder.compare.failure import Differs
from autograder.compare.tolerance import TABLE, precision
from autograder.errors import CourseError

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def assert_unchanged(function: Callable[..., Any], args: Sequence[Any], *, what: str | None = None) -> None:
    """Calling `function(*args)` leaves its arguments as they were, bit for bit."""
    name = what or f"`{name_of(function)}`"
    observe = getattr(function, "observed", None)
    before = copy.deepcopy(tuple(args))
    if observe is None:
        after = copy.deepcopy(tuple(args))
        function(*after)
    else:
        _, after = observe(*args)
    for position, (was, now) in enumerate(zip(before, tuple(after), strict=False)):
        if not _equal(was, now, tolerant=False):
            ordinal = ORDINALS[position] if position < len(ORDINALS) else f"{position + 1}th"
            raise Differs(
                f"{name} changes its {ordinal} argument: after the call it holds other values.",
                hint="An array is passed as it is, not as a copy: `x += 1` or `x[0] = 1` changes it for the caller too.",
            )


def assert_deterministic(
    function: Callable[..., Any],
    args: Sequence[Any],
    *,
    between: Sequence[Any] | None = None,
    what: str | None = None,
) -> None:
    """Two calls with the same arguments give the same answer, also with another call `between` them."""
    name = what or f"`{name_of(function)}`"
    first = copy.deepcopy(function(*copy.deepcopy(tuple(args))))
    if between is not None:
        function(*copy.deepcopy(tuple(between)))
    second = function(*copy.deepcopy(tuple(args)))
    if _equal(first, second, tolerant=True):
        return
    if between is None:
        raise Differs(
            f"{name} gives two different answers for the same arguments.",
            hint="Something that outlives the call takes part: a random generator, a global name, or an argument that "
            "was changed in place.",
        )
    raise Differs(
        f"{name} gives another answer for the same arguments once it was called with others.",
        hint="Something of the earlier call is still there: a global name, a mutable default, or a cache on an object.",
    )


def assert_trains(
    value: Any, *, what: str, below: float | None = None, above: float | None = None, monotone: bool = False
) -> None:
    """A training run learned: the value, or the last of a history, is below or above its limit.

    monotone: a history also never goes the wrong way (up if `below` is given or neither is, down for `above`).
    Raises CourseError if nothing is asked for, or both limits are.
    """
    if (below is None and above is None and not monotone) or (below is not None and above is not None):
        raise CourseError("assert_trains: give one of below= and above=, or monotone=True")
    history = np.atleast_1d(as_array(value, what=what, wanted="a number or a list of numbers").astype(np.float64))
    if history.ndim != 1:
        raise Differs(f"{what} has {history.ndim} dimensions, expected a number or a list of numbers.",
                      redacted=f"{what} has the wrong shape.")  # fmt: skip
    if not history.size:
        raise Differs(f"{what} is empty, expected at least one number.")
    if not np.isfinite(history).all():
        step = int(np.argmin(np.isfinite(history)))
        raise Differs(
            f"{what} is {history[step]:g}" + (f" from step {step} on." if history.size > 1 else "."),
            redacted=f"{what} is not finite.",
            hint="A loss that becomes nan or inf usually means a step that is too long, or a log(0) in the loss.",
        )
    last = float(history[-1])
    ends = "ends at" if history.size > 1 else "is"
    if below is not None and not last < below:
        raise Differs(f"{what} {ends} {last:.4g}, expected below {below:g}.", redacted=f"{what} is not low enough.")
    if above is not None and not last > above:
        raise Differs(f"{what} {ends} {last:.4g}, expected above {above:g}.", redacted=f"{what} is not high enough.")
    if monotone:
        steps = np.diff(history) * (-1.0 if above is not None else 1.0)
        slack = 1e-12 * np.maximum(1.0, np.abs(history[:-1]))
        if (steps > slack).any():
            step = int(np.argmax(steps > slack)) + 1
            way = "falls" if above is not None else "rises"
            raise Differs(
                f"{what} {way} at step {step}, from {history[step - 1]:.6g} to {history[step]:.6g}.",
                redacted=f"{what} {way} at some step.",
            )


def name_of(function: Any) -> str:
    """The name under which a function of the student, of the reference, or any other is known."""
    for attribute in ("name", "__name__"):
        name = getattr(function, attribute, None)
        if isinstance(name, str):
            return name
    return "the function"


def _equal(a: Any, b: Any, *, tolerant: bool) -> bool:
    """Whether two answers hold the same data; NaN equals NaN here. Objects that are no data are not looked into."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(_equal(x, y, tolerant=tolerant) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(_equal(a[key], b[key], tolerant=tolerant) for key in a)
    if isinstance(a, (str, bytes)) or isinstance(b, (str, bytes)):
        return type(a) is type(b) and bool(a == b)
    if a is None or b is None:
        return a is b
    x, y = _data(a), _data(b)
    if x is None or y is None:
        return x is y
    return _equal_arrays(x, y, tolerant=tolerant)


def _data(value: Any) -> NDArray[Any] | None:
    try:
        return _array(value)
    except Unfit:
        return None


def _equal_arrays(x: NDArray[Any], y: NDArray[Any], *, tolerant: bool) -> bool:
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.dtype.kind != "f":
        return bool(np.array_equal(x, y))
    limit = TABLE["exact", precision(x.dtype)].atol if tolerant else 0.0
    with np.errstate(all="ignore"):
        finite = np.abs(x[np.isfinite(x)].astype(np.float64))
        near = np.abs(x.astype(np.float64) - y.astype(np.float64)) <= limit * float(finite.max(initial=1.0))
        return bool(np.all((x == y) | (np.isnan(x) & np.isnan(y)) | (near & np.isfinite(x))))
