"""Users for submissions that no other grader on this machine gives to its own.

Two submissions with one user could do to each other whatever that user may. A grader reserves a block of users by the name
of a socket in the abstract namespace (unix(7)): it needs no file, and is free again when its owner is gone, however it went.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import IsolationError

BLOCK = 64
"""Users of one grader: as many submissions as it runs at the same time, at most."""
BLOCKS = 80
NAME = "\0chainrule-users-{}"


@contextmanager
def reserved() -> Iterator[int]:
    """The first slot (`layers.plan`) of a block that is ours until the end of the `with`. Raises IsolationError."""
    start = os.getpid() % BLOCKS
    if sys.platform != "linux":  # there all submissions have the grader's own user
        yield start * BLOCK
        return
    for number in (*range(start, BLOCKS), *range(start)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
            try:
                claim.bind(NAME.format(number))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            yield number * BLOCK
            return
    raise IsolationError(f"{BLOCKS} graders are at work on this machine; there are no users left for another")
