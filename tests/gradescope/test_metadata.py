"""What is read of submission_metadata.json, and that nothing in it can stop a run."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradescope.metadata import Metadata, read_metadata

SAID = {
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {"due_date": "2018-07-31T23:00:00.000000-07:00"},
    "users": [{"email": "ada@example.com", "id": 1234, "name": "Ada"}],
    "previous_submissions": [],
}
CREATED = dt.datetime(2018, 7, 1, 21, 22, 32, 365935, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("metadata")


def read(folder, said, **more):
    path = folder / "submission_metadata.json"
    path.write_bytes(said if isinstance(said, bytes) else json.dumps({**said, **more}).encode())
    return read_metadata(path)


def test_times_keep_their_zone(folder):
    found = read(folder, SAID)
    assert (found.created_at, found.due) == (CREATED, dt.datetime(2018, 8, 1, 6, tzinfo=dt.UTC))
    assert found.created_at.utcoffset() == dt.timedelta(hours=-7)


def test_a_time_without_a_zone_is_in_utc(folder):
    assert read(folder, SAID, created_at="2018-07-01T21:22:32.365935").created_at == CREATED


def test_an_extension_of_one_member_is_for_the_group(folder):
    users = [{"name": "Ada"}, {"name": "Bob", "assignment": {"due_date": "2018-08-05T23:00:00-07:00"}}]
    found = read(folder, SAID, users=users)
    assert found.due == dt.datetime(2018, 8, 6, 6, tzinfo=dt.UTC) and found.names == ("Ada", "Bob")


def test_no_due_date_is_no_fault(folder):
    found = read(folder, SAID, assignment={"due_date": None})
    assert (found.due, found.fault) == (None, "")


def test_earlier_submissions_come_oldest_first(folder):
    times = ["2018-06-30T12:00:00Z", "2018-06-29T12:00:00Z"]
    found = read(folder, SAID, previous_submissions=[{"submission_time": time} for time in times])
    assert [each.at.day for each in found.earlier] == [29, 30]


def test_a_rerun_does_not_see_what_was_handed_in_later(folder):
    later = [{"submission_time": "2018-07-02T12:00:00Z"}]
    assert read(folder, SAID, previous_submissions=later).earlier == ()


@pytest.mark.parametrize(
    "said, fault",
    [
        (b"", "cannot be read (JSONDecodeError)"),
        (b"\x80abc", "cannot be read (UnicodeDecodeError)"),
        (b"[" * 100_000, "cannot be read (RecursionError)"),
        (b"[1]", "holds list, not an object"),
        (b"{}", "has no `created_at` that is a time"),
        (b'{"created_at": "yesterday"}', "has no `created_at` that is a time"),
        (b'{"created_at": "2018-07-01T00:00:00Z", "assignment": {"due_date": 3}}', "has a `due_date` that is no time"),
    ],
)
def test_a_damaged_file_is_told(folder, said, fault):
    assert read(folder, said).fault == f"submission_metadata.json {fault}"


def test_a_missing_file_is_told(tmp_path):
    assert read_metadata(tmp_path / "submission_metadata.json").fault == "there is no submission_metadata.json"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9) | st.just(SAID["created_at"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SAID, "due_date", "name", "submission_time", "results"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(said=_JSON)
def test_nothing_in_it_stops_a_run(folder, said):
    assert isinstance(read(folder, json.dumps(said).encode()), Metadata)
