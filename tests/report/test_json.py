"""Our own format: everything, read back as it was written."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.report import json as own
from autograder.report import seen_by

SCHEMA = json.loads(files("autograder.report").joinpath("schemas/report.v1.schema.json").read_text())


@pytest.mark.parametrize("audience", ["student", "staff"])
@settings(max_examples=25)
@given(data=st.data())
def test_a_report_is_read_back_as_it_was_written(any_report, audience, data):
    report = data.draw(any_report)
    assert own.load(own.render(report, audience=audience)) == seen_by(report, audience)


@given(data=st.data())
@settings(max_examples=25)
def test_any_report_fits_the_published_schema(any_report, data):
    jsonschema.validate(json.loads(own.render(data.draw(any_report))), SCHEMA)


def test_the_schema_refuses_points_for_a_check_that_was_not_graded(report):
    content = json.loads(own.render(report))
    content["questions"][1]["checks"][2]["earned"] = 0.0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


def test_the_format_is_named(report):
    assert json.loads(own.render(report))["format"] == "chainrule/report/v1"


def test_sums_are_told(report):
    content = json.loads(own.render(report))
    assert (content["points"], content["earned"], content["graded"]) == (10, 4.5, False)


def test_a_check_that_was_not_graded_earned_null(report):
    assert json.loads(own.render(report))["questions"][1]["checks"][2]["earned"] is None


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "not a report"),
        ("[1]", "not a report in the format chainrule/report/v1"),
        ('{"format": "chainrule/report/v2"}', "format: not a report in the format .* 'chainrule/report/v2'"),
        ('{"format": "chainrule/report/v1"}', "missing required field"),
        ('{"format": "chainrule/report/v1", "topic": 1}', "topic: Expected `str`"),
    ],
)
def test_something_else_is_refused(text, message):
    with pytest.raises(CourseError, match=message):
        own.load(text)
