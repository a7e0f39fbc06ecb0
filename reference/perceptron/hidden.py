"""Hidden checks of the perceptron: the case packs, the bound on mistakes, and the ways out where no line separates.

Runs are compared decision by decision, so their inputs are small integers: every order of summation is exact, and a score
of 0 is 0 for everyone. Where a learning rate is no power of two, inputs are drawn until no decision is a tie.
"""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_backward_close,
    assert_close,
    assert_integer,
    assert_shape,
    assert_trains,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, StudentRaised

RUN = ("w", "b", "mistakes", "epochs", "converged", "history")

# --- q1 perceptron_predict --------------------------------------------------------------------------------------------


@check("q1", points=3, repeat=3)
def predictions_are_right(student, reference, rng):
    """perceptron_predict answers +1 where X @ w + b is 0 or more, else -1, for any number of samples and features."""
    for n, d in ((60, 3), (1, 5), (6, 1)):
        w, b, X = inputs.normal(rng, (d,)), float(inputs.uniform(rng, (), -0.9, 0.9)), inputs.normal(rng, (n, d))
        for layout, view in inputs.layouts(X).items():
            what = f"perceptron_predict(w, b, X) for {layout} X of shape {X.shape}"
            assert_close(student.perceptron_predict(w, b, view), reference.perceptron_predict(w, b, X), what=what)


@check("q1", points=1)
def integers_and_no_samples_at_all_are_fine(student, reference, rng):
    """X may hold integers, of which some may lie on the line, and may have no rows: then there are no predictions."""
    w, X = inputs.integers(rng, (3,), 1, 9), inputs.integers(rng, (8, 3), -9, 9)
    for b in (0.25, -int(X[2] @ w)):
        predicted = student.perceptron_predict(w, b, X)
        assert_close(predicted, reference.perceptron_predict(w, b, X), what="perceptron_predict for integer X")
    assert_shape(student.perceptron_predict(w, 0.25, np.zeros((0, 3))), (0,), what="predictions for no samples")


@check("q1", points=1)
def predict_leaves_its_arguments_alone(student, rng):
    """perceptron_predict does not write into w or X."""
    assert_unchanged(
        student.perceptron_predict,
        (inputs.normal(rng, (3,)), 0.5, inputs.normal(rng, (6, 3))),
        what="perceptron_predict",
    )


# --- q2 perceptron_step -----------------------------------------------------------------------------------------------


@check("q2", points=3, repeat=3)
def steps_are_right(student, reference, rng):
    """A mistake, on the line or beyond it, moves w by lr * y * x and b by lr * y; lr is 1 unless it is given. The third
    value says whether it was one.
    """
    for d in (4, 1):
        w, b, X, labels = _beside_the_line(rng, 6, d)
        for x, y in zip(X, labels, strict=True):
            args = (w, b, x, int(y), 0.25)
            _assert_step(student, args, reference.perceptron_step(*args), f"for {d} feature{'s' * (d > 1)}")
    w, x = inputs.integers(rng, (3,), 1, 9).astype(float), inputs.integers(rng, (3,), 1, 9).astype(float)
    for y in (-1, 1):
        args = (w, float(-(w @ x)), x, y)
        _assert_step(student, args, reference.perceptron_step(*args), "on the line, for lr left out")


@check("q2", points=1)
def a_sample_on_the_right_side_changes_nothing(student, rng):
    """However close to the line, a sample on the right side leaves w and b as they are, bit for bit."""
    w, b = inputs.normal(rng, (3,)), float(inputs.uniform(rng, (), 0.3, 0.9))
    for y in (-1, 1):
        for distance in (10.0, 0.1, 1e-6):
            x = (y * distance - b) * w / (w @ w)
            _assert_step(student, (w, b, x, y, 0.7), (w, b, False), f"for y * score = {distance:g}", exact=True)


@check("q2", points=1)
def an_update_helps_by_the_squared_length(student, rng):
    """After an update y * score has grown by lr * (x @ x + 1), even if that is not yet enough."""
    w, b, X, _ = _beside_the_line(rng, 7, 3)
    w, b, lr = 5 * w, 5 * b, 0.125
    for x in X:
        y = -1 if x @ w + b > 0 else 1
        values = _numbers(student.perceptron_step(w, b, x, y, lr), "perceptron_step(w, b, x, y, lr)", w=(3,), b=())
        growth = y * ((x @ values["w"] + values["b"]) - (x @ w + b))
        assert_close(growth, lr * (x @ x + 1), what="growth of y * score by an update")


@check("q2", points=1)
def integer_weights_and_samples_are_fine(student, reference, rng):
    """w and x may hold integers: with lr = 0.5 the new weights are halves, not cut off."""
    for w, x, y in _integer_mistakes(rng, 3):
        args = (w, 0, x, y, 0.5)
        _assert_step(student, args, reference.perceptron_step(*args), "for integer w and x, lr=0.5")


@check("q2", points=2)
def step_leaves_its_arguments_alone(student, rng):
    """perceptron_step returns new weights; the arrays w and x that it was given stay as they were."""
    for w, x, y in _integer_mistakes(rng, 3):
        given = (w.astype(float), 0.0, x.astype(float), y, 0.5)
        assert_unchanged(student.perceptron_step, given, what="perceptron_step, for a mistake,")


# --- q3 perceptron_fit ------------------------------------------------------------------------------------------------


@check("q3", points=5, repeat=3)
def runs_are_right(student, reference, rng):
    """w and b are right after any number of sweeps in the order of the rows, whether a line separates the samples or not."""
    for n, d, lr in ((11, 3, 1.0), (7, 2, 0.5), (9, 4, 2.0)):
        X, y, _ = _separable(rng, n, d)
        for limit in (60, 2, 1):
            when = f"for {n} samples, lr={lr:g}, max_epochs={limit}"
            _assert_run(student, reference, (X, y, lr, limit), ("w", "b"), when)
    X, y = _without_a_pattern(rng, 16, 2)
    _assert_run(student, reference, (X, y, 1.0, 6), ("w", "b"), "for samples that no line separates")
    X, y = _conflicting(rng)
    _assert_run(student, reference, (X, y), ("w", "b"), "for lr and max_epochs left out")


@check("q3", points=3, repeat=2)
def the_given_order_is_followed(student, reference, rng):
    """Every sweep visits the samples in the order that `order` lists."""
    for size in (16, 13):
        X, y = _without_a_pattern(rng, size, 2)
        args = (X, y, 1.0, 9, inputs.permutation(rng, size))
        _assert_run(student, reference, args, ("w", "b"), "for a given order")


@check("q3", points=2, repeat=2)
def mistakes_are_counted(student, reference, rng):
    """mistakes is the number of mistakes of the whole run, and history lists them by epoch."""
    X, y, _ = _separable(rng, 11, 3)
    _assert_run(student, reference, (X, y, 1.0, 60), ("mistakes", "history"), "for separable samples")
    X, y = _conflicting(rng)
    _assert_run(student, reference, (X, y, 1.0, 7), ("mistakes", "history"), "for samples that no line separates")


@check("q3", points=3)
def sweeping_stops_in_time(student, reference, rng):
    """The run ends after the first sweep without a mistake, or after max_epochs. It has converged if its last sweep made
    no mistake: with one epoch less it has the same weights, and has not converged.
    """
    X, y = _conflicting(rng)
    when = "for samples that no line separates"
    _assert_run(student, reference, (X, y, 1.0, 8), ("epochs", "converged"), when)
    _assert_run(student, reference, (X, y), ("epochs", "converged"), f"{when}, max_epochs left out")
    X, y, _ = _separable(rng, 9, 3)
    needed = reference.perceptron_fit(X, y)["epochs"]
    for limit in (needed + 7, needed, needed - 1):
        spare = {7: "more than", 0: "exactly", -1: "one fewer than"}[limit - needed]
        when = f"for max_epochs {spare} the sweeps that it takes"
        _assert_run(student, reference, (X, y, 1.0, limit), ("epochs", "converged"), when)


@check("q3", points=2, repeat=2)
def mistakes_keep_the_bound(student, rng):
    """On samples with margin gamma along a unit vector u, and of length at most R, there are at most (R / gamma)**2
    mistakes; after k of them the weights have come at least k * gamma along u, and no further than sqrt(k) * R.
    """
    X, y, u = _separable(rng, 14, 3)
    A = np.column_stack([np.ones(14), X])
    R, gamma = np.linalg.norm(A, axis=1).max(), (y * (A @ u)).min()
    for limit in (500, 1):
        run = _run(student.perceptron_fit(X, y, 1.0, limit))
        values = _numbers([run["w"], run["b"], run["mistakes"]], "perceptron_fit(X, y)", w=(3,), b=(), mistakes=())
        theta, k = np.append(values["b"], values["w"]), float(values["mistakes"])
        assert_trains(k, above=0.5, what="number of mistakes")
        assert_trains(k, below=(R / gamma) ** 2 + 0.5, what="number of mistakes")
        assert_trains(theta @ u - k * gamma, above=-1e-9, what="w along u, minus mistakes * gamma")
        assert_trains(theta @ theta - k * R**2, below=1e-9, what="squared length of w, minus mistakes * R**2")
        if limit == 500:
            assert_integer(int((y * (A @ theta) > 0).sum()), 14, what="number of samples on the right side")


@check("q3", points=2)
def the_learning_rate_only_scales(student, reference, rng):
    """With lr = 0.01 the run ends with w and b a hundred times smaller than with lr = 1: the mistakes were the same."""
    X, y = _without_ties(rng, reference)
    expected = reference.perceptron_fit(X, y, 1.0, 30)
    for lr in (1.0, 0.01):
        run = _run(student.perceptron_fit(X, y, lr, 30))
        for name in ("w", "b"):
            assert_close(run[name], lr * expected[name], what=f"{name} for lr={lr:g}")


@check("q3", points=2)
def without_a_bias_it_stays_zero(student, reference, rng):
    """With fit_bias=False the bias takes no part and is returned as 0. Each of d orthonormal samples is then a mistake
    once, and w is the sum of y * x.
    """
    X, y = _without_a_pattern(rng, 15, 2)
    _assert_run(student, reference, (X, y, 0.5, 8, None, False), ("b", "w"), "for fit_bias=False")
    axes, y = np.eye(5)[rng.permutation(5)] * rng.choice([-1.0, 1.0], 5), inputs.labels(rng, 5, values=(-1, 1))
    run = _run(student.perceptron_fit(axes, y, 1.0, 60, None, False))
    assert_close(run["b"], 0.0, what="b for 5 orthonormal samples, fit_bias=False")
    assert_close(run["w"], y @ axes, what="w for 5 orthonormal samples, fit_bias=False")


@check("q3", points=2)
def unusual_samples_are_no_exception(student, reference, rng):
    """A sample of zeros, one sample only, one class only, integers with lr = 0.5, and float32 are all fine."""
    X, y, _ = _separable(rng, 9, 3)
    zeros = np.vstack([X[:4], np.zeros((1, 3))])
    odd = 2 * X.astype(np.int64) + 1
    cases = {
        "a sample of zeros": (zeros, np.append(y[:4], -y[0]), 1.0, 60),
        "nothing but zeros": (np.zeros((2, 3)), np.array([y[0], y[0]]), 1.0, 60),
        "one sample": (X[:1], y[:1], 1.0, 60),
        "one class": (X, np.full(9, y[0]), 1.0, 60),
        "one sample of integers, lr=0.5": (odd[:1], y[:1], 0.5, 60),
        "integers, lr=0.5": (odd, y, 0.5, 60),
        "float32": (X.astype(np.float32), y, 1.0, 60),
        "labels that are floats": (X, y.astype(float), 1.0, 60),
    }
    for name, args in cases.items():
        _assert_run(student, reference, args, ("w", "b"), f"for {name}")


@check("q3", points=1)
def fit_leaves_its_arguments_alone(student, rng):
    """perceptron_fit does not write into X, y or order."""
    X, y, _ = _separable(rng, 9, 3)
    args = (X, y.astype(float), 0.5, 20, inputs.permutation(rng, 9))
    assert_unchanged(student.perceptron_fit, args, what="perceptron_fit")


# --- q4 radius_and_margin ---------------------------------------------------------------------------------------------


@check("q4", points=2, repeat=2)
def radius_is_right(student, reference, rng):
    """R is the greatest length of the vectors (1, x)."""
    X, y, theta = _separable(rng, 9, 4)
    w, b = theta[1:], float(theta[0])
    for name, view in (inputs.layouts(0.1 * X) | {"integer": X.astype(np.int64)}).items():
        _assert_measured(student, reference, (view, y, w, b), "R", f"for {name} X")
    _assert_measured(student, reference, (0.1 * X[:1], y[:1], w, b), "R", "for one sample")


@check("q4", points=2, repeat=2)
def margin_is_right(student, reference, rng):
    """gamma is the least of y * (w @ x + b), divided by the length of (b, w)."""
    X, y, theta = _separable(rng, 9, 4)
    for w, b in ((theta[1:], float(theta[0])), (inputs.normal(rng, (4,)), 1.5)):
        for layout, view in inputs.layouts(0.1 * X).items():
            _assert_measured(student, reference, (view, y, w, b), "gamma", f"for {layout} X")


@check("q4", points=1)
def a_sample_on_the_wrong_side_makes_gamma_negative(student, reference, rng):
    """Where a sample is on the wrong side, gamma is negative: minus the distance of the worst one."""
    X, y, theta = _separable(rng, 7, 3)
    y[int(rng.integers(7))] *= -1
    args = (X, y, 0.3 * theta[1:], float(0.3 * theta[0]))
    _assert_measured(student, reference, args, "gamma", "with one label turned round")


@check("q4", points=1)
def margin_of_few_samples_and_extreme_weights(student, reference, rng):
    """One sample, one class, integers, and weights of any length have a margin, without a warning."""
    X, y, _ = _separable(rng, 5, 3)
    w, b = inputs.normal(rng, (3,)), 0.75
    cases = {
        "one sample": (X[:1], y[:1], w, b),
        "one class": (X, np.full(5, y[0]), w, b),
        "integers": (X.astype(np.int64), y, w, b),
        "weights near 1e-8": (X, y, 1e-8 * w, 1e-8 * b),
        "weights near 1000": (X, y, 1e3 * w, 1e3 * b),
        "w = 0": (X, y, 0 * w, b),
    }
    for name, args in cases.items():
        _assert_measured(student, reference, args, "gamma", f"for {name}", strictly=True)


@check("q4", points=1)
def measuring_leaves_its_arguments_alone(student, rng):
    """radius_and_margin does not write into X, y or w."""
    X, y, _ = _separable(rng, 6, 3)
    args = (X, y.astype(float), inputs.normal(rng, (3,)), 0.5)
    assert_unchanged(student.radius_and_margin, args, what="radius_and_margin")


# --- q5 perceptron_loss -----------------------------------------------------------------------------------------------


@check("q5", points=2, repeat=3)
def perceptron_loss_is_right(student, reference, rng):
    """The loss is the mean over all samples of max(0, -y * score)."""
    for n, d in ((9, 4), (6, 1), (1, 3)):
        w, b, X, y = _beside_the_line(rng, n, d)
        for layout, view in inputs.layouts(X).items():
            loss, _, _ = _loss(student, w, b, view, y)
            assert_close(loss, reference.perceptron_loss(w, b, X, y), what=f"loss for {layout} X, N={n}")


@check("q5", points=2, repeat=3)
def perceptron_gradient_is_right(student, reference, rng):
    """dw and db are the derivatives of the mean loss: only mistakes contribute."""
    for n, d in ((9, 4), (6, 1)):
        w, b, X, y = _beside_the_line(rng, n, d)
        _, dw, db = _loss(student, w, b, X, y)
        gradients = {"dw": dw, "db": db}
        assert_backward_close(gradients, reference.perceptron_loss, (w, b, X, y), what=f"perceptron_loss, N={n}")


@check("q5", points=2)
def one_gradient_step_is_one_perceptron_step(student, rng):
    """For a single sample, w - lr * dw and b - lr * db are the perceptron's step: also on the line, where y * score is 0
    and the sample counts as a mistake.
    """
    w, x = inputs.integers(rng, (3,), 1, 9).astype(float), inputs.integers(rng, (3,), 1, 9).astype(float)
    b = float(-(x @ w))  # x lies on the line
    for y in (1, -1):
        for shift, name in ((0.0, "on the line"), (-2.0 * y, "on the wrong side"), (2.0 * y, "on the right side")):
            loss, dw, db = _loss(student, w, b + shift, x[None], np.array([y]))
            mistake = name != "on the right side"
            assert_close(loss, 2.0 if name == "on the wrong side" else 0.0, what=f"loss of one sample {name}")
            assert_close(dw, -y * x * mistake, kind="gradient", what=f"dw of one sample {name}")
            assert_close(db, float(-y * mistake), kind="gradient", what=f"db of one sample {name}")


@check("q5", points=1)
def perceptron_loss_takes_what_comes(student, reference, rng):
    """No mistakes (loss and gradient 0), float labels, integer and float32 X, and scores in the thousands are all fine."""
    w, b, X, y = _beside_the_line(rng, 7, 3)
    whole = inputs.integers(rng, (7, 3), -9, 9)
    cases = {
        "nothing but right samples": (w, b, X, np.where(X @ w + b > 0, 1, -1)),
        "labels that are floats": (w, b, X, y.astype(float)),
        "integer X": (w, 0.125 + b, whole, y),
        "scores in the thousands": (1e3 * w, b, X, y),
    }
    for name, args in cases.items():
        values = parts(
            student.perceptron_loss.strictly(*args), ("loss", "dw", "db"), what="perceptron_loss(w, b, X, y)"
        )
        _assert_loss(values, reference, args, f"for {name}")
    single = (w.astype(np.float32), b, X.astype(np.float32), y)
    _assert_loss(_loss(student, *single), reference, single, "for float32 w and X", dtype=np.float32)


@check("q5", points=1)
def labels_in_a_column_are_refused(student, rng):
    """Labels of shape (N, 1) raise ValueError instead of being broadcast; w, X and y are not written into."""
    w, b, X, y = _beside_the_line(rng, 5, 3)
    _loss(student, w, b, X, y)
    try:
        student.perceptron_loss(w, b, X, y[:, None])
    except StudentRaised as error:
        if error.exception != "ValueError":
            raise
    else:
        raise CheckFailed("perceptron_loss(w, b, X, y) for y of shape (5, 1) was accepted, expected ValueError.")
    assert_unchanged(student.perceptron_loss, (w, b, X, y.astype(float)), what="perceptron_loss")


# --- q6 averaged_perceptron_fit ---------------------------------------------------------------------------------------


@check("q6", points=3, repeat=3)
def averages_are_right(student, reference, rng):
    """w and b are the means of the weights after every visit, whether it was a mistake or not."""
    X, y, _ = _separable(rng, 10, 3)
    y[int(rng.integers(10))] *= -1  # no longer sure to be separable
    for lr, epochs in ((0.5, 4), (1.0, 1)):
        _assert_averaged(student, reference, (X, y, lr, epochs), f"for lr={lr:g}, epochs={epochs}")
    args = (X, y, 1.0, 3, inputs.permutation(rng, 10))
    _assert_averaged(student, reference, args, "for an order that is given")
    _assert_averaged(student, reference, (X, y), "for lr and epochs left out")


@check("q6", points=1)
def sweeps_without_mistakes_count_too(student, reference, rng):
    """All of the epochs are swept: once nothing is wrong any more, the last weights gain weight with every sweep."""
    run = {"mistakes": 0}
    while run["mistakes"] < 3:
        X, y, _ = _separable(rng, 6, 2)
        run = reference.perceptron_fit(X, y, 1.0, 500)
    _assert_averaged(student, reference, (X, y, 1.0, run["epochs"] + 9), "long after the last mistake")
    X, y = _conflicting(rng)
    _assert_averaged(student, reference, (X, y, 1.0, 5), "for samples that no line separates")


@check("q6", points=1)
def averaging_leaves_its_arguments_alone(student, rng):
    """averaged_perceptron_fit does not write into X, y or order."""
    X, y, _ = _separable(rng, 7, 3)
    args = (X, y.astype(float), 0.5, 3, inputs.permutation(rng, 7))
    assert_unchanged(student.averaged_perceptron_fit, args, what="averaged_perceptron_fit")


@check("q6", points=2, behaviour=True)
def averaging_helps_where_labels_are_noisy(student, reference, rng):
    """On eight noisy data sets the averaged weights classify more unseen samples correctly than the last weights do."""
    gains = []
    for _ in range(8):
        u, X, unseen = rng.standard_normal(3), inputs.normal(rng, (60, 3)), inputs.normal(rng, (1000, 3))
        y, truth = (np.where(data @ u + 0.3 * np.linalg.norm(u) >= 0, 1, -1) for data in (X, unseen))
        y = np.where(rng.random(60) < 0.15, -y, y)
        averaged = _numbers(
            student.averaged_perceptron_fit(X, y, 1.0, 3), "averaged_perceptron_fit(X, y)", w=(3,), b=()
        )
        last = reference.perceptron_fit(X, y, 1.0, 3)
        hits = [np.mean(np.where(unseen @ each["w"] + each["b"] >= 0, 1, -1) == truth) for each in (averaged, last)]
        gains.append(hits[0] - hits[1])
    # In 100 sets of inputs the gain was 0.04 to 0.25, with a mean of 0.11; that of the last weights is 0.
    assert_trains(float(np.mean(gains)), above=0.005, what="mean gain in accuracy over the last weights")


# --- q7 kernel_perceptron_fit -----------------------------------------------------------------------------------------


@check("q7", points=3, repeat=3)
def counts_are_right(student, reference, rng):
    """alpha counts how often each sample was a mistake, for kernels of several kinds."""
    X, y = _without_a_pattern(rng, 14, 2, largest=4)
    inner = X @ X.T
    kernels = {"K = X @ X.T": inner, "K = (1 + X @ X.T)**2": (1 + inner) ** 2, "K = X @ X.T + 4": inner + 4}
    for name, K in kernels.items():
        for limit in (12, 1):
            _assert_counts(student, reference, (K, y, limit), f"for {name}, max_epochs={limit}")


@check("q7", points=2, repeat=2)
def counts_tell_the_weights(student, reference, rng):
    """With K = X @ X.T, the sum of alpha[i] * y[i] * X[i] is the w that the perceptron without a bias finds, and alpha
    adds up to its number of mistakes.
    """
    X, y = _without_a_pattern(rng, 12, 2, largest=4)
    alpha = array_of_shape(student.kernel_perceptron_fit(X @ X.T, y, 12), (12,), what="alpha")
    expected = reference.perceptron_fit(X, y, 1.0, 12, None, False)
    assert_close((alpha * y) @ X, expected["w"], what="sum of alpha[i] * y[i] * X[i]")
    assert_close(alpha.sum(), expected["mistakes"], what="alpha.sum()")


@check("q7", points=1)
def kernel_sweeps_stop_in_time(student, reference, rng):
    """Where no line separates the samples, the run ends after max_epochs; one sample and one class are fine."""
    X, y = _conflicting(rng)
    K = X @ X.T + 1
    _assert_counts(student, reference, (K, y, 7), "for samples that no line separates, max_epochs=7")
    _assert_counts(student, reference, (K, y), "for samples that no line separates, max_epochs left out")
    _assert_counts(student, reference, (K[:1, :1], y[:1], 7), "for one sample")
    _assert_counts(student, reference, (K, np.full(len(y), -1), 7), "for one class")


@check("q7", points=1)
def kernel_fit_leaves_its_arguments_alone(student, rng):
    """kernel_perceptron_fit does not write into K or y."""
    X, y, _ = _separable(rng, 7, 3)
    assert_unchanged(student.kernel_perceptron_fit, (X @ X.T, y.astype(float), 9), what="kernel_perceptron_fit")


# --- q8 quadratic_features --------------------------------------------------------------------------------------------


@check("q8", points=3)
def features_are_right(student, reference, rng):
    """The features come first, then each product of two of them once: x1*x1, x1*x2, ..., x1*xD, x2*x2, ..., xD*xD."""
    for n, d in ((5, 2), (6, 4), (4, 3), (3, 1), (1, 3)):
        X = inputs.normal(rng, (n, d))
        for layout, view in inputs.layouts(X).items():
            what = f"quadratic_features(X) for {layout} X with {d} column{'s' * (d > 1)}"
            assert_close(student.quadratic_features(view), reference.quadratic_features(X), what=what)
    X = inputs.integers(rng, (5, 3), -90, 90)
    assert_close(student.quadratic_features(X), reference.quadratic_features(X), what="quadratic_features of integers")


@check("q8", points=1)
def features_leave_their_argument_alone(student, rng):
    """quadratic_features does not write into X."""
    assert_unchanged(student.quadratic_features, (inputs.normal(rng, (5, 3)),), what="quadratic_features")


@check("q8", points=1, behaviour=True)
def a_ring_around_a_disc_becomes_separable(student, rng):
    """With quadratic features your perceptron tells a disc from the ring around it, without a mistake left."""
    angle, inside = 2 * np.pi * rng.random(14), inputs.labels(rng, 14, values=(-1, 1))
    length = np.where(inside > 0, rng.uniform(0.0, 1.0, 14), rng.uniform(2.0, 2.5, 14))
    X = np.round(np.column_stack([length * np.cos(angle), 0.6 * length * np.sin(angle)]), 3)
    features = array_of_shape(student.quadratic_features(X), (14, 5), what="quadratic_features of 14 points")
    run = _run(student.perceptron_fit(features, inside, 1.0, 300))
    assert_close(run["converged"], True, what="converged for a disc and a ring")


# --- inputs -----------------------------------------------------------------------------------------------------------


def _separable(rng, n, d):
    """X (n, d) of small whole numbers, y of -1 and +1, and the unit vector along (b, w) of a line with margin above 0.6.

    Both classes occur.
    """
    while True:
        theta = inputs.integers(rng, (d + 1,), -4, 4).astype(float)
        theta[0] = theta[0] or 3.0
        if not theta[1:].all():
            continue
        u = theta / np.linalg.norm(theta)
        X = inputs.integers(rng, (20 * n, d), -7, 7).astype(float)
        scores = u[0] + X @ u[1:]
        X, y = X[abs(scores) > 0.6][:n], np.sign(scores[abs(scores) > 0.6][:n]).astype(np.int64)
        if len(y) == n and abs(y.sum()) < n - 2:
            return X, y, u


def _without_ties(rng, reference):
    """Ten samples with decimals, for which no decision of the run hangs on the last bit."""
    while True:
        X = inputs.normal(rng, (10, 3))
        y = np.where(X @ inputs.normal(rng, (3,)) + 0.3 > 0, 1, -1)
        if abs(y.sum()) < 8 and reference.closest_call(X, y, 30) > 1e-5:
            return X, y


def _conflicting(rng):
    """Five samples, of which two are equal and have different labels."""
    X, y, _ = _separable(rng, 5, 2)
    place = int(rng.integers(1, 5))
    X[place], y[place] = X[0], -y[0]
    return X, y


def _without_a_pattern(rng, n, d, *, largest=7):
    """X (n, d) of small whole numbers with labels by chance: the run is long, and its end depends on every visit.

    The first two samples are equal and have different labels, so that nothing separates the classes.
    """
    X = inputs.integers(rng, (n, d), -largest, largest).astype(float)
    y = inputs.labels(rng, n, values=(-1, 1))
    X[1], y[1] = X[0], -y[0]
    return X, y


def _beside_the_line(rng, n, d):
    """w (d,), b, and n samples that are not near the line, one of them a mistake at least.

    Of several samples, some are right, and the mistakes are of both classes, in unequal numbers: so no gradient of the
    mean vanishes, and none is right by chance.
    """
    while True:
        w, b = inputs.normal(rng, (d,)), float(inputs.uniform(rng, (), 0.3, 0.9))
        X = inputs.normal(rng, (n, d), scale=2)
        right = inputs.labels(rng, n, values=(-1, 1)) if n > 1 else np.array([-1])
        y = np.where(X @ w + b > 0, 1, -1) * right
        if np.abs(X @ w + b).min() > 0.1 and (n == 1 or 0 < abs(y[right < 0].sum()) < (right < 0).sum()):
            return w, b, X, y


def _integer_mistakes(rng, count):
    """w, x and y of whole numbers, such that x @ w has the wrong sign and half of x is no whole number."""
    for _ in range(count):
        w, x = inputs.integers(rng, (4,), -6, 6), 2 * inputs.integers(rng, (4,), -4, 3) + 1
        y = -1 if x @ w > 0 else 1
        yield w, x, y


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _numbers(values, what, **shapes):
    """The first values as float64 arrays of their shapes, by name. Finite, because a check goes on to calculate with them."""
    arrays = {}
    if isinstance(values, tuple) and len(values) > len(shapes):
        values = values[: len(shapes)]
    for (name, shape), value in zip(shapes.items(), parts(values, tuple(shapes), what=what), strict=True):
        arrays[name] = array_of_shape(value, shape, what=name).astype(np.float64)
        if not np.isfinite(arrays[name]).all():
            raise CheckFailed(f"{name} holds nan or inf.")
    return arrays


def _assert_step(student, args, expected, when, *, exact=False):
    result = parts(student.perceptron_step(*args), ("w", "b", "mistake"), what="perceptron_step(w, b, x, y, lr)")
    for name, value, right in zip(("w", "b", "mistake"), result, expected, strict=True):
        assert_close(value, right, kind="exact" if exact else "forward", what=f"{name} {when}")


def _run(result):
    return dict(zip(RUN, parts(result, RUN, what="perceptron_fit(X, y)"), strict=True))


def _assert_run(student, reference, args, names, when):
    run, expected = _run(student.perceptron_fit(*args)), reference.perceptron_fit(*args)
    for name in names:
        assert_close(run[name], expected[name], what=f"{name} {when}")


def _assert_measured(student, reference, args, name, when, *, strictly=False):
    function = student.radius_and_margin.strictly if strictly else student.radius_and_margin
    place = ("R", "gamma").index(name)
    result = parts(function(*args), ("R", "gamma"), what="radius_and_margin(X, y, w, b)")
    assert_close(result[place], reference.radius_and_margin(*args)[place], what=f"{name} {when}")


def _loss(student, *args):
    return parts(student.perceptron_loss(*args), ("loss", "dw", "db"), what="perceptron_loss(w, b, X, y)")


def _assert_loss(values, reference, args, when, *, dtype=None):
    dw, db = reference.perceptron_loss.gradient(args, wrt=(0, 1))
    for name, value, right in zip(
        ("loss", "dw", "db"), values, (reference.perceptron_loss(*args), dw, db), strict=True
    ):
        assert_close(value, right, dtype=dtype, what=f"{name} {when}")


def _assert_averaged(student, reference, args, when):
    result = parts(student.averaged_perceptron_fit(*args), ("w", "b"), what="averaged_perceptron_fit(X, y, lr, epochs)")
    for name, value, right in zip(("w", "b"), result, reference.averaged_perceptron_fit(*args), strict=True):
        assert_close(value, right, what=f"{name} {when}")


def _assert_counts(student, reference, args, when):
    expected = reference.kernel_perceptron_fit(*args)
    assert_close(student.kernel_perceptron_fit(*args), expected, what=f"alpha {when}")
