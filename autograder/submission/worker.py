"""A submission in a sandboxed process: its cells run once, each check is answered by a process with that state.

The grader never executes a line of the submission. It sends cells as text, asks for values, and keeps the clock; the
supervisor does the killing.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.errors import GraderError, IsolationError, LimitExceeded, SubmissionDied
from autograder.sandbox.layers import Confinement
from autograder.sandbox.warm import WarmServer, warm_ups_for
from autograder.submission import Request, Submission, wire
from autograder.submission.lending import Lender
from autograder.submission.patience import allowance
from autograder.topic import Limits
from autograder.verdict import CellProblem, Layer

GRACE_S = 2.0
"""Added to every wall-clock limit: forking, scheduling, a busy machine."""

MAX_STARTS = 4
"""How often a notebook is begun again without the cell that ended or hung its process."""

OWN_SHARE = 1 / 6
"""Of the time for all cells, what each new start has at least."""

MAX_TRACES = 3
"""If so many checks leave traces, the next ones will, too: each gets a process of its own without being asked."""

MAX_LINES = 5_000
"""In longer notebooks the line of an exception is not named: with lines enough, its number could carry anything."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the supervisor says at the end."""

    printed: str = ""
    dropped: int = 0
    killed_for: str = ""
    max_rss_kib: int = 0
    cpu_s: float = 0.0


class Worker:
    """One submission's processes. A context manager: leaving it kills all of them."""

    def __init__(
        self,
        server: WarmServer,
        confinement: Confinement,
        limits: Limits,
        signatures: Mapping[str, str] | None = None,
        *,
        data: Path | None = None,
    ) -> None:
        """Prepare to run in `server`; `run` starts it. `data`: a public folder, which the notebook finds as `data`."""
        self._server = server
        self._confinement = confinement
        self._limits = limits
        self._signatures = signatures or {}
        self._data = data
        self._warden: wire.Connection | None = None
        self._submission: wire.Connection | None = None
        self._used: wire.Connection | None = None
        """To the process of the last check, if that passed."""
        self._traces = 0
        """How many checks that passed left traces."""
        self._dead = ""
        self.layers: tuple[Layer, ...] = ()
        self.threads = 1
        self._lines: dict[int, int] = {}
        self._waited_s = 0.0
        self.ending = Ending()

    def __enter__(self) -> Worker:
        """Nothing more to do."""
        return self

    def __exit__(self, *error: object) -> None:
        """Kill every process of the submission."""
        self.end()

    def run(self, cells: Sequence[tuple[int, str]]) -> list[CellProblem]:
        """Run code cells (number, source) in order, each as far as it goes.

        If a cell ends the process, or does not end itself, the notebook is begun again without it. All starts share one
        clock, but each has a little time of its own: what hung before has gone, and the rest may be quick.
        """
        self._server.warm(warm_ups_for("\n".join(source for _, source in cells)))
        self._lines = {number: source.count("\n") + 1 for number, source in cells}
        if sum(self._lines.values()) > MAX_LINES:
            self._lines = {}
        blamed: list[CellProblem] = []
        run_s = self._limits.run_cpu_s * self._limits.wall_factor
        end = time.monotonic() + run_s + GRACE_S
        for _ in range(MAX_STARTS):
            skip = {problem.cell for problem in blamed}
            self.end()
            self._start()
            problems, fatal = self._run_once([cell for cell in cells if cell[0] not in skip],
                                             max(end, time.monotonic() + run_s * OWN_SHARE + GRACE_S))  # fmt: skip
            if fatal is None:
                self._sweep()  # processes that the notebook left at work would not be there for the second check
                return sorted([*blamed, *problems], key=lambda problem: problem.cell)
            blamed.append(fatal)
        self.end()
        again = "took too long as a whole" if time.monotonic() > end else "ended its own process again and again"
        self._dead = f"cannot be asked: the notebook {again}."
        return sorted(blamed, key=lambda problem: problem.cell)

    @contextmanager
    def check(self, *, seed: int, cpu_s: float, lender: Lender | None = None) -> Iterator[Submission]:
        """The submission, as one check sees it: the state after the last cell.

        A fork of that state, and gone when the check is over, unless the check passes and leaves no traces in the student's
        names: then the next check may have it, whose submission is not `_fresh`. Leave by an exception if it fails.
        With `lender`, its right answers stand in for the student's own: calls of them come back here over the wire.
        """
        if self._dead or self._submission is None:
            yield Submission(self._refuse, self._signatures, self._lines)
            return
        opening = {"seed": seed, "cpu_s": cpu_s}
        left_s = self._limits.checks_s - self._waited_s
        wall_s = allowance(cpu_s * self._limits.wall_factor + GRACE_S, left_s=left_s, least_s=GRACE_S)
        fresh = lender is not None or not self._goes_on(opening)
        if fresh:
            self._fork(opening)
        connection = self._used
        passed = False
        try:
            if connection is None:
                yield Submission(self._refuse, self._signatures, self._lines)
                return
            answer = self._asker(connection, time.monotonic() + wall_s, wall_s, lender)
            if lender is not None:
                answer({"op": "lend", "names": sorted(lender.names)})
            yield Submission(answer, self._signatures, self._lines, _fresh=fresh)
            passed = lender is None
        finally:
            if not passed or self._traces >= MAX_TRACES:
                self._leave()

    def _goes_on(self, opening: dict[str, Any]) -> bool:
        """Whether the process of the check before may be used for another, which is then told so."""
        if self._used is None:
            return False
        try:
            self._used.send({"op": "next", **opening}, timeout_s=GRACE_S)
            if self._used.receive(timeout_s=GRACE_S) == {"value": True}:
                return True
            self._traces += 1
        except (wire.Closed, wire.TimedOut, wire.Malformed):
            pass
        return False

    def _fork(self, opening: dict[str, Any]) -> None:
        """A new process for a check."""
        assert self._submission is not None
        self._leave()
        if self._dead:
            return
        ours, theirs = socket.socketpair()
        self._used = wire.Connection(ours, self._bounds())
        try:
            self._submission.send({"op": "check", **opening}, timeout_s=GRACE_S)
            self._submission.send_descriptors([theirs.fileno()])
        except (wire.Closed, wire.TimedOut):
            self._dead = "cannot be asked: the notebook's process has ended."
        finally:
            theirs.close()

    def _leave(self) -> None:
        """End the process that the last check used, and whatever it started."""
        if self._used is not None:
            self._used.close()
            self._used = None
            self._sweep()

    def end(self) -> None:
        """Kill everything that the submission started, and keep what the supervisor has to say."""
        if self._used is not None:
            self._used.close()
            self._used = None
        if self._submission is not None:
            self._submission.close()
        if self._warden is not None:
            try:
                self._warden.send({"op": "end"})
                said = self._warden.receive(timeout_s=30.0)
                while "printed" not in said:
                    said = self._warden.receive(timeout_s=30.0)
                self.ending = Ending(
                    said["printed"], said["dropped"], said["killed_for"], said["max_rss_kib"], said["cpu_s"]
                )
            except (wire.Closed, wire.TimedOut, wire.Malformed) as error:
                raise GraderError(f"the supervisor did not end the submission: {type(error).__name__}") from None
            finally:
                self._warden.close()
        self._submission = self._warden = None

    def _start(self) -> None:
        warden, theirs = socket.socketpair()
        submission, student = socket.socketpair()
        self._server.start(self._confinement, str(self._data or ""), theirs, student)
        self._warden = wire.Connection(warden)
        self._submission = wire.Connection(submission, self._bounds())
        try:
            said = self._warden.receive(timeout_s=30.0)
        except (wire.Closed, wire.TimedOut, wire.Malformed) as error:
            self._warden = None
            raise GraderError(f"the sandbox did not start: {type(error).__name__}: {self._server.said()}") from None
        outcome, _, lines = said["confined"].partition("\n")
        if outcome != "ok":
            raise IsolationError(f"the submission could not be confined: {lines or 'no reason given'}")
        self.layers = (*_parse_layers(said["entered"]), *_parse_layers(lines))

    def _run_once(self, cells: Sequence[tuple[int, str]], end: float) -> tuple[list[CellProblem], CellProblem | None]:
        """The problems of the cells that ran until `end`, and the problem of the cell that ended it all, if one did."""
        assert self._submission is not None
        limits = self._limits
        clocks = {"cpu_s": limits.cell_cpu_s, "run_cpu_s": limits.run_cpu_s}
        self._submission.send({"op": "run", "cells": list(cells), **clocks}, timeout_s=GRACE_S)
        numbers = [number for number, _ in cells]
        current = numbers[0] if numbers else 0
        while True:
            left_s = max(0.0, end - time.monotonic())
            cell_wall_s = limits.cell_cpu_s * limits.wall_factor + GRACE_S
            wait_s = min(left_s, allowance(cell_wall_s, left_s=left_s, least_s=GRACE_S))
            try:
                said = self._submission.receive(timeout_s=wait_s)
            except wire.TimedOut:
                message = (
                    f"it did not end within {wait_s:.0f} s" if wait_s else "the notebook takes too long as a whole"
                )
                return [], CellProblem(current, "took too long", f"{message}; skipped")
            except wire.Closed:
                return [], CellProblem(current, "ended the process", f"{self._why_it_died()}; skipped")
            except wire.Malformed:
                return [], CellProblem(current, "ended the process", "it wrote into the grader's connection; skipped")
            match said:
                case {"cell": int(number)} if number in numbers:
                    current = number
                case {"done": list(problems), "threads": int(threads)}:
                    self.threads = threads
                    read = [_problem(problem, numbers) for problem in problems[: len(numbers)]]
                    return list({problem.cell: problem for problem in read}.values()), None
                case _:
                    return [], CellProblem(
                        current, "ended the process", "it wrote into the grader's connection; skipped"
                    )

    def _asker(
        self, connection: wire.Connection, deadline: float, wall_s: float, lender: Lender | None
    ) -> Callable[[Request], Request]:
        before = connection.received_bytes

        def answer(request: Request) -> Request:
            if self._dead:
                raise SubmissionDied(self._dead)
            if self._waited_s > self._limits.checks_s:
                raise LimitExceeded(f"was not asked: the checks before took more than {self._limits.checks_s:g} s.")
            asked = time.monotonic()
            try:
                frame = wire.encode(request)
            except wire.CannotCross as error:
                raise TypeError(
                    f"a check passes {error} to the student"
                ) from None  # perhaps something of the student's
            try:
                connection.send_frame(frame, timeout_s=max(0.0, deadline - time.monotonic()))
                reply = connection.receive(timeout_s=max(0.0, deadline - time.monotonic()))
                while lender is not None and isinstance(reply, dict) and "ask" in reply:
                    connection.send(lender.answer(reply["ask"]), timeout_s=max(0.0, deadline - time.monotonic()))
                    reply = connection.receive(timeout_s=max(0.0, deadline - time.monotonic()))
            except wire.TimedOut:
                # How long depends on how long hidden checks took: a submission could tell itself something that way.
                said = "did not answer {}. An endless loop, or waiting?"
                raise LimitExceeded(said.format(f"within {wall_s:.0f} s"), redacted=said.format("in time")) from None
            except wire.Closed:
                raise self._death() from None
            except wire.Malformed as error:
                raise SubmissionDied("gave an answer that cannot be read.", redacted=None) from error
            finally:
                self._waited_s += time.monotonic() - asked
            if not isinstance(reply, dict):
                raise SubmissionDied("gave no answer that can be read.")
            if connection.received_bytes - before > self._limits.message_mib << 21:  # the check may keep all of them
                raise LimitExceeded("gave answers that are too large, all together.")
            return reply

        return answer

    def _refuse(self, _request: Request) -> Request:
        raise SubmissionDied(self._dead or "cannot be asked: the notebook did not run.")

    def _sweep(self) -> None:
        if self._warden is None:
            return
        try:
            self._warden.send({"op": "sweep"})
            said = self._warden.receive(timeout_s=30.0)
        except (wire.Closed, wire.TimedOut, wire.Malformed) as error:
            raise GraderError(f"the supervisor does not answer: {type(error).__name__}") from None
        if said["killed_for"]:
            self._dead = f"cannot be asked: the notebook's processes used more {said['killed_for']} than they may."

    def _death(self) -> LimitExceeded | SubmissionDied:
        """Why a check's process is gone. The submission's own process tells; it is believed in the wording only."""
        ended: Any = None
        try:
            assert self._submission is not None
            self._submission.send({"op": "last"}, timeout_s=GRACE_S)
            ended = self._submission.receive(timeout_s=GRACE_S).get("ended")
        except (wire.Closed, wire.TimedOut, wire.Malformed, AttributeError, AssertionError):
            pass
        if isinstance(ended, int) and (ended & 0x7F) in (signal.SIGXCPU, signal.SIGKILL):
            return LimitExceeded("did not answer within its CPU time or memory. An endless loop?")
        return SubmissionDied(f"{_status(ended)}.", redacted="ended its Python process.")

    def _why_it_died(self) -> str:
        self.end()
        if self.ending.killed_for:
            return f"it used more {self.ending.killed_for} than it may"
        return "it ended the Python process"

    def _bounds(self) -> wire.Bounds:
        return wire.Bounds(buffer_bytes=self._limits.message_mib << 20)


def limited(confinement: Confinement, limits: Limits) -> Confinement:
    """The same confinement, with a topic's limits."""
    return replace(
        confinement,
        memory_mib=limits.memory_mib,
        processes=limits.processes,
        file_mib=limits.file_mib,
        scratch_mib=limits.scratch_mib,
        output_kib=limits.output_kib,
        message_mib=limits.message_mib,
    )


def _parse_layers(lines: str) -> Iterator[Layer]:
    for line in lines.splitlines():
        name, active, note = line.split("\t")
        yield Layer(name, active == "1", note)


def _status(ended: Any) -> str:
    if not isinstance(ended, int):
        return "ended its Python process"
    if ended & 0x7F:
        names = {int(each): each.name for each in signal.Signals}
        return f"ended its Python process ({names.get(ended & 0x7F, 'a signal')})"
    return f"ended its Python process (exit code {(ended >> 8) & 0xFF})"


def _problem(said: Any, numbers: Sequence[int]) -> CellProblem:
    match said:
        case {"cell": int(cell), "kind": str(kind), "message": str(message), "line": line} if cell in numbers:
            return CellProblem(cell, kind[:40], message[:500], line if isinstance(line, int) else None)
        case _:
            return CellProblem(numbers[0] if numbers else 0, "raised", "a report that cannot be read")
