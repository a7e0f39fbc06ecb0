# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Logistic regression: the answers that an instructor would publish."""

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

Labels = Float[np.ndarray, " N"] | Int[np.ndarray, " N"] | Bool[np.ndarray, " N"]


def sigmoid(z: Shaped[np.ndarray, "*shape"] | float) -> Float[np.ndarray, "*shape"]:
    """1 / (1 + exp(-z)), element by element.

    exp is only ever taken of -|z|, which is at most 0, so it lies between 0 and 1 and cannot overflow. For negative z
    numerator and denominator were multiplied by exp(z).
    """
    z = 1.0 * np.asarray(z)  # integers become float64; a floating dtype stays what it is
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def log_sigmoid(z: Shaped[np.ndarray, "*shape"] | float) -> Float[np.ndarray, "*shape"]:
    """log(sigmoid(z)) without a detour through sigmoid(z), which is 0 in floating point where its logarithm is -1000.

    For z >= 0 it is -log(1 + exp(-z)); for z < 0 it is z - log(1 + exp(z)). Both lines are the one below.
    """
    z = 1.0 * np.asarray(z)
    return np.minimum(z, 0.0) - np.log1p(np.exp(-np.abs(z)))


def bce_with_logits(
    z: Float[np.ndarray, " N"], y: Labels, reduction: str = "mean"
) -> tuple[Float[np.ndarray, ""] | Float[np.ndarray, " N"], Float[np.ndarray, " N"]]:
    """Cross-entropy of the labels y under the logits z, and its derivative with respect to z.

    1 - sigmoid(z) is sigmoid(-z), so both logarithms are values of log_sigmoid. The derivative of one sample's loss
    collapses to p - y.
    """
    z, y = 1.0 * np.asarray(z), np.asarray(y)
    if z.ndim != 1 or z.shape != y.shape:
        raise ValueError(f"z and y must have one shape (N,), got {z.shape} and {y.shape}")
    y = y.astype(z.dtype)
    losses = -y * log_sigmoid(z) - (1.0 - y) * log_sigmoid(-z)
    dz = sigmoid(z) - y
    if reduction == "mean":
        return losses.mean(), dz / len(z)
    if reduction == "sum":
        return losses.sum(), dz
    if reduction == "none":
        return losses, dz
    raise ValueError(f'reduction must be "mean", "sum" or "none", got {reduction!r}')


def logreg_loss(
    w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"], y: Labels, reg: float = 0.0
) -> tuple[float, Float[np.ndarray, " D"], float]:
    """Penalised mean cross-entropy, and its gradient. The 1/N of the mean is already inside dz."""
    loss, dz = bce_with_logits(X @ w + b, y)
    return loss + 0.5 * reg * (w @ w), X.T @ dz + reg * w, dz.sum()


def logreg_fit_gd(
    X: Float[np.ndarray, "N D"],
    y: Labels,
    lr: float,
    steps: int,
    reg: float = 0.0,
    w0: Float[np.ndarray, " D"] | None = None,
    b0: float = 0.0,
) -> tuple[Float[np.ndarray, " D"], float, list[float]]:
    """Full-batch gradient descent; history[k] is the loss after k steps."""
    w = np.zeros(X.shape[1]) if w0 is None else np.array(w0, dtype=float)  # a copy: the caller keeps theirs
    b = float(b0)
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    history = [float(loss)]
    for _ in range(steps):
        w, b = w - lr * dw, b - lr * db  # both from the same gradient
        loss, dw, db = logreg_loss(w, b, X, y, reg)
        history.append(float(loss))
    return w, b, history


def logreg_hessian(
    w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"], reg: float = 0.0
) -> Float[np.ndarray, "D+1 D+1"]:
    """X1.T diag(p (1 - p)) X1 / N with X1 = [X, 1], plus reg on the diagonal of the weights."""
    N, D = X.shape
    p = sigmoid(X @ w + b)
    X1 = np.column_stack([X, np.ones(N)])
    H = X1.T @ (X1 * (p * (1.0 - p))[:, None]) / N  # diag(s) @ X1, without building an N x N matrix
    H[np.arange(D), np.arange(D)] += reg
    return H


def logreg_fit_newton(
    X: Float[np.ndarray, "N D"], y: Labels, reg: float, iters: int = 10
) -> tuple[Float[np.ndarray, " D"], float]:
    """Newton's method: each step jumps to the minimum of the parabola that fits the loss here."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        w, b = theta[:-1], theta[-1]
        _, dw, db = logreg_loss(w, b, X, y, reg)
        theta = theta - np.linalg.solve(logreg_hessian(w, b, X, reg), np.append(dw, db))
    return theta[:-1], float(theta[-1])


def predict_proba(w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"]) -> Float[np.ndarray, " N"]:
    """P(y = 1 | x) for every row of X."""
    return sigmoid(X @ w + b)


def predict(
    w: Float[np.ndarray, " D"], b: float, X: Float[np.ndarray, "N D"], threshold: float = 0.5
) -> Int[np.ndarray, " N"]:
    """1 where the probability reaches the threshold, else 0."""
    return (predict_proba(w, b, X) >= threshold).astype(int)


def accuracy(y_true: Labels, y_pred: Labels) -> float:
    """Share of samples whose two labels are equal."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError(f"the labels have shapes {y_true.shape} and {y_pred.shape}")
    return float(np.mean(y_true == y_pred))


def standardise(
    X_train: Float[np.ndarray, "N D"], X_test: Float[np.ndarray, "M D"]
) -> tuple[Float[np.ndarray, "N D"], Float[np.ndarray, "M D"]]:
    """Both sets in units of the training set's mean and standard deviation."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    constant = X_train.min(axis=0) == X_train.max(axis=0)  # rounding may leave std at 1e-17 instead of 0
    std = np.where(constant, 1.0, std)
    return (X_train - mean) / std, (X_test - mean) / std


def train_breast_cancer(
    X_train: Float[np.ndarray, "N D"], y_train: Labels, X_test: Float[np.ndarray, "M D"], y_test: Labels
) -> dict[str, object]:
    """500 full-batch steps of gradient descent on standardised data. The test set is only looked at, at the end."""
    X_train, X_test = standardise(X_train, X_test)
    w, b, history = logreg_fit_gd(X_train, y_train, lr=0.5, steps=500, reg=1e-3)
    return {
        "w": w,
        "b": b,
        "history": history,
        "train_accuracy": accuracy(y_train, predict(w, b, X_train)),
        "test_accuracy": accuracy(y_test, predict(w, b, X_test)),
    }
