"""Each explanation, beside a neighbour that it must not be given for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.diagnose import _hints, explain

RNG = np.random.default_rng(5)
V = RNG.standard_normal(7)
M = RNG.standard_normal((4, 7))
S = RNG.standard_normal((5, 5))
T = RNG.standard_normal((3, 4, 5))
G = RNG.standard_normal((3, 8))
E = np.exp(M)
P = E / E.sum(axis=1, keepdims=True)
"""Each row sums to one."""
RELU = np.maximum(M, 0)
SIZES = {"X.shape[0]": 32, "q.shape[-1]": 8}


def correlate(x, k):
    return np.array([x[i : i + 3] @ k for i in range(len(x) - 2)])


def changed(x, where, by=0.3):
    y = x.copy()
    y[where] += by * (1 + np.arange(y[where].size).reshape(y[where].shape))
    return y


# name: (got, expected, the beginning of the hint, something close by that must not get it)
CASES = {
    "nan": (changed(M, (0, 0), np.nan), M, "nan usually means", changed(M, (0, 0))),
    "infinity": (changed(M, (0, 0), np.inf), M, "inf usually means", changed(M, (0, 0))),
    "float32": (V.astype(np.float32), V, "It agrees to about seven digits", (V * 1.001).astype(np.float32)),
    "float32 kept in float64": (V.astype(np.float32).astype(float), V, "It agrees to about seven", V * (1 + 1e-4)),
    "an epsilon": (V + 5e-7, V, "It agrees to about six digits", V + RNG.standard_normal(7) * 1e-3),
    "integers": ((10 * V).astype(int), 10 * V, "The digits after the point are lost", (10 * V).astype(int) + 1),
    "zero": (np.zeros((4, 7)), M, "It is zero everywhere", np.full((4, 7), 1e-12) * M**2),
    "sign": (-M, M, "Every element has the wrong sign", changed(-M, (0, 0))),
    "sum for mean": (32 * M, M, "Every element is too large by the factor X.shape[0]", 33 * M),
    "mean twice": (M / 32, M, "Every element is too small by the factor X.shape[0]", M / 33),
    "twice": (2 * M, M, "Every element is twice", 2.001 * M),
    "half": (M / 2, M, "Every element is half", M / 2.001),
    "sum for mean, downhill": (-32 * M, M, "The sign is wrong, and apart from that: Every element is too large by the",
                               -33 * M),
    "root of a size": (np.sqrt(8) * M, M, "Every element is too large by the square root of q.shape[-1]", 3 * M),
    "root twice": (M / np.sqrt(8), M, "Every element is too small by the square root of q.shape[-1]", M / 3),
    "log2": (E / np.log(2), E, "Logarithms to base 2", E / 0.7),
    "log10": (E / np.log(10), E, "Logarithms to base 10", E / 2.4),
    "biased variance": (31 / 32 * E, E, "The biased and the unbiased variance over X.shape[0]", 30 / 32 * E),
    "biased deviation": (E * np.sqrt(32 / 31), E, "The biased and the unbiased standard deviation", E * 32 / 30),
    "a number": (np.array(0.3141592 * 32), np.array(0.3141592), "It is too large by the factor X.shape[0]",
                 np.array(0.3141592 * 31)),
    "transposed": (S.T, S, "The numbers are right, but two axes are exchanged", changed(S.T, (0, 1))),
    "other axis of softmax": (E / E.sum(axis=0), P, "It sums to one along axis 0, but should along axis 1", E),
    "mask without effect": (M, RELU, "Only elements that should be 0 are wrong", changed(M, np.where(M > 0))),
    "mask too wide": (np.where(M > 0.5, M, 0), RELU, "Some elements are 0 that should not be",
                      np.where(M > 0.5, M, 0.1)),
    "reversed": (V[::-1], V, "The numbers are right, but reversed along axis 0", changed(V[::-1], 2)),
    "kernel flipped": (T[:, ::-1, ::-1], T, "The numbers are right, but reversed along the last two axes",
                       changed(T[:, ::-1, ::-1], (0, 0, 0))),
    "too late": (np.r_[0, V[:-1]], V, "The numbers are right, but stand one place too late along axis 0",
                 np.r_[0, 0, V[:-2]]),
    "too early": (np.roll(M, -1, axis=1), M, "The numbers are right, but stand one place too early along axis 1",
                  changed(np.roll(M, -1, axis=1), np.s_[:, 3])),
    "complement": (1 - P, P, "Every element is one minus the expected one", 1.1 - P**2),
    "classes exchanged": (np.array([1, 0, 0]), np.array([0, 1, 1]), "Every element is one minus", np.array([1, 0, 1])),
    "logarithm": (np.log(P), P, "These are the logarithms", np.log(P) * (1 + P)),
    "exponential": (np.exp(M), M, "These are exp() of", np.exp(M) * (1 + P)),
    "root": (np.sqrt(E), E, "These are the square roots", np.sqrt(E) + P),
    "square": (E**2, E, "These are the squares", E**2 + P),
    "reciprocal": (1 / E, E, "These are the reciprocals", 1 / E + P),
    "absolute value": (np.abs(M), M, "The sizes are right, but minus signs are lost", np.abs(M) + P),
    "constant added": (M + 0.7, M, "Every element is off by the same amount", changed(M + 0.7, (1, 1))),
    "gates exchanged": (np.concatenate([G[:, 2:4], G[:, :2], G[:, 4:]], axis=1), G, "The 4 blocks along axis 1",
                        np.concatenate([G[:, 2:4], G[:, :2], G[:, 4:] + 1], axis=1)),
    "rows in another order": (M[[2, 0, 3, 1]], M, "The slices along axis 0 are right, but in another order",
                              changed(M[[2, 0, 3, 1]], (0, 0))),
    "another order": (V[[3, 0, 6, 1, 5, 2, 4]], V, "The numbers are right, but in another order",
                      changed(V[[3, 0, 6, 1, 5, 2, 4]], 0)),
    "clipped": (np.minimum(M, 0.5), M, "The most extreme elements are all the same number", np.minimum(M, 0.5) + P),
    "all the same": (np.full(7, V.mean()), V, "All elements are the same number", V.mean() + 0.1 * V**2),
    "padding": (changed(T, np.s_[:, [0, -1], :]) + np.pad(np.zeros((3, 2, 3)), ((0, 0), (1, 1), (1, 1)),
                constant_values=9), T, "It is right inside, and wrong along the border", T + 1 + T**2),
    "last step only": (changed(M, np.s_[:-1]), M, "Only the last slice along axis 0 is right", changed(M, np.s_[:])),
    "first step wrong": (changed(V, 0), V, "Only the first element along axis 0 is wrong", changed(V, np.s_[::2])),
    "some channels": (changed(T, np.s_[:, 1:3]), T, "Some slices along axis 1 are right throughout", changed(T, (0, 1, 1))),
    "bias missing": (M + V, M, "What differs is the same all along axis 0", M + V + P),
    "normaliser missing": (M + V[:4, None], M, "What differs is the same all along axis 1", M + V[:4, None] + P),
    "not normalised": (E, P, "Along axis 1 all elements are off by one factor", E + P**2),
    "unknown factor": (3.7 * M, M, "All elements are off by the same factor", 3.7 * M + P),
}  # fmt: skip


@pytest.mark.parametrize("got, expected, hint, _", CASES.values(), ids=CASES)
def test_what_fits_is_explained(got, expected, hint, _):
    assert str(explain(got, expected, sizes=SIZES)).startswith(hint)


@pytest.mark.parametrize("_, expected, hint, neighbour", CASES.values(), ids=CASES)
def test_what_only_nearly_fits_is_not(_, expected, hint, neighbour):
    assert not str(explain(neighbour, expected, sizes=SIZES)).startswith(hint)


SHAPES = {
    "transposed": (M.T, M, "The numbers are right, but the axes stand in another order", changed(M.T, (0, 0))),
    "axes in another order": (T.transpose(1, 0, 2) + 1, T, "The sizes are right, but the axes stand in another order",
                              T[:, :3, :]),
    "broadcast": (V[:, None] - V, V, "An array of shape (N,) and one of shape (N, 1) were combined", M),
    "broadcast to a column": (V[:, None] - V, V[:, None], "An array of shape (N,) and one of shape (N, 1)", M.T),
    "axis missing": (V, V[:, None], "An axis of length 1 is missing; the numbers are right", V + 1),
    "axis too many": (V[:, None], V, "One axis of length 1 is too many; the numbers are right", V[:, None] + 1),
    "not averaged": (V, np.array(V.mean()), "These are the single terms: their mean is the expected number", V + 1),
    "not summed": (V, np.array(V.sum()), "These are the single terms: their sum is the expected number", V + 1),
    "not averaged over the batch": (M, M.mean(axis=0), "These are the single terms: their mean over axis 0", M + 1),
    "not summed over the batch": (M, M.sum(axis=0), "These are the single terms: their sum over axis 0", M + 1),
    "averaged too far": (V.mean(), V, "This is the mean of the expected elements: something is reduced", V[0]),
    "summed over an axis": (M.sum(axis=1), M, "This is the sum of the expected elements over axis 1", M[:, 0]),
    "flat": (M.ravel(), M, "The numbers are right and in the right order, but in another shape", M.T.ravel()),
}  # fmt: skip


@pytest.mark.parametrize("got, expected, hint, _", SHAPES.values(), ids=SHAPES)
def test_a_shape_that_fits_is_explained(got, expected, hint, _):
    assert str(explain(np.asarray(got), expected)).startswith(hint)


@pytest.mark.parametrize("_, expected, hint, neighbour", SHAPES.values(), ids=SHAPES)
def test_a_shape_that_does_not_fit_is_not(_, expected, hint, neighbour):
    assert not str(explain(np.asarray(neighbour), expected)).startswith(hint)


def test_a_term_of_an_argument_is_called_by_its_name():
    assert explain(M + 0.3 * P, M, terms={"b": V, "W": P}).startswith("What differs is a multiple of W")


def test_a_term_of_another_shape_explains_nothing():
    assert not str(explain(M + 0.3 * P, M, terms={"W": P.T})).startswith("What differs is a multiple")


def test_fractions_below_one_in_an_integer_array_lost_their_digits():
    assert explain(np.zeros(7, dtype=int), P[0]).startswith("The digits after the point are lost")
    assert explain(np.zeros(7), P[0]).startswith("It is zero everywhere")


def test_two_numbers_can_be_exchanged():
    assert explain(V[[1, 0]], V[:2]).startswith("The numbers are right, but reversed")
    assert explain(np.array([2.0, 1.0]), np.array([1.0, 2.0])) is None


def test_what_two_explanations_fit_gets_the_one_with_a_meaning():
    mirrored = np.array([0.119203, 0.5, 0.880797])  # reversed, and one minus
    assert explain(1 - mirrored, mirrored).startswith("Every element is one minus")


def test_one_wrong_number_of_three_is_not_called_a_pattern():
    assert explain(changed(V[:3], 0), V[:3]) is None


def test_without_names_a_size_is_called_by_its_axis():
    assert explain(7 * M, M).startswith("Every element is too large by the factor the length of axis 1")


def test_a_size_of_two_is_called_two():
    assert explain(2 * M, M, sizes={"N": 2}).startswith("Every element is twice")


@pytest.mark.parametrize("got, expected", [(4, 2), (1.0, 0.5), (0.25, 0.5), (1, -1)])
def test_round_numbers_are_taken_for_coincidence(got, expected):
    assert explain(got, expected) is None


def test_labels_in_another_order_are_taken_for_coincidence():
    assert explain(np.array([0, 1, 1, 0, 1]), np.array([1, 1, 0, 0, 1])) is None


def test_unrelated_numbers_are_not_explained():
    assert explain(RNG.standard_normal((4, 7)), M, sizes=SIZES, terms={"x": P}) is None


@pytest.mark.parametrize("got, expected", [
    ("a", 1.0), (None, M), (M * 1j, M), (M, None), (np.zeros((0, 3)), np.zeros((0, 3))), (M, np.full((4, 7), np.nan)),
    (np.array([1.0]), np.array([np.inf])), (object(), object()), ([[1], [1, 2]], M),
], ids=range(9))  # fmt: skip
def test_what_cannot_be_explained_is_left_alone(got, expected):
    assert explain(got, expected) is None


def test_a_hint_never_quotes_a_number_of_the_arrays():
    for got, expected, *_ in (*CASES.values(), *SHAPES.values()):
        hint = explain(np.asarray(got), expected, sizes=SIZES)
        assert not any(f"{abs(float(value)):.3g}" in hint for value in np.ravel(expected) if abs(value) not in {0, 1})


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4, min_side=0)),
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4, min_side=0)),
)
def test_no_detector_raises_or_warns(got, expected):
    with np.errstate(all="ignore"):
        hints = list(_hints(got, expected, {"N": 0, "D": 1, "T": 5}, {"x": got}))
    assert all(hint.endswith((".", "?")) for hint in hints)


@given(st.integers(0, 2**32))
def test_no_explanation_is_given_for_noise(seed):
    rng = np.random.default_rng(seed)
    assert explain(rng.standard_normal((4, 5)), rng.standard_normal((4, 5)), sizes=SIZES) is None


def test_of_very_large_arrays_only_what_is_not_finite_is_explained():
    ones = np.ones(600_000)
    assert explain(-ones, ones) is None
    assert explain(np.full(600_000, np.nan), ones).startswith("nan usually means")
