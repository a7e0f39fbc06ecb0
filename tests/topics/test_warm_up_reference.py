"""The reference of the warm-up, against torch's and numpy's own functions and against finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "warm_up"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "warm_up", "reference"))


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_error_is_relative_to_both_norms(reference):
    assert_allclose(reference.rel_error(np.array([3.0, 4.0]), np.array([6.0, 8.0])), 1 / 3, **ROUNDING)


def test_error_of_two_zeros_is_zero(reference):
    assert reference.rel_error(np.zeros(3), np.zeros(3)) == 0.0


def test_eps_is_the_floor_of_the_denominator(reference):
    assert_allclose(reference.rel_error(np.array([0.1]), np.array([0.3]), 2.0), 0.1, **ROUNDING)


def test_arrays_of_different_shapes_are_refused(reference):
    with pytest.raises(ValueError, match=r"one shape, got \(4,\) and \(4, 1\)"):
        reference.rel_error(np.zeros(4), np.zeros((4, 1)))


def test_gradient_of_the_layer_is_its_slope(reference, rng):
    x, W, dout = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    (gradient,) = reference.layer.gradient((x, W), wrt=(0,), upstream=dout)
    step = np.zeros((2, 3))
    step[1, 2] = 1e-5
    slope = np.sum(dout * (reference.layer(x + step, W) - reference.layer(x - step, W))) / 2e-5
    assert_allclose(gradient[1, 2], slope, rtol=1e-7)


def test_slopes_of_the_cubes_are_their_central_differences(reference, rng):
    x, c, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(4, 2, 3))
    expected = [(reference.cubes(x + 0.1 * d, c) - reference.cubes(x - 0.1 * d, c)) / 0.2 for d in v]
    assert_allclose(reference.cube_slopes(x, c, v, 0.1), expected, **ROUNDING)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_is_torchs(reference, rng, axis, keepdims):
    z = 500 * rng.normal(size=(2, 3, 4))
    expected = torch.logsumexp(torch.from_numpy(z), axis, keepdim=keepdims).numpy()
    assert_allclose(reference.logsumexp(z, axis, keepdims), expected, **ROUNDING)


def test_logsumexp_of_one_entry_of_minus_infinity_passes_it_over(reference):
    assert_allclose(reference.logsumexp(np.array([0.0, -np.inf, np.log(3.0)])), np.log(4.0), **ROUNDING)


def test_one_hot_is_torchs(reference):
    y = np.array([2, 0, 2, 4])
    assert_array_equal(reference.one_hot(y, 6), torch.nn.functional.one_hot(torch.from_numpy(y), 6).numpy())


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_refused(reference, label):
    with pytest.raises(ValueError, match=rf"label {label} is not one of 0 \.\.\. 2"):
        reference.one_hot(np.array([0, label]), 3)


def test_distances_are_those_of_cdist(reference, rng):
    A, B = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    expected = torch.cdist(torch.from_numpy(A), torch.from_numpy(B)).numpy() ** 2
    assert_allclose(reference.pairwise_sq_dists(A, B), expected, **ROUNDING)


def test_distances_far_from_the_origin_lose_nothing(reference):
    A = np.array([[0.5, 0.25], [1.0, 0.0]])
    assert_array_equal(reference.pairwise_sq_dists(A + 2.0**20, A + 2.0**20), reference.pairwise_sq_dists(A, A))


def test_puzzles_are_numpys_functions(reference, rng):
    a, b, y = rng.normal(size=5), rng.normal(size=3), np.array([1, 1, 0, 3])
    assert_allclose(reference.outer(a, b), np.outer(a, b), **ROUNDING)
    assert_array_equal(reference.diag(a), np.diag(a))
    assert_array_equal(reference.causal_mask(4), np.tri(4, dtype=bool))
    assert_allclose(reference.cumsum(a), np.cumsum(a), **ROUNDING)
    assert_array_equal(reference.bincount(y, 6), np.bincount(y, minlength=6))


@pytest.mark.parametrize("length, k, s", [(7, 3, 1), (7, 3, 2), (8, 3, 2), (9, 2, 4), (5, 5, 1)])
def test_windows_are_every_s_th_of_numpys(reference, rng, length, k, s):
    x = rng.normal(size=length)
    expected = np.lib.stride_tricks.sliding_window_view(x, k)[::s]
    assert_array_equal(reference.sliding_windows(x, k, s), expected)
