"""Work in forked processes, a few at a time, each with limits and an end.

What runs there is the course's own code, not a student's; but a mistake may loop for ever, and a mutant often does. A
process that says nothing for too long is killed. Answers come back as bytes that we made: nothing is unpickled.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from autograder.errors import GraderError
from autograder.sandbox import limits

T = TypeVar("T")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that did not come to its end."""

    why: str
    """As in "did not end within 30 s", "was killed by SIGSEGV", "raised MemoryError: ..."."""
    at: str
    """What it said last."""


@dataclass(slots=True)
class _Running(Generic[T]):
    task: T
    process: BaseProcess
    pipe: Connection
    deadline: float
    at: str = ""


def in_children(
    tasks: Sequence[T],
    work: Callable[[T, Say], Iterator[bytes]],
    *,
    jobs: int,
    silence_s: float,
    memory_mib: int,
) -> Iterator[tuple[T, bytes | Ended]]:
    """What `work(task, say)` yields for each task, as it comes, `jobs` processes at a time.

    `say` tells where a process is. One that neither says nor yields anything for `silence_s` is killed, and so is what uses
    more than `memory_mib` beyond what there is now: its last item is an Ended. Raises GraderError where there is no fork.
    """
    if not hasattr(os, "fork"):
        raise GraderError("this needs fork, which Windows lacks; use WSL or Docker")
    waiting = list(reversed(tasks))
    running: dict[Connection, _Running[T]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                started = _start(waiting.pop(), work, silence_s, memory_mib)
                running[started.pipe] = started
            patience_s = max(0.0, min(each.deadline for each in running.values()) - time.monotonic())
            for pipe in connection.wait(list(running), timeout=patience_s):
                assert isinstance(pipe, Connection)
                one = running[pipe]
                one.deadline = time.monotonic() + silence_s
                said = _heard(one)
                if said is not None:
                    yield one.task, said
                if isinstance(said, Ended) or (said is None and pipe.closed):
                    del running[pipe]
            for late in [each for each in running.values() if each.deadline < time.monotonic()]:
                _kill(late)
                del running[late.pipe]
                yield late.task, Ended(f"did not end within {silence_s:.0f} s", late.at)
    finally:
        for each in running.values():
            _kill(each)


def _start(task: T, work: Callable[[T, Say], Iterator[bytes]], silence_s: float, memory_mib: int) -> _Running[T]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(task, work, theirs, memory_mib), daemon=True)
    with warnings.catch_warnings():
        # Python warns that a thread of ours might hold a lock; torch's and BLAS's threads are idle, and are not used there.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()
    return _Running(task, process, ours, time.monotonic() + silence_s)


def _heard(one: _Running[T]) -> bytes | Ended | None:
    """An item, an end, or None for anything else; a process that ended as it should has its pipe closed."""
    try:
        message = one.pipe.recv_bytes()
    except (EOFError, OSError):
        message = b""
    kind, text = message[:1], message[1:]
    if kind == b"@":
        one.at = text.decode()
        return None
    if kind == b"=":
        return text
    one.process.join(5.0)
    code = one.process.exitcode
    _kill(one)
    if kind == b".":
        return None
    if kind == b"!":
        return Ended(f"raised {text.decode()}", one.at)
    names = {-each: each.name for each in signal.Signals}
    return Ended(f"was ended by {names[code]}" if code in names else f"ended its process (exit code {code})", one.at)


def _kill(one: _Running[T]) -> None:
    if one.process.is_alive():
        one.process.kill()
        one.process.join()
    one.pipe.close()


def _child(task: T, work: Callable[[T, Say], Iterator[bytes]], pipe: Connection, memory_mib: int) -> None:
    try:
        _quiet()
        limits.apply(memory_mib=memory_mib, processes=64, file_mib=64, shared_uid=os.getuid())
        for item in work(task, lambda at: pipe.send_bytes(b"@" + at.encode())):
            pipe.send_bytes(b"=" + item)
        pipe.send_bytes(b".")
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"[:500].encode(errors="replace")
        with contextlib.suppress(OSError):
            pipe.send_bytes(b"!" + text)


def _quiet() -> None:
    """What a mistake prints and warns is nobody's business; nor is Ctrl-C, which the parent answers."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - lives as long as the process
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
