"""Arguments left alone, the same answer twice, training that learns."""

import numpy as np
import pytest

from autograder.compare import assert_deterministic, assert_trains, assert_unchanged
from autograder.errors import CheckFailed, CourseError
from autograder.submission.local import LocalSubmission, namespace_of

STUDENT = """
import numpy as np

calls = []
rng = np.random.default_rng(0)

def pure(x, y=None):
    return x + 1

def in_place(x):
    x += 1
    return x

def into_the_list(x, weights):
    weights[0] *= 2
    return x

def noisy(x):
    return x + rng.standard_normal(x.shape)

def remembers(x):
    calls.append(x)
    return calls[0]

def last_bits(x):
    calls.append(x)
    return x * (1 + 1e-15 * len(calls))

def not_a_number(x):
    return {"loss": float("nan"), "name": "a", "none": None, "path": [x, (x, 1)]}

def counter(x):
    calls.append(x)
    return {"step": len(calls)}

def words(x):
    calls.append(x)
    return "even" if len(calls) % 2 else "odd"

def dtype_of_the_day(x):
    calls.append(x)
    return np.ones(2, dtype=np.float32 if len(calls) % 2 else np.float64)

def shape_of_the_day(x):
    calls.append(x)
    return np.ones(1 + len(calls))

def sometimes_none(x):
    calls.append(x)
    return {"loss": 1.0} if len(calls) % 2 else None

def opaque(x):
    return object()
"""


@pytest.fixture
def student():
    return LocalSubmission(namespace_of(STUDENT))


X = np.array([[0.5, np.nan], [-0.0, 2.0]])


def test_a_function_that_leaves_its_arguments_alone_passes(student):
    assert_unchanged(student.pure, (X, [X, 1.5]))


def test_an_argument_changed_in_place_is_told_by_its_place(student):
    with pytest.raises(CheckFailed, match="`into_the_list` changes its second argument: after the call it holds other"):
        assert_unchanged(student.into_the_list, (X, [np.ones(3)]))


def test_the_first_argument_that_changes_is_told(student):
    with pytest.raises(CheckFailed, match="softmax changes its first argument"):
        assert_unchanged(student.in_place, (np.ones(3),), what="softmax")


def test_a_plain_function_is_observed_on_copies():
    def in_place(x):
        x += 1

    x = np.ones(3)
    with pytest.raises(CheckFailed, match="`in_place` changes its first argument"):
        assert_unchanged(in_place, (x,))
    assert x.tolist() == [1, 1, 1]


def test_minus_zero_for_zero_is_no_change():
    def resign(x):
        x[x == 0] = 0.0

    assert_unchanged(resign, (np.array([-0.0]),))


@pytest.mark.parametrize("name", ["pure", "not_a_number", "last_bits", "opaque"])
def test_the_same_answer_twice_passes(student, name):
    assert_deterministic(getattr(student, name), (X,))


@pytest.mark.parametrize(
    "name", ["noisy", "counter", "words", "dtype_of_the_day", "shape_of_the_day", "sometimes_none"]
)
def test_two_answers_to_one_question_are_told(student, name):
    with pytest.raises(CheckFailed, match=f"`{name}` gives two different answers for the same arguments"):
        assert_deterministic(getattr(student, name), (X,))


def test_an_answer_that_depends_on_the_call_before_is_told():
    seen = {}

    def cached(x):
        seen["last"], before = x, seen.get("last", x)
        return before

    assert_deterministic(cached, (np.ones(2),))
    seen.clear()
    with pytest.raises(CheckFailed, match="gives another answer for the same arguments once it was called with others"):
        assert_deterministic(cached, (np.ones(2),), between=(np.zeros(2),))


def test_an_answer_that_is_the_argument_itself_is_compared_as_it_was():
    def grows(x):
        x += 1
        return x

    assert_deterministic(grows, (np.ones(2),))


# --- training ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, limits",
    [
        (0.05, {"below": 0.09}),
        ([0.7, 0.2, 0.05], {"below": 0.09}),
        ([0.7, 0.8, 0.05], {"below": 0.09}),
        (0.96, {"above": 0.94}),
        ([0.7, 0.2, 0.2], {"monotone": True}),
        ([0.2, 0.7, 0.95], {"above": 0.9, "monotone": True}),
        ([np.float32(0.7), np.float32(0.05)], {"below": 0.09, "monotone": True}),
    ],
    ids=str,
)
def test_a_run_that_learned_passes(value, limits):
    assert_trains(value, what="loss", **limits)


@pytest.mark.parametrize(
    "value, limits, message, redacted",
    [
        (0.31, {"below": 0.09}, "loss is 0.31, expected below 0.09.", "loss is not low enough."),
        (0.09, {"below": 0.09}, "loss is 0.09, expected below 0.09.", "loss is not low enough."),
        ([0.7, 0.31], {"below": 0.09}, "loss ends at 0.31, expected below 0.09.", "loss is not low enough."),
        ([0.7, 0.31], {"above": 0.9}, "loss ends at 0.31, expected above 0.9.", "loss is not high enough."),
        ([0.7, 0.3, 0.4], {"monotone": True}, "loss rises at step 2, from 0.3 to 0.4.", "loss rises at some step."),
        ([0.7, 0.3, 0.9], {"above": 0.5, "monotone": True}, "loss falls at step 1, from 0.7 to 0.3.",
         "loss falls at some step."),
        ([0.7, np.nan, np.inf], {"below": 0.09}, "loss is nan from step 1 on.", "loss is not finite."),
        (np.inf, {"below": 0.09}, "loss is inf.", "loss is not finite."),
        ([], {"below": 0.09}, "loss is empty, expected at least one number.",
         "loss is empty, expected at least one number."),
        ([[0.1]], {"below": 0.09}, "loss has 2 dimensions, expected a number or a list of numbers.",
         "loss has the wrong shape."),
        (None, {"below": 0.09}, "loss is None, expected a number or a list of numbers.",
         "loss is None, expected a number or a list of numbers."),
    ],
    ids=str,
)  # fmt: skip
def test_a_run_that_did_not_learn_is_told(value, limits, message, redacted):
    with pytest.raises(CheckFailed) as caught:
        assert_trains(value, what="loss", **limits)
    assert (caught.value.message, caught.value.redacted) == (message, redacted)


@pytest.mark.parametrize("limits", [{}, {"below": 1.0, "above": 0.0}], ids=str)
def test_a_question_that_asks_nothing_or_two_things_is_our_error(limits):
    with pytest.raises(CourseError, match="give one of"):
        assert_trains(0.5, what="loss", **limits)


class Observed:
    """A student's function that says what its arguments are after a call."""

    def __init__(self, *after):
        self.after = after

    def observed(self, *args):
        return None, self.after


@pytest.mark.parametrize("after", [{1, 2}, object(), "text", None, [np.ones(3)]])
def test_an_argument_that_is_no_array_any_more_has_changed(after):
    with pytest.raises(CheckFailed, match="changes its first argument"):
        assert_unchanged(Observed(after), (np.ones(3),))
