"""The generator of a check: keyed, and the same every time."""

import hashlib

import pytest

from autograder import inputs
from autograder.errors import CourseError

SECRET = bytes(range(32))


def first(**changed):
    given = {"topic": "softmax", "check": "rows_sum_to_one", "repeat": 0, "submission": ""} | changed
    secret = given.pop("secret", SECRET)
    return int(inputs.rng_for(secret, **given).integers(2**62))


def test_same_arguments_give_the_same_numbers():
    assert first() == first()


def test_the_numbers_of_a_key_stay_the_same_from_release_to_release():
    # a report must be replayable later: this number may change only together with a note in the changelog
    assert inputs.normal(inputs.rng_for(SECRET, topic="t", check="c"), 3).tolist() == [-0.205, 0.884, 0.463]


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": b"another"},
        {"topic": "softmay"},
        {"check": "rows"},
        {"repeat": 1},
        {"submission": hashlib.sha256(b"hw").hexdigest()},
    ],
    ids=str,
)
def test_each_part_of_the_key_changes_the_numbers(changed):
    assert first(**changed) != first()


def test_where_one_part_ends_and_the_next_begins_matters():
    assert first(topic="ab", check="c") != first(topic="a", check="bc")


@pytest.mark.parametrize("secret", [b"", b"x" * 65])
def test_a_secret_that_cannot_be_a_key_is_refused(secret):
    with pytest.raises(CourseError, match="1 to 64 bytes"):
        first(secret=secret)


def test_a_name_that_is_no_text_is_taken_too():
    assert first(submission="\udcff") != first()
