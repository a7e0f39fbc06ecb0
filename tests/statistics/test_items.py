"""Item statistics: against published values, and where they say nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.statistics import alpha, complete, corrected_correlations, shares

NAN = np.nan
ANY_SCORES = arrays.arrays(float, (8, 4), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0]))


def test_shares_of_lsat6_are_those_published(lsat6):
    assert shares(lsat6) == pytest.approx([0.924, 0.709, 0.553, 0.763, 0.870], abs=1e-12)


def test_alpha_of_lsat6_is_that_published(lsat6):
    assert alpha(lsat6) == pytest.approx(0.2949971922, abs=5e-11)


def test_corrected_correlations_of_lsat6_are_those_published(lsat6):
    assert corrected_correlations(lsat6) == pytest.approx(
        [0.1128326889, 0.1531781201, 0.1727789433, 0.1444280952, 0.1215964025], abs=5e-11
    )


def test_alpha_of_lsat7_is_that_published(lsat7):
    assert alpha(lsat7) == pytest.approx(0.45340874, abs=5e-9)


def test_items_that_agree_wholly_have_alpha_one():
    assert alpha(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])) == pytest.approx(1.0)


def test_an_item_that_contradicts_the_others_correlates_negatively():
    scores = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0], [1, 1, 0]], dtype=float)
    assert corrected_correlations(scores)[2] == pytest.approx(-1.0)


@given(ANY_SCORES)
def test_alpha_is_never_above_one(scores):
    found = alpha(scores)
    assert found is None or found <= 1.0 + 1e-9


@given(ANY_SCORES, st.permutations(range(8)))
def test_the_order_of_students_changes_nothing(scores, order):
    before, after = corrected_correlations(scores), corrected_correlations(scores[order])
    assert [each is None for each in before] == [each is None for each in after]
    assert [each for each in before if each is not None] == pytest.approx([each for each in after if each is not None])


def test_an_item_that_everybody_passes_has_no_correlation():
    scores = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    assert corrected_correlations(scores)[0] is None


def test_points_that_round_are_no_variance():
    scores = np.array([[0.1, 0.2], [0.3, 0.0], [0.2, 0.1]])  # all 0.3 in all, but for the last bit
    assert alpha(scores) is None


def test_two_students_have_no_correlations():
    assert corrected_correlations(np.array([[0.0, 1.0], [1.0, 0.0]])) == [None, None]


def test_one_item_has_no_alpha_and_no_correlation():
    scores = np.array([[0.0], [1.0], [1.0]])
    assert alpha(scores) is None and corrected_correlations(scores) == [None]


def test_one_student_has_no_alpha():
    assert alpha(np.array([[0.0, 1.0, 1.0]])) is None


def test_a_missing_score_is_no_zero():
    assert shares(np.array([[2.0, NAN], [NAN, NAN], [1.0, NAN]]), worth=[2.0, 1.0]) == [0.75, None]


def test_an_item_that_is_worth_nothing_has_no_share():
    assert shares(np.array([[0.0], [0.0]]), worth=0.0) == [None]


def test_whoever_lacks_a_score_is_not_compared():
    students, items = complete(np.array([[1.0, 0.0], [1.0, NAN], [0.0, 1.0]]))
    assert students.tolist() == [True, False, True] and items.tolist() == [True, True]


def test_an_item_that_most_lack_does_not_cost_the_class():
    students, items = complete(np.array([[1.0, NAN], [0.0, NAN], [1.0, 1.0]]))
    assert students.tolist() == [True, True, True] and items.tolist() == [True, False]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_compare_is_nobody(shape):
    students, items = complete(np.zeros(shape))
    assert not students.any() and not items.any()
