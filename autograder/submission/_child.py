"""The untrusted main: runs a submission's cells, then answers each check from a fork of that state.

It starts confined, before the first byte of the submission is parsed, and it shares its process with the student's code:
whatever it says is taken as the student's word.

    grader -> run {cells}         <- {"cell": n} before each cell ... <- {"done": problems}
    grader -> check {seed}, and a descriptor     the fork answers requests on that descriptor until it is closed
       "next" {seed} on that descriptor          <- {"value": whether the check before left no traces}; if so, for another check
    grader -> last                <- {"ended": wait status of the last check's process, or None}

Imports only the standard library, numpy, torch, IPython (in `_cells`), and its neighbours in this package.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import resource
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn, TextIO

from autograder.submission import wire
from autograder.submission._cells import cpu_clock, prepare, run_cells
from autograder.submission._engine import Engine, reset_state
from autograder.submission._traces import fingerprint


def main(descriptor: int, bounds: wire.Bounds) -> NoReturn:
    """Serve the grader at the other end of `descriptor`; never returns."""
    # A grader that was started in the background has it ignored, and so would we.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _serve(wire.Connection(socket.socket(fileno=descriptor), bounds, to_student=True), bounds)
    except (wire.Closed, wire.Malformed, OSError):
        pass
    finally:
        os._exit(0)


def _serve(grader: wire.Connection, bounds: wire.Bounds) -> None:
    namespace: dict[str, Any] = {}
    engine = Engine(namespace)
    last_check: int | None = None
    traces: int | None = None
    while True:
        request = grader.receive()
        match request["op"]:
            case "run":
                reset_state(0)
                prepare(namespace)
                clocks = request["cpu_s"], request["run_cpu_s"]
                problems = run_cells(request["cells"], namespace, *clocks, lambda number: grader.send({"cell": number}))
                traces = fingerprint(namespace)
                gc.freeze()  # or each check would look through all of this, and get pages of its own
                grader.send({"done": problems, "threads": threading.active_count()})
            case "check":
                descriptors = grader.receive_descriptors(1)
                _reap(last_check)
                _flush()
                last_check = os.fork()
                if last_check == 0:
                    grader.close()
                    _answer(wire.Connection(socket.socket(fileno=descriptors[0]), bounds, to_student=True),
                            engine, request, traces)  # fmt: skip
                os.close(descriptors[0])
            case "last":
                grader.send({"ended": _reap(last_check)})
                last_check = None


def _answer(check: wire.Connection, engine: Engine, opening: dict[str, Any], traces: int | None) -> NoReturn:
    """In the fork: answer requests until the grader hangs up: those of one check, and of the next as long as none leaves traces."""
    try:

        def ask(question: dict[str, Any]) -> Any:
            check.send({"ask": question})
            return check.receive()

        engine.ask = ask
        _begin(opening)
        while True:
            request = check.receive()
            if request["op"] == "next":
                clean = traces is not None and fingerprint(engine.namespace) == traces
                check.send({"value": clean})
                if not clean:
                    break
                opening = request
                engine.objects.clear()
                _begin(opening)
                continue
            with cpu_clock(opening["cpu_s"]):
                reply = engine.answer(request)
            try:
                check.send(reply, keep=engine.keep)
            except wire.CannotCross as error:
                check.send({"error": {"kind": "cannot cross", "text": str(error)}})
            except wire.Malformed:
                check.send({"error": {"kind": "cannot cross", "text": "an answer larger than it may be"}})
    except (wire.Closed, wire.Malformed, OSError):
        pass
    finally:
        _flush()
        os._exit(0)


def _begin(opening: dict[str, Any]) -> None:
    """A check's limits, and the state that every check finds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ceiling = int(used.ru_utime + used.ru_stime + opening["cpu_s"]) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    sys.stdout, sys.stderr = _stream(1), _stream(2)
    reset_state(opening["seed"])


def _reap(pid: int | None) -> int | None:
    if pid is None:
        return None
    with contextlib.suppress(ChildProcessError):
        for _ in range(20):  # its socket closes a moment before it can be waited for
            reaped, status = os.waitpid(pid, os.WNOHANG)
            if reaped:
                return status
            time.sleep(0.005)
    return None


def _stream(descriptor: int) -> TextIO:
    """The output anew: a thread of the notebook may have held the old one's lock while this process was forked."""
    try:
        return open(descriptor, "w", closefd=False, errors="replace")
    except OSError:  # the notebook closed it
        return io.StringIO()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # a stream that the notebook closed or replaced
            continue
