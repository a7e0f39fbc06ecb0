"""Gradients against the reference: backward values, and autograd through the student's torch code."""

import numpy as np
import pytest
import torch

from autograder import inputs
from autograder.compare import assert_backward_close, assert_gradients_close
from autograder.errors import CheckFailed, CourseError, GraderError
from autograder.reference import ReferenceFunction
from autograder.submission.local import LocalSubmission, namespace_of


def attend(q, k, v):
    return torch.softmax(q @ k.T / q.shape[-1] ** 0.5, dim=-1) @ v


def logistic_loss(w, b, X, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(X @ w + b, y.double())


attention = ReferenceFunction("attention", attend)
loss = ReferenceFunction("logistic_loss", logistic_loss)

STUDENT = """
import torch

def attention(q, k, v):
    return torch.softmax(q @ k.T / q.shape[-1] ** 0.5, dim=-1) @ v

def einsum(q, k, v):
    scores = torch.einsum("nd,md->nm", q, k) * q.shape[-1] ** -0.5
    return torch.einsum("nm,mv->nv", scores.exp() / scores.exp().sum(dim=1, keepdim=True), v)

def unscaled(q, k, v):
    return torch.softmax(q @ k.T, dim=-1) @ v

def detached_values(q, k, v):
    return torch.softmax(q @ k.T / q.shape[-1] ** 0.5, dim=-1) @ v.detach()

def transposed(q, k, v):
    return attention(q, k, v).T

def in_numpy(q, k, v):
    return torch.tensor(attention(q, k, v).detach().numpy())

def with_weights(q, k, v):
    weights = torch.softmax(q @ k.T / q.shape[-1] ** 0.5, dim=-1)
    return weights @ v, weights

def one_value(q, k, v):
    return (attention(q, k, v),)
"""


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def student():
    return LocalSubmission(namespace_of(STUDENT))


@pytest.fixture
def qkv(rng):
    return inputs.qkv(rng, n=4, m=5, d_k=8, d_v=3)


@pytest.fixture
def batch(rng):
    X = inputs.normal(rng, (7, 3))
    return inputs.normal(rng, 3), 0.3, X, inputs.labels(rng, 7)


def gradients_of(w, b, X, y):
    error = 1 / (1 + np.exp(-(X @ w + b))) - y
    return {"dw": X.T @ error / len(y), "db": error.mean()}


# --- autograd through the student's code ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["attention", "einsum"])
def test_right_torch_code_has_the_right_gradients(student, rng, qkv, name):
    assert_gradients_close(getattr(student, name), attention, qkv, rng=rng)


def test_a_wrong_scale_shows_in_the_gradients(student, rng, qkv):
    with pytest.raises(CheckFailed) as caught:
        assert_gradients_close(student.unscaled, attention, qkv, rng=rng)
    assert caught.value.message.startswith("the gradient of unscaled with respect to q: 32 of 32 elements differ; rel")
    assert caught.value.message.endswith("\n  Wrong too: k, v.")
    assert caught.value.redacted == (
        "the gradient of unscaled with respect to q: 32 of 32 elements differ.\n  Wrong too: k, v."
    )


def test_a_gradient_that_does_not_flow_is_told_apart_from_those_that_do(student, rng, qkv):
    with pytest.raises(CheckFailed) as caught:
        assert_gradients_close(student.detached_values, attention, qkv, rng=rng, what="attention")
    assert caught.value.message.startswith("the gradient of attention with respect to v: 15 of 15 elements differ")
    assert caught.value.message.endswith("\n  Right: q, k.")
    assert caught.value.hint.startswith("It is zero everywhere")


def test_only_the_arguments_that_are_asked_for_are_compared(student, rng, qkv):
    assert_gradients_close(student.detached_values, attention, qkv, rng=rng, wrt=(0, 1))


def test_the_shape_of_the_result_comes_before_its_gradient(student, rng, qkv):
    with pytest.raises(CheckFailed, match=r"transposed has shape \(3, 4\), expected shape \(4, 3\)"):
        assert_gradients_close(student.transposed, attention, qkv, rng=rng)


def test_a_result_that_left_torch_has_no_gradient(student, rng, qkv):
    with pytest.raises(Exception, match="carries no gradient"):
        assert_gradients_close(student.in_numpy, attention, qkv, rng=rng)


def test_one_of_several_outputs_can_be_differentiated(student, rng, qkv):
    both = ReferenceFunction("both", lambda q, k, v: (attend(q, k, v), v))
    assert_gradients_close(student.with_weights, both, qkv, rng=rng, output=0)


def test_a_missing_output_is_told(student, rng, qkv):
    both = ReferenceFunction("both", lambda q, k, v: (v, attend(q, k, v)))
    with pytest.raises(CheckFailed, match="one_value returned too few values, expected at least 2"):
        assert_gradients_close(student.one_value, both, qkv, rng=rng, output=1)
    with pytest.raises(CheckFailed, match="attention returned one value, expected at least 2"):
        assert_gradients_close(student.attention, both, qkv, rng=rng, output=1)


def test_an_output_that_the_reference_does_not_have_is_our_error(student, rng, qkv):
    with pytest.raises(GraderError, match="expected at least 3"):
        assert_gradients_close(student.with_weights, attention, qkv, rng=rng, output=2)


def test_float32_inputs_are_judged_as_float32(student, rng, qkv):
    assert_gradients_close(student.attention, attention, [x.astype(np.float32) for x in qkv], rng=rng)


def test_a_gradient_that_is_zero_for_everyone_is_our_error(student, rng, qkv):
    ones = ReferenceFunction("ones", lambda q, k, v: torch.softmax(q @ k.T, dim=-1).sum() + 0 * v.sum())
    with pytest.raises(CourseError, match="the right gradient q is nearly zero"):
        assert_gradients_close(student.attention, ones, qkv, rng=rng)


def test_gradients_that_are_small_in_all_are_our_error(student, rng, qkv):
    small = ReferenceFunction("small", lambda q, k, v: 1e-6 * attend(q, k, v))
    with pytest.raises(CourseError, match="the right gradients are nearly zero"):
        assert_gradients_close(student.attention, small, qkv, rng=rng)


def test_arguments_without_floats_are_our_error(student, rng):
    with pytest.raises(CourseError, match="nothing to differentiate by"):
        assert_gradients_close(student.attention, attention, (np.arange(3), 1.0), rng=rng)


# --- backward values --------------------------------------------------------------------------------------------------


def test_the_right_backward_passes(batch):
    assert_backward_close(gradients_of(*batch), loss, batch)


@pytest.mark.parametrize("names", [("w", "b"), ("d_w", "d_b"), ("grad_w", "grad_b")], ids=str)
def test_gradients_may_be_named_in_several_ways(batch, names):
    dw, db = gradients_of(*batch).values()
    assert_backward_close({names[0]: dw, names[1]: db}, loss, batch)


def test_a_gradient_that_is_not_averaged_is_told_with_the_size_it_is_off_by(batch):
    wrong = {"dw": gradients_of(*batch)["dw"] * 7, "db": gradients_of(*batch)["db"]}
    with pytest.raises(CheckFailed) as caught:
        assert_backward_close(wrong, loss, batch)
    assert caught.value.message.startswith("dw: 3 of 3 elements differ; relative error 0.75, allowed 1e-07; worst at")
    assert caught.value.message.endswith("\n  Right: db.")
    assert caught.value.hint == (
        "Every element is too large by the factor X.shape[0]: a sum and a mean differ by exactly this."
    )


def test_a_term_too_many_is_told_by_its_name(batch):
    wrong = gradients_of(*batch)
    wrong["dw"] = wrong["dw"] + 0.37 * batch[0]
    with pytest.raises(CheckFailed) as caught:
        assert_backward_close(wrong, loss, batch, what="step")
    assert caught.value.message.startswith("dw of step")
    assert caught.value.hint.startswith("What differs is a multiple of w")


def test_a_zero_gradient_never_passes(batch):
    with pytest.raises(CheckFailed, match="dw: 3 of 3 elements differ"):
        assert_backward_close({"dw": np.zeros(3), "db": 0.0}, loss, batch)


def test_a_missing_gradient_is_told(batch):
    with pytest.raises(CheckFailed, match="dw is None, expected an array of shape"):
        assert_backward_close({"dw": None}, loss, batch)


def test_the_upstream_gradient_is_used(qkv, rng):
    upstream = inputs.normal(rng, (4, 3))
    q, k, _ = qkv
    weights = np.exp(q @ k.T / np.sqrt(8))
    weights /= weights.sum(axis=1, keepdims=True)
    assert_backward_close({"dv": weights.T @ upstream}, attention, qkv, upstream=upstream)
    with pytest.raises(CheckFailed):
        assert_backward_close({"dv": weights.T @ upstream[::-1]}, attention, qkv, upstream=upstream)


def test_an_upstream_gradient_of_ones_is_our_error(qkv):
    with pytest.raises(CourseError, match="the same everywhere"):
        assert_backward_close({"dv": qkv.v}, attention, qkv, upstream=np.ones((4, 3)))


def test_an_upstream_gradient_that_is_missing_is_our_error(qkv):
    with pytest.raises(CourseError, match=r"the output has shape \(4, 3\)"):
        assert_backward_close({"dv": qkv.v}, attention, qkv)


def test_a_name_of_no_parameter_is_our_error(batch):
    with pytest.raises(CourseError, match="'dz' belongs to no argument; there are: w, b, X, y"):
        assert_backward_close({"dz": 0.0}, loss, batch)
