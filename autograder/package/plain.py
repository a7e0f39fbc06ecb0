"""Values that travel in a package: numbers, strings, containers and arrays, as JSON and .npz, without pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import CourseError

Array = NDArray[Any]

RELATIVE_TOLERANCE = 1e-9
"""Inputs are drawn with few decimals and agree exactly; what a check computes from them may differ in its last digits."""


def plain(value: Any) -> Any:
    """A copy in plain types: arrays, numbers, strings, containers; tensors become arrays.

    Raises CourseError for anything else: it cannot be recorded.
    """
    if value is None or (isinstance(value, bool | int | float | complex | str) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "fiubc":
            raise CourseError(f"a public check gives the reference an array of dtype {value.dtype}")
        return np.array(value)
    if hasattr(value, "detach"):
        return plain(value.detach().cpu().numpy())
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value) if type(value) in {list, tuple} else tuple(map(plain, value))
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(item) for key, item in value.items()}
    raise CourseError(f"a public check gives the reference an object of type {type(value).__name__}, "
                      "which cannot be recorded")  # fmt: skip


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are equal, floating-point numbers up to the last digits."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        one, other = np.asarray(one), np.asarray(other)
        if one.shape != other.shape or one.dtype.kind not in "fiubc" or other.dtype.kind not in "fiubc":
            return False
        if one.dtype.kind not in "fc" and other.dtype.kind not in "fc":
            return bool(np.array_equal(one, other))
        finite = np.abs(one[np.isfinite(one)])
        scale = float(finite.max()) if finite.size else 0.0
        return bool(np.allclose(one, other, rtol=RELATIVE_TOLERANCE, atol=RELATIVE_TOLERANCE * scale, equal_nan=True))
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float | complex) or isinstance(other, float | complex):
        numbers = isinstance(one, int | float | complex) and isinstance(other, int | float | complex)
        return numbers and same(np.asarray(one), np.asarray(other))
    return type(one) is type(other) and bool(one == other)


class Store:
    """Arrays by number, each kept once; a value as a JSON tree in which an array is its number."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.numbers: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def tree(self, value: Any) -> Any:
        """`value` as a JSON tree; its arrays are kept."""
        if isinstance(value, np.ndarray):
            key = (value.dtype.str, value.shape, value.tobytes())
            if key not in self.numbers:
                self.numbers[key] = len(self.arrays)
                self.arrays.append(value)
            return {"array": self.numbers[key]}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, tuple):
            return {"tuple": [self.tree(item) for item in value]}
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        if isinstance(value, dict):
            return {"dict": [[key, self.tree(item)] for key, item in value.items()]}
        return value

    def npz(self) -> bytes:
        """As numpy.savez writes it, but always dated 1980."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, array in enumerate(self.arrays):
                content = io.BytesIO()
                np.lib.format.write_array(content, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{number}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def value_of(tree: Any, arrays: Mapping[str, Array]) -> Any:
    """The value of a tree that a Store made. Raises ValueError for anything else."""
    if isinstance(tree, list):
        return [value_of(item, arrays) for item in tree]
    if isinstance(tree, dict):
        ((kind, content),) = tree.items()
        match kind:
            case "array":
                return arrays[str(content)]
            case "complex":
                return complex(*content)
            case "tuple":
                return tuple(value_of(item, arrays) for item in content)
            case "dict":
                return {key: value_of(item, arrays) for key, item in content}
        raise ValueError(f"unknown tag {kind}")
    return tree
