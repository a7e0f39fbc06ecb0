"""Ending everything that a submission started, daemons too.

Called by a process that is the init of a PID namespace, or a subreaper (`linux.become_subreaper`): whoever among its
descendants loses its parent becomes its child, so that none can leave the tree. Signals go to one known descendant at
a time, never to "everybody": what kill(-1) reaches depends on the real user and the namespace that one believes to be
in, and a mistake there ends the machine's other work.

In a PID namespace the kernel kills whatever is left when the init ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Sequence

from autograder.errors import GraderError

_ROUND_PAUSE_S = 0.002


def descendants(pid: int) -> list[int]:
    """Every living process below `pid`, parents first. Raises GraderError if /proc shows another PID namespace."""
    return _look(pid)[0]


def end_all(root: int, *, keep: Collection[int] = (), within_s: float = 5.0) -> dict[int, int]:
    """Kill every descendant of `root` except those in `keep`.

    They are stopped first, so that a chain of forks cannot run ahead, and then killed; again until none is left.
    Only then are they reaped: until then they count as processes of their user, whose limit ends the chain.
    Returns those that were killed, with the wait status (0 where somebody else reaps it). `root` is this process, or
    one above those that are to end. Raises GraderError if some are still alive after `within_s` seconds.
    """
    ended: dict[int, int] = {}
    deadline = time.monotonic() + within_s
    while True:
        while time.monotonic() < deadline and (orphans := _living_children(root, keep)):
            _end(ended, orphans)  # at once, for a chain of forks is ahead by now of whatever a longer look finds
        found, settled = _look(root)
        alive = [pid for pid in found if pid not in keep and pid != os.getpid()]
        late = time.monotonic() > deadline
        if not alive and (settled or late):
            _reap(ended)
            return ended
        if late:
            raise GraderError(f"{len(alive)} processes of the submission could not be ended")
        _end(ended, alive)
        time.sleep(_ROUND_PAUSE_S)


def _end(ended: dict[int, int], pids: Sequence[int]) -> None:
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
    for pid in pids:
        ended.setdefault(pid, 0)


def _reap(ended: dict[int, int]) -> None:
    for pid, status in ended.items():
        with contextlib.suppress(ChildProcessError):
            ended[pid] = os.waitpid(pid, os.WNOHANG)[1] or status


def _look(root: int) -> tuple[list[int], bool]:
    """The descendants of `root`, and whether nothing came or went while looking.

    In a chain of forks each process starts the next and ends at once: one that was listed is gone when it is looked
    at, and its successor was not yet there when the list was made.
    """
    if os.readlink("/proc/self") != str(os.getpid()):
        raise GraderError("/proc belongs to another PID namespace, so processes cannot be told apart")
    listed = _listed()
    children: dict[int, list[int]] = {}
    settled = True
    for pid in sorted(listed):
        try:
            parent = _living_parent(pid)
        except OSError:
            settled = False
            continue
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    found: list[int] = []
    level = children.get(root, [])
    while level:
        found += level
        level = [child for parent in level for child in children.get(parent, [])]
    return found, settled and _listed() <= listed


def _listed() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def _living_children(pid: int, keep: Collection[int]) -> list[int]:
    """The children of a process without threads, but for those in `keep`; [] where the kernel does not tell."""
    found = []
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", "rb", buffering=0) as file:
        for word in file.read(1 << 16).split():
            with contextlib.suppress(OSError):
                if int(word) not in keep and _living_parent(int(word)) == pid:
                    found.append(int(word))
    return found


def _living_parent(pid: int) -> int | None:
    """The parent's process id; None for a zombie. Raises OSError if the process is gone.

    A process whose first thread has ended shows as a zombie too, while its other threads run on.
    """
    with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # many are read: twice as fast as Path.read_bytes
        fields = file.read(1024).rpartition(b")")[2].split()  # the name before it may hold spaces and brackets
    state, parent, threads = fields[0], int(fields[1]), int(fields[17])
    return None if state in b"ZX" and threads <= 1 else parent
