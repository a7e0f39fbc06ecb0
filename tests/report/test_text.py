"""What a student reads in a terminal at midnight."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import text
from autograder.verdict import Outcome


def lines(report, **settings):
    return text.render(report, **settings).splitlines()


def test_a_passed_check_is_one_line(report):
    assert lines(report)[3] == "  ✓ 1.1  `sigmoid(0)` is one half." + "1 of 1".rjust(46)


def test_a_failed_check_tells_message_and_hint_below(report):
    page = lines(report)
    start = next(number for number, line in enumerate(page) if "✗ 2.2" in line)
    assert page[start + 1 : start + 4] == [
        "      │ dw: 3 of 3 elements differ; worst at (1,): got 1.24, expected 0.31.",
        "      │   Your values are 4 times the expected ones: no 1/N?",
        "      │ Hint: The loss is a *mean* over the examples, so `dw` has a factor 1/N,",
    ]


def test_the_page_ends_with_the_points(report):
    assert lines(report)[-3] == "4.5 of 10 points so far   4 checks passed, 2 failed, 1 not graded"


def test_no_colour_unless_asked_for(report):
    assert "\x1b" not in text.render(report)


def test_colours_change_no_word(report):
    assert re.sub(r"\x1b\[[0-9]*m", "", text.render(report, colour=True)) == text.render(report)


def test_a_failed_check_is_red_and_one_that_was_not_graded_yellow(report):
    page = text.render(report, colour=True)
    assert "\x1b[31m  ✗ 2.2" in page and "\x1b[33m  ? 2.3" in page


@pytest.mark.parametrize("width", [40, 80, 100])
@settings(max_examples=25)
@given(data=st.data())
def test_no_line_starts_a_log_command(any_report, width, data):
    page = lines(data.draw(any_report), audience="staff", width=width)
    assert not [line for line in page if line.lstrip().startswith("::") or "##[" in line]


def test_lines_fit_the_width(report):
    assert max(len(line) for line in lines(report, width=60)) <= 60


def test_a_long_message_is_cut(report):
    check = replace(next(report.checks), outcome=Outcome.FAILED, message="word\n" * 10_000)
    page = lines(replace(report, questions=(replace(report.questions[0], checks=(check,)),)))
    assert len(page) < 100 and any("more characters left out" in line for line in page)


def test_staff_read_which_layers_were_not_active(report):
    page = text.render(report, audience="staff")
    assert "network: NOT ACTIVE (no permission to make a namespace)" in page


def test_staff_read_durations_and_mistakes(report):
    page = text.render(report, audience="staff")
    assert "took 0.02 s" in page and "mistake: gradient_not_averaged" in page


def test_students_read_no_durations(report):
    assert "took" not in text.render(report)
