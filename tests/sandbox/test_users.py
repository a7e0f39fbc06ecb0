"""Graders on one machine give different users to their submissions."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

import pytest

from autograder.errors import IsolationError
from autograder.sandbox import users

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")


@pytest.fixture(autouse=True)
def names_of_our_own(monkeypatch):
    """Blocks that no grader outside this test asks for."""
    monkeypatch.setattr(users, "NAME", f"\0chainrule-test-{os.getpid()}-{{}}")


def test_two_graders_never_have_the_same_block():
    with users.reserved() as first, users.reserved() as second:
        assert abs(first - second) >= users.BLOCK


def test_a_block_is_free_again_at_the_end():
    with users.reserved() as first:
        pass
    with users.reserved() as second:
        assert second == first


def test_a_block_is_free_again_when_its_grader_is_gone():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with users.reserved() as first:
            os.write(writer, str(first).encode())
            os._exit(0)
    os.waitpid(child, 0)
    theirs = int(os.read(reader, 20))
    with ExitStack() as stack:
        assert theirs in [stack.enter_context(users.reserved()) for _ in range(users.BLOCKS)]


def test_when_all_are_taken_grading_is_refused(monkeypatch):
    monkeypatch.setattr(users, "BLOCKS", 2)
    with (
        users.reserved(),
        users.reserved(),
        pytest.raises(IsolationError, match="2 graders are at work"),
        users.reserved(),
    ):
        pass
