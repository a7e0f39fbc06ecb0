"""One supervisor for each submission: it owns the clock's last word and the end.

It forks the confined process that runs the cells, keeps what that process prints (up to a cap), and kills and reaps whatever
the submission started: all but the submission itself after each check ("sweep"), everything at the end ("end", or when the
grader hangs up). It runs none of the student's code.
"""

from __future__ import annotations

import os
import resource
import select
import socket
import sys
import tempfile
import time
import traceback
from typing import NoReturn

from autograder.sandbox import layers
from autograder.submission import _child, wire
from autograder.verdict import Layer

POLL_S = 0.25


def main(
    warden: int, submission: int, confinement: layers.Confinement, prebuilt: layers.Prebuilt, data: str
) -> NoReturn:
    """Supervise one submission; never returns. `data`: a folder that the notebook finds as `data`, or ""."""
    status = 1
    try:
        entered = layers.enter_supervisor(confinement)
        grader = wire.Connection(socket.socket(fileno=warden))
        Supervisor(grader, submission, confinement, prebuilt, data, entered).run()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class Supervisor:
    """What the supervisor of one submission knows."""

    def __init__(
        self,
        grader: wire.Connection,
        submission: int,
        confinement: layers.Confinement,
        prebuilt: layers.Prebuilt,
        data: str,
        entered: tuple[Layer, ...],
    ) -> None:
        """Fork the submission's process, and tell the grader how it is confined."""
        self.grader = grader
        self.confinement = confinement
        self.data = data
        self.printed = bytearray()
        self.dropped = 0
        self.killed_for = ""
        self.ended: int | None = None
        self.output, writer = os.pipe()
        layers_reader, layers_writer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            self._become_submission(submission, writer, layers_writer, prebuilt)
        os.close(writer)
        os.close(submission)
        os.close(layers_writer)
        with os.fdopen(layers_reader, "rb") as reader:
            confined = reader.read()
        self.grader.send({"entered": _lines(entered), "confined": confined.decode(errors="replace")})

    def _become_submission(self, submission: int, writer: int, report: int, prebuilt: layers.Prebuilt) -> NoReturn:
        """In the fork: close everything, confine, and only then listen to the grader."""
        try:
            null = os.open(os.devnull, os.O_RDONLY)
            for target, source in ((0, null), (1, writer), (2, writer)):
                os.dup2(source, target)
            # Above the low numbers first, so that no dup2 overwrites one that is still needed.
            submission, report = os.dup2(submission, 200), os.dup2(report, 201)
            kept = (os.dup2(submission, 3), os.dup2(report, 4, inheritable=False))
            layers.close_descriptors((0, 1, 2, *kept))
            sys.stdout = open(1, "w", closefd=False, errors="replace")
            sys.stderr = open(2, "w", closefd=False, errors="replace")
            active = layers.confine(self.confinement, prebuilt)
            os.environ["TMPDIR"] = tempfile.tempdir = str(self.confinement.scratch)
            if self.data:
                os.symlink(self.data, "data")
            os.write(kept[1], b"ok\n" + _lines(active).encode())
        except BaseException as error:
            os.write(4, f"error\n{type(error).__name__}: {error}".encode())
            os._exit(1)
        os.close(kept[1])
        _child.main(kept[0], wire.Bounds(buffer_bytes=self.confinement.message_mib << 20))

    def run(self) -> None:
        """Until the grader ends it or hangs up."""
        sources = [self.grader.sock.fileno(), self.output]
        checked = time.monotonic()
        while True:
            ready, _, _ = select.select(sources, [], [], POLL_S)
            if self.output in ready and not self._read_output():
                sources.remove(self.output)
            if self.grader.sock.fileno() in ready:
                try:
                    request = self.grader.receive()
                except (wire.Closed, wire.Malformed):
                    break
                if request["op"] == "end":
                    break
                self._sweep()
                self.grader.send({"swept": True, "killed_for": self.killed_for})
            if time.monotonic() - checked > POLL_S:
                self._watch()
                checked = time.monotonic()
        self._end()

    def _read_output(self) -> bool:
        data = os.read(self.output, 1 << 16)
        room = (self.confinement.output_kib << 10) - len(self.printed)
        self.printed += data[: max(0, room)]
        self.dropped += max(0, len(data) - max(0, room))
        return bool(data)

    def _sweep(self) -> None:
        layers.end_all(os.getpid(), keep=(self.child,))

    def _watch(self) -> None:
        """Kill what uses too much memory or scratch space, all processes together.

        At first all but the submission itself, so that a check over the limit costs that check alone.
        """
        if self.killed_for or not layers.over_limit(self.confinement, os.getpid()):
            return
        self._sweep()
        reason = layers.over_limit(self.confinement, os.getpid())
        if reason:
            self.killed_for = reason
            layers.end_all(os.getpid())

    def _end(self) -> None:
        layers.end_all(os.getpid())
        self._reap()
        os.set_blocking(self.output, False)
        try:
            while self._read_output():
                pass
        except BlockingIOError:
            pass
        layers.remove_scratch(self.confinement)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            self.grader.send({
                "printed": self.printed.decode("utf-8", "replace"),
                "dropped": self.dropped,
                "status": self.ended,
                "killed_for": self.killed_for,
                "max_rss_kib": usage.ru_maxrss,
                "cpu_s": usage.ru_utime + usage.ru_stime,
            })  # fmt: skip
        except (wire.Closed, OSError):
            pass

    def _reap(self) -> None:
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self.child:
                    self.ended = status
        except ChildProcessError:
            pass


def _lines(active: tuple[Layer, ...]) -> str:
    return "\n".join(f"{layer.name}\t{int(layer.active)}\t{layer.note}" for layer in active)
