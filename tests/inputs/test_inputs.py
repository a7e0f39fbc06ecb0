"""Seeded arrays: few decimals, no accidents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import inputs
from autograder.errors import CourseError


@pytest.fixture
def rng():
    return np.random.default_rng(7)


seeds = st.integers(0, 2**32).map(np.random.default_rng)


def decimals(x, count):
    return np.array_equal(x, np.round(x, count))


@given(seeds)
def test_normal_numbers_have_three_decimals(rng):
    assert decimals(inputs.normal(rng, (5, 7)), 3)


def test_small_scales_get_more_decimals(rng):
    x = inputs.normal(rng, 1000, scale=1e-8)
    assert decimals(x, 11) and 0.8e-8 < x.std() < 1.2e-8


def test_large_scales_keep_their_decimals(rng):
    x = inputs.normal(rng, 1000, scale=100.0)
    assert decimals(x, 3) and 80 < x.std() < 120


@given(seeds)
def test_no_negative_zero_is_drawn(rng):
    x = inputs.normal(rng, 200, decimals=0)
    assert not np.signbit(x[x == 0]).any()


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_that_is_not_positive_is_refused(rng, scale):
    with pytest.raises(CourseError, match="scale must be positive"):
        inputs.normal(rng, 3, scale=scale)


def test_float32_is_drawn_on_request(rng):
    assert inputs.normal(rng, 3, dtype=np.float32).dtype == np.float32


@given(seeds)
def test_uniform_numbers_stay_within_their_bounds(rng):
    x = inputs.uniform(rng, 100, 0.0005, 0.0015)
    assert ((x >= 0.0005) & (x <= 0.0015)).all()


def test_uniform_bounds_in_the_wrong_order_are_refused(rng):
    with pytest.raises(CourseError, match="low must be below high"):
        inputs.uniform(rng, 3, 1.0, 1.0)


def test_integers_include_both_ends(rng):
    assert set(inputs.integers(rng, 100, 1, 3).tolist()) == {1, 2, 3}


@given(seeds, st.integers(0, 40))
def test_distinct_numbers_are_a_gap_apart(rng, n):
    gaps = np.diff(np.sort(inputs.distinct(rng, n, gap=0.1)))
    assert (gaps > 0.0999).all()


def test_values_near_a_kink_move_away_from_it_on_their_own_side():
    moved = inputs.away_from_kinks(np.array([-0.01, 0.0, 0.04, 0.3]))
    assert moved.tolist() == [-0.05, 0.05, 0.05, 0.3]


def test_the_argument_of_away_from_kinks_is_not_modified():
    x = np.array([0.01])
    inputs.away_from_kinks(x)
    assert x.tolist() == [0.01]


@given(seeds)
def test_no_value_is_near_any_of_several_kinks(rng):
    x = inputs.away_from_kinks(inputs.normal(rng, 200), kinks=(1.0, -1.0), margin=0.1)
    assert (np.abs(np.abs(x) - 1) >= 0.0999).all()


def test_kinks_without_room_between_them_are_refused():
    with pytest.raises(CourseError, match="too close together"):
        inputs.away_from_kinks(np.zeros(3), kinks=(0.0, 0.1), margin=0.05)


@given(seeds, st.integers(1, 30), st.integers(2, 6))
def test_every_class_occurs_if_there_is_room(rng, n, classes):
    assert np.unique(inputs.labels(rng, n, classes)).size == min(n, classes)


@given(seeds, st.integers(2, 5), st.integers(2, 5))
def test_classes_are_not_equally_frequent(rng, classes, times):
    counts = np.bincount(inputs.labels(rng, classes * times, classes))
    assert counts.min() < counts.max()


def test_labels_of_one_class_are_zero(rng):
    assert inputs.labels(rng, 3, 1).tolist() == [0, 0, 0]


def test_labels_may_be_signs(rng):
    assert set(inputs.labels(rng, 9, values=(-1, 1)).tolist()) == {-1, 1}


def test_one_hot_rows_are_rows_of_the_identity():
    assert inputs.one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


@given(seeds)
def test_probabilities_are_positive_and_sum_to_one(rng):
    p = inputs.probabilities(rng, (4, 6))
    assert (p > 0).all() and np.allclose(p.sum(axis=-1), 1, rtol=0, atol=1e-15) and decimals(p, 3)


@pytest.mark.parametrize("classes", [0, 501])
def test_too_few_or_too_many_classes_are_refused(rng, classes):
    with pytest.raises(CourseError, match="1 to 500 classes"):
        inputs.probabilities(rng, (2, classes))


@given(seeds, st.sampled_from([0.0, 0.5, 1.0]), st.integers(2, 6))
def test_each_row_of_a_mask_keeps_something_and_hides_something(rng, keep, length):
    kept = inputs.mask(rng, (3, 4, length), keep=keep)
    assert kept.any(axis=-1).all() and (~kept).any(axis=-1).all()


def test_a_mask_over_one_element_keeps_it(rng):
    assert inputs.mask(rng, (3, 1), keep=0.0).all()


def test_a_mask_over_nothing_is_empty(rng):
    assert inputs.mask(rng, (3, 0)).shape == (3, 0)


@given(seeds, st.integers(2, 6))
def test_a_permutation_is_never_the_identity(rng, n):
    order = inputs.permutation(rng, n)
    assert sorted(order.tolist()) == list(range(n)) and order.tolist() != list(range(n))


@given(seeds)
def test_sizes_are_all_different(rng):
    sizes = inputs.distinct_sizes(rng, 4)
    assert len(set(sizes)) == 4 and all(2 <= size <= 9 for size in sizes)


def test_more_sizes_than_there_are_is_refused(rng):
    with pytest.raises(CourseError, match="no 4 different sizes from 2 to 4"):
        inputs.distinct_sizes(rng, 4, low=2, high=4)


def test_attention_inputs_have_their_shapes(rng):
    q, k, v = inputs.qkv(rng, n=5, m=6, d_k=8, d_v=3, batch=(2,))
    assert (q.shape, k.shape, v.shape) == ((2, 5, 8), (2, 6, 8), (2, 6, 3))


def test_frozen_arrays_refuse_to_be_written():
    x = inputs.frozen(np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        x += 1


def test_arrays_in_containers_are_frozen_too(rng):
    q, _, _ = inputs.frozen(inputs.qkv(rng, n=2, m=3, d_k=4, d_v=5))
    nested = inputs.frozen({"w": [np.zeros(2), (np.zeros(2), 1.5)]})
    assert not q.flags.writeable
    assert not nested["w"][0].flags.writeable and not nested["w"][1][0].flags.writeable and nested["w"][1][1] == 1.5


def test_freezing_leaves_the_original_writeable():
    x = np.zeros(3)
    inputs.frozen(x)
    assert x.flags.writeable


@pytest.mark.parametrize("shape", [(3,), (4, 7), (2, 3, 5), (0, 3), (1, 1), ()])
def test_layouts_hold_equal_values(rng, shape):
    x = np.asarray(inputs.normal(rng, shape))
    assert all(np.array_equal(view, x) and view.dtype == x.dtype for view in inputs.layouts(x).values())


def test_layouts_lie_differently_in_memory(rng):
    views = inputs.layouts(inputs.normal(rng, (4, 7)))
    assert {name: view.strides for name, view in views.items()} == {
        "contiguous": (56, 8),
        "Fortran order": (8, 32),
        "transposed view": (8, 32),
        "reversed view": (-56, -8),
        "strided view": (112, 16),
    }


@given(seeds)
def test_large_numbers_are_large_and_of_both_signs(rng):
    x = inputs.large(rng, (2, 3))
    assert (np.abs(x) >= 800).all() and (x > 0).any() and (x < 0).any()


def test_flat_arrays_hold_ties():
    views = inputs.flat((2, 3))
    assert views["ties for the maximum"].tolist() == [[-0.30000000000000004, 0.7, 0.7]] * 2
    assert not views["all zero"].any() and (views["all equal"] == 0.7).all()
