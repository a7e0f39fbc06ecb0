"""When two answers are the same."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from autograder import recognise
from autograder.course import find_course
from autograder.grading import Keys
from autograder.recognise import same
from autograder.reference import Reference
from autograder.submission.local import LocalSubmission, namespace_of
from autograder.topic import Topic

ENDLESS = """
@mistake(of="square", caught_by="hidden_value_is_right", hint="It never ends.")
def endless(x):
    while True:
        pass
"""


def test_a_mistake_that_never_ends_does_not_hold_the_grader(course, monkeypatch):
    monkeypatch.setattr(recognise, "MISTAKE_S", 0.1)
    path = course / "solutions/ends/mistakes.py"
    source = path.read_text()
    path.write_text(source.replace("@mistake", ENDLESS + "\n\n@mistake", 1))
    topic = Topic(find_course(course), "ends")
    known = recognise.KnownAnswers(topic)
    check = next(check for check in topic.hidden_checks if check.name == "hidden_value_is_right")
    reference = Reference(topic.module("reference"))

    def rng():
        return np.random.default_rng(1)

    doubled = next(mistake for mistake in topic.mistakes if mistake.id == "doubled")
    said, _ = known.transcript(check, doubled, reference=reference, rng=rng)
    found = known.recognise(check, said, reference=reference, rng=rng)
    assert found is not None
    assert found.id == "doubled"


AVERAGED = """
def square(x):
    return x * x, x

def sum_of_squares(x):
    return square(x)[0].mean()
"""


def test_a_mistake_is_recognised_in_the_first_try_where_a_right_answer_on_loan_refuses_the_call(grader):
    def refused(x):
        raise TypeError("asked with something that is not numbers")

    @contextmanager
    def open_submission(seed, cpu_s, right):
        names = namespace_of(AVERAGED)
        names |= dict.fromkeys(right, refused)  # in place: functions look their globals up in it
        yield LocalSubmission(names, grader.topic.signatures)

    questions = grader.check_all(Keys(b"secret", "ends"), open_submission, {})
    (check,) = (check for question in questions for check in question.checks if check.name == "sum_is_right")
    assert check.mistake == "averaged"
    assert check.hint == "A mean is not a sum."


X = np.array([1.0, -2.0, 3.0])


@pytest.mark.parametrize(
    "a, b",
    [
        (X, X * (1 + 1e-9)),
        (1.0, 1.0 + 1e-12),
        (np.array([np.nan, np.inf, 1.0]), np.array([np.nan, np.inf, 1.0])),
        ((X, [1, 2]), (X, [1, 2])),
        ({"w": X}, {"w": X}),
        (None, None),
        ("ValueError", "ValueError"),
        (np.array([1, 2]), np.array([1, 2])),
    ],
)
def test_same(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    "a, b",
    [
        (X, X * (1 + 1e-4)),
        (X, X[:2]),
        (X, X.astype(np.float32)),
        (np.array([np.inf, 1.0]), np.array([-np.inf, 1.0])),
        (np.array([np.nan, 1.0]), np.array([1.0, 1.0])),
        ((X, 1), (X,)),
        ({"w": X}, {"v": X}),
        (None, 0.0),
        ("ValueError", "TypeError"),
        (np.array([1, 2]), np.array([1, 3])),
        ([1.0], (1.0, 2.0)),
    ],
)
def test_not_the_same(a, b):
    assert not same(a, b)
