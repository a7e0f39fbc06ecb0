"""Hidden checks of softmax regression."""

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_backward_close, assert_close, assert_unchanged


@check("q1", points=1, repeat=3)
def probabilities_are_right(student, reference, rng):
    """softmax is right for matrices of several sizes."""
    for shape in ((1, 4), (5, 3), (6, 2)):
        z = inputs.normal(rng, shape, scale=3)
        assert_close(student.softmax(z), reference.softmax(z), what=f"softmax(z), z of shape {shape}")


@check("q1", points=1)
def large_scores_do_not_overflow(student, reference, rng):
    """softmax is right for scores around 1000."""
    z = inputs.normal(rng, (3, 4)) + 1000
    assert_close(student.softmax(z), reference.softmax(z), what="softmax(z + 1000)")


@check("q1", points=1)
def scores_stay_as_they_are(student, rng):
    """softmax does not modify its argument."""
    assert_unchanged(student.softmax, (inputs.normal(rng, (4, 3)),))


@check("q2", points=2, repeat=2)
def loss_is_right(student, reference, rng):
    """The loss is the mean of -log p of the right classes."""
    z, labels = inputs.normal(rng, (6, 4)), inputs.labels(rng, 6, 4)
    loss, _ = student.cross_entropy(z, labels)
    assert_close(loss, reference.cross_entropy(z, labels), what="loss")


@check("q2", points=2, repeat=2)
def gradient_is_right(student, reference, rng):
    """The derivative is that of the mean loss with respect to each score."""
    z, labels = inputs.normal(rng, (6, 4)), inputs.labels(rng, 6, 4)
    _, dlogits = student.cross_entropy(z, labels)
    assert_backward_close({"dlogits": dlogits}, reference.cross_entropy, (z, labels))


@check("q2", points=1)
def loss_of_a_sure_mistake_is_finite(student, reference, rng):
    """The loss of a mistake made with great certainty is the difference of the scores."""
    loss, _ = student.cross_entropy(np.array([[1000.0, 0.0]]), np.array([1]))
    assert_close(loss, 1000.0, what="loss of a sure mistake")


@check("q3", points=3, repeat=2)
def weights_are_right(student, reference, rng):
    """The weights are right after three steps."""
    X, labels = inputs.normal(rng, (8, 3)), inputs.labels(rng, 8, 3)
    W, _ = student.train(X, labels, 3, 3, 0.1)
    assert_close(W, reference.train(X, labels, 3, 3, 0.1), what="W after 3 steps")
