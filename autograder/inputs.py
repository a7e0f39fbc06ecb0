"""Seeded arrays that enlarge mistakes: what checks give to a student's functions.

Dimensions should all be different, so that a transpose shows. Values have few decimals: they print exactly, and are the
same on every platform. Every function takes the check's `rng`; none uses a global generator.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import DTypeLike, NDArray

from autograder.errors import CourseError

Array = NDArray[Any]
Shape = int | tuple[int, ...]
T = TypeVar("T")


def rng_for(secret: bytes, *, topic: str, check: str, repeat: int = 0, submission: str = "") -> Generator:
    """The generator of one run of one check: always the same for the same arguments, not to be guessed without `secret`.

    The seed is BLAKE2b (RFC 7693) of the arguments, keyed with `secret` (1 to 64 bytes).
    Raises CourseError if the secret is empty or longer.
    """
    if not 1 <= len(secret) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise CourseError(f"the course secret must have 1 to 64 bytes, it has {len(secret)}")
    digest = hashlib.blake2b(key=secret, digest_size=32, person=b"chainrule inputs")
    for part in (topic, check, str(repeat), submission):
        data = part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "little") + data)  # the length keeps ("ab", "c") apart from ("a", "bc")
    return Generator(PCG64(int.from_bytes(digest.digest(), "little")))


# --- numbers ----------------------------------------------------------------------------------------------------------


def normal(
    rng: Generator, shape: Shape, *, scale: float = 1.0, decimals: int = 3, dtype: DTypeLike = np.float64
) -> Array:
    """Normal numbers with standard deviation `scale`.

    They have `decimals` decimals where the scale is 1 or more, and correspondingly more where it is smaller.
    """
    if scale <= 0:
        raise CourseError(f"scale must be positive, got {scale}")
    return _rounded(rng.standard_normal(shape) * scale, decimals + _leading_zeros(scale)).astype(dtype)


def uniform(
    rng: Generator, shape: Shape, low: float, high: float, *, decimals: int = 3, dtype: DTypeLike = np.float64
) -> Array:
    """Numbers between `low` and `high`, both possible after rounding."""
    if not low < high:
        raise CourseError(f"low must be below high, got {low} and {high}")
    digits = decimals + _leading_zeros(high - low)
    return np.clip(_rounded(rng.uniform(low, high, shape), digits), low, high).astype(dtype)


def integers(rng: Generator, shape: Shape, low: int, high: int) -> Array:
    """Integers from `low` to `high`, both included (int64)."""
    return np.asarray(rng.integers(low, high, shape, endpoint=True), dtype=np.int64)


def distinct(rng: Generator, shape: Shape, *, gap: float = 0.1, dtype: DTypeLike = np.float64) -> Array:
    """Numbers around zero in random order, any two at least `gap` apart: no ties for max, sort or top-k."""
    shape = (shape,) if isinstance(shape, int) else shape
    count = math.prod(shape)
    values = (np.arange(count) - count // 2) * gap
    return rng.permutation(_rounded(values, 3 + _leading_zeros(gap))).reshape(shape).astype(dtype)


def away_from_kinks(x: Array, *, kinks: Sequence[float] = (0.0,), margin: float = 0.05) -> Array:
    """`x` with every value at least `margin` away from each kink, moved to the side on which it was.

    So a finite difference of ReLU, max(0, .) or |.| does not step over its kink.
    Raises CourseError if two kinks are so close that no place is left between them.
    """
    ordered = sorted(kinks)
    if any(b - a <= 2 * margin for a, b in itertools.pairwise(ordered)):
        raise CourseError(f"kinks {kinks} are too close together for a margin of {margin}")
    moved = np.array(x, copy=True)
    for kink in ordered:
        near = np.abs(moved - kink) < margin
        moved[near] = np.where(moved[near] < kink, kink - margin, kink + margin)
    return moved


# --- labels, probabilities, masks, orders -----------------------------------------------------------------------------


def labels(rng: Generator, n: int, classes: int = 2, *, values: Sequence[int] | None = None) -> Array:
    """`n` class ids from 0 to `classes - 1`, or taken from `values` as in (-1, 1); int64, shape (n,).

    Every class occurs if `n` allows it, and the counts are not all equal if that can be avoided: a mean over classes
    and a mean over samples should differ.
    """
    known = np.asarray(range(classes) if values is None else values, dtype=np.int64)
    if n <= known.size:
        return np.asarray(rng.permutation(known)[:n])
    rest = rng.integers(0, known.size, n - known.size)
    if (n % known.size) == 0:
        while np.unique(np.bincount(rest, minlength=known.size)).size == 1 and known.size > 1:
            rest = rng.integers(0, known.size, n - known.size)
    return rng.permutation(np.concatenate([known, known[rest]]))


def one_hot(ids: Array, classes: int) -> Array:
    """Rows of the identity: shape (*ids.shape, classes), float64."""
    return np.eye(classes)[ids]


def probabilities(rng: Generator, shape: tuple[int, ...], *, dtype: DTypeLike = np.float64) -> Array:
    """Distributions along the last axis: positive multiples of 1/1000 that sum to one."""
    classes = shape[-1]
    if not 1 <= classes <= 500:
        raise CourseError(f"expected 1 to 500 classes, got {classes}")
    counts = 1 + rng.multinomial(1000 - classes, rng.dirichlet(np.ones(classes), shape[:-1]))
    return (counts / 1000).astype(dtype)


def mask(rng: Generator, shape: tuple[int, ...], *, keep: float = 0.7) -> Array:
    """A bool array, True with probability `keep`; along the last axis at least one True, and one False if it is longer.

    So no softmax is over nothing, and in no row is the mask without effect.
    """
    kept = rng.random(shape) < keep
    length = shape[-1]
    if length == 0:
        return kept
    first = rng.integers(0, length, shape[:-1])
    np.put_along_axis(kept, first[..., None], values=True, axis=-1)
    if length > 1:
        other = (first + rng.integers(1, length, shape[:-1])) % length
        np.put_along_axis(kept, other[..., None], values=False, axis=-1)
    return kept


def permutation(rng: Generator, n: int) -> Array:
    """An order of 0 ... n-1 that is neither the identity nor its reverse where n > 2 (n = 2: the reverse)."""
    order = rng.permutation(n)
    plain = np.arange(n)
    while n > 2 and (np.array_equal(order, plain) or np.array_equal(order, plain[::-1])):
        order = rng.permutation(n)
    return plain[::-1].copy() if n == 2 else order


# --- shapes -----------------------------------------------------------------------------------------------------------


def distinct_sizes(rng: Generator, count: int, *, low: int = 2, high: int = 9) -> tuple[int, ...]:
    """`count` dimensions from `low` to `high`, all different.

    Raises CourseError if there are not so many.
    """
    if high - low + 1 < count:
        raise CourseError(f"there are no {count} different sizes from {low} to {high}")
    return tuple(int(size) for size in rng.permutation(np.arange(low, high + 1))[:count])


class QKV(NamedTuple):
    """Queries (*batch, n, d_k), keys (*batch, m, d_k) and values (*batch, m, d_v)."""

    q: Array
    k: Array
    v: Array


def qkv(rng: Generator, *, n: int, m: int, d_k: int, d_v: int, batch: tuple[int, ...] = ()) -> QKV:
    """Inputs of attention, drawn so that no weight saturates: scores q·k/sqrt(d_k) have a standard deviation near 1."""
    return QKV(normal(rng, (*batch, n, d_k)), normal(rng, (*batch, m, d_k)), normal(rng, (*batch, m, d_v)))


# --- case packs -------------------------------------------------------------------------------------------------------


def frozen(x: T) -> T:
    """A read-only copy of an array, or of every array in a list, tuple or dict: code that works in place raises."""
    if isinstance(x, np.ndarray):
        copied = x.copy(order="K")
        copied.flags.writeable = False
        return copied
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(frozen(item) for item in x))
    if isinstance(x, (list, tuple)):
        return type(x)(frozen(item) for item in x)
    if isinstance(x, dict):
        return {key: frozen(item) for key, item in x.items()}  # type: ignore[return-value]
    return x


def layouts(x: Array) -> dict[str, Array]:
    """Arrays equal to `x` that lie differently in memory, by name.

    Code that reads the buffer rather than the array (`reshape` for a transpose, `.data`, `tobytes`) tells them apart.
    """
    views = {"contiguous": np.array(x, order="C", copy=True)}
    if x.ndim == 0:
        return views
    if x.ndim > 1:
        views["Fortran order"] = np.array(x, order="F", copy=True)
        views["transposed view"] = np.ascontiguousarray(x.T).T
    every = (slice(None, None, -1),) * x.ndim
    views["reversed view"] = np.ascontiguousarray(x[every])[every]
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
    wide[..., ::2] = x
    views["strided view"] = wide[..., ::2]
    return views


def large(rng: Generator, shape: Shape, *, magnitude: float = 1e3, dtype: DTypeLike = np.float64) -> Array:
    """Numbers near plus and minus `magnitude`, both signs present if there are two or more: exp() of them overflows."""
    signs = rng.choice([-1.0, 1.0], shape)
    if signs.size > 1:
        flat = signs.reshape(-1)
        ends = rng.permutation(flat.size)[:2]
        flat[ends] = (-1.0, 1.0)
        signs = flat.reshape(signs.shape)
    return (signs * magnitude * _rounded(rng.uniform(0.8, 1.0, shape), 3)).astype(dtype)


def flat(shape: Shape, *, value: float = 0.7) -> dict[str, Array]:
    """Arrays without any variation, by name: all zero, all equal, and equal but for the first column of the last axis."""
    views = {"all zero": np.zeros(shape), "all equal": np.full(shape, value)}
    almost = np.full(shape, value)
    if almost.ndim and almost.shape[-1] > 2:
        almost[..., 0] -= 1.0
        views["ties for the maximum"] = almost
    return views


def _rounded(x: Any, decimals: int) -> Array:
    return np.asarray(np.round(x, decimals)) + 0.0  # + 0.0 turns -0.0, which prints oddly, into 0.0


def _leading_zeros(scale: float) -> int:
    return max(0, math.ceil(-math.log10(scale)))
