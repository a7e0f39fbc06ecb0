"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops, put the bias into the weights, keep counts instead of
weights, or let torch differentiate; a check that takes a point from any of these is wrong, not the answer.
"""

import itertools
import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import perceptron_predict, perceptron_step

# --- q1 perceptron_predict --------------------------------------------------------------------------------------------


@accepted(of="perceptron_predict")
def predictions_by_loop(w, b, X):
    """Sample by sample, in a list."""
    return [1 if sum(x[j] * w[j] for j in range(len(w))) + b >= 0 else -1 for x in X]


@accepted(of="perceptron_predict")
def predictions_by_sign_with_the_zeros_filled_in(w, b, X):
    """np.sign, and what it leaves at 0 mended."""
    labels = np.sign(np.dot(X, w) + b).astype(int)
    labels[labels == 0] = 1
    return labels


@accepted(of="perceptron_predict")
def predictions_from_a_bool(w, b, X):
    """True and False, stretched to 1 and -1."""
    return 2 * ((X * w).sum(axis=1) + b >= 0) - 1


@accepted(of="perceptron_predict")
def predictions_with_the_bias_as_a_weight(w, b, X):
    """A column of ones in front."""
    scores = np.column_stack([np.ones(len(X)), X]) @ np.append(b, w)
    return np.where(scores < 0, -1, 1).astype(np.int8)


@accepted(of="perceptron_predict")
def predictions_in_torch(w, b, X):
    """The same in torch."""
    scores = torch.tensor(np.array(X, dtype=float)) @ torch.tensor(np.array(w, dtype=float)) + b
    return torch.where(scores >= 0, 1, -1)


# --- q2 perceptron_step -----------------------------------------------------------------------------------------------


@accepted(of="perceptron_step")
def step_without_a_branch(w, b, x, y, lr=1.0):
    """The mistake as a factor: times 0, nothing happens."""
    mistake = y * (w @ x + b) <= 0
    return w + mistake * lr * y * x, b + mistake * lr * y, bool(mistake)


@accepted(of="perceptron_step")
def step_on_a_copy(w, b, x, y, lr=1.0):
    """In place, but on an array of its own."""
    w = np.array(w, dtype=float)
    if wrong := (np.inner(w, x) + b) * y <= 0:
        w += lr * y * x
        b += lr * y
    return w, b, wrong


@accepted(of="perceptron_step")
def step_feature_by_feature(w, b, x, y, lr=1.0):
    """Written out, as a list."""
    score = b
    for j in range(len(w)):
        score += w[j] * x[j]
    if (y == 1 and score <= 0) or (y == -1 and score >= 0):
        return [w[j] + lr * y * x[j] for j in range(len(w))], b + lr * y, 1
    return list(w), b, 0


@accepted(of="perceptron_step")
def step_down_the_gradient(w, b, x, y, lr=1.0):
    """A step of gradient descent on the loss of this sample, by autograd; relu of torch is flat at 0, so that is written out."""
    theta = torch.tensor(np.append(w, b), dtype=torch.float64, requires_grad=True)
    margin = y * (theta @ torch.tensor(np.append(x, 1.0)))
    loss = -margin if margin <= 0 else 0 * margin
    loss.backward()
    theta = theta.detach() - lr * theta.grad
    return theta[:-1].numpy(), theta[-1].item(), bool(margin <= 0)


# --- q3 perceptron_fit ------------------------------------------------------------------------------------------------


@accepted(of="perceptron_fit")
def run_written_out(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """Without perceptron_step, with a flag and a counter."""
    w, b, history, converged, epoch = np.zeros(X.shape[1]), 0.0, [], False, 0
    if order is None:
        order = np.arange(len(X))
    while not converged and epoch < max_epochs:
        wrong = 0
        for x, label in zip(X[order], y[order]):
            if label * (x @ w + b) <= 0:
                w = w + lr * label * x
                if fit_bias:
                    b += lr * label
                wrong += 1
        epoch += 1
        history.append(wrong)
        converged = wrong == 0
    return dict(w=w, b=b, mistakes=sum(history), epochs=epoch, converged=converged, history=history)


@accepted(of="perceptron_fit")
def run_with_the_bias_as_a_weight(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """A column of ones, or of zeros, and one vector."""
    N, D = X.shape
    A = np.hstack([X, np.full((N, 1), float(fit_bias))])
    theta, history = np.zeros(D + 1), np.zeros(max_epochs, dtype=int)
    for epoch in range(max_epochs):
        for i in range(N) if order is None else order:
            if y[i] * np.dot(A[i], theta) <= 0:
                theta += lr * y[i] * A[i]
                history[epoch] += 1
        if history[epoch] == 0:
            break
    history = history[: epoch + 1]
    return {
        "w": theta[:D],
        "b": theta[D],
        "mistakes": history.sum(),
        "epochs": epoch + 1,
        "converged": history[-1] == 0,
        "history": history,
    }


@accepted(of="perceptron_fit")
def run_that_counts(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """The dual: how often each sample was a mistake; the weights only at the end."""
    G = X @ X.T + (1 if fit_bias else 0)
    alpha, history = np.zeros(len(y)), []
    for _ in range(max_epochs):
        before = alpha.sum()
        for i in range(len(y)) if order is None else order:
            alpha[i] += y[i] * np.sum(alpha * y * G[:, i]) <= 0
        history.append(int(alpha.sum() - before))
        if not history[-1]:
            break
    w, b = lr * (alpha * y) @ X, lr * (alpha * y).sum() * fit_bias
    return {
        "w": w,
        "b": b,
        "mistakes": int(alpha.sum()),
        "epochs": len(history),
        "converged": not history[-1],
        "history": history,
    }


@accepted(of="perceptron_fit")
def run_that_reorders_first(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """Copies in the order of the visits, and for ... else."""
    if order is not None:
        X, y = X[order], y[order]
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        flags = []
        for x, label in zip(X, y):
            w, new_b, mistake = perceptron_step(w, b, x, label, lr)
            b = new_b * fit_bias
            flags.append(mistake)
        history.append(int(np.count_nonzero(flags)))
        if not any(flags):
            converged = True
            break
    else:
        converged = False
    return {
        "w": w,
        "b": b,
        "mistakes": int(np.sum(history)),
        "epochs": len(history),
        "converged": converged,
        "history": history,
    }


# --- q4 radius_and_margin ---------------------------------------------------------------------------------------------


@accepted(of="radius_and_margin")
def measured_with_a_column_of_ones(X, y, w, b):
    """(1, x) and (b, w), literally."""
    A, theta = np.column_stack([np.ones(len(X)), X]), np.append(b, w)
    return np.linalg.norm(A, axis=1).max(), np.min(y * (A @ (theta / np.linalg.norm(theta))))


@accepted(of="radius_and_margin")
def measured_by_loop(X, y, w, b):
    """Sample by sample."""
    length = math.sqrt(b * b + sum(v * v for v in w))
    R, gamma = 0.0, math.inf
    for x, label in zip(X, y):
        R = max(R, math.sqrt(1 + sum(float(v) ** 2 for v in x)))
        gamma = min(gamma, label * (sum(u * v for u, v in zip(w, x)) + b) / length)
    return R, gamma


@accepted(of="radius_and_margin")
def measured_by_einsum(X, y, w, b):
    """Squares by einsum, one root at the end."""
    R = np.sqrt(np.einsum("nd,nd->n", X, X).max() + 1)
    return float(R), float((y * (X.dot(w) + b)).min() / np.hypot(np.linalg.norm(w), b))


# --- q5 perceptron_loss -----------------------------------------------------------------------------------------------


def _one_label_each(X, y):
    if y.shape != (X.shape[0],):
        raise ValueError("one label for each sample, please")


@accepted(of="perceptron_loss")
def loss_of_the_mistakes_picked_out(w, b, X, y):
    """Sums over the samples that are mistakes, divided by all."""
    _one_label_each(X, y)
    wrong = y * (X @ w + b) <= 0
    N = len(X)
    loss = -np.sum(y[wrong] * (X[wrong] @ w + b)) / N
    return loss, -(y[wrong] @ X[wrong]) / N, -np.sum(y[wrong]) / N


@accepted(of="perceptron_loss")
def loss_by_loop(w, b, X, y):
    """Sample by sample."""
    _one_label_each(X, y)
    N, D = X.shape
    loss, dw, db = 0.0, np.zeros(D), 0.0
    for i in range(N):
        margin = y[i] * (X[i] @ w + b)
        if margin <= 0:
            loss -= margin / N
            dw -= y[i] * X[i] / N
            db -= y[i] / N
    return loss, dw, db


@accepted(of="perceptron_loss")
def loss_by_autograd(w, b, X, y):
    """torch differentiates; at the kink torch.where says which side counts."""
    _one_label_each(X, y)
    X, y = torch.tensor(np.array(X)).double(), torch.tensor(np.array(y)).double()
    w, b = (
        torch.tensor(np.array(w)).double().requires_grad_(),
        torch.tensor(float(b), dtype=torch.float64, requires_grad=True),
    )
    margins = y * (X @ w + b)
    loss = torch.where(margins <= 0, -margins, torch.zeros_like(margins)).mean()
    dw, db = torch.autograd.grad(loss, (w, b), allow_unused=True)
    return loss.item(), dw.numpy(), db.item()


@accepted(of="perceptron_loss")
def loss_with_the_bias_as_a_weight(w, b, X, y):
    """One matrix Z of signed samples: margins are Z @ theta, and the gradient is minus the mean of the rows that are wrong."""
    _one_label_each(X, y)
    Z = np.asarray(y)[:, None] * np.c_[X, np.ones(len(X))]
    margins = Z @ np.r_[w, b]
    gradient = -np.einsum("n,nd->d", (margins <= 0).astype(float), Z) / len(Z)
    return np.mean(np.where(margins < 0, -margins, 0)), gradient[:-1], gradient[-1]


# --- q6 averaged_perceptron_fit ---------------------------------------------------------------------------------------


@accepted(of="averaged_perceptron_fit")
def mean_of_a_list(X, y, lr=1.0, epochs=10, order=None):
    """Keeps all weights, and takes the mean."""
    w, b = np.zeros(X.shape[1]), 0.0
    all_w, all_b = [], []
    for i in np.tile(np.arange(len(y)) if order is None else order, epochs):
        w, b, _ = perceptron_step(w, b, X[i], y[i], lr)
        all_w.append(w)
        all_b.append(b)
    return np.mean(all_w, axis=0), np.mean(all_b)


@accepted(of="averaged_perceptron_fit")
def running_mean(X, y, lr=1.0, epochs=10, order=None):
    """The mean is brought up to date at every visit."""
    theta, mean, visits = np.zeros(X.shape[1] + 1), np.zeros(X.shape[1] + 1), 0
    for _ in range(epochs):
        for i in range(len(y)) if order is None else order:
            x = np.append(X[i], 1)
            if y[i] * (theta @ x) <= 0:
                theta += lr * y[i] * x
            visits += 1
            mean += (theta - mean) / visits
    return mean[:-1], mean[-1]


@accepted(of="averaged_perceptron_fit")
def mean_by_the_time_of_each_mistake(X, y, lr=1.0, epochs=10, order=None):
    """The trick of large text models: each mistake is added once more, times the number of visits before it; one subtraction."""
    w, b = np.zeros(X.shape[1]), 0.0
    u, beta, before = np.zeros(X.shape[1]), 0.0, 0
    for _ in range(epochs):
        for i in range(len(y)) if order is None else order:
            if y[i] * (w @ X[i] + b) <= 0:
                w, b = w + lr * y[i] * X[i], b + lr * y[i]
                u, beta = u + before * lr * y[i] * X[i], beta + before * lr * y[i]
            before += 1
    return w - u / before, b - beta / before


# --- q7 kernel_perceptron_fit -----------------------------------------------------------------------------------------


@accepted(of="kernel_perceptron_fit")
def counts_with_scores_kept(K, y, max_epochs=100):
    """All scores are kept, and every mistake adds a column of K to them."""
    alpha, scores = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(max_epochs):
        clean = True
        for i in range(len(y)):
            if y[i] * scores[i] <= 0:
                alpha[i] += 1
                scores += y[i] * K[:, i]
                clean = False
        if clean:
            break
    return alpha


@accepted(of="kernel_perceptron_fit")
def counts_by_loop(K, y, max_epochs=100):
    """Sums written out, counts in a list."""
    N = len(y)
    alpha = [0] * N
    for _ in range(max_epochs):
        mistakes = 0
        for i in range(N):
            score = sum(alpha[j] * y[j] * K[i, j] for j in range(N) if alpha[j])
            if y[i] * score <= 0:
                alpha[i] += 1
                mistakes += 1
        if mistakes == 0:
            break
    return alpha


@accepted(of="kernel_perceptron_fit")
def counts_by_a_signed_matrix(K, y, max_epochs=100):
    """y_i y_j K_ij once and for all; then a margin is a row times alpha."""
    signed = np.einsum("i,ij,j->ij", y, K, y)
    alpha = np.zeros(len(y), dtype=int)
    for _ in range(max_epochs):
        start = alpha.copy()
        for i, row in enumerate(signed):
            alpha[i] += int(row @ alpha <= 0)
        if np.array_equal(start, alpha):
            break
    return alpha


# --- q8 quadratic_features --------------------------------------------------------------------------------------------


@accepted(of="quadratic_features")
def features_by_two_loops(X):
    """Column by column."""
    columns = [X[:, i] for i in range(X.shape[1])]
    for i in range(X.shape[1]):
        for j in range(i, X.shape[1]):
            columns.append(X[:, i] * X[:, j])
    return np.stack(columns, axis=1)


@accepted(of="quadratic_features")
def features_by_combinations(X):
    """itertools knows the pairs; sample by sample."""
    return np.array([[*x, *(a * b for a, b in itertools.combinations_with_replacement(x, 2))] for x in X.tolist()])


@accepted(of="quadratic_features")
def features_by_outer_product(X):
    """All D x D products, and of them the upper triangle."""
    N, D = X.shape
    products = np.einsum("ni,nj->nij", X, X)
    return np.concatenate([X, products[:, np.triu(np.ones((D, D), dtype=bool))]], axis=1)
