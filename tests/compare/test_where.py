"""Where an array is wrong, in text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.compare.failure import Mismatch
from autograder.compare.where import COLUMNS, ROWS, where_wrong


def shown(wrong):
    wrong = np.asarray(wrong, dtype=bool)
    return where_wrong(Mismatch("dQ", np.zeros(wrong.shape), np.ones(wrong.shape), wrong))


def test_a_matrix_is_a_grid_of_marks():
    assert shown([[0, 0, 1], [0, 1, 1]]) == "Wrong (✗) and right (·) entries of dQ:\n  · · ✗\n  · ✗ ✗"


def test_a_vector_is_one_row():
    assert shown([1, 0, 0]).splitlines()[1:] == ["  ✗ · ·"]


def test_of_more_axes_the_first_wrong_matrix_is_shown():
    wrong = np.zeros((2, 3, 2, 2), dtype=bool)
    wrong[1, 2, 0, 1] = True
    assert shown(wrong) == "Wrong (✗) and right (·) entries of dQ[1, 2]:\n  · ✗\n  · ·"


def test_of_a_large_matrix_the_part_around_the_first_wrong_entry_is_shown():
    wrong = np.zeros((100, 100), dtype=bool)
    wrong[50, 70] = True
    first, *grid = shown(wrong).splitlines()
    assert first == "Wrong (✗) and right (·) entries of dQ, rows 44 to 55 and columns 64 to 75 of (100, 100):"
    assert (len(grid), grid[6].split()) == (12, ["·"] * 6 + ["✗"] + ["·"] * 5)


@pytest.mark.parametrize("wrong", [True, [1, 1], [[0, 0]], np.zeros((0, 3))])
def test_nothing_is_shown_where_it_would_tell_nothing(wrong):
    assert shown(wrong) == ""


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=0, max_dims=4, max_side=20), elements=st.booleans()))
def test_the_picture_is_small_whatever_the_array(wrong):
    lines = shown(wrong).splitlines()
    assert len(lines) <= ROWS + 1
    assert all(len(line) <= 2 + 2 * COLUMNS for line in lines[1:])
