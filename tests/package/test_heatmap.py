"""A picture of where an array is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.compare.failure import Mismatch
from autograder.package.heatmap import drawn

EXPECTED = np.arange(6.0).reshape(2, 3)


def picture(actual, expected=EXPECTED):
    actual, expected = np.asarray(actual), np.asarray(expected)
    return drawn(Mismatch("softmax(x)", actual, expected, actual != expected))


def test_a_wrong_entry_is_marked_and_tells_both_numbers():
    actual = EXPECTED.copy()
    actual[1, 2] = 7.5
    html = picture(actual)
    assert html.count("✗ ") == 2  # the entry, and the caption that explains the mark
    assert 'title="got 7.5, expected 5"' in html


def test_right_entries_are_not_marked():
    actual = EXPECTED.copy()
    actual[0, 0] = -1
    assert picture(actual).count('title="right"') == 5


def test_the_worst_entry_is_the_darkest():
    actual = EXPECTED.copy()
    actual[0, 0], actual[0, 1] = 1.0, 11.0
    html = picture(actual)
    assert "rgba(198, 40, 40, 0.60)" in html
    assert "rgba(198, 40, 40, 0.20)" in html or "rgba(198, 40, 40, 0.19)" in html


def test_a_vector_is_one_row():
    assert picture([1.0, 2.0, 9.0], [1.0, 2.0, 3.0]).count("<tr>") == 2


def test_of_more_axes_the_first_wrong_matrix_is_drawn():
    expected = np.zeros((3, 2, 2))
    actual = expected.copy()
    actual[1, 0, 1] = 4
    assert "softmax(x)[1]: wrong" in picture(actual, expected)


def test_of_a_large_array_the_part_around_the_first_wrong_entry_is_drawn():
    expected = np.zeros((100, 100))
    actual = expected.copy()
    actual[50, 70] = 1
    html = picture(actual, expected)
    assert "Rows 44 to 55 and columns 64 to 75 of (100, 100) are shown." in html


@pytest.mark.parametrize("actual, expected", [(1.0, 2.0), (EXPECTED, EXPECTED), (np.zeros((0, 3)), np.zeros((0, 3)))])
def test_there_is_no_picture_where_there_is_nothing_to_see(actual, expected):
    assert picture(actual, expected) == ""


def test_the_name_of_the_value_is_escaped():
    actual = EXPECTED + 1
    html = drawn(Mismatch("<b>x</b>", actual, EXPECTED, actual != EXPECTED))
    assert "<b>" not in html


@given(
    hnp.array_shapes(min_dims=0, max_dims=4, max_side=5).flatmap(
        lambda shape: st.tuples(
            *[hnp.arrays(st.sampled_from([np.dtype("f8"), np.dtype("f4"), np.dtype("i8"), np.dtype("?")]), shape)] * 2
        )
    )
)
def test_whatever_the_numbers_a_picture_is_drawn(pair):
    actual, expected = pair
    picture(actual, expected)
