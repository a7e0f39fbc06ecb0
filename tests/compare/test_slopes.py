"""A backward against finite differences of the student's own forward."""

import numpy as np
import pytest

from autograder import inputs
from autograder.compare import assert_own_gradient
from autograder.errors import CheckFailed, CourseError


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def batch(rng):
    return inputs.normal(rng, 3), 0.3, inputs.normal(rng, (7, 3)), inputs.labels(rng, 7)


def loss(w, b, X, y):
    z = X @ w + b
    return np.logaddexp(0, -(2 * y - 1) * z).mean()


def backward(w, b, X, y):
    error = 1 / (1 + np.exp(-(X @ w + b))) - y
    return {"dw": X.T @ error / len(y), "db": error.mean()}


def linear(x, W):
    return np.tanh(x @ W)


def linear_backward(dout, x, W):
    dz = dout * (1 - np.tanh(x @ W) ** 2)
    return {"x": dz @ W.T, "W": x.T @ dz}


class Mapped:
    """A function that counts its round trips, as the student's functions do many calls in one."""

    parameters = ("w", "b", "X", "y")

    def __init__(self, function):
        self.function = function
        self.trips = self.calls = 0

    def __call__(self, *args):
        raise AssertionError("called one by one")

    def map(self, calls):
        self.trips += 1
        self.calls += len(calls)
        return [self.function(*args) for args in calls]


NAMES = ("w", "b", "X", "y")


def test_the_right_derivative_passes(rng, batch):
    assert_own_gradient(loss, batch, backward(*batch), rng=rng, names=NAMES)


def test_arguments_may_be_given_by_position(rng, batch):
    dw, db = backward(*batch).values()
    assert_own_gradient(loss, batch, {0: dw, 1: db}, rng=rng)


def test_the_right_derivative_of_a_wrong_forward_passes(rng, batch):
    dw, db = backward(*batch).values()
    assert_own_gradient(lambda *args: 7 * loss(*args), batch, {"w": 7 * dw, "b": 7 * db}, rng=rng, names=NAMES)


def test_an_upstream_gradient_weights_an_array(rng):
    x, W, dout = inputs.normal(rng, (4, 3)), inputs.normal(rng, (3, 5)), inputs.normal(rng, (4, 5))
    assert_own_gradient(linear, (x, W), linear_backward(dout, x, W), rng=rng, upstream=dout, names=("x", "W"))
    with pytest.raises(CheckFailed):
        assert_own_gradient(linear, (x, W), linear_backward(-dout, x, W), rng=rng, upstream=dout, names=("x", "W"))


def test_one_of_several_outputs_is_differentiated(rng, batch):
    dw, db = backward(*batch).values()
    assert_own_gradient(lambda *args: ("cache", loss(*args)), batch, {0: dw}, rng=rng, output=1)
    assert_own_gradient(lambda *args: {"loss": loss(*args)}, batch, {1: db}, rng=rng, output="loss")


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
def test_functions_of_any_scale_are_judged_alike(rng, batch, scale):
    dw, db = backward(*batch).values()
    assert_own_gradient(lambda *args: scale * loss(*args), batch, {0: scale * dw, 1: scale * db}, rng=rng)
    with pytest.raises(CheckFailed):
        assert_own_gradient(lambda *args: scale * loss(*args), batch, {0: scale * dw * 1.0001}, rng=rng)


def test_a_large_constant_does_not_hide_the_slope(rng, batch):
    assert_own_gradient(lambda *args: 1e4 + loss(*args), batch, {0: backward(*batch)["dw"]}, rng=rng)


def test_many_elements_are_judged_as_few(rng):
    x = inputs.normal(rng, (150, 101))
    assert_own_gradient(lambda x: np.log(np.cosh(x)).sum(), (x,), {0: np.tanh(x)}, rng=rng)
    with pytest.raises(CheckFailed, match="is not the gradient of your own"):
        assert_own_gradient(lambda x: np.log(np.cosh(x)).sum(), (x,), {0: np.tanh(x) * 1.01}, rng=rng)


def test_a_right_gradient_costs_two_directions_in_one_round_trip(rng, batch):
    forward = Mapped(loss)
    assert_own_gradient(forward, batch, {"dw": backward(*batch)["dw"]}, rng=rng)
    assert (forward.trips, forward.calls) == (1, 4)


def test_a_wrong_gradient_is_told_with_the_slope_beside_it(rng, batch):
    wrong = backward(*batch)["dw"]
    slope = f"{wrong[1]:.6g}"
    wrong[1] += 0.5
    with pytest.raises(CheckFailed) as caught:
        assert_own_gradient(loss, batch, {"dw": wrong}, rng=rng, names=NAMES)
    assert caught.value.message.startswith(
        f"dw is not the gradient of your own loss: worst at index 1: got {wrong[1]:.6g}, but the slope is {slope} "
    )
    assert caught.value.redacted == "dw is not the gradient of your own loss."
    assert caught.value.mismatch.wrong.tolist() == [False, True, False]


def test_a_wrong_gradient_by_position_is_called_by_the_argument_it_belongs_to(rng, batch):
    with pytest.raises(
        CheckFailed, match="the gradient with respect to argument 2 is not the gradient of your own step"
    ):
        assert_own_gradient(loss, batch, {1: 5.0}, rng=rng, what="step")


def test_a_known_factor_is_explained(rng, batch):
    with pytest.raises(CheckFailed) as caught:
        assert_own_gradient(loss, batch, {"dw": backward(*batch)["dw"] * 7}, rng=rng, names=NAMES)
    assert caught.value.hint.startswith("Every element is too large by the factor X.shape[0]")


def test_a_gradient_of_ones_element_off_by_little_is_found(rng, batch):
    wrong = backward(*batch)
    wrong["dw"][2] *= 1 + 1e-4
    with pytest.raises(CheckFailed):
        assert_own_gradient(loss, batch, wrong, rng=rng, names=NAMES)


def test_a_small_gradient_beside_a_large_one_is_judged_by_itself(rng):
    x, c = inputs.normal(rng, 5), 0.4
    forward = lambda x, c: 1e3 * np.sin(x).sum() + 1e-3 * c  # noqa: E731
    assert_own_gradient(forward, (x, c), {0: 1e3 * np.cos(x), 1: 1e-3}, rng=rng)
    with pytest.raises(CheckFailed, match="argument 2"):
        assert_own_gradient(forward, (x, c), {0: 1e3 * np.cos(x), 1: 2e-3}, rng=rng)


def test_a_forward_that_is_constant_earns_nothing_with_a_zero_gradient(rng, batch):
    with pytest.raises(CheckFailed, match="loss does not change with argument 1, so there is no slope"):
        assert_own_gradient(lambda *_: 0.5, batch, {0: np.zeros(3)}, rng=rng, what="loss")


@pytest.mark.parametrize("got", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_told(rng, batch, got):
    with pytest.raises(CheckFailed, match="dw holds nan or inf"):
        assert_own_gradient(loss, batch, {"dw": np.array([got, 0.0, 0.0])}, rng=rng, names=NAMES)


def test_a_forward_that_is_not_finite_is_told(rng, batch):
    with pytest.raises(CheckFailed, match="loss gives nan or inf here"):
        assert_own_gradient(lambda *_: np.nan, batch, {0: np.zeros(3)}, rng=rng, what="loss")


@pytest.mark.parametrize(
    "result, message",
    [
        (np.zeros(7), "loss has shape (7,), expected a single number."),
        (None, "loss is None, expected a single number."),
        ((0.5, 0.5), "loss is a tuple of 2 values, expected a single number."),
    ],
    ids=repr,
)
def test_a_forward_of_another_kind_is_told(rng, batch, result, message):
    with pytest.raises(CheckFailed) as caught:
        assert_own_gradient(lambda *_: result, batch, {0: np.zeros(3)}, rng=rng, what="loss")
    assert caught.value.message == message


def test_a_gradient_of_another_shape_is_told(rng, batch):
    with pytest.raises(CheckFailed, match=r"dw has shape \(3, 1\), expected shape \(3,\)"):
        assert_own_gradient(loss, batch, {"dw": np.zeros((3, 1))}, rng=rng, names=NAMES)


def test_an_argument_without_elements_has_no_gradient_to_check(rng):
    assert_own_gradient(lambda x: x.sum(), (np.zeros((0, 3)),), {0: np.zeros((0, 3))}, rng=rng)


def test_the_arguments_are_not_modified(rng, batch):
    before = [np.array(arg) for arg in batch]
    assert_own_gradient(loss, [inputs.frozen(arg) for arg in batch], backward(*batch), rng=rng, names=NAMES)
    assert all(np.array_equal(was, now) for was, now in zip(before, batch, strict=True))


@pytest.mark.parametrize("key, message", [("dz", "'dz' belongs to no argument"), (4, "no argument at position 4")])
def test_a_gradient_of_no_argument_is_our_error(rng, batch, key, message):
    with pytest.raises(CourseError, match=message):
        assert_own_gradient(loss, batch, {key: 0.0}, rng=rng, names=NAMES)


def test_an_upstream_gradient_of_ones_is_our_error(rng):
    with pytest.raises(CourseError, match="the same everywhere"):
        assert_own_gradient(linear, (np.ones((2, 3)), np.ones((3, 4))), {0: 0.0}, rng=rng, upstream=np.ones((2, 4)))


def test_right_gradients_pass_on_many_inputs():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        batch = inputs.normal(rng, 3), 0.3, inputs.normal(rng, (7, 3)), inputs.labels(rng, 7)
        assert_own_gradient(loss, batch, backward(*batch), rng=rng, names=NAMES)


def test_a_forward_that_overflows_fails_and_warns_nobody(rng, batch):
    def overflowing(w, b, X, y):
        return np.inf

    with pytest.raises(CheckFailed):
        assert_own_gradient(overflowing, batch, backward(*batch), rng=rng, names=NAMES)
