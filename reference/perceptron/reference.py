# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted perceptron: float64 torch, and everything that learns does so in the dual.

Samples are rows, labels are -1 and +1, a mistake is y (w.x + b) <= 0, a sweep goes on after a mistake. The weights are
never kept: what is kept is how often each sample was a mistake, and (b, w) = lr * sum_i alpha_i y_i (1, x_i). Inputs made
of small integers are exact in this form and in the primal one, so ties fall the same way in both.
Sources: Rosenblatt, The perceptron (1958); Novikoff, On convergence proofs for perceptrons (1962); Freund and Schapire,
Large margin classification using the perceptron algorithm (1999).
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

Signs = Int[Tensor, " N"] | Float[Tensor, " N"]


def perceptron_predict(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"]
) -> Int[Tensor, " N"]:
    """+1 where w.x + b >= 0, else -1."""
    return 2 * (X.double() @ w.double() + b >= 0).long() - 1


def perceptron_step(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, x: Float[Tensor, " D"], y: int, lr: float = 1.0
) -> tuple[Float[Tensor, " D"], Float[Tensor, ""], bool]:
    """One sample: a step of gradient descent on its loss max(0, -y (w.x + b))."""
    w = w.double().detach().requires_grad_()
    b = torch.as_tensor(b, dtype=torch.float64).detach().requires_grad_()
    with torch.enable_grad():
        loss = perceptron_loss(w, b, x[None].double(), torch.tensor([y]))
        dw, db = torch.autograd.grad(loss, (w, b))
    return (w - lr * dw).detach(), (b - lr * db).detach(), bool(db != 0)


def perceptron_fit(
    X: Float[Tensor, "N D"],
    y: Signs,
    lr: float = 1.0,
    max_epochs: int = 100,
    order: Int[Tensor, " N"] | None = None,
    fit_bias: bool = True,
) -> dict[str, Any]:
    """Sweeps from zero until one is without mistakes, or max_epochs are over. history[k] counts those of sweep k + 1."""
    A = _with_ones(X, fit_bias)
    counts, history = _learn(A @ A.T, y, max_epochs, order)
    theta = lr * (counts * y) @ A
    return {
        "w": theta[1:],
        "b": theta[0],
        "mistakes": sum(history),
        "epochs": len(history),
        "converged": history[-1] == 0,
        "history": history,
    }


def closest_call(
    X: Float[Tensor, "N D"], y: Signs, max_epochs: int = 100, order: Int[Tensor, " N"] | None = None
) -> float:
    """The smallest |score| that a run with lr = 1 meets once the weights are no longer zero: is any decision a tie?"""
    A = _with_ones(X)
    G, counts, closest = A @ A.T, torch.zeros(len(y), dtype=A.dtype), float("inf")
    for _ in range(max_epochs):
        before = counts.sum()
        for i in _order(order, len(y)):
            if counts.any():
                closest = min(closest, float(abs((counts * y) @ G[i])))
            counts[i] += _mistake(G, y, counts, i)
        if counts.sum() == before:
            break
    return closest


def radius_and_margin(
    X: Float[Tensor, "N D"], y: Signs, w: Float[Tensor, " D"], b: Float[Tensor, ""] | float
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """max ||(1, x)||, and min y u.(1, x) for the unit vector u along (b, w)."""
    A = _with_ones(X)
    u = torch.nn.functional.normalize(torch.cat([torch.as_tensor(b, dtype=A.dtype).reshape(1), w.to(A.dtype)]), dim=0,
                                      eps=0.0)  # fmt: skip
    return torch.linalg.vector_norm(A, dim=1).amax(), (y * (A @ u)).amin()


def perceptron_loss(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"], y: Signs
) -> Float[Tensor, ""]:
    """Mean of max(0, -y (w.x + b)). At the kink the derivative is that of the side on which the sample is a mistake."""
    if y.shape != X.shape[:1]:
        raise ValueError(f"expected labels of shape {tuple(X.shape[:1])}, got {tuple(y.shape)}")
    margins = y * (X.to(w.dtype) @ w + b)
    return torch.where(margins <= 0, -margins, 0.0 * margins).mean()


def averaged_perceptron_fit(
    X: Float[Tensor, "N D"],
    y: Signs,
    lr: float = 1.0,
    epochs: int = 10,
    order: Int[Tensor, " N"] | None = None,
) -> tuple[Float[Tensor, " D"], Float[Tensor, ""]]:
    """The mean of the weights after each of the epochs * N visits. A mistake counts from its own visit to the last."""
    A = _with_ones(X)
    G = A @ A.T
    counts, weights = torch.zeros(len(y), dtype=A.dtype), torch.zeros(len(y), dtype=A.dtype)
    left = epochs * len(y)
    for _ in range(epochs):
        for i in _order(order, len(y)):
            if _mistake(G, y, counts, i):
                counts[i] += 1
                weights[i] += left
            left -= 1
    theta = lr * (weights * y) @ A / (epochs * len(y))
    return theta[1:], theta[0]


def kernel_perceptron_fit(K: Float[Tensor, "N N"], y: Signs, max_epochs: int = 100) -> Float[Tensor, " N"]:
    """How often each sample is a mistake, where K holds the inner products."""
    counts, _ = _learn(K.double(), y, max_epochs, None)
    return counts


def quadratic_features(X: Float[Tensor, "N D"]) -> Float[Tensor, "N D+D*(D+1)/2"]:
    """The features, and all products of two of them, once each, in lexicographic order."""
    pairs = torch.combinations(torch.arange(X.shape[1]), 2, with_replacement=True)
    return torch.cat([X.double(), X.double()[:, pairs].prod(dim=-1)], dim=1)


def _with_ones(X: Float[Tensor, "N D"], ones: bool = True) -> Float[Tensor, "N 1+D"]:
    column = torch.ones if ones else torch.zeros
    return torch.cat([column(len(X), 1, dtype=torch.float64), X.double()], dim=1)


def _order(order: Int[Tensor, " N"] | None, n: int) -> list[int]:
    return list(range(n)) if order is None else order.tolist()


def _mistake(G: Float[Tensor, "N N"], y: Signs, counts: Float[Tensor, " N"], i: int) -> bool:
    return bool(y[i] * ((counts * y) @ G[i]) <= 0)


def _learn(
    G: Float[Tensor, "N N"], y: Signs, max_epochs: int, order: Int[Tensor, " N"] | None
) -> tuple[Float[Tensor, " N"], list[int]]:
    """How often each sample is a mistake, given all inner products, and the number of mistakes in each sweep."""
    counts, history = torch.zeros(len(y), dtype=torch.float64), []
    for _ in range(max_epochs):
        history.append(0)
        for i in _order(order, len(y)):
            if _mistake(G, y, counts, i):
                counts[i] += 1
                history[-1] += 1
        if history[-1] == 0:
            break
    return counts, history
