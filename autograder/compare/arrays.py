"""What a student returned, as a plain array; or one sentence saying why it is none.

Lists and tensors count as arrays. An opaque object is never asked for anything: its class is the student's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder import diagnose
from autograder.compare.failure import Differs, shape_difference, sized
from autograder.errors import GraderError

Array = NDArray[Any]

NOT_NUMBERS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "a string"),
    ((bytes, bytearray), "bytes"),
    (dict, "a dict"),
    ((set, frozenset), "a set"),
    (complex, "a complex number"),
)


class Unfit(Exception):
    """A value that is no array of real numbers: `fact` completes the sentence "It ..."."""

    def __init__(self, fact: str, redacted: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(fact)
        self.fact = fact
        self.redacted = redacted or fact
        self.hint = hint


def as_array(value: Any, *, what: str, wanted: str = "numbers") -> Array:
    """The value as a plain numpy array of bool, integer or floating dtype. Raises CheckFailed if it is none."""
    try:
        return _array(value)
    except Unfit as error:
        raise Differs(
            f"{what} {error.fact}, expected {wanted}.",
            redacted=f"{what} {error.redacted}, expected {wanted}.",
            hint=error.hint,
        ) from None


def array_of_shape(value: Any, shape: tuple[int, ...], *, what: str, right: Array | None = None) -> Array:
    """The value as an array of exactly this shape; () is a single number. Raises CheckFailed if it is none.

    right: the right answer, if it is known, to explain the shape with
    """
    array = as_array(value, what=what, wanted=sized(shape))
    if array.shape == shape:
        return array
    if isinstance(value, tuple):
        raise Differs(
            f"{what} is a tuple of {len(value)} values, expected {sized(shape)}.",
            redacted=f"{what} is a tuple, expected {sized(shape)}.",
        )
    message, redacted = shape_difference(array.shape, shape, what=what)
    hint = None if right is None else diagnose.explain(array, right)
    raise Differs(message, redacted=redacted, hint=hint)


def parts(value: Any, names: Sequence[str], *, what: str) -> tuple[Any, ...]:
    """The values that a function returns together: a tuple or list in this order, or a dict with these keys.

    Raises CheckFailed if there are more or fewer: a check that unpacked them itself would fall over.
    """
    wanted = f"expected {len(names)} values: {', '.join(names)}"
    if isinstance(value, dict):
        missing = [name for name in names if name not in value]
        if missing:
            raise Differs(f"{what} is a dict without {', '.join(missing)}, {wanted}.")
        return tuple(value[name] for name in names)
    if isinstance(value, (tuple, list)):
        if len(value) == len(names):
            return tuple(value)
        raise Differs(
            f"{what} is {len(value)} value{'' if len(value) == 1 else 's'}, {wanted}.",
            redacted=f"{what} is too {'few' if len(value) < len(names) else 'many'} values, {wanted}.",
        )
    if value is None:
        raise Differs(f"{what} is None, {wanted}.", hint="A function without `return` returns None.")
    raise Differs(f"{what} is a single value, {wanted}.")


def expected_array(value: Any, *, what: str) -> Array:
    """The right answer as an array. Raises GraderError if it is not numbers, or holds a NaN, which nothing equals."""
    try:
        array = _array(value)
    except Unfit as error:
        raise GraderError(f"the expected value of {what} {error.fact}") from None
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise GraderError(f"the expected value of {what} holds nan")
    return array


def _array(value: Any) -> Array:
    if value is None:
        raise Unfit("is None", hint="A function without `return` returns None.")
    if is_tensor(value):
        value = _detached(value)
    if isinstance(value, (bool, int, float, np.generic)):
        return _real(_scalar(value))
    if isinstance(value, np.ndarray):
        return _real(value.view(np.ndarray))
    for kind, name in NOT_NUMBERS:
        if isinstance(value, kind):
            raise Unfit(f"is {name}")
    if isinstance(value, (list, tuple)):
        return _stacked(value)
    raise Unfit("is an object that is neither a number nor an array")


def _scalar(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > 63:
        try:
            return np.float64(value)
        except OverflowError:
            raise Unfit("is an integer beyond the range of float64") from None
    return np.asarray(value)


def _stacked(value: list[Any] | tuple[Any, ...]) -> Array:
    several = f"is a tuple of {len(value)} values" if isinstance(value, tuple) else ""
    if several and any(isinstance(item, np.ndarray) or is_tensor(item) or item is None for item in value):
        raise Unfit(several, "is a tuple")
    items = [_detached(item) if is_tensor(item) else item for item in value]
    try:
        array = np.asarray(items)
    except (ValueError, TypeError, OverflowError, RecursionError, RuntimeError):
        if several:
            raise Unfit(several, "is a tuple") from None
        raise Unfit("is a list whose rows differ in length") from None
    if array.dtype.kind in "biuf":
        return _real(array)
    if several:
        raise Unfit(several, "is a tuple")
    raise Unfit("is a list with something in it that is not a number")


def _real(given: Any) -> Array:
    array: Array = np.asarray(given)
    match array.dtype.kind:
        case "b" | "i" | "u":
            return array
        case "f":
            if array.dtype.itemsize > 8:
                with np.errstate(all="ignore"):
                    return array.astype(np.float64)
            return array
        case "c":
            raise Unfit("is complex", hint="A root or power of a negative number is complex.")
        case "U" | "S" | "T":
            raise Unfit("holds text")
        case "O":
            raise Unfit("holds objects (dtype object)", hint="Rows of different length, or a None among the numbers, "
                        "make an array of dtype object.")  # fmt: skip
        case _:
            raise Unfit("holds something that is not numbers")


def is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor, without importing torch to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _detached(tensor: Any) -> Array:
    import torch

    try:
        plain = tensor.detach().cpu().resolve_conj().resolve_neg()
        plain = plain.to_dense() if plain.layout != torch.strided else plain
        return np.asarray(plain.float().numpy() if plain.dtype == torch.bfloat16 else plain.numpy())
    except (RuntimeError, TypeError, NotImplementedError):
        raise Unfit("is a tensor without plain numbers (quantised, nested or on the meta device)") from None
