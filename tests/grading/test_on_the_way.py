"""What is told of a submission while it is being graded: verdicts that are sure, and no others."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.errors import GraderError, LimitExceeded
from autograder.grading import Grader, Keys, not_graded, with_results
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
    """With two seconds for all, of which each call of it takes one."""

    @pytest.fixture
    def asked(self, course):
        """`asked(uses)`: names of the checks in the order in which they were asked first, and the verdicts."""

        def grade(uses):
            toml = course / "assignments/ends/topic.toml"
            toml.write_text(toml.read_text().replace('uses = ["square"]', f"uses = {uses}"))
            topic = Topic(find_course(course), "ends")
            grader = Grader(topic, Reference(topic.module("reference")), None)
            own_sum = RIGHT.replace("square(x)[0]", "(x * x)")
            asked, spent = [], []

            def answer(request):
                if len(spent) == 2:
                    raise LimitExceeded("was not asked: the checks before took more than 2 s.")
                asked.append(request["target"]["name"])
                if asked[-1] == "square":
                    spent.append(1)
                    raise LimitExceeded("did not answer within 1 s.")
                return right._answer(request)

            right = LocalSubmission(namespace_of(own_sum), topic.signatures)

            @contextmanager
            def open_submission(seed, cpu_s, lent):
                yield Submission(answer, topic.signatures)

            questions = grader.check_all(Keys(b"secret", "ends"), open_submission)
            return asked, {check.name: check.outcome for question in questions for check in question.checks}

        return grade

    def test_does_not_use_up_the_time_of_the_others(self, asked):
        names, verdicts = asked([])
        assert names == ["square", "sum_of_squares", "square"]
        assert verdicts["sum_is_right"] is Outcome.PASSED

    def test_lets_those_that_use_it_wait_as_well(self, asked):
        names, verdicts = asked(["square"])
        assert names == ["square", "square"]
        assert verdicts["sum_is_right"] is Outcome.FAILED
