# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Warm-up: the answers that an instructor would publish."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped


def rel_error(a: Shaped[np.ndarray, "*shape"], b: Shaped[np.ndarray, "*shape"], eps: float = 1e-300) -> float:
    """|a - b| / (|a| + |b|) with Euclidean norms over all entries; the floor makes 0 of 0 / 0."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)  # unsigned integers would wrap around in a - b
    if a.shape != b.shape:
        raise ValueError(f"a and b have shapes {a.shape} and {b.shape}")
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), eps))


def numerical_gradient(
    f: Callable[[Float[np.ndarray, "*shape"]], float | Float[np.ndarray, "*out"]],
    x: Shaped[np.ndarray, "*shape"],
    dout: Float[np.ndarray, "*out"] | None = None,
    h: float = 1e-5,
) -> Float[np.ndarray, "*shape"]:
    """Central differences of f, or of sum(dout * f), one entry of x after the other."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        change = f(x + step) - f(x - step)  # two new arrays: f may keep or return what it was given
        grad[index] = (change if dout is None else np.sum(dout * change)) / (2 * h)
    return grad


def directional_check(
    f: Callable[[Float[np.ndarray, "*shape"]], float],
    grad: Float[np.ndarray, "*shape"],
    x: Shaped[np.ndarray, "*shape"],
    rng: np.random.Generator,
    k: int = 3,
    h: float = 1e-5,
) -> float:
    """The slopes along k random directions, measured and claimed, compared as two vectors."""
    x = np.asarray(x, dtype=float)
    measured, claimed = [], []
    for _ in range(k):
        v = rng.standard_normal(x.shape)
        measured.append((f(x + h * v) - f(x - h * v)) / (2 * h))
        claimed.append(np.sum(grad * v))
    return rel_error(measured, claimed)


def logsumexp(z: Shaped[np.ndarray, "*shape"], axis: int = -1, keepdims: bool = False) -> Float[np.ndarray, "*out"]:
    """The maximum of each row, plus the logarithm of a sum whose largest term is 1."""
    z = 1.0 * np.asarray(z)  # integers become float64; a floating dtype stays what it is
    top = np.max(z, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)  # -inf - (-inf) would be nan
    with np.errstate(divide="ignore"):  # log(0) is -inf, which is the answer for a row of -inf
        out = top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True))
    return out if keepdims else np.squeeze(out, axis=axis)


def one_hot(y: Int[np.ndarray, " N"], C: int, dtype: type = float) -> Shaped[np.ndarray, "N C"]:
    """Every label is compared with every class."""
    y = np.asarray(y)
    if np.any((y < 0) | (y >= C)):
        raise ValueError(f"labels must lie in 0 ... {C - 1}")
    return (y[:, None] == np.arange(C)).astype(dtype)


def pairwise_sq_dists(A: Shaped[np.ndarray, "n d"], B: Shaped[np.ndarray, "m d"]) -> Float[np.ndarray, "n m"]:
    """Differences first, (n, 1, d) - (m, d), then the squares: nothing cancels."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return np.sum((A[:, None] - B) ** 2, axis=-1)


def outer(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " m"]) -> Float[np.ndarray, "n m"]:
    """A column times a row."""
    return a[:, None] * b


def diag(v: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n"]:
    """Each row of the identity, times v."""
    return np.eye(len(v)) * v


def causal_mask(T: int) -> Bool[np.ndarray, "T T"]:
    """Row index at least column index."""
    return np.arange(T)[:, None] >= np.arange(T)


def cumsum(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """A triangle of ones times x."""
    return causal_mask(len(x)) @ x


def sliding_windows(x: Shaped[np.ndarray, " T"], k: int, s: int = 1) -> Shaped[np.ndarray, "windows k"]:
    """Starts down, offsets across: a table of indices."""
    return x[np.arange(0, len(x) - k + 1, s)[:, None] + np.arange(k)]


def bincount(y: Int[np.ndarray, " N"], C: int) -> Int[np.ndarray, " C"]:
    """Columns of the one-hot rows, added up."""
    return one_hot(y, C, dtype=int).sum(axis=0)
