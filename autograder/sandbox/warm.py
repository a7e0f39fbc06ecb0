"""The grader's end of the warm server: start it, warm it, start submissions in it.

Start it before anything secret is read: it is a fresh interpreter with a clean environment, and it stays that way.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Protocol

from autograder.errors import GraderError
from autograder.submission import wire

if TYPE_CHECKING:
    from autograder.sandbox.layers import Confinement

START_TIMEOUT_S = 120.0

WARM_WHEN = {
    "optim": r"\boptim\b|torch\.utils\.data|DataLoader",
    "nn": r"torch\.nn|from torch import .*\bnn\b|\bnn\.",
    "func": r"torch\.func|\bfunctorch\b",
    "matplotlib": r"matplotlib|\bplt\b",
    "sklearn": r"sklearn",
    "scipy": r"scipy",
    "pandas": r"pandas",
}
"""What a notebook mentions, by the warm-up that saves it time."""


def warm_ups_for(source: str) -> list[str]:
    """Names of the warm-ups that a notebook with this source would otherwise do for itself."""
    return [name for name, pattern in WARM_WHEN.items() if re.search(pattern, source)]


def clean_environment() -> dict[str, str]:
    """The whole environment of student code: nothing of the grader's is in it.

    One thread everywhere: a thread team made before a fork does not exist after it, and a torch operation would wait
    for it for ever; and results are the same from run to run.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chainrule" / "matplotlib"
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(cache),
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }


class Process(Protocol):
    """The server's process, as far as its end is concerned."""

    @property
    def pid(self) -> int:
        """Of the process."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """End it at once."""


@dataclass(frozen=True, slots=True)
class Started:
    """A server that was started before anybody asked for one."""

    process: Process
    control: socket.socket
    log: IO[bytes]


started_ahead: Started | None = None
"""Taken by the first WarmServer."""


class WarmServer:
    """A running warm server. A context manager: leaving it ends the server."""

    def __init__(self, *, many: bool = False) -> None:
        """Start it; returns at once, while it imports. `many`: make it ready for many submissions, which takes longer."""
        self._unanswered = 0
        self._log: IO[bytes]
        self._process: Process | None
        if started_ahead is not None and not started_ahead.log.closed:
            self._log, self._process = started_ahead.log, started_ahead.process
            self._control = wire.Connection(started_ahead.control)
            if many:
                self._control.send({"op": "many"})
                self._unanswered += 1
            return
        ours, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-B",
                "-m",
                "autograder.sandbox._server",
                str(theirs.fileno()),
                *(["many"] if many else []),
            ],
            pass_fds=[theirs.fileno()],
            env=clean_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        theirs.close()
        self._control = wire.Connection(ours)

    @property
    def pid(self) -> int:
        """Of the server's process."""
        assert self._process is not None
        return self._process.pid

    def warm(self, what: list[str]) -> dict[str, str]:
        """Warm up, waiting for it. Tells what is warm, and what is missing on this machine."""
        reply = self._ask({"op": "warm", "what": what})
        if reply["threads"] != 1:
            raise GraderError(f"the warm server runs {reply['threads']} threads; a fork of it could hang")
        warm: dict[str, str] = reply["warm"]
        return warm

    def warm_ahead(self, what: list[str]) -> None:
        """Warm up what will be needed, without waiting for it."""
        try:
            self._control.send({"op": "warm", "what": what})
        except wire.Closed:
            raise GraderError(f"the warm server has ended: {self.said()}") from None
        self._unanswered += 1

    def start(self, confinement: Confinement, data: str, warden: socket.socket, submission: socket.socket) -> int:
        """Start one submission's supervisor with these two sockets, which are closed here. Returns its pid.

        `data`: a public folder that the notebook finds as `data`, or "".
        """
        request = {"op": "start", "confinement": confinement.to_wire(), "data": data, "descriptors": 2}
        try:
            reply = self._ask(request, [warden.fileno(), submission.fileno()])
        finally:
            warden.close()
            submission.close()
        pid: int = reply["pid"]
        return pid

    def connect(self) -> WarmServer:
        """Another connection to the same server, for another process to use."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._ask({"op": "connect", "descriptors": 1}, [theirs.fileno()])
        except GraderError:
            ours.close()
            raise
        other = WarmServer.__new__(WarmServer)
        other._log, other._process, other._control, other._unanswered = self._log, None, wire.Connection(ours), 0
        return other

    def answers(self) -> bool:
        """Whether the server is there, and does what it is asked."""
        try:
            self.warm([])
        except GraderError:
            return False
        return True

    def close(self) -> None:
        """Hang up; a server that nobody is connected to ends."""
        self._control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._log.close()

    def __enter__(self) -> WarmServer:
        """Nothing more to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.close()

    def _ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        try:
            self._control.send(request)
            if descriptors:
                self._control.send_descriptors(descriptors)
            while self._unanswered:
                self._control.receive(timeout_s=START_TIMEOUT_S)
                self._unanswered -= 1
            reply: dict[str, Any] = self._control.receive(timeout_s=START_TIMEOUT_S)
        except (wire.Closed, wire.TimedOut, wire.Malformed) as error:
            raise GraderError(f"the warm server does not answer ({type(error).__name__}): {self.said()}") from None
        if "error" in reply:
            raise GraderError(f"the warm server refused: {reply['error']}")
        return reply

    def said(self) -> str:
        """The end of what the server printed, for messages to staff."""
        if self._log.closed:
            return "it has ended"
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:].strip() or "it said nothing"
