"""The reference of the perceptron, against scikit-learn's, against finite differences, and against the theorem."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Perceptron
from sklearn.preprocessing import PolynomialFeatures

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "perceptron"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}
X_FOUR = np.array([[2.0, 1.0], [-1.0, 1.0], [-1.0, -2.0], [-1.0, 3.0]])
Y_FOUR = np.array([1, -1, -1, 1])


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "perceptron", "reference"))


@pytest.fixture(params=[0, 1, 2])
def samples(request):
    """Whole numbers, so that ties are ties: 12 samples of 3 features, some of whose labels no plane can give."""
    rng = np.random.default_rng(request.param)
    X = rng.integers(-4, 5, (12, 3)).astype(float)
    y = np.where(X @ [2.0, -1.0, 1.0] > 1, 1, -1)
    y[:2] *= -1
    return X, y


def plain_run(X, y, lr, visits):
    """The weights after each visit, by the rule itself."""
    w, b = np.zeros(X.shape[1]), 0.0
    for i in visits:
        if y[i] * (X[i] @ w + b) <= 0:
            w, b = w + lr * y[i] * X[i], b + lr * y[i]
        yield w, b


def test_a_run_ends_where_scikit_learns_does(reference, samples):
    X, y = samples
    other = Perceptron(shuffle=False, eta0=0.5, max_iter=7, tol=None).fit(X, y)
    run = reference.perceptron_fit(X, y, 0.5, 7)
    assert_allclose(run["w"], other.coef_[0], **ROUNDING)
    assert_allclose(run["b"], other.intercept_[0], **ROUNDING)


def test_a_run_without_a_bias_ends_where_scikit_learns_does(reference, samples):
    X, y = samples
    other = Perceptron(shuffle=False, eta0=2.0, max_iter=5, tol=None, fit_intercept=False).fit(X, y)
    run = reference.perceptron_fit(X, y, 2.0, 5, None, False)
    assert_allclose(run["w"], other.coef_[0], **ROUNDING)
    assert run["b"] == 0.0


def test_a_run_follows_the_given_order(reference, samples):
    X, y = samples
    order = np.array([3, 11, 0, 7, 1, 5, 2, 10, 9, 4, 8, 6])
    *_, (w, b) = plain_run(X, y, 0.25, np.tile(order, 4))
    run = reference.perceptron_fit(X, y, 0.25, 4, order)
    assert_allclose(run["w"], w, **ROUNDING)
    assert_allclose(run["b"], b, **ROUNDING)


def test_the_run_worked_by_hand_keeps_its_books(reference):
    run = reference.perceptron_fit(X_FOUR, Y_FOUR)
    assert (run["w"].tolist(), float(run["b"])) == ([3.0, 2.0], 0.0)
    assert (run["history"], run["mistakes"], run["epochs"], run["converged"]) == ([3, 1, 0], 4, 3, True)


def test_a_run_that_is_cut_off_has_not_converged(reference):
    run = reference.perceptron_fit(X_FOUR, Y_FOUR, 1.0, 2)
    assert (run["w"].tolist(), run["history"], run["converged"]) == ([3.0, 2.0], [3, 1], False)


def test_orthonormal_samples_meet_the_bound_with_equality(reference):
    y = np.array([1, -1, -1, 1, -1])
    run = reference.perceptron_fit(np.eye(5), y, 1.0, 9, None, False)
    gamma = (y * (np.eye(5) @ (y / np.sqrt(5)))).min()
    assert run["mistakes"] == 5
    assert_allclose((1 / gamma) ** 2, 5)


def test_mistakes_never_exceed_the_squared_ratio_of_radius_and_margin(reference):
    rng = np.random.default_rng(8)
    cloud = rng.uniform(-1, 1, (300, 2))
    scores = cloud @ [0.8, -0.6] + 0.1
    X, y = cloud[abs(scores) > 0.1], np.sign(scores[abs(scores) > 0.1]).astype(int)
    R, gamma = reference.radius_and_margin(X, y, np.array([0.8, -0.6]), 0.1)
    assert 1 <= reference.perceptron_fit(X, y, 1.0, 1000)["mistakes"] <= (R / gamma) ** 2


def test_a_tie_is_seen(reference):
    assert reference.closest_call(X_FOUR, Y_FOUR) == 0.0


def test_without_a_tie_the_closest_score_is_told(reference):
    X, y = np.array([[2.0], [-3.0]]), np.array([1, -1])  # the one update leads to the scores -5 and, next time, 5
    assert reference.closest_call(X, y) == 5.0


def test_a_point_on_the_line_is_predicted_as_plus_one(reference):
    assert reference.perceptron_predict(np.array([2.0, -1.0]), 1.0, np.array([[0, 1], [0, 2]])).tolist() == [1, -1]


@pytest.mark.parametrize("y", [-1, 1])
def test_a_step_on_the_line_is_taken_for_either_label(reference, y):
    w, b, mistake = reference.perceptron_step(np.array([3.0, -2.0]), 0.0, np.array([2.0, 3.0]), y, 0.5)
    assert (w.tolist(), float(b), mistake) == ([3 + y, -2 + 1.5 * y], 0.5 * y, True)


def test_a_right_sample_is_no_step(reference):
    w, b, mistake = reference.perceptron_step(np.array([3.0, -2.0]), 0.1, np.array([2.0, 3.0]), 1)
    assert (w.tolist(), float(b), mistake) == ([3.0, -2.0], 0.1, False)


def test_loss_counts_mistakes_by_how_wrong_they_are(reference):
    assert reference.perceptron_loss(np.array([1.0, 1.0]), 4.0, X_FOUR, Y_FOUR) == 1.25


def test_gradient_is_the_slope_of_the_loss(reference, samples):
    X, y = samples
    w, b, h = np.array([0.31, -0.47, 0.13]), 0.23, 1e-6
    dw, db = reference.perceptron_loss.gradient((w, b, X, y), wrt=(0, 1))
    for j, step in enumerate(h * np.eye(3)):
        rise = reference.perceptron_loss(w + step, b, X, y) - reference.perceptron_loss(w - step, b, X, y)
        assert_allclose(dw[j], rise / (2 * h), atol=1e-8)
    rise = reference.perceptron_loss(w, b + h, X, y) - reference.perceptron_loss(w, b - h, X, y)
    assert_allclose(db, rise / (2 * h), atol=1e-8)


def test_at_the_kink_the_slope_is_that_of_a_mistake(reference):
    dw, db = reference.perceptron_loss.gradient((np.zeros(2), 0.0, X_FOUR, Y_FOUR), wrt=(0, 1))
    assert_allclose(dw, -(Y_FOUR @ X_FOUR) / 4)
    assert_allclose(db, -Y_FOUR.mean())


def test_labels_in_a_column_are_refused(reference):
    with pytest.raises(ValueError, match=r"expected labels of shape \(4,\), got \(4, 1\)"):
        reference.perceptron_loss(np.zeros(2), 0.0, X_FOUR, Y_FOUR[:, None])


def test_averaged_weights_are_the_mean_over_all_visits(reference, samples):
    X, y = samples
    order = np.array([3, 11, 0, 7, 1, 5, 2, 10, 9, 4, 8, 6])
    path = list(plain_run(X, y, 0.5, np.tile(order, 3)))
    w, b = reference.averaged_perceptron_fit(X, y, 0.5, 3, order)
    assert_allclose(w, np.mean([w for w, _ in path], axis=0), **ROUNDING)
    assert_allclose(b, np.mean([b for _, b in path]), **ROUNDING)


def test_counts_of_a_quadratic_kernel_are_those_of_the_features_behind_it(reference, samples):
    X, y = samples
    first, second = np.triu_indices(3)
    products = X[:, first] * X[:, second] * np.where(first == second, 1.0, np.sqrt(2.0))
    behind = np.hstack([np.sqrt(2.0) * X, products])  # (1 + x.z)**2 = 1 + 2 x.z + (x.z)**2
    run = reference.perceptron_fit(behind, y, 1.0, 9)
    alpha = reference.kernel_perceptron_fit((1 + X @ X.T) ** 2, y, 9)
    assert alpha.sum() == run["mistakes"]
    assert_allclose((alpha * y) @ behind, run["w"], rtol=1e-9, atol=1e-9)


def test_features_are_scikit_learns_polynomials(reference, samples):
    X, _ = samples
    expected = PolynomialFeatures(degree=2, include_bias=False).fit_transform(X)
    assert_allclose(reference.quadratic_features(X), expected, **ROUNDING)
