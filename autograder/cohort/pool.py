"""A few processes for many jobs, where the death of one costs the job that it was at, and no other.

Each process is forked from this one and does one job after the other. When one ends by itself (a crash, the kernel's
out-of-memory killer), another takes its place, and its job is tried once more when all others are done, alone: so that
what kills processes is told from what stood beside it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

LOOK_EVERY_S = 0.2

Job = TypeVar("Job")
Result = TypeVar("Result")
Own = TypeVar("Own")


@dataclass(frozen=True, slots=True)
class Died:
    """What there is instead of a result when a process ended twice at the same job."""

    cause: str


@dataclass(frozen=True, slots=True)
class _Raised:
    """An exception, on its way to whoever asked."""

    error: Exception


@dataclass(slots=True)
class _Seat:
    """A place in the pool, and who sits there."""

    slot: int
    process: BaseProcess
    connection: Connection
    job: Any = None
    since: float = 0.0
    overdue: bool = False


_NOTHING = object()


class Pool(Generic[Own, Job, Result]):
    """`size` processes. A context manager: leaving it kills those that are left."""

    def __init__(
        self,
        size: int,
        prepare: Callable[[], Own],
        work: Callable[[Own, int, Job], Result],
        *,
        limit_s: float = float("inf"),
        release: Callable[[Own], object] = lambda own: None,
    ) -> None:
        """`prepare` is called here, before each fork: what it returns is for the new process alone, and released here.

        `work` is called there, with that, the slot (below `size`), and a job. A process that is at one job for longer
        than `limit_s` is killed.
        """
        self._prepare, self._work, self._release = prepare, work, release
        self._limit_s = limit_s
        self._size = size
        self._context = multiprocessing.get_context("fork")
        self._seats: dict[int, _Seat] = {}

    def __enter__(self) -> Pool[Own, Job, Result]:
        """Nothing more to do: processes are forked when there are jobs."""
        return self

    def __exit__(self, *error: object) -> None:
        """Kill the processes that are left; each is one that was started here."""
        for seat in self._seats.values():
            if seat.job is not None:
                seat.process.kill()
            seat.connection.close()
        for seat in self._seats.values():
            seat.process.join()
            seat.process.close()
        self._seats.clear()

    def results(
        self, jobs: Iterable[Job], *, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Job, Result | Died]]:
        """Each job with its result, as they become ready. Once `stop()` is true, only what was begun is still finished.

        Raises what `work` raises.
        """
        waiting, suspects = iter(jobs), deque[Job]()
        more = True
        while True:
            while more and not stop() and len(self._busy()) < self._size:
                job: Any = next(waiting, _NOTHING)
                if job is _NOTHING:
                    more = False
                else:
                    self._begin(job)
            if not self._busy():
                if not suspects or stop():
                    return
                yield self._again(suspects.popleft())
                continue
            for job, result in self._finished():
                if isinstance(result, Died):
                    suspects.append(job)
                else:
                    yield job, result

    def _again(self, job: Job) -> tuple[Job, Result | Died]:
        self._begin(job)
        while True:
            for finished in self._finished():
                return finished

    def _busy(self) -> list[_Seat]:
        return [seat for seat in self._seats.values() if seat.job is not None]

    def _begin(self, job: Job) -> None:
        """Give a job to a process that has none, or to a new one."""
        for seat in [seat for seat in self._seats.values() if seat.job is None]:
            if self._give(seat, job):
                return
            self._leave(seat)  # it ended while it had nothing to do
        while not self._give(self._seated(), job):
            pass

    def _seated(self) -> _Seat:
        slot = next(number for number in range(self._size) if number not in self._seats)
        ours, theirs = self._context.Pipe()
        own = self._prepare()
        others = [seat.connection for seat in self._seats.values()]
        process = self._context.Process(
            target=_serve, args=(theirs, own, self._work, slot, [ours, *others], os.getpid()), daemon=True
        )
        sys.stdout.flush()
        sys.stderr.flush()
        process.start()
        theirs.close()
        self._release(own)
        self._seats[slot] = _Seat(slot, process, ours)
        return self._seats[slot]

    def _give(self, seat: _Seat, job: Job) -> bool:
        try:
            seat.connection.send(job)
        except OSError:
            return False
        seat.job, seat.since = job, time.monotonic()
        return True

    def _finished(self) -> Iterator[tuple[Job, Result | Died]]:
        """What became ready within a moment."""
        busy = {seat.connection: seat for seat in self._busy()}
        for connection in wait(list(busy), timeout=LOOK_EVERY_S):
            seat = busy[connection]  # type: ignore[index]
            job = seat.job
            try:
                result = seat.connection.recv()
            except (EOFError, OSError):
                yield job, Died(self._leave(seat))
                continue
            seat.job = None
            if isinstance(result, _Raised):
                raise result.error
            yield job, result
        for seat in self._busy():
            if time.monotonic() - seat.since > self._limit_s and not seat.overdue:
                seat.overdue = True
                seat.process.kill()

    def _leave(self, seat: _Seat) -> str:
        """Take a process that has ended from its seat; returns how it ended."""
        seat.connection.close()
        seat.process.join()
        code = seat.process.exitcode or 0
        seat.process.close()
        del self._seats[seat.slot]
        if seat.overdue:
            return f"the grading process had not finished after {self._limit_s:.0f} s"
        if code < 0:
            with suppress(ValueError):
                return f"the grading process was ended by {signal.Signals(-code).name}"
        return f"the grading process ended with code {code}"


def _serve(
    connection: Connection, own: Any, work: Callable[[Any, int, Any], Any], slot: int, inherited: list[Connection],
    parent: int,
) -> None:  # fmt: skip
    """The life of a process of the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever the parent does at one is not for here
    for each in inherited:
        each.close()
    if sys.platform == "linux":
        from autograder.sandbox import linux

        linux.die_with_parent()
    if os.getppid() != parent:
        return
    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            return
        try:
            result = work(own, slot, job)
        except Exception as error:
            result = _Raised(error)
        connection.send(result)
