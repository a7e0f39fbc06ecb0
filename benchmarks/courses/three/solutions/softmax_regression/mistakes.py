"""Typical wrong answers, and what to say to whoever gives them."""

import numpy as np

from autograder.topic import mistake

from .solution import cross_entropy, softmax


@mistake(of="softmax", caught_by=("rows_sum_to_one", "probabilities_are_right"),
         hint="Which axis holds the classes?")  # fmt: skip
def over_the_samples(logits):
    """Columns sum to one, not rows."""
    return softmax(logits.T).T


@mistake(of="softmax", caught_by="large_scores_do_not_overflow", hint="exp() of a large score overflows.")
def overflowing(logits):
    """The formula as it stands."""
    with np.errstate(all="ignore"):
        return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


@mistake(of="softmax", caught_by="scores_stay_as_they_are", hint="The array that was passed in has changed.")
def in_place(logits):
    """Takes the maximum off the caller's own scores."""
    logits -= logits.max(axis=-1, keepdims=True)
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


@mistake(of="cross_entropy", caught_by="gradient_is_right", hint="The loss is a mean, so is its derivative.")
def derivative_not_averaged(logits, labels):
    """N times too large."""
    loss, dlogits = cross_entropy(logits, labels)
    return loss, dlogits * len(labels)


@mistake(of="cross_entropy", caught_by=("loss_is_right", "loss_of_equal_scores_is_ln_k"), hint="A sum is not a mean.")
def loss_not_averaged(logits, labels):
    """N times too large, the loss alone."""
    loss, dlogits = cross_entropy(logits, labels)
    return loss * len(labels), dlogits


@mistake(of="cross_entropy", caught_by="loss_of_a_sure_mistake_is_finite", hint="The logarithm of 0 is not finite.")
def logarithm_of_a_probability(logits, labels):
    """Right while no probability is 0."""
    with np.errstate(all="ignore"):
        loss = -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean()
    return float(loss), cross_entropy(logits, labels)[1]


@mistake(
    of="train", caught_by=("weights_are_right", "training_lowers_the_loss"), hint="Against the gradient, not along."
)
def uphill(X, labels, classes, steps=100, learning_rate=0.5):
    """The sign of the step is wrong."""
    W, history = np.zeros((X.shape[1], classes)), []
    for _ in range(steps + 1):
        loss, dlogits = cross_entropy(X @ W, labels)
        history.append(loss)
        W = W + learning_rate * X.T @ dlogits
    return W - learning_rate * X.T @ dlogits, history
