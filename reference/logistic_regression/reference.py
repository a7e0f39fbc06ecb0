# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted logistic regression: float64 torch, losses only; every derivative is taken by autograd.

Samples are rows, labels are 0/1 or soft labels in [0, 1], the loss is the mean over samples, the penalty is
0.5 * reg * ||w||^2, and the bias is never penalised. Parameters are stacked as (w_1, ..., w_D, b).
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Labels = Float[Tensor, " N"] | Int[Tensor, " N"] | Bool[Tensor, " N"]


def log_sigmoid(z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """log(1 / (1 + exp(-z))) = -log(exp(0) + exp(-z)), by one log-sum-exp."""
    return -torch.logaddexp(torch.zeros_like(z), -z)


def sigmoid(z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """1 / (1 + exp(-z)), as the exponential of its logarithm."""
    return torch.exp(log_sigmoid(z))


def bce_with_logits(
    z: Float[Tensor, " N"], y: Labels, reduction: str = "mean"
) -> Float[Tensor, ""] | Float[Tensor, " N"]:
    """-[y log s(z) + (1 - y) log(1 - s(z))] = log(1 + exp(z)) - y z, reduced by "mean", "sum" or "none"."""
    if z.ndim != 1 or z.shape != y.shape:
        raise ValueError(f"expected two arrays of one shape (N,), got {tuple(z.shape)} and {tuple(y.shape)}")
    losses = torch.logaddexp(torch.zeros_like(z), z) - y.to(z.dtype) * z
    match reduction:
        case "mean":
            return losses.mean()
        case "sum":
            return losses.sum()
        case "none":
            return losses
        case _:
            raise ValueError(f'reduction must be "mean", "sum" or "none", got {reduction!r}')


def logreg_loss(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"], y: Labels, reg: float = 0.0
) -> Float[Tensor, ""]:
    """Mean cross-entropy of X w + b, plus 0.5 * reg * ||w||^2."""
    return bce_with_logits(X @ w + b, y) + 0.5 * reg * (w**2).sum()


def logreg_fit_gd(
    X: Float[Tensor, "N D"],
    y: Labels,
    lr: float,
    steps: int,
    reg: float = 0.0,
    w0: Float[Tensor, " D"] | None = None,
    b0: float = 0.0,
) -> tuple[Float[Tensor, " D"], Float[Tensor, ""], Float[Tensor, " steps+1"]]:
    """Full-batch gradient descent. `history[k]` is the penalised loss after k steps."""
    theta = torch.zeros(X.shape[1] + 1, dtype=X.dtype)
    theta[-1] = b0
    if w0 is not None:
        theta[:-1] = w0
    history = []
    for step in range(steps + 1):
        loss, gradient = _value_and_gradient(theta, X, y, reg)
        history.append(loss)
        if step < steps:
            theta = theta - lr * gradient
    return theta[:-1], theta[-1], torch.stack(history)


def logreg_hessian(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"], reg: float = 0.0
) -> Float[Tensor, "D+1 D+1"]:
    """Second derivatives with respect to (w, b). They do not depend on the labels, so any labels will do."""
    theta = torch.cat([w, torch.as_tensor(b, dtype=w.dtype).reshape(1)])
    some_labels = torch.zeros(X.shape[0], dtype=X.dtype)
    return torch.autograd.functional.hessian(lambda t: logreg_loss(t[:-1], t[-1], X, some_labels, reg), theta)


def logreg_fit_newton(
    X: Float[Tensor, "N D"], y: Labels, reg: float, iters: int = 10
) -> tuple[Float[Tensor, " D"], Float[Tensor, ""]]:
    """Newton's method with full steps, from zero."""
    theta = torch.zeros(X.shape[1] + 1, dtype=X.dtype)
    for _ in range(iters):
        _, gradient = _value_and_gradient(theta, X, y, reg)
        theta = theta - torch.linalg.solve(logreg_hessian(theta[:-1], theta[-1], X, reg), gradient)
    return theta[:-1], theta[-1]


def predict_proba(w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"]) -> Float[Tensor, " N"]:
    """P(y = 1 | x) for every row of X."""
    return sigmoid(X @ w + b)


def predict(
    w: Float[Tensor, " D"], b: Float[Tensor, ""] | float, X: Float[Tensor, "N D"], threshold: float = 0.5
) -> Int[Tensor, " N"]:
    """1 where P(y = 1 | x) >= threshold, else 0."""
    return (predict_proba(w, b, X) >= threshold).long()


def accuracy(y_true: Labels, y_pred: Labels) -> Float[Tensor, ""]:
    """Share of equal labels."""
    return (y_true == y_pred).double().mean()


def standardise(
    X_train: Float[Tensor, "N D"], X_test: Float[Tensor, "M D"]
) -> tuple[Float[Tensor, "N D"], Float[Tensor, "M D"]]:
    """Both sets in units of the training set's mean and standard deviation (over N); constant features become 0."""
    std, mean = torch.std_mean(X_train, dim=0, correction=0)
    std = torch.where((X_train == X_train[0]).all(dim=0), 1.0, std)
    return (X_train - mean) / std, (X_test - mean) / std


def _value_and_gradient(
    theta: Float[Tensor, " D+1"], X: Float[Tensor, "N D"], y: Labels, reg: float
) -> tuple[Float[Tensor, ""], Float[Tensor, " D+1"]]:
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        loss = logreg_loss(theta[:-1], theta[-1], X, y, reg)
        (gradient,) = torch.autograd.grad(loss, theta)
    return loss.detach(), gradient
