"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops, other algebra, matrix products instead of sums, torch
instead of numpy; a check that takes a point from any of these is wrong, not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import (
    accuracy,
    bce_with_logits,
    log_sigmoid,
    logreg_fit_gd,
    logreg_hessian,
    logreg_loss,
    predict,
    predict_proba,
    sigmoid,
    standardise,
)

# --- q1 sigmoid -------------------------------------------------------------------------------------------------------


@accepted(of="sigmoid")
def sigmoid_by_tanh(z):
    """tanh never overflows, and sigmoid(z) = (1 + tanh(z/2)) / 2."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z)))


@accepted(of="sigmoid")
def sigmoid_by_masks(z):
    """The two-branch form of most textbooks, each branch computed only where it is safe."""
    z = np.asarray(z)
    if not np.issubdtype(z.dtype, np.floating):
        z = z.astype(np.float64)
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    out[~positive] = e / (1 + e)
    return out


@accepted(of="sigmoid")
def sigmoid_by_loop(z):
    """One number after the other, with math.exp."""
    z = np.asarray(z)
    out = np.zeros(z.shape, dtype=z.dtype if z.dtype.kind == "f" else np.float64)
    for index in np.ndindex(z.shape):
        v = float(z[index])
        out[index] = 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))
    return out


@accepted(of="sigmoid")
def sigmoid_by_logaddexp(z):
    """The exponential of -log(1 + exp(-z)), which numpy knows as a function of its own."""
    z = np.asarray(z) * 1.0
    return np.exp(-np.logaddexp(0, -z, dtype=z.dtype))


@accepted(of="sigmoid")
def sigmoid_with_overflow_silenced(z):
    """The short formula. Where exp overflows, 1 / (1 + inf) is 0, which is right: the warning was the only fault."""
    z = np.asarray(z) * 1.0
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


@accepted(of="sigmoid")
def sigmoid_in_torch(z):
    """The same two branches, in torch."""
    z = torch.tensor(np.array(z) * 1.0)
    small = torch.exp(-z.abs())
    return (torch.where(z >= 0, torch.ones_like(z), small) / (1 + small)).numpy()


# --- q2 log_sigmoid ---------------------------------------------------------------------------------------------------


@accepted(of="log_sigmoid")
def log_sigmoid_by_logaddexp(z):
    """-log(exp(0) + exp(-z))."""
    z = np.asarray(z) * 1.0
    return -np.logaddexp(0, -z, dtype=z.dtype)


@accepted(of="log_sigmoid")
def log_sigmoid_by_branches(z):
    """log1p on the safe side of zero; exp only ever sees numbers below zero."""
    z = np.asarray(z) * 1.0
    below, above = np.minimum(z, 0), np.maximum(z, 0)
    return np.where(z >= 0, -np.log1p(np.exp(-above)), below - np.log1p(np.exp(below)))


@accepted(of="log_sigmoid")
def log_sigmoid_without_log1p(z):
    """log(1 + e) for log1p(e): loses the last digits of numbers near 1e-17, which nobody needs here."""
    z = np.asarray(z) * 1.0
    return -(np.maximum(-z, 0) + np.log(1 + np.exp(-np.abs(z))))


@accepted(of="log_sigmoid")
def log_sigmoid_by_loop(z):
    """One number after the other."""
    z = np.asarray(z)
    out = np.zeros(z.shape, dtype=z.dtype if z.dtype.kind == "f" else np.float64)
    for index in np.ndindex(z.shape):
        v = float(z[index])
        out[index] = -math.log1p(math.exp(-v)) if v >= 0 else v - math.log1p(math.exp(v))
    return out


# --- q3 bce_with_logits -----------------------------------------------------------------------------------------------


def _same_shape(z, y):
    if z.ndim != 1 or z.shape != y.shape:
        raise ValueError("z and y must have the same shape (N,)")


@accepted(of="bce_with_logits")
def bce_by_softplus(z, y, reduction="mean"):
    """log(1 + exp(z)) - y z: both logarithms merged into one."""
    z, y = np.asarray(z), np.asarray(y)
    _same_shape(z, y)
    losses = np.maximum(z, 0) - z * y.astype(z.dtype) + np.log1p(np.exp(-abs(z)))
    dz = sigmoid(z) - y.astype(z.dtype)
    match reduction:
        case "none":
            return losses, dz
        case "sum":
            return np.sum(losses), dz
        case "mean":
            return np.mean(losses), dz / z.size
    raise ValueError(reduction)


@accepted(of="bce_with_logits")
def bce_by_loop(z, y, reduction="mean"):
    """Sample by sample."""
    z, y = np.asarray(z), np.asarray(y)
    _same_shape(z, y)
    losses, dz = np.zeros_like(z), np.zeros_like(z)
    for i in range(len(z)):
        target = float(y[i])
        losses[i] = -target * log_sigmoid(z[i]) - (1 - target) * log_sigmoid(-z[i])
        dz[i] = sigmoid(z[i]) - target
    if reduction == "mean":
        return float(losses.sum()) / len(z), dz / len(z)
    if reduction == "sum":
        return float(losses.sum()), dz
    return losses, dz


@accepted(of="bce_with_logits")
def bce_by_signed_margins(z, y, reduction="mean"):
    """Labels in {0, 1} written as signs: log_sigmoid((2y - 1) z) for hard labels, mixed for soft ones."""
    z, y = np.asarray(z), np.asarray(y, dtype=np.asarray(z).dtype)
    _same_shape(z, y)
    both = np.stack([log_sigmoid(-z), log_sigmoid(z)], axis=1)
    weights = np.stack([1 - y, y], axis=1)
    losses = -np.einsum("nk,nk->n", weights, both)
    dz = y * (sigmoid(z) - 1) + (1 - y) * sigmoid(z)
    scale = {"mean": 1 / len(z), "sum": 1.0, "none": 1.0}[reduction]
    return (losses if reduction == "none" else scale * losses.sum()), scale * dz


@accepted(of="bce_with_logits")
def bce_by_autograd(z, y, reduction="mean"):
    """The loss in torch, and the derivative left to autograd."""
    z = torch.tensor(np.array(z), requires_grad=True)
    y = torch.tensor(np.array(y)).to(z.dtype)
    _same_shape(z, y)
    losses = torch.logaddexp(torch.zeros_like(z), z) - y * z
    total = losses.mean() if reduction == "mean" else losses.sum()
    total.backward()
    loss = losses if reduction == "none" else total
    return loss.detach().numpy(), z.grad.numpy()


# --- q4 logreg_loss ---------------------------------------------------------------------------------------------------


@accepted(of="logreg_loss")
def logreg_loss_by_loop(w, b, X, y, reg=0.0):
    """Sums over samples and features, written out."""
    N, D = X.shape
    loss, per_sample = bce_with_logits(np.array([X[i] @ w + b for i in range(N)]), y, reduction="sum")
    dw, db = np.zeros(D), 0.0
    for i in range(N):
        for j in range(D):
            dw[j] += per_sample[i] * X[i, j] / N
        db += per_sample[i] / N
    return loss / N + reg / 2 * sum(v * v for v in w), dw + reg * np.asarray(w), db


@accepted(of="logreg_loss")
def logreg_loss_with_stacked_parameters(w, b, X, y, reg=0.0):
    """The bias as one more weight of a feature that is always 1, left out of the penalty."""
    X1 = np.c_[X, np.ones(len(X))]
    theta = np.r_[w, b]
    penalised = np.r_[np.ones(len(w)), 0.0]
    loss, dz = bce_with_logits(X1 @ theta, y)
    gradient = X1.T @ dz + reg * penalised * theta
    return loss + 0.5 * reg * np.sum(penalised * theta**2), gradient[:-1], gradient[-1]


@accepted(of="logreg_loss")
def logreg_loss_by_einsum(w, b, X, y, reg=0.0):
    """Index notation, and the error p - y written out."""
    z = np.einsum("nd,d->n", X, w) + b
    loss, _ = bce_with_logits(z, y)
    error = sigmoid(z) - y
    dw = np.einsum("n,nd->d", error, X) / len(z) + reg * w
    return loss + 0.5 * reg * np.linalg.norm(w) ** 2, dw, error.mean()


@accepted(of="logreg_loss")
def logreg_loss_by_autograd(w, b, X, y, reg=0.0):
    """The whole objective in torch."""
    w, b = (
        torch.tensor(np.array(w), requires_grad=True),
        torch.tensor(float(b), dtype=torch.float64, requires_grad=True),
    )
    y = torch.tensor(np.array(y)).double()
    z = torch.tensor(np.array(X)) @ w + b
    _same_shape(z, y)
    loss = (torch.logaddexp(torch.zeros_like(z), z) - y * z).mean() + 0.5 * reg * (w * w).sum()
    loss.backward()
    return loss.item(), w.grad.numpy(), b.grad.item()


# --- q5 logreg_fit_gd -------------------------------------------------------------------------------------------------


@accepted(of="logreg_fit_gd")
def descent_with_stacked_parameters(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """One vector (w, b), and one line for the step."""
    theta = np.append(np.zeros(X.shape[1]) if w0 is None else w0, b0)
    history = np.empty(steps + 1)
    for k in range(steps + 1):
        history[k], dw, db = logreg_loss(theta[:-1], theta[-1], X, y, reg)
        if k < steps:
            theta = theta - lr * np.append(dw, db)
    return theta[:-1], theta[-1], history


@accepted(of="logreg_fit_gd")
def descent_with_the_last_loss_added_after_the_loop(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Works in place, on copies; one more evaluation at the end."""
    w = np.zeros(X.shape[1]) if w0 is None else w0.copy()
    b, history = b0, []
    for _ in range(steps):
        loss, dw, db = logreg_loss(w, b, X, y, reg)
        history.append(loss)
        w -= lr * dw
        b -= lr * db
    history.append(logreg_loss(w, b, X, y, reg)[0])
    return w, b, np.array(history)


@accepted(of="logreg_fit_gd")
def descent_with_the_gradient_written_out(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Uses logreg_loss for the history only."""
    N, D = X.shape
    w, b = (np.zeros(D) if w0 is None else np.asarray(w0) * 1.0), float(b0)
    path = [(w, b)]
    for _ in range(steps):
        error = (sigmoid(X @ w + b) - y) / N
        w, b = (1 - lr * reg) * w - lr * error @ X, b - lr * error.sum()
        path.append((w, b))
    return w, b, [logreg_loss(v, a, X, y, reg)[0] for v, a in path]


# --- q6 logreg_hessian ------------------------------------------------------------------------------------------------


@accepted(of="logreg_hessian")
def hessian_by_loop(w, b, X, reg=0.0):
    """A sum of outer products."""
    N, D = X.shape
    H = np.zeros((D + 1, D + 1))
    for x in X:
        x1 = np.append(x, 1.0)
        p = sigmoid(x @ w + b)
        H += p * (1 - p) * np.outer(x1, x1)
    return H / N + np.diag([reg] * D + [0.0])


@accepted(of="logreg_hessian")
def hessian_by_einsum(w, b, X, reg=0.0):
    """One contraction; 1 - sigmoid(z) written as sigmoid(-z)."""
    z = X @ w + b
    X1 = np.hstack([X, np.ones((len(X), 1))])
    H = np.einsum("n,ni,nj->ij", sigmoid(z) * sigmoid(-z), X1, X1) / len(X)
    return H + reg * np.diag(np.r_[np.ones(len(w)), 0])


@accepted(of="logreg_hessian")
def hessian_by_blocks(w, b, X, reg=0.0):
    """Four blocks: weights with weights, weights with bias, bias with bias."""
    p = sigmoid(X @ w + b)
    s = p * (1 - p) / len(X)
    ww = X.T @ np.diag(s) @ X + reg * np.eye(len(w))
    wb = (X.T @ s)[:, None]
    return np.block([[ww, wb], [wb.T, np.array([[s.sum()]])]])


# --- q7 logreg_fit_newton ---------------------------------------------------------------------------------------------


@accepted(of="logreg_fit_newton")
def newton_with_separate_steps(X, y, reg, iters=10):
    """w and b kept apart."""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(iters):
        _, dw, db = logreg_loss(w, b, X, y, reg)
        step = np.linalg.solve(logreg_hessian(w, b, X, reg), np.concatenate([dw, [db]]))
        w, b = w - step[:-1], b - step[-1]
    return w, b


@accepted(of="logreg_fit_newton")
def newton_by_inverse(X, y, reg, iters=10):
    """An explicit inverse: slower, and on these well-conditioned problems as good."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        _, dw, db = logreg_loss(theta[:-1], theta[-1], X, y, reg)
        theta = theta - np.linalg.inv(logreg_hessian(theta[:-1], theta[-1], X, reg)) @ np.r_[dw, db]
    return theta[:-1], theta[-1]


@accepted(of="logreg_fit_newton")
def newton_as_reweighted_least_squares(X, y, reg, iters=10):
    """Each step solves a weighted ridge regression on the working response z + (y - p) / s."""
    N, D = X.shape
    X1 = np.column_stack([X, np.ones(N)])
    penalty = reg * np.diag(np.append(np.ones(D), 0.0))
    theta = np.zeros(D + 1)
    for _ in range(iters):
        z = X1 @ theta
        p = sigmoid(z)
        s = p * (1 - p)
        theta = np.linalg.solve(X1.T @ (s[:, None] * X1) / N + penalty, X1.T @ (s * z + y - p) / N)
    return theta[:-1], theta[-1]


# --- q8 predict_proba, predict, accuracy ------------------------------------------------------------------------------


@accepted(of="predict_proba")
def probabilities_by_loop(w, b, X):
    """Row by row."""
    return np.array([float(sigmoid(row @ w + b)) for row in X])


@accepted(of="predict_proba")
def probabilities_through_the_logarithm(w, b, X):
    """exp(log p), with broadcasting in place of a matrix product."""
    return np.exp(log_sigmoid((X * w).sum(axis=1) + b))


@accepted(of="predict_proba")
def probabilities_by_stacking(w, b, X):
    """The bias as one more weight."""
    return sigmoid(np.column_stack([X, np.ones(len(X))]) @ np.append(w, b))


@accepted(of="predict")
def predict_by_where(w, b, X, threshold=0.5):
    """Choose between 1 and 0."""
    return np.where(predict_proba(w, b, X) < threshold, 0, 1)


@accepted(of="predict")
def predict_by_list(w, b, X, threshold=0.5):
    """A list of Python integers."""
    return [1 if p >= threshold else 0 for p in predict_proba(w, b, X)]


@accepted(of="predict")
def predict_by_logit(w, b, X, threshold=0.5):
    """Compares scores with the logit of the threshold, which saves the sigmoid."""
    return (X @ w + b >= np.log(threshold / (1 - threshold))).astype(np.int32)


@accepted(of="accuracy")
def accuracy_by_count(y_true, y_pred):
    """Hits over samples."""
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("different shapes")
    return np.count_nonzero(np.equal(y_true, y_pred)) / len(y_true)


@accepted(of="accuracy")
def accuracy_by_errors(y_true, y_pred):
    """One minus the share of differences."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError("different shapes")
    return 1 - np.abs(y_true - y_pred).mean()


@accepted(of="accuracy")
def accuracy_by_loop(y_true, y_pred):
    """Counts hits."""
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("different shapes")
    hits = 0
    for truth, guess in zip(y_true, y_pred, strict=True):
        hits += int(truth == guess)
    return hits / len(y_true)


# --- q9 standardise, train_breast_cancer ------------------------------------------------------------------------------


@accepted(of="standardise")
def standardise_column_by_column(X_train, X_test):
    """One feature after the other."""
    train, test = np.zeros(X_train.shape), np.zeros(X_test.shape)
    for j in range(X_train.shape[1]):
        mean, std = np.mean(X_train[:, j]), np.std(X_train[:, j])
        if np.all(X_train[:, j] == X_train[0, j]):
            std = 1.0
        train[:, j] = (X_train[:, j] - mean) / std
        test[:, j] = (X_test[:, j] - mean) / std
    return train, test


@accepted(of="standardise")
def standardise_by_moments(X_train, X_test):
    """The variance as the mean of the squared deviations, tiny values taken for zero."""
    mean = X_train.sum(axis=0) / len(X_train)
    std = np.sqrt(((X_train - mean) ** 2).mean(axis=0))
    std[std < 1e-12] = 1
    return [(X_train - mean) / std, (X_test - mean) / std]


@accepted(of="standardise")
def standardise_all_rows_at_once(X_train, X_test):
    """Stacks the sets, but measures the training rows alone."""
    n = len(X_train)
    everything = np.vstack([X_train, X_test])
    mean, std = everything[:n].mean(0), everything[:n].std(0)
    everything = (everything - mean) / np.where(np.ptp(X_train, axis=0) == 0, 1, std)
    return everything[:n], everything[n:]


@accepted(of="train_breast_cancer")
def train_with_the_loop_written_out(X_train, y_train, X_test, y_test):
    """Own descent loop."""
    X_train, X_test = standardise(X_train, X_test)
    w, b = np.zeros(X_train.shape[1]), 0.0
    history = [logreg_loss(w, b, X_train, y_train, 1e-3)[0]]
    for _ in range(500):
        _, dw, db = logreg_loss(w, b, X_train, y_train, 1e-3)
        w, b = w - 0.5 * dw, b - 0.5 * db
        history.append(logreg_loss(w, b, X_train, y_train, 1e-3)[0])
    train_accuracy = np.mean(predict(w, b, X_train) == y_train)
    return dict(w=w, b=b, history=history, train_accuracy=train_accuracy, test_accuracy=np.mean(
        predict(w, b, X_test) == y_test))  # fmt: skip


@accepted(of="train_breast_cancer")
def train_in_two_halves(X_train, y_train, X_test, y_test):
    """250 steps, and 250 more from where they ended."""
    A, B = standardise(X_train, X_test)
    w, b, first = logreg_fit_gd(A, y_train, 0.5, 250, 1e-3)
    w, b, second = logreg_fit_gd(A, y_train, 0.5, 250, 1e-3, w, b)
    scores = {
        "train_accuracy": accuracy(predict(w, b, A), y_train),
        "test_accuracy": accuracy(predict(w, b, B), y_test),
    }
    return {"w": w, "b": b, "history": list(first) + list(second)[1:]} | scores


@accepted(of="train_breast_cancer")
def train_from_a_start_that_is_written_down(X_train, y_train, X_test, y_test):
    """The start given by name, the history as an array, extra entries in the dict."""
    A, B = standardise(X_train, X_test)
    w, b, history = logreg_fit_gd(A, y_train, lr=0.5, steps=500, reg=0.001, w0=np.zeros(A.shape[1]), b0=0.0)
    return {
        "history": np.array(history),
        "w": w,
        "b": b,
        "test_accuracy": accuracy(y_test, predict(w, b, B)),
        "train_accuracy": accuracy(y_train, predict(w, b, A)),
        "steps": 500,
    }
