"""What is told of a submission while it is being graded: verdicts that are sure, and no others."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.errors import GraderError, LimitExceeded
from autograder.grading import Grader, Keys, not_graded, with_results
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.submission import Submission
from autograder.submission.local import LocalSubmission, namespace_of
from autograder.topic import Topic
from autograder.verdict import Outcome

RIGHT = "def square(x): return x * x, x\ndef sum_of_squares(x): return square(x)[0].sum()\n"
WRONG_SQUARE = RIGHT.replace("x * x, x", "2 * x, x")


@pytest.fixture
def told(grader):
    """`told(source)`: the verdicts in the order in which they were told, and those at the end."""

    def grade(source):
        @contextmanager
        def open_submission(seed, cpu_s, right):
            namespace = namespace_of(source)
            namespace |= {name: grader.known.solution[name] for name in right}
            yield LocalSubmission(namespace, grader.topic.signatures)

        heard = []
        questions = grader.check_all(Keys(b"secret", "ends"), open_submission, on_result=heard.append)
        return heard, {check.name: check for question in questions for check in question.checks}

    return grade


@pytest.mark.parametrize("source", [RIGHT, WRONG_SQUARE, "raise ValueError"])
def test_the_last_word_on_every_check_is_its_verdict(told, source):
    heard, final = told(source)
    assert {result.name: result for result in heard} == final


def test_public_checks_are_told_first(told):
    heard, _ = told(RIGHT)
    assert heard[0].name == "public_value_is_right"


def test_no_verdict_that_was_told_is_taken_back(told):
    heard, final = told(WRONG_SQUARE)
    assert [result.name for result in heard if result.outcome is not final[result.name].outcome] == []


def test_a_failure_that_right_answers_may_mend_is_not_told_before(told):
    heard, final = told(WRONG_SQUARE)
    of_the_sum = [result.outcome for result in heard if result.name == "sum_is_right"]
    assert of_the_sum == [Outcome.PASSED] and final["sum_is_right"].follow_through


def test_a_failure_that_nothing_can_mend_is_told_at_once_and_again_with_its_hint(told):
    heard, _ = told(WRONG_SQUARE)
    hints = [result.hint for result in heard if result.name == "hidden_value_is_right"]
    assert hints == [None, "That is twice the number, not the number twice."]


def test_checks_that_had_no_turn_stay_not_graded(grader, told):
    _, final = told(RIGHT)
    begun = not_graded(grader.topic, Path("hw.ipynb"), GraderError("not begun"))
    report = with_results(begun, {"public_value_is_right": final["public_value_is_right"]})
    assert [check.outcome for check in report.checks] == [Outcome.PASSED] + [Outcome.NOT_GRADED] * 3


class TestAnEndlessAnswer:
    """With three seconds for all, of which each call of it takes one."""

    @pytest.fixture
    def asked(self, course):
        """`asked(uses, ...)`: what was asked, in order, with what was on loan; and the results."""

        def grade(uses, *, square="x * x", total="(x * x).sum()", hangs="square"):
            toml = course / "assignments/ends/topic.toml"
            text = toml.read_text().replace('uses = ["square"]', f"uses = {uses}")
            toml.write_text(text.replace("points = 3", "points = 4"))
            checks = course / "assignments/ends/checks.py"
            checks.write_text(checks.read_text() + PUBLIC_SUM)
            topic = Topic(find_course(course), "ends")
            grader = Grader(topic, Reference(topic.module("reference")), KnownAnswers(topic))
            own = f"def square(x): return {square}, x\ndef sum_of_squares(x): return {total}\n"
            right = LocalSubmission(namespace_of(own), topic.signatures)
            asked = []

            @contextmanager
            def open_submission(seed, cpu_s, lent):
                def answer(request):
                    name = request["target"]["name"]
                    if name == hangs and [each for each, _ in asked].count(hangs) == 3:
                        raise LimitExceeded("was not asked: the checks before took more than 3 s.")
                    asked.append((name, set(lent)))
                    if name == hangs:
                        raise LimitExceeded("did not answer within 1 s.")
                    return right._answer(request)

                yield Submission(answer, topic.signatures)

            questions = grader.check_all(Keys(b"secret", "ends"), open_submission)
            return asked, {check.name: check for question in questions for check in question.checks}

        return grade

    def test_does_not_use_up_the_time_of_the_others(self, asked):
        order, results = asked([])
        assert [name for name, _ in order] == ["square", "sum_of_squares", "sum_of_squares", "square", "square"]
        assert results["sum_is_right"].outcome is Outcome.PASSED

    def test_is_never_called_by_those_that_use_it_they_get_the_right_one(self, asked):
        order, results = asked(["square"])
        assert order[3:] == [("sum_of_squares", {"square"})] * 2
        assert results["sum_is_right"].follow_through and results["public_sum_is_right"].follow_through

    @pytest.mark.parametrize("square, lent", [("x * x", False), ("2 * x", True)])
    def test_is_tried_with_right_answers_where_its_own_are_wrong(self, asked, square, lent):
        order, _ = asked(["square"], square=square, hangs="sum_of_squares")
        assert (("sum_of_squares", {"square"}) in order) is lent

    def test_a_public_check_that_waited_shows_no_more_than_a_hidden_one(self, asked):
        _, results = asked(["square"], total="(x * x).mean()")
        late = results["public_sum_is_right"]
        assert late.outcome is Outcome.FAILED and late.hint == "A mean is not a sum."
        assert "14" not in late.message and "14" in late.detail


PUBLIC_SUM = '''
import numpy as np

@check("q2", points=1)
def public_sum_is_right(student):
    """The squares of 1, 2 and 3 have the sum 14."""
    assert_close(student.sum_of_squares(np.array([1.0, 2.0, 3.0])), 14.0, what="sum_of_squares")
'''
