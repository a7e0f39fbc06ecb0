"""The failed comparison: what differs, and how numbers and shapes are put into words.

A message may quote what was got and expected. Its redacted form, for hidden checks, holds nothing that the student's code
could choose freely, no expected value and no input: of a shape only the dimensions that are 1 or expected anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import CheckFailed

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Mismatch:
    """Two arrays of one shape, and where the first is wrong: for a notebook to draw."""

    what: str
    actual: Array
    expected: Array
    wrong: NDArray[np.bool_]


class Differs(CheckFailed):
    """A comparison found a difference. `mismatch` holds the arrays if there are two of one shape."""

    def __init__(
        self, message: str, *, redacted: str | None = None, hint: str | None = None, mismatch: Mismatch | None = None
    ) -> None:
        super().__init__(message, redacted=redacted, hint=hint)
        self.mismatch = mismatch


def numbers(got: Any, expected: Any) -> tuple[str, str]:
    """Both as text, with as many digits as it takes to tell them apart, at least six if there are as many."""
    for digits in (6, 9, 12, 17):
        texts = _number(got, digits), _number(expected, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _number(value: Any, digits: int) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return f"{float(value):.{digits}g}"


def place(index: tuple[int, ...]) -> str:
    """As in "(3, 1)", or "index 3" where there is one axis."""
    return f"index {index[0]}" if len(index) == 1 else str(tuple(int(i) for i in index))


def sized(shape: tuple[int, ...]) -> str:
    """What a value of this shape is called: "a single number", "an array of shape (4, 7)"."""
    return f"an array of shape {shape}" if shape else "a single number"


def shape_difference(actual: tuple[int, ...], expected: tuple[int, ...], *, what: str) -> tuple[str, str]:
    """The message for a wrong shape, and its redacted form."""
    wanted = f"shape {expected}" if expected else "a single number"
    if not actual:
        message = f"{what} is a single number, expected {wanted}."
        return message, message
    if len(actual) > 8:
        return f"{what} has {len(actual)} dimensions, expected {wanted}.", f"{what} has the wrong shape."
    if len(actual) > len(expected) + 1:  # so many known sizes in any order could spell something
        return f"{what} has shape {actual}, expected {wanted}.", f"{what} has too many dimensions, expected {wanted}."
    known = [str(size) if size == 1 or size in expected else "?" for size in actual]
    redacted = f"({known[0]},)" if len(known) == 1 else f"({', '.join(known)})"
    return f"{what} has shape {actual}, expected {wanted}.", f"{what} has shape {redacted}, expected {wanted}."
