"""Public checks of logistic regression: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_close, assert_dtype, assert_own_gradient, assert_shape, assert_trains
from autograder.errors import CheckFailed

# --- q1 sigmoid -------------------------------------------------------------------------------------------------------


@check("q1", points=1)
def sigmoid_at_three_known_points(student):
    """sigmoid(-2), sigmoid(0) and sigmoid(2) are 0.119203, 0.5 and 0.880797."""
    z = np.array([-2.0, 0.0, 2.0])
    assert_close(student.sigmoid(z), [0.11920292202211755, 0.5, 0.8807970779778823], what="sigmoid([-2, 0, 2])")


@check("q1", points=1)
def sigmoid_and_its_mirror_add_up_to_one(student, rng):
    """sigmoid(z) + sigmoid(-z) is 1 for every z."""
    z = inputs.normal(rng, (7,), scale=3)
    total = _array(student.sigmoid(z), z.shape, "sigmoid(z)") + _array(student.sigmoid(-z), z.shape, "sigmoid(-z)")
    assert_close(total, np.ones(7), what="sigmoid(z) + sigmoid(-z)")


@check("q1", points=1)
def sigmoid_keeps_shape_and_dtype(student, reference, rng):
    """sigmoid(z) has the shape and the floating dtype of z; integers become float64."""
    for shape in ((5,), (2, 3), (4, 1, 3)):
        z = inputs.normal(rng, shape, dtype=np.float32)
        probs = student.sigmoid(z)
        assert_shape(probs, shape, what=f"sigmoid(z) for z of shape {shape}")
        assert_dtype(probs, np.float32, what="sigmoid(z) for float32 z")
        assert_close(probs, reference.sigmoid(z), dtype=np.float32, what="sigmoid(z) for float32 z")
    whole = np.array([-1, 0, 3])
    assert_close(student.sigmoid(whole), reference.sigmoid(whole.astype(float)), what="sigmoid([-1, 0, 3])")


# --- q2 log_sigmoid ---------------------------------------------------------------------------------------------------


@check("q2", points=1)
def log_sigmoid_at_three_known_points(student):
    """log_sigmoid(-2), log_sigmoid(0) and log_sigmoid(2) are -2.126928, -ln 2 and -0.126928."""
    expected = [-2.1269280110429727, -0.6931471805599453, -0.12692801104297263]
    assert_close(student.log_sigmoid(np.array([-2.0, 0.0, 2.0])), expected, what="log_sigmoid([-2, 0, 2])")


# --- q3 bce_with_logits -----------------------------------------------------------------------------------------------


@check("q3", points=1)
def bce_of_two_samples_worked_by_hand(student):
    """The loss of z = [2, -1] with y = [1, 0] is 0.220095, and its derivative is [-0.059601, 0.134471]."""
    result = student.bce_with_logits(np.array([2.0, -1.0]), np.array([1, 0]))
    loss, dz = _parts(result, ("loss", "dz"), "bce_with_logits(z, y)")
    assert_close(loss, 0.22009484928059775, what="loss of bce_with_logits([2, -1], [1, 0])")
    assert_close(dz, [-0.05960146101105877, 0.13447071068499755], what="dz of bce_with_logits([2, -1], [1, 0])")


@check("q3", points=3)
def bce_derivative_is_the_slope_of_your_loss(student, rng):
    """dz says how your own loss changes when z changes a little."""
    z, y = inputs.normal(rng, (7,), scale=2), inputs.labels(rng, 7)
    _, dz = _parts(student.bce_with_logits(z, y), ("loss", "dz"), "bce_with_logits(z, y)")
    assert_own_gradient(student.bce_with_logits, (z, y), {"dz": dz}, rng=rng, output=0, names=("z", "y"))


# --- q4 logreg_loss ---------------------------------------------------------------------------------------------------


@check("q4", points=2)
def loss_of_zero_parameters_is_ln_2(student, rng):
    """With w = 0 and b = 0 the loss is ln 2, dw is -X.T @ (y - 1/2) / N, and db is -(y - 1/2).mean()."""
    X, y = inputs.normal(rng, (7, 3)), inputs.labels(rng, 7)
    loss, dw, db = _loss_and_gradient(student, np.zeros(3), 0.0, X, y)
    assert_close(loss, np.log(2), sizes={"N": 7}, what="loss at w = 0, b = 0")
    assert_close(dw, -X.T @ (y - 0.5) / 7, kind="gradient", sizes={"N": 7}, what="dw at w = 0, b = 0")
    assert_close(db, -(y - 0.5).mean(), kind="gradient", what="db at w = 0, b = 0")


@check("q4", points=4)
def gradient_is_the_slope_of_your_loss(student, rng):
    """dw and db say how your own loss changes when w and b change a little, with and without a penalty."""
    w, X, y = inputs.normal(rng, (3,)), inputs.normal(rng, (7, 3)), inputs.labels(rng, 7)
    b = float(inputs.uniform(rng, (), 0.5, 1.5))
    for reg in (0.0, 0.7):
        _, dw, db = _loss_and_gradient(student, w, b, X, y, reg)
        names = ("w", "b", "X", "y", "reg")
        given = {"dw": dw, "db": db}
        assert_own_gradient(student.logreg_loss, (w, b, X, y, reg), given, rng=rng, output=0, names=names)


# --- q5 logreg_fit_gd -------------------------------------------------------------------------------------------------


@check("q5", points=2)
def first_step_goes_against_the_gradient(student, reference, rng):
    """One step from w = 0, b = 0 ends at minus the learning rate times the gradient."""
    X, y, lr = inputs.normal(rng, (8, 3)), inputs.labels(rng, 8), 0.3
    dw, db = reference.logreg_loss.gradient((np.zeros(3), 0.0, X, y), wrt=(0, 1))
    w, b, _ = _fit(student, X, y, lr, 1)
    assert_close(w, -lr * dw, sizes={"N": 8}, what="w after one step")
    assert_close(b, -lr * db, what="b after one step")


@check("q5", points=2)
def history_holds_the_loss_before_and_after_every_step(student, reference, rng):
    """history has steps + 1 losses: the first at the start (ln 2), the last at the parameters that are returned."""
    X, y = inputs.normal(rng, (8, 3)), inputs.labels(rng, 8)
    _, _, expected = reference.logreg_fit_gd(X, y, 0.3, 4)
    _, _, history = _fit(student, X, y, 0.3, 4)
    assert_shape(history, (5,), what="history after 4 steps")
    assert_close(history[0], np.log(2), what="history[0]")
    assert_close(history, expected, what="history after 4 steps")


# --- q6 logreg_hessian ------------------------------------------------------------------------------------------------


@check("q6", points=3)
def hessian_predicts_how_the_gradient_changes(student, reference, rng):
    """A small step d in (w, b) changes the gradient by the Hessian times d."""
    w, X = inputs.normal(rng, (3,)), inputs.normal(rng, (7, 3))
    b, reg, h = 0.4, 0.2, 1e-5
    y = inputs.labels(rng, 7)
    H = student.logreg_hessian(w, b, X, reg)
    assert_shape(H, (4, 4), what="logreg_hessian(w, b, X, reg) for 3 features")
    d = inputs.normal(rng, (4,))
    ahead = reference.logreg_loss.gradient((w + h * d[:3], b + h * d[3], X, y, reg), wrt=(0, 1))
    behind = reference.logreg_loss.gradient((w - h * d[:3], b - h * d[3], X, y, reg), wrt=(0, 1))
    change = np.append(ahead[0] - behind[0], ahead[1] - behind[1]) / (2 * h)
    assert_close(
        np.asarray(H) @ d, change, rtol=1e-6, atol=1e-8, what="H @ d, the change of the gradient along d",
        because="the expected change is a central difference, right to about 1e-10",
    )  # fmt: skip


# --- q7 logreg_fit_newton ---------------------------------------------------------------------------------------------


@check("q7", points=2)
def newton_arrives_at_the_minimum(student, reference, rng):
    """After 10 iterations w and b are where the gradient of the penalised loss vanishes."""
    X, y, reg = inputs.normal(rng, (12, 3)), inputs.labels(rng, 12), 0.1
    expected_w, expected_b = reference.logreg_fit_newton(X, y, reg, 10)
    w, b = _parts(student.logreg_fit_newton(X, y, reg, 10), ("w", "b"), "logreg_fit_newton(X, y, reg, 10)")
    assert_close(w, expected_w, what="w after 10 Newton steps")
    assert_close(b, expected_b, what="b after 10 Newton steps")


# --- q8 predict_proba, predict, accuracy ------------------------------------------------------------------------------


@check("q8", points=1)
def probabilities_are_the_sigmoid_of_the_scores(student, reference, rng):
    """predict_proba gives one probability for each row: the sigmoid of X @ w + b."""
    w, X = inputs.normal(rng, (3,)), inputs.normal(rng, (6, 3))
    assert_close(student.predict_proba(w, 0.7, X), reference.predict_proba(w, 0.7, X), what="predict_proba(w, b, X)")


@check("q8", points=1)
def accuracy_is_the_share_of_equal_labels(student):
    """Three equal labels out of four are an accuracy of 0.75."""
    assert_close(student.accuracy(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])), 0.75, what="accuracy")


# --- q9 standardise, train_breast_cancer ------------------------------------------------------------------------------


@check("q9", points=2)
def training_features_get_mean_zero_and_deviation_one(student, rng):
    """After standardise, every feature of the training set has mean 0 and standard deviation 1."""
    X_train, X_test = inputs.normal(rng, (9, 3), scale=4) + 20, inputs.normal(rng, (5, 3), scale=4) + 20
    result = student.standardise(X_train, X_test)
    train, test = _parts(result, ("X_train", "X_test"), "standardise(X_train, X_test)")
    assert_shape(test, (5, 3), what="second result of standardise")
    train = _array(train, (9, 3), "first result of standardise")
    assert_close(train.mean(axis=0), np.zeros(3), kind="exact", what="mean of each training feature")
    assert_close(train.std(axis=0), np.ones(3), what="standard deviation of each training feature")


@check("q9", points=2, behaviour=True)
def training_loss_falls_from_ln_2_to_below_a_tenth(student):
    """500 steps on the breast-cancer data bring the loss from ln 2 to below 0.09."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    held_out = np.arange(len(y)) % 4 == 3
    result = student.train_breast_cancer(X[~held_out], y[~held_out], X[held_out], y[held_out])
    keys = ("w", "b", "history", "train_accuracy", "test_accuracy")
    _, _, history, _, _ = _parts(result, keys, "train_breast_cancer(...)")
    assert_shape(history, (501,), what='result["history"]')
    assert_close(history[0], np.log(2), what='result["history"][0]')
    assert_trains(history, below=0.09, what='result["history"]')


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _parts(result, names, what):
    """The values that a function returns together: a tuple in this order, or a dict with these keys."""
    wanted = ", ".join(names)
    if isinstance(result, dict):
        missing = [name for name in names if name not in result]
        if missing:
            raise CheckFailed(f"{what} returned a dict without {', '.join(missing)}.")
        return tuple(result[name] for name in names)
    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        raise CheckFailed(f"{what} did not return {len(names)} values, expected ({wanted}).")
    return tuple(result)


def _array(value, shape, what):
    assert_shape(value, shape, what=what)
    return np.asarray(value)


def _loss_and_gradient(student, *args):
    return _parts(student.logreg_loss(*args), ("loss", "dw", "db"), "logreg_loss(w, b, X, y, reg)")


def _fit(student, *args):
    return _parts(student.logreg_fit_gd(*args), ("w", "b", "history"), "logreg_fit_gd(X, y, lr, steps)")
