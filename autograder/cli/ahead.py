"""One interpreter that becomes two: the warm server, and the grader of `chainrule grade`.

Importing torch takes a second and 140 MiB, and both need it. So the command starts anew as an interpreter with a clean
environment, which imports what the first notebook does and forks: the child is the warm server, the parent goes on as the
command that was typed. What that command may know (its environment, the course's secret) waits in a file in memory, which is
first read when the child has its own copy of everything, without it.
"""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import warm

MAX_NOTEBOOK_BYTES = 4 << 20
"""A larger file is left to the grader, which reads it with care."""


def start_anew(notebook: Path) -> None:
    """Start this very command anew, once, in an interpreter that becomes a warm server, too. Returns if it is that one."""
    if warm.started_ahead is not None or not hasattr(os, "memfd_create"):
        return
    told = os.memfd_create("chainrule", 0)
    os.write(told, json.dumps({"argv": sys.argv, "environment": dict(os.environ), "path": sys.path}).encode())
    command = [sys.executable, "-I", "-B", "-m", "autograder.cli.ahead", str(told), *warm.warm_ups_for(_code(notebook))]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, command, warm.clean_environment())  # noqa: S606 - this very interpreter


def _code(notebook: Path) -> str:
    """The code of a notebook, roughly: only what it imports is looked for."""
    try:
        if notebook.stat().st_size > MAX_NOTEBOOK_BYTES:
            return ""
        cells = json.loads(notebook.read_bytes())["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""


class Forked:
    """A child of this process, with what `subprocess.Popen` has of it."""

    def __init__(self, pid: int) -> None:
        """A child that runs."""
        self.pid = pid

    def wait(self, timeout: float | None = None) -> int:
        """Its wait status. Raises subprocess.TimeoutExpired if it does not end within `timeout` seconds."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            time.sleep(0.002)
        raise subprocess.TimeoutExpired("the warm server", timeout or 0.0)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


def _become_both(told: int, warm_ups: Sequence[str]) -> None:
    from autograder.sandbox import _server

    ours, theirs = socket.socketpair()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the server
    server = _server.Server(theirs)
    server.warm_up("core", *warm_ups)
    pid = os.fork()
    if pid == 0:
        os.close(told)
        ours.close()
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, null), (1, log.fileno()), (2, log.fileno())):
            os.dup2(source, target)
        os.close(null)
        _server.run(server)
    theirs.close()
    warm.started_ahead = warm.Started(Forked(pid), ours, log)
    with open(told, "rb") as file:
        file.seek(0)
        knows = json.load(file)
    os.environ.clear()
    os.environ.update(knows["environment"])
    sys.argv, sys.path[:] = knows["argv"], knows["path"]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))


if __name__ == "__main__":
    try:
        _become_both(int(sys.argv[1]), sys.argv[2:])
    except KeyboardInterrupt:  # nothing has begun yet
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
    from autograder.cli import main

    main(prog_name="chainrule")
