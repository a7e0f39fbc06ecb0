"""Three outcomes, and whose fault each is."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from autograder.errors import CheckFailed
from autograder.grading import Keys, refused_questions
from autograder.verdict import Outcome

RIGHT = "def square(x): return x * x, x\ndef sum_of_squares(x): return square(x)[0].sum()\n"
WRONG = "def square(x): return x * x * x, x\ndef sum_of_squares(x): return square(x)[0].sum()\n"


def outcomes(verdicts):
    return {name: check.outcome for name, check in verdicts.items()}


def test_right_answers_pass_every_check(verdicts):
    assert set(outcomes(verdicts(RIGHT)).values()) == {Outcome.PASSED}


def test_a_check_is_numbered_by_question_and_place(verdicts):
    assert {name: check.number for name, check in verdicts(RIGHT).items()} == {
        "public_value_is_right": "1.1",
        "hidden_value_is_right": "1.2",
        "broken": "1.3",
        "sum_is_right": "2.1",
    }


def test_a_wrong_value_fails_and_earns_nothing(verdicts):
    check = verdicts(WRONG)["hidden_value_is_right"]
    assert check.outcome is Outcome.FAILED
    assert check.earned == 0


def test_a_public_check_shows_which_entries_are_wrong_and_a_hidden_one_does_not(verdicts):
    found = verdicts("def square(x):\n    y = x * x\n    y[1] += 1\n    return y, x\n")
    assert found["public_value_is_right"].message.endswith("\nWrong (✗) and right (·) entries of square(x):\n  · ✗ ·")
    assert found["hidden_value_is_right"].message == "square(x): 1 of 5 elements differs."


def test_a_check_that_breaks_for_the_solution_too_is_not_graded(verdicts, grader):
    grader.topic.module("hidden").BROKEN = True
    check = verdicts(RIGHT)["broken"]
    assert check.outcome is Outcome.NOT_GRADED
    assert check.earned is None
    assert "ZeroDivisionError" in check.detail
    assert "ZeroDivisionError" not in check.message


@pytest.mark.parametrize(
    "returned, said",
    [
        ("None", "None"),
        ("1.5", "a number"),
        ("[x]", "a list of 1"),
        ("x * x", "an array of 1 dimension"),
        ("'text'", "a string"),
    ],
)
def test_an_answer_that_a_check_trips_over_is_the_students_fault(verdicts, returned, said):
    check = verdicts(f"def square(x): return {returned}")["public_value_is_right"]
    assert check.outcome is Outcome.FAILED
    assert check.message.startswith(f"`square` returned {said}, which is not what the handout asks for")


def test_a_missing_function_fails_its_checks_by_name(verdicts):
    check = verdicts("")["hidden_value_is_right"]
    assert check.outcome is Outcome.FAILED
    assert check.message == "`square` is not defined. Did its cell run?"


def test_a_public_failure_shows_values_and_a_hidden_one_does_not(verdicts):
    graded = verdicts(WRONG)
    assert "expected 0." in graded["public_value_is_right"].message or "got" in graded["public_value_is_right"].message
    assert not any(digit in graded["hidden_value_is_right"].message for digit in ("0.", "1.", "2."))
    assert "got" in graded["hidden_value_is_right"].detail


def test_a_known_mistake_is_recognised_by_its_numbers(verdicts):
    check = verdicts("def square(x): return x + x, x")["hidden_value_is_right"]
    assert check.mistake == "doubled"
    assert check.hint == "That is twice the number, not the number twice."


def test_an_unknown_mistake_is_given_no_known_hint(verdicts):
    assert verdicts(WRONG)["hidden_value_is_right"].mistake is None


def test_a_later_question_is_not_punished_for_an_earlier_one(verdicts):
    check = verdicts(WRONG)["sum_is_right"]
    assert check.outcome is Outcome.PASSED
    assert check.follow_through


def test_a_right_answer_needs_no_follow_through(verdicts):
    assert not verdicts(RIGHT)["sum_is_right"].follow_through


def test_follow_through_does_not_help_a_question_that_is_wrong_itself(verdicts):
    check = verdicts("def square(x): return x ** 3, x\ndef sum_of_squares(x): return square(x)[0].mean()")[
        "sum_is_right"
    ]
    assert check.outcome is Outcome.FAILED
    assert check.mistake == "averaged"


def test_all_repeats_must_pass(verdicts):
    once = "calls = []\ndef square(x):\n    calls.append(1)\n    return (x * x if len(calls) < 3 else x), x\n"
    assert verdicts(once)["hidden_value_is_right"].outcome is Outcome.FAILED
    assert verdicts(once)["public_value_is_right"].outcome is Outcome.PASSED


def test_a_refused_question_fails_without_a_look_and_the_others_are_graded(verdicts):
    refused = {"q1": CheckFailed("`np.square` may not be used to answer this question (cell 1, line 1).")}
    graded = verdicts(RIGHT, refused=refused)
    assert {name for name, check in graded.items() if check.outcome is Outcome.FAILED} == {
        "public_value_is_right", "hidden_value_is_right", "broken",
    }  # fmt: skip
    assert "may not be used" in graded["hidden_value_is_right"].message
    assert not graded["sum_is_right"].follow_through


def test_a_forbidden_call_refuses_its_question(grader):
    grader.topic.settings.questions[0].forbids.append("numpy.square")
    cells = [(1, "import numpy as np\ndef square(x): return np.square(x), x")]
    assert refused_questions(grader.topic, cells)["q1"].message.startswith(
        "`numpy.square` may not be used to answer this question (cell 1, line 2)"
    )
    assert refused_questions(grader.topic, [(1, "def square(x): return x * x, x")]) == {}


SPY = "seen = []\ndef square(x):\n    raise ValueError(x.tolist())\n"


def seen(check):
    return check.detail


def test_inputs_are_the_same_for_everyone_with_one_secret(verdicts):
    assert seen(verdicts(SPY)["hidden_value_is_right"]) == seen(verdicts(SPY)["hidden_value_is_right"])


def test_another_secret_gives_other_inputs(verdicts):
    here, there = (verdicts(SPY, secret=secret)["hidden_value_is_right"] for secret in (b"a", b"b"))
    assert seen(here) != seen(there)


def test_inputs_of_ones_own_depend_on_the_submission(verdicts):
    here, there = (verdicts(SPY, submission=submission)["hidden_value_is_right"] for submission in ("a", "b"))
    assert seen(here) != seen(there)


class TestAnAnswerInAUsedProcess:
    """Other checks ran there before. What they left behind may make this one fail, never count against it."""

    @staticmethod
    def opened(grader, sources, *, asked):
        """Opens a used submission with the first source, then a fresh one with the second."""
        from autograder.submission.local import LocalSubmission, namespace_of

        @contextmanager
        def open_submission(seed, cpu_s, right):
            submission = LocalSubmission(namespace_of(sources[len(asked)]))
            submission._fresh = bool(asked)
            asked.append(right)
            yield submission

        return open_submission

    @pytest.mark.parametrize(
        "sources, outcome, times",
        [((WRONG, RIGHT), Outcome.PASSED, 2), ((WRONG, WRONG), Outcome.FAILED, 2), ((RIGHT, WRONG), Outcome.PASSED, 1)],
    )
    def test_it_is_asked_again_in_a_fresh_one_if_it_fails(self, grader, sources, outcome, times):
        asked: list = []
        question = grader.topic.questions[0]
        check = next(each for each in question.checks if each.name == "hidden_value_is_right")
        open_submission = self.opened(grader, sources, asked=asked)
        result = grader.run_check(check, question, "1.2", Keys(b"secret", "ends"), open_submission)
        assert result.outcome is outcome
        assert len(asked) == times
