"""What is taken off for late work, by the time at which it was handed in."""

import datetime as dt

import pytest

from autograder.gradescope.lateness import duration, lateness
from autograder.gradescope.metadata import Metadata
from autograder.topic import GradescopeSettings

DUE = dt.datetime(2026, 9, 1, 23, 0, tzinfo=dt.UTC)
TEN = GradescopeSettings(late_percent_per_day=10.0, late_grace_min=15, late_most_percent=50)


def handed_in(late):
    return Metadata(created_at=DUE + late, due=DUE)


@pytest.mark.parametrize(
    "late, percent",
    [
        (dt.timedelta(hours=-1), 0),
        (dt.timedelta(0), 0),
        (dt.timedelta(minutes=15), 0),
        (dt.timedelta(minutes=15, microseconds=1), 10),
        (dt.timedelta(days=1), 10),
        (dt.timedelta(days=1, microseconds=1), 20),
        (dt.timedelta(days=30), 50),
    ],
)
def test_each_day_begun_costs_its_share_up_to_the_most(late, percent):
    assert lateness(handed_in(late), TEN).percent == percent


def test_the_student_reads_how_late_it_was():
    assert lateness(handed_in(dt.timedelta(hours=27, minutes=40)), TEN).sentence == (
        "Handed in 1 day 3 hours after the due date: 20 % is taken off, so the score is less than the sum of the checks."
    )


def test_nothing_is_taken_off_unless_the_topic_asks():
    assert lateness(handed_in(dt.timedelta(days=9)), GradescopeSettings()).percent == 0


def test_without_a_due_date_nothing_is_late():
    assert lateness(Metadata(created_at=DUE), TEN).sentence == ""


def test_unreadable_metadata_takes_nothing_off_and_says_so():
    found = lateness(Metadata(fault="there is no submission_metadata.json"), TEN)
    assert found.percent == 0
    assert found.sentence == (
        "Whether this is late could not be told, so nothing is taken off: there is no submission_metadata.json."
    )


@pytest.mark.parametrize(
    "minutes, text",
    [(0, "1 minute"), (35, "35 minutes"), (60, "1 hour"), (150, "2 hours 30 minutes"), (1440, "1 day"),
     (3 * 1440 + 5, "3 days")],
)  # fmt: skip
def test_a_duration_is_told_in_its_two_largest_units(minutes, text):
    assert duration(dt.timedelta(minutes=minutes)) == text
