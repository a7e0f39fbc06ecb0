"""The reference of logistic regression, against torch's own functions and against finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "logistic_regression"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "logistic_regression", "reference"))


@pytest.fixture
def problem():
    rng = np.random.default_rng(5)
    return rng.normal(size=4), 0.7, rng.normal(size=(9, 4)), np.array([0, 1, 1, 0, 1, 1, 1, 0, 1])


def slope(f, x, h=1e-5):
    """Central differences of a number by each entry of x."""
    result = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        result[i] = (f(x + step) - f(x - step)) / (2 * h)
    return result


def test_sigmoid_is_torchs_sigmoid(reference):
    z = np.array([[-1000.0, -30.0, -1e-8], [0.0, 2.5, 1000.0]])
    assert_allclose(reference.sigmoid(z), torch.sigmoid(torch.from_numpy(z)).numpy(), **ROUNDING)


def test_log_sigmoid_is_torchs_logsigmoid(reference):
    z = np.array([[-1000.0, -30.0, -1e-8], [0.0, 2.5, 1000.0]])
    assert_allclose(reference.log_sigmoid(z), torch.nn.functional.logsigmoid(torch.from_numpy(z)).numpy(), **ROUNDING)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy_is_torchs_for_hard_and_soft_labels(reference, reduction):
    z, y = np.array([-800.0, -0.3, 1.5, 900.0]), np.array([1.0, 0.2, 0.0, 0.9])
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(z), torch.from_numpy(y), reduction=reduction
    )
    assert_allclose(reference.bce_with_logits(z, y, reduction), expected.numpy(), **ROUNDING)


def test_a_confident_mistake_costs_its_logit(reference):
    assert reference.bce_with_logits(np.array([1000.0]), np.array([0])) == 1000.0


def test_bool_labels_count_as_zero_and_one(reference):
    z = np.array([0.5, -1.0])
    assert_allclose(
        reference.bce_with_logits(z, np.array([True, False])), reference.bce_with_logits(z, np.array([1.0, 0.0]))
    )


def test_labels_in_a_column_are_refused(reference):
    with pytest.raises(ValueError, match=r"one shape \(N,\), got \(2,\) and \(2, 1\)"):
        reference.bce_with_logits(np.zeros(2), np.zeros((2, 1)))


def test_an_unknown_reduction_is_refused(reference):
    with pytest.raises(ValueError, match="reduction must be"):
        reference.bce_with_logits(np.zeros(2), np.zeros(2), "median")


def test_gradient_is_the_slope_of_the_penalised_loss(reference, problem):
    w, b, X, y = problem
    dw, db = reference.logreg_loss.gradient((w, b, X, y, 0.3), wrt=(0, 1))
    assert_allclose(dw, slope(lambda v: reference.logreg_loss(v, b, X, y, 0.3), w), rtol=1e-7)
    assert_allclose(db, slope(lambda v: reference.logreg_loss(w, float(v[0]), X, y, 0.3), np.array([b]))[0], rtol=1e-7)


def test_penalty_is_half_of_reg_times_the_squared_weights(reference, problem):
    w, b, X, y = problem
    penalty = reference.logreg_loss(w, b, X, y, 0.3) - reference.logreg_loss(w, b, X, y)
    assert_allclose(penalty, 0.15 * w @ w, **ROUNDING)


def test_hessian_is_the_slope_of_the_gradient(reference, problem):
    w, b, X, y = problem

    def gradient(theta):
        dw, db = reference.logreg_loss.gradient((theta[:-1], theta[-1], X, y, 0.3), wrt=(0, 1))
        return np.append(dw, db)

    theta = np.append(w, b)
    rows = [slope(lambda t, i=i: gradient(t)[i], theta) for i in range(5)]
    assert_allclose(reference.logreg_hessian(w, b, X, 0.3), rows, atol=1e-9)


def test_descent_takes_the_steps_of_torchs_sgd(reference, problem):
    w0, b0, X, y = problem
    w, b = torch.tensor(w0, requires_grad=True), torch.tensor(b0, dtype=torch.float64, requires_grad=True)
    sgd = torch.optim.SGD([{"params": [w], "weight_decay": 0.3}, {"params": [b]}], lr=0.2)
    for _ in range(7):
        sgd.zero_grad()
        scores = torch.from_numpy(X) @ w + b
        torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.from_numpy(y).double()).backward()
        sgd.step()
    end_w, end_b, history = reference.logreg_fit_gd(X, y, 0.2, 7, 0.3, w0, b0)
    assert_allclose(end_w, w.detach().numpy(), **ROUNDING)
    assert_allclose(end_b, b.item(), **ROUNDING)
    assert history.shape == (8,)
    assert_allclose(history[[0, -1]], [reference.logreg_loss(w0, b0, X, y, 0.3),
                                       reference.logreg_loss(end_w, end_b, X, y, 0.3)], **ROUNDING)  # fmt: skip


def test_newton_ends_at_the_minimum_that_scikit_learn_finds(reference, problem):
    _, _, X, y = problem
    w, b = reference.logreg_fit_newton(X, y, 0.3)
    other = LogisticRegression(C=1 / (0.3 * len(y)), solver="newton-cholesky", tol=1e-12).fit(X, y)
    assert_allclose(w, other.coef_[0], rtol=1e-6)
    assert_allclose(b, other.intercept_[0], rtol=1e-6)


def test_a_probability_on_the_threshold_is_class_one(reference):
    assert reference.predict(np.zeros(2), 0.0, np.ones((3, 2)), 0.5).tolist() == [1, 1, 1]


def test_threshold_is_a_probability(reference):
    X = np.log([[0.1 / 0.9], [0.3 / 0.7], [0.8 / 0.2]])
    assert_allclose(reference.predict_proba(np.ones(1), 0.0, X), [0.1, 0.3, 0.8], **ROUNDING)
    assert reference.predict(np.ones(1), 0.0, X, 0.25).tolist() == [0, 1, 1]


def test_accuracy_is_the_share_of_equal_labels(reference):
    assert reference.accuracy(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])) == 0.75


def test_both_sets_are_measured_with_the_training_statistics(reference):
    train, test = reference.standardise(np.array([[1.0], [3.0]]), np.array([[5.0]]))
    assert_allclose(train, [[-1.0], [1.0]])
    assert_allclose(test, [[3.0]])


def test_a_feature_that_is_constant_in_training_keeps_its_scale(reference):
    train, test = reference.standardise(np.array([[0.1], [0.1], [0.1]]), np.array([[2.1]]))
    assert_allclose(train, np.zeros((3, 1)), atol=1e-15)
    assert_allclose(test, [[2.0]])
