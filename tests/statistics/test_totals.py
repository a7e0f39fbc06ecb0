"""How points are spread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.statistics import counts, spread


def test_quartiles_are_interpolated():
    found = spread([1.0, 2.0, 3.0, 10.0])
    assert (found.n, found.lowest, found.highest) == (4, 1.0, 10.0)
    assert (found.lower_quartile, found.median, found.upper_quartile) == (1.75, 2.5, 4.75)


def test_mean_and_deviation_are_those_of_a_sample():
    found = spread([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert found.mean == 5.0
    assert found.deviation == pytest.approx((32 / 7) ** 0.5)


def test_a_single_number_has_no_deviation():
    assert spread([3.0]).deviation is None


def test_no_numbers_have_no_spread():
    assert spread([]) is None


def test_a_number_on_an_edge_belongs_to_the_bin_above_it():
    assert counts([0, 10, 20], [0, 10, 20]) == [1, 2]


@given(st.lists(st.floats(-5, 105), max_size=30))
def test_nobody_is_left_out(values):
    assert sum(counts(values, [0, 25, 50, 75, 100])) == len(values)
