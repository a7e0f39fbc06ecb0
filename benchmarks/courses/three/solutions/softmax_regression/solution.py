"""The answers that an instructor would publish."""

import numpy as np


def softmax(logits):
    """The largest score is taken off first, so that exp() does not overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def cross_entropy(logits, labels):
    """The derivative of the mean is (p - onehot) / N."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=-1, keepdims=True)
    loss = (np.log(np.exp(shifted).sum(axis=-1)) - shifted[rows, labels]).mean()
    dlogits = softmax(logits)
    dlogits[rows, labels] -= 1
    return float(loss), dlogits / len(labels)


def train(X, labels, classes, steps=100, learning_rate=0.5):
    """One loss before each step, and one after the last."""
    W = np.zeros((X.shape[1], classes))
    history = []
    for _ in range(steps):
        loss, dlogits = cross_entropy(X @ W, labels)
        history.append(loss)
        W = W - learning_rate * X.T @ dlogits
    return W, [*history, cross_entropy(X @ W, labels)[0]]
