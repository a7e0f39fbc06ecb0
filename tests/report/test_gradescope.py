"""`results.json`: exactly what Gradescope takes, and no quiet zero."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import gradescope
from autograder.report.gradescope import Terms
from autograder.verdict import CellProblem, Outcome, QuestionResult

SCHEMA = json.loads(files("autograder.report").joinpath("schemas/gradescope-results.schema.json").read_text())


def results(report, **settings):
    return json.loads(gradescope.render(report, **settings))


def with_outcome(report, outcome):
    return replace(
        report,
        questions=tuple(
            replace(question, checks=tuple(replace(check, outcome=outcome) for check in question.checks))
            for question in report.questions
        ),
    )


@given(data=st.data())
@settings(max_examples=25)
def test_any_report_fits_the_schema(any_report, data):
    report = data.draw(any_report)
    found = results(report)
    jsonschema.validate(found, SCHEMA)
    assert [test["number"] for test in found["tests"]] == [check.number for check in report.checks]


def test_the_schema_refuses_a_test_without_score_under_no_total():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tests": [{"name": "a"}]}, SCHEMA)


def test_a_test_is_named_by_its_claim_and_number(report):
    test = results(report)["tests"][4]
    assert (test["number"], test["name"]) == ("2.2", "The gradient with respect to `w` and `b` is right.")


def test_a_failed_check_has_zero_of_its_points(report):
    test = results(report)["tests"][4]
    assert (test["score"], test["max_score"], test["status"]) == (0, 2, "failed")


def test_a_passed_check_has_all_its_points(report):
    test = results(report)["tests"][1]
    assert (test["score"], test["max_score"], test["status"]) == (1.5, 1.5, "passed")


def test_of_many_cells_twenty_are_listed_and_the_rest_counted(report):
    cells = tuple(CellProblem(number, "raised", "") for number in range(1, 100))
    output = results(replace(report, cells=cells))["output"]
    assert "code cell 20:" in output and "code cell 21:" not in output and "- and 79 more" in output


def test_a_failed_check_tells_why_and_hints(report):
    output = results(report)["tests"][4]["output"]
    assert "got 1.24, expected 0.31" in output and "**Hint:** The loss is" in output


def test_a_check_that_was_not_graded_has_no_score(report):
    test = results(report)["tests"][5]
    assert not {"score", "max_score", "status"} & set(test)
    assert test["name"].startswith("NOT GRADED: ")


def test_the_first_line_says_that_the_score_is_not_final(report):
    assert results(report)["output"].startswith("**This score is not final: 1 check (1.5 points) could not be graded.")


def test_programs_can_tell_that_the_score_is_not_final(report):
    extra = results(report)["extra_data"]
    assert (extra["graded"], extra["points_not_graded"]) == (False, 1.5)


def test_the_score_is_there_even_if_nothing_was_graded(report):
    nothing = results(with_outcome(report, Outcome.NOT_GRADED))
    assert nothing["score"] == 0 and "7 checks (10 points) could not be graded" in nothing["output"]


def test_the_score_is_a_clean_number(report):
    check = next(report.checks)
    tenths = (replace(check, points=0.1), replace(check, points=0.2))
    found = results(replace(report, questions=(QuestionResult("q1", "Tenths", tenths),)))
    assert found["score"] == 0.3


def test_public_checks_are_visible_and_hidden_ones_after_publishing(report):
    shown = {test["number"]: test["visibility"] for test in results(report)["tests"]}
    assert (shown["1.1"], shown["1.3"]) == ("visible", "after_published")


def test_a_course_may_choose_when_hidden_checks_are_shown(report):
    assert results(report, hidden="after_due_date")["tests"][2]["visibility"] == "after_due_date"


def test_the_text_above_the_tests_tells_public_points_only(report):
    output = results(report)["output"]
    assert "Checks that you can see now: 4 of 6 points." in output and "4.5" not in output


def test_the_text_above_the_tests_tells_the_total_if_all_is_visible(report):
    assert "4.5 of 10 points so far." in results(report, hidden="visible")["output"]


def test_it_is_said_that_hidden_checks_hide_the_total(report):
    assert "Gradescope shows no total here" in results(report, hidden="hidden")["output"]


def test_hidden_results_change_nothing_above_the_tests(report):
    passed, failed = (with_outcome(report, outcome) for outcome in (Outcome.PASSED, Outcome.FAILED))
    only_hidden = [
        replace(one, questions=tuple(
            replace(q, checks=tuple(c for c in q.checks if not c.public)) for q in one.questions
        ))
        for one in (passed, failed)
    ]  # fmt: skip
    outputs = [results(one)["output"] for one in only_hidden]
    assert outputs[0] == outputs[1]


def test_no_time_is_told(report):
    assert "execution_time" not in results(report)


def test_what_the_harness_captured_stays_with_staff(report):
    assert results(report)["stdout_visibility"] == "hidden"


@pytest.mark.parametrize("character", ["x", "&", "\\", "\n", "𝛼", "*"])
def test_long_texts_are_cut_to_gradescopes_limits(report, character):
    check = replace(next(report.checks), outcome=Outcome.FAILED, message=character * 100_000, hint=character * 5_000)
    questions = tuple(QuestionResult(f"q{number}", "Long", (check,) * 25) for number in range(4))
    cells = tuple(CellProblem(number, "raised", character * 5_000) for number in range(1, 200))
    text = gradescope.render(replace(report, questions=questions, cells=cells, notes=(character * 5_000,) * 50))
    assert len(text.encode()) < 1_000_000
    found = json.loads(text)
    assert max(len(test["output"].encode()) for test in found["tests"]) < 10_000
    assert len(found["output"].encode()) < 10_000
    assert len(found["tests"]) == 100


def test_what_was_cut_is_said(report):
    check = replace(next(report.checks), outcome=Outcome.FAILED, message="x" * 100_000)
    found = results(replace(report, questions=(QuestionResult("q1", "Long", (check,)),)))
    assert "more characters left out" in found["tests"][0]["output"]


def test_staff_reads_what_to_do_about_a_score_that_is_not_final(report):
    assert "Course staff: choose “Rerun Autograder” for this submission" in results(report)["output"]


def test_lateness_is_taken_off_the_score_and_not_off_the_checks(report):
    found = results(report, terms=Terms(late_percent=20))
    assert found["score"] == 3.6 and sum(test.get("score", 0) for test in found["tests"]) == 4.5


def test_extra_credit_has_no_points_to_be_reached(report):
    found = results(report, terms=Terms(extra_credit=frozenset({"q1"})))
    assert [(test["score"], test["max_score"]) for test in found["tests"][:3]] == [(1, 0), (1.5, 0), (0.5, 0)]
    assert found["score"] == 4.5 and "extra credit" in found["tests"][0]["tags"]


def test_extra_credit_is_counted_apart_above_the_tests(report):
    output = results(report, terms=Terms(extra_credit=frozenset({"q1"})))["output"]
    assert "Checks that you can see now: 1.5 of 3.5 points. Extra credit: 2.5 of 2.5 points, on top" in output
    assert "There are 3 hidden checks worth 3.5 points and 0.5 points of extra credit." in output


def test_the_leaderboard_does_not_count_hidden_checks(report):
    leader = {"name": "Points", "value": 4, "order": "desc"}
    assert results(report, terms=Terms(leaderboard=True))["leaderboard"] == [leader]


def test_there_is_no_leaderboard_unless_asked_for(report):
    assert "leaderboard" not in results(report)


def test_notices_stand_above_the_points(report):
    output = results(report, terms=Terms(notices=("Two were handed in.",)))["output"]
    assert output.index("Two were handed in.") < output.index("Checks that you can see now")


def test_what_a_student_chose_in_a_notice_is_shown_as_it_is(report):
    output = results(report, terms=Terms(notices=("<b>*a*.ipynb",)))["output"]
    assert "&lt;b&gt;\\*a\\*.ipynb" in output


@pytest.mark.parametrize("character", ["x", "&", "𝛼"])
def test_long_notices_leave_room_for_the_rest(report, character):
    cells = tuple(CellProblem(number, "raised", character * 5_000) for number in range(1, 200))
    full = replace(report, cells=cells, notes=(character * 5_000,) * 50)
    found = results(full, terms=Terms(notices=(character * 5_000,) * 20))
    assert len(found["output"].encode()) < 10_000 and "Checks that you can see now" in found["output"]


def test_facts_are_for_programs(report):
    assert results(report, terms=Terms(facts={"seed": "abc"}))["extra_data"]["seed"] == "abc"
