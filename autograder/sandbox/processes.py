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
from collections.abc import Collection

from autograder.errors import GraderError

_ROUND_PAUSE_S = 0.002


def descendants(pid: int) -> list[int]:
    """Every living process below `pid`, parents first. Raises GraderError if /proc shows another PID namespace."""
    if os.readlink("/proc/self") != str(os.getpid()):
        raise GraderError("/proc belongs to another PID namespace, so processes cannot be told apart")
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            parent = _living_parent(int(name))
            if parent is not None:
                children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    level = children.get(pid, [])
    while level:
        found += level
        level = [child for parent in level for child in children.get(parent, [])]
    return found


def end_all(root: int, *, keep: Collection[int] = (), within_s: float = 5.0) -> dict[int, int]:
    """Kill every descendant of `root` except those in `keep`.

    They are stopped first, so that a chain of forks cannot run ahead, and then killed; again until none is left.
    Returns those that were killed, with the wait status (0 where somebody else reaps it). `root` is this process, or
    one above those that are to end. Raises GraderError if some are still alive after `within_s` seconds.
    """
    ended: dict[int, int] = {}
    deadline = time.monotonic() + within_s
    while True:
        alive = [pid for pid in descendants(root) if pid not in keep and pid != os.getpid()]
        for pid, status in ended.items():
            with contextlib.suppress(ChildProcessError):
                ended[pid] = os.waitpid(pid, os.WNOHANG)[1] or status
        if not alive:
            return ended
        if time.monotonic() > deadline:
            raise GraderError(f"{len(alive)} processes of the submission could not be ended")
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in alive:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        ended.update(dict.fromkeys(alive, 0))
        time.sleep(_ROUND_PAUSE_S)


def _living_parent(pid: int) -> int | None:
    """The parent's process id; None if the process is gone or a zombie.

    A process whose first thread has ended shows as a zombie too, while its other threads run on.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # many are read: twice as fast as Path.read_bytes
            text = file.read(1024)
    except OSError:
        return None
    fields = text.rpartition(b")")[2].split()  # the name before it may hold spaces and brackets
    state, parent, threads = fields[0], int(fields[1]), int(fields[17])
    return None if state in b"ZX" and threads <= 1 else parent
