"""What holds for every format: nothing vanishes, nothing leaks, nothing is injected."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import FORMATS, seen_by
from autograder.verdict import Outcome

AUDIENCES = ("student", "staff")
# Annotations name what needs attention: GitHub shows ten of them. Its summary has the rest.
COMPLETE = sorted(set(FORMATS) - {"annotations"})


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", COMPLETE)
def test_every_check_is_in_every_format(report, name, audience):
    text = FORMATS[name].render(report, audience=audience)
    for check in report.checks:
        assert check.number in text


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_check_that_was_not_graded_is_said_so(report, name):
    assert "not graded" in FORMATS[name].render(report).lower()


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"classroom50"}))
def test_the_cause_of_a_check_that_was_not_graded_is_told(report, name):
    assert "ran out of memory" in FORMATS[name].render(report)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"classroom50", "json"}))
def test_a_missing_cause_is_told_as_missing(report, name):
    questions = tuple(
        replace(question, checks=tuple(replace(check, message="") for check in question.checks))
        for question in report.questions
    )
    assert "No cause was recorded." in FORMATS[name].render(replace(report, questions=questions))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_fully_graded_report_does_not_speak_of_grading_again(report, name):
    questions = tuple(
        replace(question, checks=tuple(replace(check, outcome=Outcome.PASSED) for check in question.checks))
        for question in report.questions
    )
    text = FORMATS[name].render(replace(report, questions=questions)).lower()
    assert "so far" not in text and "not final" not in text and "not graded:" not in text


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"classroom50"}))
def test_a_cell_that_did_not_run_is_told(report, name):
    assert "name 'lr' is not defined" in FORMATS[name].render(report).replace("&#39;", "'")


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=15)
@given(data=st.data())
def test_students_never_read_what_is_for_staff(any_report, name, data):
    report = data.draw(any_report)
    if name == "gradescope":  # extra_data tells layers by name, and is shown to nobody
        report = replace(report, isolation=())
    assert "SECRET" not in FORMATS[name].render(report, audience="student")


@pytest.mark.parametrize("name", ["text", "html", "json", "junit", "github"])
def test_staff_read_the_detail(report, name):
    assert "MemoryError in hidden.py:31" in FORMATS[name].render(report, audience="staff")


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=15)
@given(data=st.data())
def test_every_file_is_utf8_without_control_characters(any_report, name, audience, data):
    text = FORMATS[name].render(data.draw(any_report), audience=audience)
    text.encode()
    assert not [character for character in text if unicodedata.category(character) == "Cc" and character not in "\n\t"]
    assert "\u202e" not in text
    assert text.endswith("\n") and "\r" not in text


def test_students_do_not_see_how_long_a_hidden_check_took(report):
    seconds = {check.public: check.seconds for check in seen_by(report, "student").checks if check.seconds}
    assert list(seconds) == [True]


def test_students_do_not_see_how_long_grading_took(report):
    assert seen_by(report, "student").seconds == 0.0


def test_students_see_messages_and_hints(report):
    failed = [check for check in seen_by(report, "student").checks if check.name == "gradient_is_right"]
    assert "worst at (1,)" in failed[0].message and failed[0].hint is not None


@given(data=st.data())
@settings(max_examples=15)
def test_what_an_audience_sees_is_the_same_when_seen_again(any_report, data):
    once = seen_by(data.draw(any_report), "student")
    assert seen_by(once, "student") == once


@given(data=st.data())
@settings(max_examples=15)
def test_points_and_outcomes_are_the_same_for_every_audience(any_report, data):
    report = data.draw(any_report)
    seen = seen_by(report, "student")
    assert [(check.earned, check.points) for check in seen.checks] == [(c.earned, c.points) for c in report.checks]


def test_a_format_is_made_for_students_unless_it_says_otherwise():
    staff = {known.name for known in FORMATS.values() if known.audience == "staff"}
    assert staff == {"json", "junit"}


def test_formats_go_to_different_files():
    assert len({known.filename for known in FORMATS.values()}) == len(FORMATS)


def test_the_registry_imports_no_format():
    script = (
        "import sys, autograder.report; print([m for m in ('jinja2', 'msgspec', 'click', 'xml') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
