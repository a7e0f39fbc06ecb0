"""Public checks of the perceptron: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import array_of_shape, assert_close, assert_integer, assert_own_gradient, assert_shape, parts
from autograder.errors import CheckFailed

X_FOUR = np.array([[2.0, 1.0], [-1.0, 1.0], [-1.0, -2.0], [-1.0, 3.0]])
Y_FOUR = np.array([1, -1, -1, 1])
"""The four points that the notebook works through by hand."""
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

# --- q1 perceptron_predict --------------------------------------------------------------------------------------------


@check("q1", points=2)
def three_points_get_their_sides(student):
    """w = [2, -1] and b = 1 put [1, 1] and [0, 0.5] on the side +1, and [-1, 2] on the side -1."""
    X = np.array([[1.0, 1.0], [0.0, 0.5], [-1.0, 2.0]])
    predicted = student.perceptron_predict(np.array([2.0, -1.0]), 1.0, X)
    assert_integer(predicted, np.array([1, 1, -1]), what="perceptron_predict([2, -1], 1, X)")


@check("q1", points=1)
def points_on_the_line_count_as_plus_one(student):
    """A score of exactly 0 is answered with +1."""
    X = np.array([[0.0, 1.0], [1.0, 3.0], [-2.0, 0.0]])
    predicted = student.perceptron_predict(np.array([2.0, -1.0]), 1.0, X)
    assert_integer(
        predicted, np.array([1, 1, -1]), what="perceptron_predict for two points on the line and one beside it"
    )


# --- q2 perceptron_step -----------------------------------------------------------------------------------------------


@check("q2", points=2)
def one_step_worked_by_hand(student):
    """From w = [-1, 1] and b = -4, the sample [2, 3] with label +1 leads to w = [1, 4] and b = -3, or with lr = 0.5 to
    w = [0, 2.5] and b = -3.5. With label -1 it is right already, and nothing changes.
    """
    w, x = np.array([-1.0, 1.0]), np.array([2.0, 3.0])
    _assert_step(student, (w, -4.0, x, 1), ([1.0, 4.0], -3.0, True), "for a mistake")
    _assert_step(student, (w, -4.0, x, 1, 0.5), ([0.0, 2.5], -3.5, True), "for a mistake, lr=0.5")
    _assert_step(student, (w, -4.0, x, -1), ([-1.0, 1.0], -4.0, False), "for a sample that is right")


@check("q2", points=2)
def a_score_of_zero_is_a_mistake(student):
    """Where the score is 0, as with w = 0 and b = 0, the sample counts as a mistake, whatever its label."""
    x = np.array([2.0, 3.0])
    for y in (-1, 1):
        _assert_step(student, (np.zeros(2), 0.0, x, y), (y * x, float(y), True), f"from zero, for y={y}")
        _assert_step(student, (np.array([3.0, -2.0]), 0.0, x, y), ([3 + 2 * y, -2 + 3 * y], float(y), True),
                     f"on the line, for y={y}")  # fmt: skip


# --- q3 perceptron_fit ------------------------------------------------------------------------------------------------


@check("q3", points=3)
def four_points_traced_by_hand(student):
    """The first sweep over the four points of the notebook makes 3 mistakes and ends at w = [2, 3] and b = 1; the whole
    run makes 4 mistakes, and ends at w = [3, 2] and b = 0.
    """
    whole, one_sweep = (student.perceptron_fit(X_FOUR, Y_FOUR, 1.0, limit) for limit in (100, 1))
    _assert_run(one_sweep, {"w": [2.0, 3.0], "b": 1.0, "mistakes": 3}, "after one sweep")
    _assert_run(whole, {"w": [3.0, 2.0], "b": 0.0, "mistakes": 4}, "at the end")


@check("q3", points=3, behaviour=True)
def and_and_or_are_learned(student):
    """AND and OR of two bits are learned without a mistake left."""
    for name, y in (("AND", [-1, -1, -1, 1]), ("OR", [-1, 1, 1, 1])):
        run = _run(student.perceptron_fit(CORNERS, np.array(y)))
        w = array_of_shape(run["w"], (2,), what=f"w for {name}")
        b = array_of_shape(run["b"], (), what=f"b for {name}")
        assert_close(run["converged"], True, what=f"converged for {name}")
        right = np.array(y) * (CORNERS @ w + b) > 0
        assert_integer(int(right.sum()), 4, what=f"number of corners on the right side for {name}")


@check("q3", points=2)
def counts_belong_together(student):
    """The four points take three epochs, with 3, 1 and 0 mistakes. XOR, which no line separates, takes all epochs that it
    is given, and does not converge.
    """
    by_hand = {"history": [3, 1, 0], "epochs": 3, "converged": True}
    _assert_run(student.perceptron_fit(X_FOUR, Y_FOUR), by_hand, "for the four points")
    given_up = {"epochs": 12, "converged": False}
    run = student.perceptron_fit(CORNERS, np.array([-1, 1, 1, -1]), 1.0, 12)
    _assert_run(run, given_up, "for XOR with max_epochs=12")
    assert_shape(_run(run)["history"], (12,), what="history for XOR with max_epochs=12")


# --- q4 radius_and_margin ---------------------------------------------------------------------------------------------


@check("q4", points=2)
def four_points_measured_by_hand(student):
    """For the four points, w = [3, 2] and b = 0 have R = sqrt(11) and gamma = 1 / sqrt(13); w = [2, 2] and b = 1, which
    get a point wrong, have gamma = -1 / 3.
    """
    for w, b, gamma in (([3.0, 2.0], 0.0, 1 / np.sqrt(13.0)), ([2.0, 2.0], 1.0, -1 / 3)):
        result = student.radius_and_margin(X_FOUR, Y_FOUR, np.array(w), b)
        radius, margin = parts(result, ("R", "gamma"), what="radius_and_margin(X, y, w, b)")
        assert_close(radius, np.sqrt(11.0), what="R of the four points")
        assert_close(margin, gamma, what=f"gamma for w={w} and b={b}")


@check("q4", points=1)
def a_longer_normal_vector_changes_nothing(student, rng):
    """(w, b) and (5 w, 5 b) are the same line, so R and gamma are the same."""
    X, y, w = inputs.normal(rng, (6, 3)), inputs.labels(rng, 6, values=(-1, 1)), inputs.normal(rng, (3,))
    once, fivefold = (
        parts(student.radius_and_margin(X, y, factor * w, factor * 0.7), ("R", "gamma"), what="radius_and_margin(...)")
        for factor in (1.0, 5.0)
    )
    for name, value, before in zip(("R", "gamma"), fivefold, once, strict=True):
        expected = array_of_shape(before, (), what=name)
        if not np.isfinite(expected):
            raise CheckFailed(f"{name} is {expected}.")
        assert_close(value, expected, what=f"{name} for (5 w, 5 b), compared with {name} for (w, b)")


# --- q5 perceptron_loss -----------------------------------------------------------------------------------------------


@check("q5", points=2)
def loss_of_four_points_worked_by_hand(student):
    """For the four points, w = [1, 1] and b = 4 have the loss 5/4, dw = [-1/2, -1/4] and db = 1/2."""
    loss, dw, db = _loss(student, np.array([1.0, 1.0]), 4.0, X_FOUR, Y_FOUR)
    assert_close(loss, 1.25, what="loss of the four points")
    assert_close(dw, [-0.5, -0.25], kind="gradient", what="dw of the four points")
    assert_close(db, 0.5, kind="gradient", what="db of the four points")


@check("q5", points=2)
def gradient_is_the_slope_of_your_loss(student, rng):
    """dw and db say how your own loss changes when w and b change a little."""
    w, b, X, y = _beside_the_line(rng, 8, 3)
    _, dw, db = _loss(student, w, b, X, y)
    gradients, names = {"dw": dw, "db": db}, ("w", "b", "X", "y")
    assert_own_gradient(student.perceptron_loss, (w, b, X, y), gradients, rng=rng, output=0, names=names)


# --- q6 averaged_perceptron_fit ---------------------------------------------------------------------------------------


@check("q6", points=3)
def mean_of_one_sweep_worked_by_hand(student):
    """Averaged over the first sweep over the four points, w is [2.5, 1] and b is 0.5; over two sweeps, [2.625, 1.625]
    and 0.375.
    """
    results = [student.averaged_perceptron_fit(X_FOUR, Y_FOUR, 1.0, epochs) for epochs in (1, 2)]
    expected = ([2.5, 1.0], 0.5, "one epoch"), ([2.625, 1.625], 0.375, "two epochs")
    for result, (w_mean, b_mean, name) in zip(results, expected, strict=True):
        w, b = parts(result, ("w", "b"), what="averaged_perceptron_fit(X, y, lr, epochs)")
        assert_close(w, w_mean, what=f"w averaged over {name}")
        assert_close(b, b_mean, what=f"b averaged over {name}")


# --- q7 kernel_perceptron_fit -----------------------------------------------------------------------------------------


@check("q7", points=2)
def counts_of_the_four_points(student):
    """With K = X @ X.T + 1 the four points are mistakes 1, 2, 0 and 1 times: the mistakes that you traced by hand."""
    alpha = student.kernel_perceptron_fit(X_FOUR @ X_FOUR.T + 1.0, Y_FOUR)
    assert_close(alpha, np.array([1, 2, 0, 1]), what="alpha of the four points")


@check("q7", points=1)
def xor_is_separated_by_a_quadratic_kernel(student):
    """With K = (1 + X @ X.T)**2 all four corners of XOR end on the right side."""
    K, y = (1.0 + CORNERS @ CORNERS.T) ** 2, np.array([-1, 1, 1, -1])
    alpha = array_of_shape(student.kernel_perceptron_fit(K, y), (4,), what="alpha for XOR")
    right = y * (K @ (alpha * y)) > 0
    assert_integer(int(right.sum()), 4, what="number of corners on the right side")


# --- q8 quadratic_features --------------------------------------------------------------------------------------------


@check("q8", points=1)
def features_of_one_sample_worked_by_hand(student):
    """The features of [2, 3] are [2, 3, 4, 6, 9]."""
    features = student.quadratic_features(np.array([[2.0, 3.0]]))
    assert_close(features, [[2.0, 3.0, 4.0, 6.0, 9.0]], what="quadratic_features([[2, 3]])")


@check("q8", points=2, behaviour=True)
def xor_becomes_separable(student):
    """With quadratic features your perceptron learns XOR without a mistake left."""
    features = array_of_shape(student.quadratic_features(CORNERS), (4, 5), what="quadratic_features of four corners")
    run = _run(student.perceptron_fit(features, np.array([-1, 1, 1, -1])))
    assert_close(run["converged"], True, what="converged for XOR with quadratic features")


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _beside_the_line(rng, n, d):
    """w, b and n samples that are not near the kink of the loss; among them mistakes of both classes, more of one."""
    while True:
        w, b, X = inputs.normal(rng, (d,)), float(inputs.uniform(rng, (), 0.2, 0.9)), inputs.normal(rng, (n, d))
        right = inputs.labels(rng, n, values=(-1, 1))
        y = np.where(X @ w + b > 0, 1, -1) * right
        if np.abs(X @ w + b).min() > 0.1 and 0 < abs(y[right < 0].sum()) < (right < 0).sum():
            return w, b, X, y


def _run(result):
    names = ("w", "b", "mistakes", "epochs", "converged", "history")
    return dict(zip(names, parts(result, names, what="perceptron_fit(X, y)"), strict=True))


def _assert_run(result, expected, when):
    run = _run(result)
    for name, value in expected.items():
        judge = assert_integer if name in {"mistakes", "epochs", "history"} else assert_close
        judge(run[name], value, what=f"{name} {when}")


def _assert_step(student, args, expected, when):
    result = parts(student.perceptron_step(*args), ("w", "b", "mistake"), what="perceptron_step(w, b, x, y)")
    for name, value, right in zip(("w", "b", "mistake"), result, expected, strict=True):
        assert_close(value, right, what=f"{name} {when}")


def _loss(student, *args):
    return parts(student.perceptron_loss(*args), ("loss", "dw", "db"), what="perceptron_loss(w, b, X, y)")
