"""Public checks of softmax regression."""

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_close, assert_trains


@check("q1", points=1)
def rows_sum_to_one(student, rng):
    """Each row of softmax(z) sums to one."""
    assert_close(student.softmax(inputs.normal(rng, (4, 7))).sum(axis=-1), np.ones(4), what="softmax(z).sum(axis=-1)")


@check("q2", points=1)
def loss_of_equal_scores_is_ln_k(student):
    """With equal scores for three classes the loss is ln 3."""
    loss, _ = student.cross_entropy(np.zeros((2, 3)), np.array([0, 2]))
    assert_close(loss, np.log(3), what="loss of cross_entropy(zeros, labels)")


@check("q3", points=1, behaviour=True)
def training_lowers_the_loss(student, rng):
    """A hundred steps bring the loss from ln 2 to below 0.2 where two classes are far apart."""
    labels = np.arange(20) % 2
    X = inputs.normal(rng, (20, 3), scale=0.1) + np.where(labels[:, None] == 0, -1.0, 1.0)
    _, history = student.train(X, labels, 2)
    assert_close(history[0], np.log(2), what="the first loss")
    assert_trains(history, below=0.2, what="the losses")
