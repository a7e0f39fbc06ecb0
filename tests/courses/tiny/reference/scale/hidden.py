"""Hidden checks of scaling columns."""

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_backward_close, assert_close, assert_unchanged


@check("q1", points=2, repeat=2)
def tall_matrix_is_scaled(student, reference, rng):
    """scale is right for a tall random matrix."""
    x, factor = inputs.normal(rng, (7, 3)), inputs.normal(rng, (3,))
    assert_close(student.scale(x, factor), reference.scale(x, factor), what="scale(x, factor)")


@check("q1", points=1)
def arguments_stay_as_they_are(student, rng):
    """scale does not modify its arguments."""
    assert_unchanged(student.scale, (inputs.normal(rng, (4, 3)), inputs.normal(rng, (3,))))


@check("q2", points=3, repeat=2)
def gradients_of_a_tall_matrix_are_right(student, reference, rng):
    """The gradients with respect to x and factor are right for a tall random matrix."""
    x, factor = inputs.normal(rng, (7, 3)), inputs.normal(rng, (3,))
    dout = inputs.normal(rng, (7, 3))
    dx, dfactor = student.scale_backward(dout, x, factor)
    assert_backward_close({"dx": dx, "dfactor": dfactor}, reference.scale, (x, factor), upstream=dout)
