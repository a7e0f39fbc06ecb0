"""A mistake runs once for the same inputs, however many submissions make it."""

from __future__ import annotations

import pytest

DOUBLED = """
def square(x):
    return 2 * x, x
def sum_of_squares(x):
    return (x * x).sum()
"""


@pytest.fixture
def ran(grader, monkeypatch):
    """The mistakes that ran, in order."""
    names = []
    transcript = grader.known.transcript

    def noted(check, answer, **given):
        names.append(answer.id)
        return transcript(check, answer, **given)

    monkeypatch.setattr(grader.known, "transcript", noted)
    return names


def test_the_second_submission_gets_the_same_hint(verdicts):
    first, second = (verdicts(DOUBLED)["hidden_value_is_right"] for _ in range(2))
    assert (first.mistake, second.mistake) == ("doubled", "doubled")


def test_the_second_submission_runs_no_mistake(verdicts, ran):
    verdicts(DOUBLED)
    before = len(ran)
    verdicts(DOUBLED)
    assert (before > 0, len(ran)) == (True, before)


def test_other_inputs_run_it_again(verdicts, ran):
    verdicts(DOUBLED)
    before = len(ran)
    assert verdicts(DOUBLED, submission="another")["hidden_value_is_right"].mistake == "doubled"
    assert len(ran) == 2 * before


def test_another_wrong_answer_is_not_taken_for_it(verdicts):
    verdicts(DOUBLED)
    assert verdicts(DOUBLED.replace("2 * x", "3 * x"))["hidden_value_is_right"].mistake is None
