"""Points and counts, as people write them."""

from __future__ import annotations

import pytest

from autograder.report import words


@pytest.mark.parametrize(
    "value, expected",
    [
        (7.5, "7.5"),
        (10.0, "10"),
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333"),
        (-0.0, "0"),
        (100, "100"),
        (1e6, "1000000"),
    ],
)
def test_points_are_written_exactly(value, expected):
    assert words.points(value) == expected


def test_one_point_is_singular():
    assert (words.worth(1), words.worth(1.5), words.worth(0)) == ("1 point", "1.5 points", "0 points")


def test_what_was_not_graded_has_no_share():
    assert words.share(None, 2) == "not graded"


def test_a_total_says_so_if_it_is_not_final(report):
    assert words.total(report) == "4.5 of 10 points so far"


def test_a_question_says_how_many_points_are_open(report):
    assert words.of_question(report.questions[1]) == "1.5 of 5, 1.5 not graded"


def test_outcomes_are_counted(report):
    assert words.tally(report.checks) == "4 checks passed, 2 failed, 1 not graded"


def test_a_report_without_checks_says_so():
    assert words.tally(()) == "no checks"
