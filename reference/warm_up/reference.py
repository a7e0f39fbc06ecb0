# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted warm-up: float64 torch; the gradients that a numerical gradient must find are taken by autograd.

Besides the answers, the functions are here on which the students' gradient checks are tried.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def rel_error(a: Float[Tensor, "*shape"], b: Float[Tensor, "*shape"], eps: float = 1e-300) -> Float[Tensor, ""]:
    """|a - b| / max(|a| + |b|, eps), with |.| the root of the sum of all squares."""
    if a.shape != b.shape:
        raise ValueError(f"expected two arrays of one shape, got {tuple(a.shape)} and {tuple(b.shape)}")

    def norm(t: Tensor) -> Tensor:
        return (t.double() ** 2).sum().sqrt()

    return norm(a.double() - b.double()) / torch.clamp(norm(a) + norm(b), min=eps)


def cubes(x: Float[Tensor, "*shape"], c: Float[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """sum(c x^3): its central difference along an axis is c (3 x^2 + h^2), exactly."""
    return (c * x**3).sum()


def layer(x: Float[Tensor, "n d"], W: Float[Tensor, "d m"]) -> Float[Tensor, "n m"]:
    """sin(x W): an array for an array."""
    return torch.sin(x @ W)


def cube_slopes(
    x: Float[Tensor, "*shape"], c: Float[Tensor, "*shape"], v: Float[Tensor, "k ..."], h: float
) -> Float[Tensor, " k"]:
    """Central differences of `cubes` along each of k directions, written out: sum of c (3 x^2 v + h^2 v^3)."""
    return (c * (3 * x**2 * v + h**2 * v**3)).flatten(1).sum(1)


def logsumexp(z: Float[Tensor, "*shape"], axis: int = -1, keepdims: bool = False) -> Float[Tensor, "*out"]:
    """log(exp(z_1) + ... + exp(z_n)) along an axis, two terms at a time."""
    total = z.select(axis, 0)
    for i in range(1, z.shape[axis]):
        total = torch.logaddexp(total, z.select(axis, i))
    return total.unsqueeze(axis) if keepdims else total


def one_hot(y: Int[Tensor, " N"], C: int) -> Float[Tensor, "N C"]:
    """Row i is row y[i] of the identity."""
    rows = torch.zeros(len(y), C, dtype=torch.float64)
    for i, label in enumerate(y.tolist()):
        if not 0 <= label < C:
            raise ValueError(f"label {label} is not one of 0 ... {C - 1}")
        rows[i, label] = 1.0
    return rows


def pairwise_sq_dists(A: Float[Tensor, "n d"], B: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """Squared Euclidean distance of each row of A from each row of B, feature by feature."""
    total = torch.zeros(len(A), len(B), dtype=torch.float64)
    for j in range(A.shape[1]):
        total = total + (A[:, j].double().unsqueeze(1) - B[:, j].double().unsqueeze(0)) ** 2
    return total


def outer(a: Float[Tensor, " n"], b: Float[Tensor, " m"]) -> Float[Tensor, "n m"]:
    """a_i b_j."""
    return torch.outer(a, b)


def diag(v: Float[Tensor, " n"]) -> Float[Tensor, "n n"]:
    """v on the diagonal, zeros elsewhere."""
    return torch.diag(v)


def causal_mask(T: int) -> Bool[Tensor, "T T"]:
    """True at (i, j) where j <= i."""
    return torch.ones(T, T, dtype=torch.bool).tril()


def cumsum(x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """x_0 + ... + x_i."""
    return torch.cumsum(x, 0)


def sliding_windows(x: Float[Tensor, " T"], k: int, s: int = 1) -> Float[Tensor, "windows k"]:
    """Every s-th stretch of k neighbours that fits as a whole."""
    return x.unfold(0, k, s).clone()


def bincount(y: Int[Tensor, " N"], C: int) -> Int[Tensor, " C"]:
    """How often each of 0 ... C - 1 occurs."""
    return torch.bincount(y, minlength=C)
