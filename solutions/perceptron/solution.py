# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""The perceptron: the answers that an instructor would publish."""

import numpy as np
from jaxtyping import Float, Int

Labels = Int[np.ndarray, " N"] | Float[np.ndarray, " N"]


def perceptron_predict(w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"]) -> Int[np.ndarray, " N"]:
    """np.sign would answer 0 on the line, which is no label: so the comparison, with the line on the side of +1."""
    return np.where(X @ w + b >= 0, 1, -1)


def perceptron_step(
    w: Float[np.ndarray, " D"], b: float, x: Float[np.ndarray, " D"], y: int, lr: float = 1.0
) -> tuple[Float[np.ndarray, " D"], float, bool]:
    """A mistake moves the line towards the sample; anything else changes nothing."""
    if y * (x @ w + b) > 0:
        return w, b, False
    return w + lr * y * x, b + lr * y, True  # new arrays: `w +=` would write into the caller's


def perceptron_fit(
    X: Float[np.ndarray, "N D"],
    y: Labels,
    lr: float = 1.0,
    max_epochs: int = 100,
    order: Int[np.ndarray, " N"] | None = None,
    fit_bias: bool = True,
) -> dict[str, object]:
    """Sweep after sweep, until one makes no mistake or the patience is over."""
    w, b = np.zeros(X.shape[1]), 0.0
    visits = range(len(y)) if order is None else order
    history = []
    while len(history) < max_epochs:
        history.append(0)
        for i in visits:
            w, moved, mistake = perceptron_step(w, b, X[i], y[i], lr)
            b = moved if fit_bias else 0.0
            history[-1] += int(mistake)
        if history[-1] == 0:
            break
    return {
        "w": w,
        "b": b,
        "mistakes": sum(history),
        "epochs": len(history),
        "converged": history[-1] == 0,
        "history": history,
    }


def radius_and_margin(
    X: Float[np.ndarray, "N D"], y: Labels, w: Float[np.ndarray, " D"], b: float
) -> tuple[float, float]:
    """With a 1 in front of every sample, b is a weight like the others, and belongs into both norms."""
    radius = np.sqrt(1.0 + (X**2).sum(axis=1)).max()
    margins = y * (X @ w + b) / np.linalg.norm(np.append(w, b))
    return radius, margins.min()


def perceptron_loss(
    w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"], y: Labels
) -> tuple[float, Float[np.ndarray, " D"], float]:
    """Only mistakes cost anything, so only they have a derivative: -y by the score, also where the score is 0."""
    if y.shape != (len(X),):
        raise ValueError(f"y must have shape ({len(X)},), got {y.shape}")
    margins = y * (X @ w + b)
    dscores = np.where(margins <= 0, -y, 0) / len(y)
    return np.maximum(0.0, -margins).mean(), X.T @ dscores, dscores.sum()


def averaged_perceptron_fit(
    X: Float[np.ndarray, "N D"],
    y: Labels,
    lr: float = 1.0,
    epochs: int = 10,
    order: Int[np.ndarray, " N"] | None = None,
) -> tuple[Float[np.ndarray, " D"], float]:
    """The weights take part in the mean for as long as they last: after every visit, mistake or not."""
    w, b = np.zeros(X.shape[1]), 0.0
    w_sum, b_sum = np.zeros(X.shape[1]), 0.0
    visits = range(len(y)) if order is None else order
    for _ in range(epochs):
        for i in visits:
            w, b, _ = perceptron_step(w, b, X[i], y[i], lr)
            w_sum, b_sum = w_sum + w, b_sum + b
    return w_sum / (epochs * len(y)), b_sum / (epochs * len(y))


def kernel_perceptron_fit(K: Float[np.ndarray, "N N"], y: Labels, max_epochs: int = 100) -> Int[np.ndarray, " N"]:
    """w = sum_j alpha_j y_j x_j never appears: its inner product with x_i is a sum over row i of K."""
    alpha = np.zeros(len(y), dtype=int)
    for _ in range(max_epochs):
        before = alpha.sum()
        for i in range(len(y)):
            if y[i] * (K[i] @ (alpha * y)) <= 0:
                alpha[i] += 1
        if alpha.sum() == before:
            break
    return alpha


def quadratic_features(X: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N D+D*(D+1)/2"]:
    """Every pair once: the upper triangle, row by row."""
    first, second = np.triu_indices(X.shape[1])
    return np.hstack([X, X[:, first] * X[:, second]])
