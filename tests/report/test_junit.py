"""JUnit XML that CI systems can read, whatever a student's code said."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import junit
from autograder.verdict import Outcome


def parsed(report, **settings):
    return ET.fromstring(junit.render(report, **settings).encode())


@pytest.mark.parametrize("audience", ["student", "staff"])
@settings(max_examples=25)
@given(data=st.data())
def test_any_report_is_well_formed_and_counts_add_up(any_report, audience, data):
    report = data.draw(any_report)
    root = parsed(report, audience=audience)
    assert root.tag == "testsuites"
    outcomes = [check.outcome for check in report.checks]
    counts = {"tests": len(outcomes), "failures": outcomes.count(Outcome.FAILED),
              "errors": outcomes.count(Outcome.NOT_GRADED), "skipped": 0}  # fmt: skip
    for key, expected in counts.items():
        assert int(root.get(key)) == expected == sum(int(suite.get(key)) for suite in root)
    assert len(root.findall(".//testcase/failure")) == counts["failures"]
    assert len(root.findall(".//testcase/error")) == counts["errors"]


def test_a_suite_has_what_surefire_requires(report):
    for suite in parsed(report):
        assert suite.tag == "testsuite"
        assert set(suite.keys()) == {"name", "tests", "failures", "errors", "skipped", "time"}
        for case in suite.findall("testcase"):
            assert set(case.keys()) == {"classname", "name", "time"}


def test_a_suite_is_a_question(report):
    assert [suite.get("name") for suite in parsed(report)] == [
        "logistic_regression.q1", "logistic_regression.q2", "logistic_regression.q3"
    ]  # fmt: skip


def test_the_points_of_a_question_are_properties(report):
    properties = {entry.get("name"): entry.get("value") for entry in parsed(report)[1].iter("property")}
    assert properties == {"title": "Loss and gradient", "points": "5", "earned": "1.5", "graded": "false"}


def test_whole_points_are_written_without_a_fraction(report):
    assert parsed(report)[0].find("properties/property[@name='earned']").get("value") == "3"


def test_a_failed_check_is_a_failure_with_its_message_and_hint(report):
    failure = parsed(report).find(".//failure")
    assert failure.get("message").startswith("dw: 3 of 3 elements differ")
    assert "Hint: The loss is a" in failure.text


def test_a_failure_is_named_by_its_mistake_for_staff_only(report):
    types = [parsed(report, audience=audience).find(".//failure").get("type") for audience in ("staff", "student")]
    assert types == ["gradient_not_averaged", "failed"]


def test_a_check_that_was_not_graded_is_an_error(report):
    assert parsed(report).find(".//error").get("message") == "not graded: The grader ran out of memory in this check."


def test_a_message_stands_on_one_line_of_its_attribute(report):
    assert "&#10;" not in junit.render(report)


def test_times_of_hidden_checks_read_zero_for_students(report):
    times = {case.get("name")[:3]: case.get("time") for case in parsed(report, audience="student").iter("testcase")}
    assert (times["1.2"], times["1.3"]) == ("0.005", "0.000")


def test_what_the_notebook_printed_is_for_staff(report):
    assert parsed(report).find(".//testsuite/system-out").text == "step 0: loss 0.693\n"
    assert parsed(report, audience="student").find("testsuite/system-out") is None


def test_cells_that_did_not_run_are_told(report):
    assert "code cell 7, line 3: raised: NameError" in parsed(report, audience="student").find(".//system-err").text
