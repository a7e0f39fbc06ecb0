"""How many submissions are graded in 24 hours, and what one too many shows."""

import datetime as dt

import pytest

from autograder.gradescope.attempts import one_too_many
from autograder.gradescope.metadata import Earlier, Metadata

NOW = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-7)))


def results(**facts):
    return {
        "score": 6.0, "output": "As it was.", "tests": [{"name": "a", "score": 6, "max_score": 10}],
        "extra_data": {"format": "chainrule/gradescope/v1", "graded": True, **facts},
    }  # fmt: skip


def earlier(*hours, latest=None, failed=False):
    """Submissions so many hours ago, oldest first; only the latest has results."""
    entries = [Earlier(NOW - dt.timedelta(hours=each), failed) for each in hours[:-1]]
    last = Earlier(NOW - dt.timedelta(hours=hours[-1]), failed, results() if latest is None else latest)
    return Metadata(created_at=NOW, earlier=(*entries, last))


@pytest.mark.parametrize(
    "hours, per_day, graded",
    [
        ((1,), 0, True),
        ((1,), 2, True),
        ((2, 1), 2, False),
        ((23.9, 1), 2, False),
        ((24, 1), 2, True),
        ((30, 25), 1, True),
        ((3, 2, 1), 1, False),
    ],
)
def test_the_last_24_hours_count(hours, per_day, graded):
    assert (one_too_many(earlier(*hours), per_day) is None) is graded


def test_one_that_was_refused_does_not_count():
    # With 1 in 24 hours: the one 30 hours ago was graded, the one 20 hours ago refused. So this one has its turn.
    assert one_too_many(earlier(30, 20), 1) is None


def test_one_on_which_the_autograder_failed_does_not_count():
    assert one_too_many(earlier(2, 1, failed=True), 2) is None


def test_one_that_was_not_graded_to_its_end_does_not_count():
    assert one_too_many(earlier(1, latest=results(graded=False)), 1) is None


def test_the_first_submission_is_graded():
    assert one_too_many(Metadata(created_at=NOW), 1) is None


def test_the_earlier_results_are_shown_again():
    found = one_too_many(earlier(1), 1)
    assert found["score"] == 6.0 and found["tests"] == results()["tests"]


def test_it_is_said_why_and_when_the_next_one_is_graded():
    assert one_too_many(earlier(3, 1), 2)["output"] == (
        "**This submission was not graded: 2 submissions in 24 hours are. What you see are the results of an earlier one. "
        "The next is graded from 02 September 2026, 09:00 (UTC-07:00) on.**\n\nAs it was."
    )


def test_the_sentence_is_not_said_twice():
    once = one_too_many(earlier(1), 1)
    twice = one_too_many(earlier(2, 1, latest=once), 1)
    assert twice["output"].count("was not graded") == 1 and twice["output"].endswith("\n\nAs it was.")


@pytest.mark.parametrize(
    "latest",
    [
        [], "text", {}, {"score": 3, "tests": []}, results(format="other"), results() | {"score": None},
        results() | {"tests": ["a"]}, results() | {"output": 3},
    ],
)  # fmt: skip
def test_without_results_that_can_be_shown_again_it_is_graded(latest):
    assert one_too_many(earlier(1, latest=latest), 1) is None


def test_what_gradescope_added_to_the_results_is_left_out():
    latest = results() | {"stdout": "secret"}
    latest["tests"][0]["id"] = 7
    found = one_too_many(earlier(1, latest=latest), 1)
    assert "stdout" not in found and "id" not in found["tests"][0]
