"""Classroom 50's result.json: whole numbers, exact shares."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.report import classroom50
from autograder.verdict import Outcome, QuestionResult

SCHEMA = json.loads(files("autograder.report").joinpath("schemas/classroom50-result.v1.schema.json").read_text())
NOON = dt.datetime(2026, 6, 1, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def result(report):
    return json.loads(classroom50.render(report, handed=classroom50.handed_in(os.environ, at=NOON)))


@given(data=st.data())
@settings(max_examples=25)
def test_any_report_fits_the_schema_and_adds_up(any_report, data):
    report = data.draw(any_report)
    found = result(report)
    jsonschema.validate(found, SCHEMA)
    assert found["score"] == sum(test["score"] for test in found["tests"])
    assert found["max-score"] == sum(test["max-score"] for test in found["tests"])
    assert len(found["tests"]) == len(list(report.checks))
    # A JSON schema takes 2.0 for an integer; Classroom 50 does not.
    assert {type(test[key]) for test in found["tests"] for key in ("score", "max-score")} == {int}


def test_whole_points_stay_as_they_are(report):
    checks = tuple(replace(check, points=2) for check in report.questions[0].checks)
    found = result(replace(report, questions=(QuestionResult("q1", "Whole", checks),)))
    assert (found["score"], found["max-score"]) == (6, 6)


def test_half_points_double_the_scale(report):
    found = result(report)
    assert [(test["score"], test["max-score"]) for test in found["tests"]] == [
        (2, 2), (3, 3), (1, 1), (3, 3), (0, 4), (0, 0), (0, 4)
    ]  # fmt: skip


def test_thirds_and_quarters_are_counted_in_twelfths(report):
    first, second, _ = report.questions[0].checks
    checks = (replace(first, points=1 / 3), replace(second, points=0.25))
    found = result(replace(report, questions=(QuestionResult("q1", "Parts", checks),)))
    assert [test["max-score"] for test in found["tests"]] == [4, 3]


def test_a_check_that_was_not_graded_is_zero_of_zero_and_says_so(report):
    assert result(report)["tests"][5] == {
        "test-name": "NOT GRADED: 2.3 The loss is finite for scores of 1000.", "passed": False, "score": 0, "max-score": 0
    }  # fmt: skip


def test_the_time_is_in_utc(report):
    assert result(report)["datetime"] == "2026-06-01T12:00:00Z"


def test_the_time_is_now_if_nobody_says(report):
    assert json.loads(classroom50.render(report))["datetime"].endswith("Z")


def test_a_missing_variable_is_named(report, monkeypatch):
    monkeypatch.delenv("OWNER")
    with pytest.raises(CourseError, match="missing: OWNER"):
        classroom50.render(report)


@pytest.mark.parametrize(
    "variable, value, message",
    [("ASSIGNMENT_TYPE", "pair", "individual, group or team"), ("SUBMISSION_TAG", "v1", "must start with submit/")],
)
def test_a_wrong_variable_is_refused(report, monkeypatch, variable, value, message):
    monkeypatch.setenv(variable, value)
    with pytest.raises(CourseError, match=f"{variable}: .*{message}"):
        classroom50.render(report)


def test_a_passed_check_is_passed(report):
    assert [test["passed"] for test in result(report)["tests"]] == [
        check.outcome is Outcome.PASSED for check in report.checks
    ]
