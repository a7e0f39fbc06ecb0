"""Public checks of the warm-up: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import array_of_shape, assert_close, assert_integer
from autograder.errors import CheckFailed

CENTRAL = "a central difference with h = 1e-5 is right to about 1e-10"

# --- q1 rel_error -----------------------------------------------------------------------------------------------------


@check("q1", points=2)
def error_of_pairs_worked_by_hand(student):
    """rel_error([3, 4], [6, 8]) is 1/3; of equal arrays it is 0, of opposite ones 1."""
    a = np.array([3.0, 4.0])
    assert_close(student.rel_error(a, 2 * a), 1 / 3, what="rel_error([3, 4], [6, 8])")
    assert_close(student.rel_error(a, a), 0.0, what="rel_error([3, 4], [3, 4])")
    assert_close(student.rel_error(a, -a), 1.0, what="rel_error([3, 4], [-3, -4])")


@check("q1", points=1)
def error_is_symmetric(student, rng):
    """rel_error(a, b) is rel_error(b, a)."""
    a, b = inputs.normal(rng, (3, 4), scale=5), inputs.normal(rng, (3, 4))
    there = array_of_shape(student.rel_error(a, b), (), what="rel_error(a, b)")
    assert_close(student.rel_error(b, a), there, what="rel_error(b, a)")


# --- q2 numerical_gradient --------------------------------------------------------------------------------------------


@check("q2", points=3)
def slope_of_a_cube_worked_by_hand(student):
    """For f(x) = sum(x ** 3) at x = [1, 2], h = 0.1 gives [3.01, 12.01]: the slope 3 x ** 2, and h ** 2."""
    gradient = student.run(gradient_of_cubes, np.array([1.0, 2.0]), np.ones(2), 0.1)
    assert_close(gradient, [3.01, 12.01], what="numerical_gradient of sum(x ** 3) at [1, 2] with h=0.1")


@check("q2", points=3)
def slope_of_the_sine_is_the_cosine(student, rng):
    """For f(x) = sum(sin(x)) and x of shape (2, 3) the gradient is cos(x)."""
    x = inputs.normal(rng, (2, 3))
    assert_close(student.run(gradient_of_sines, x), np.cos(x), rtol=1e-6, atol=1e-8, because=CENTRAL,
                 what="numerical_gradient of sum(sin(x))")  # fmt: skip


@check("q2", points=3)
def upstream_gradient_weighs_the_outputs(student, rng):
    """For f(x) = x ** 2, an array, the gradient is 2 x dout."""
    x, dout = inputs.normal(rng, (5,)), inputs.normal(rng, (5,))
    assert_close(student.run(gradient_of_squares, x, dout), 2 * x * dout, rtol=1e-6, atol=1e-8, because=CENTRAL,
                 what="numerical_gradient of x ** 2 with dout")  # fmt: skip


# --- q3 directional_check ---------------------------------------------------------------------------------------------


@check("q3", points=1)
def right_gradient_passes(student, rng):
    """For the right gradient of sum(c * x ** 3) the error is below 1e-7."""
    x, c = inputs.normal(rng, (3, 2)) + 1, inputs.uniform(rng, (3, 2), 0.5, 2)
    error = student.run(check_of_cubes, x, c, 3 * c * x**2, 0)
    assert_close(error, 0.0, rtol=0.0, atol=1e-7, because=CENTRAL, what="directional_check of a right gradient")


@check("q3", points=2)
def gradient_one_percent_too_long_is_seen(student, rng):
    """For 1.01 times the right gradient the error is 0.01 / 2.01, whatever the directions."""
    x, c = inputs.normal(rng, (3, 2)) + 1, inputs.uniform(rng, (3, 2), 0.5, 2)
    error = student.run(check_of_cubes, x, c, 1.01 * 3 * c * x**2, 1)
    assert_close(error, 0.01 / 2.01, rtol=1e-4, atol=1e-7, because=CENTRAL,
                 what="directional_check of 1.01 times the gradient")  # fmt: skip


# --- q4 logsumexp -----------------------------------------------------------------------------------------------------


@check("q4", points=2)
def logsumexp_worked_by_hand(student):
    """logsumexp([0, ln 3]) is ln 4; for two rows there are two numbers."""
    z = np.array([0.0, np.log(3.0)])
    assert_close(student.logsumexp(z), np.log(4.0), what="logsumexp([0, ln 3])")
    assert_close(student.logsumexp(np.array([z, z + 2.0])), np.log(4.0) + np.array([0.0, 2.0]),
                 what="logsumexp([[0, ln 3], [2, 2 + ln 3]])")  # fmt: skip


@check("q4", points=1)
def logsumexp_takes_an_axis(student, reference, rng):
    """axis says which axis is summed over, and keepdims keeps it with length 1."""
    z = inputs.normal(rng, (2, 5))
    for axis in (0, 1):
        for keepdims in (False, True):
            expected = reference.logsumexp(z, axis, keepdims)
            what = f"logsumexp(z, axis={axis}, keepdims={keepdims}) for z of shape (2, 5)"
            assert_close(student.logsumexp(z, axis=axis, keepdims=keepdims), expected, what=what)


@check("q4", points=2)
def logsumexp_moves_with_its_argument(student, rng):
    """logsumexp(z + 1000) is logsumexp(z) + 1000."""
    z = inputs.normal(rng, (3, 4))
    here = array_of_shape(student.logsumexp(z), (3,), what="logsumexp(z) for z of shape (3, 4)")
    assert_close(student.logsumexp(z + 1000.0), here + 1000.0, what="logsumexp(z + 1000)")


# --- q5 one_hot -------------------------------------------------------------------------------------------------------


@check("q5", points=1)
def one_hot_worked_by_hand(student):
    """one_hot([2, 0], 4) has rows (0, 0, 1, 0) and (1, 0, 0, 0)."""
    assert_close(student.one_hot(np.array([2, 0]), 4), [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]],
                 actual_dtype=np.float64, what="one_hot([2, 0], 4)")  # fmt: skip


@check("q5", points=1)
def one_hot_is_made_without_a_loop(student, reference, rng):
    """one_hot takes as many Python steps for 60 labels as for 4."""
    few, many = inputs.labels(rng, 4, 3), inputs.labels(rng, 60, 20)
    assert_close(student.one_hot(many, 20), reference.one_hot(many, 20), what="one_hot(y, 20) for 60 labels")
    if student.run(steps_grow, "one_hot", (few, 3), (many, 20)) is not False:
        raise CheckFailed("one_hot takes more Python steps for 60 labels than for 4: it loops.")


# --- q6 pairwise_sq_dists ---------------------------------------------------------------------------------------------


@check("q6", points=2)
def distances_worked_by_hand(student):
    """From (0, 0) and (3, 4) to (0, 0), (0, 4) and (3, 0): 0, 16, 9 and 25, 9, 16."""
    A, B = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [0.0, 4.0], [3.0, 0.0]])
    assert_close(student.pairwise_sq_dists(A, B), [[0.0, 16.0, 9.0], [25.0, 9.0, 16.0]], what="pairwise_sq_dists(A, B)")


@check("q6", points=1)
def distances_of_points_from_themselves_are_zero(student, rng):
    """pairwise_sq_dists(A, A) has zeros on its diagonal, is symmetric, and has no entry below zero."""
    A = inputs.normal(rng, (5, 3))
    D = array_of_shape(student.pairwise_sq_dists(A, A), (5, 5), what="pairwise_sq_dists(A, A)")
    assert_close(np.diagonal(D), np.zeros(5), kind="exact", what="diagonal of pairwise_sq_dists(A, A)")
    assert_close(D.T, D, what="pairwise_sq_dists(A, A).T")
    assert_close(np.minimum(D, 0.0), np.zeros((5, 5)), kind="exact", what="what lies below zero")


@check("q6", points=2)
def distances_are_computed_without_a_loop(student, reference, rng):
    """pairwise_sq_dists takes as many Python steps for 60 points as for 4."""
    few, many = inputs.normal(rng, (4, 3)), inputs.normal(rng, (60, 3))
    expected = reference.pairwise_sq_dists(many, many)
    assert_close(student.pairwise_sq_dists(many, many), expected, what="pairwise_sq_dists(A, A) for 60 points")
    if student.run(steps_grow, "pairwise_sq_dists", (few, few), (many, many)) is not False:
        raise CheckFailed("pairwise_sq_dists takes more Python steps for 60 points than for 4: it loops.")


# --- q7 puzzles -------------------------------------------------------------------------------------------------------


@check("q7", points=1)
def outer_worked_by_hand(student):
    """outer([1, 2], [3, 4, 5]) is [[3, 4, 5], [6, 8, 10]]."""
    given = student.outer(np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0]))
    assert_close(given, [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]], what="outer([1, 2], [3, 4, 5])")


@check("q7", points=1)
def diag_worked_by_hand(student):
    """diag([1, 2, 3]) has 1, 2, 3 on its diagonal and zeros elsewhere."""
    expected = [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]]
    assert_close(student.diag(np.array([1.0, 2.0, 3.0])), expected, what="diag([1, 2, 3])")


@check("q7", points=1)
def causal_mask_worked_by_hand(student):
    """causal_mask(3) is True on the diagonal and below it."""
    expected = np.array([[True, False, False], [True, True, False], [True, True, True]])
    assert_close(student.causal_mask(3), expected, what="causal_mask(3)")


@check("q7", points=1)
def cumsum_worked_by_hand(student):
    """cumsum([1, 2, 4]) is [1, 3, 7]."""
    assert_close(student.cumsum(np.array([1.0, 2.0, 4.0])), [1.0, 3.0, 7.0], what="cumsum([1, 2, 4])")


@check("q7", points=1)
def sliding_windows_worked_by_hand(student):
    """sliding_windows([1, 2, ..., 9], 3, 2) is [[1, 2, 3], [3, 4, 5], [5, 6, 7], [7, 8, 9]]."""
    given = student.sliding_windows(np.arange(1.0, 10.0), 3, 2)
    expected = [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0], [5.0, 6.0, 7.0], [7.0, 8.0, 9.0]]
    assert_close(given, expected, what="sliding_windows([1, 2, ..., 9], 3, 2)")


@check("q7", points=1)
def bincount_worked_by_hand(student):
    """bincount([1, 1, 0, 3, 1], 4) is [1, 3, 0, 1], whole numbers."""
    assert_integer(student.bincount(np.array([1, 1, 0, 3, 1]), 4), np.array([1, 3, 0, 1]), what="bincount(y, 4)")


# --- probes: run beside the student's code ----------------------------------------------------------------------------


def gradient_of_cubes(x, c, *h):
    """numerical_gradient of sum(c x^3)."""
    import numpy as np

    return numerical_gradient(lambda x: np.sum(c * x**3), x, None, *h)  # noqa: F821 - a name of the student


def gradient_of_sines(x):
    """numerical_gradient of sum(sin(x))."""
    import numpy as np

    return numerical_gradient(lambda x: np.sum(np.sin(x)), x)  # noqa: F821 - a name of the student


def gradient_of_squares(x, dout):
    """numerical_gradient of sum(dout * x^2), through the array x^2."""
    return numerical_gradient(lambda x: x**2, x, dout)  # noqa: F821 - a name of the student


def check_of_cubes(x, c, grad, seed, *more):
    """directional_check of a claimed gradient of sum(c x^3)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return directional_check(lambda x: np.sum(c * x**3), grad, x, rng, *more)  # noqa: F821 - a name of the student


def steps_grow(name, few, many):
    """Whether a function of the student executes more Python instructions for many numbers than for few."""
    import sys

    function = globals()[name]

    def steps(args):
        count = 0

        def trace(frame, event, _):
            nonlocal count
            frame.f_trace_opcodes = True
            count += event == "opcode"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            function(*args)
        finally:
            sys.settrace(before)
        return count

    steps(few)  # the first call may import something
    return steps(many) > steps(few) + 100
