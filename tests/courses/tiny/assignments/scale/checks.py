"""Public checks of scaling columns."""

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_backward_close, assert_close


@check("q1", points=2)
def worked_example_is_right(student):
    """scale gives [[10, 200], [30, 400]] in the worked example."""
    x, factor = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 100.0])
    assert_close(student.scale(x, factor), np.array([[10.0, 200.0], [30.0, 400.0]]), what="scale(x, factor)")


@check("q2", points=2, repeat=2)
def gradients_of_a_small_problem_are_right(student, reference, rng):
    """The gradients with respect to x and factor are right for a matrix of three rows and two columns."""
    x, factor = inputs.normal(rng, (3, 2)), inputs.normal(rng, (2,))
    dout = inputs.normal(rng, (3, 2))
    dx, dfactor = student.scale_backward(dout, x, factor)
    assert_backward_close({"dx": dx, "dfactor": dfactor}, reference.scale, (x, factor), upstream=dout)
