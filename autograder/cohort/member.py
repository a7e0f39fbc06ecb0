"""A grader of its own for each seat of a cluster: an interpreter that a Dask worker starts, and asks for one report at a time.

The worker itself runs threads and must live; here processes are forked and killed. Submissions run below this process, in the
sandbox, as they do everywhere. It ends with the worker.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.errors import ChainruleError, GraderError
from autograder.verdict import Report


@dataclass(frozen=True, slots=True)
class Orders:
    """What a member must know before the first submission comes."""

    course: Path
    """A folder with `course.toml` and the parts of the topic."""
    topic: str
    secret: bytes
    isolation: str
    off: frozenset[str]


class Member:
    """The worker's end: starts the process, and asks it."""

    def __init__(self, orders: Orders) -> None:
        """Start it; it is ready when the first report comes."""
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.cohort.member", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._connection.send(orders)

    def grade(self, name: str, content: bytes) -> Report:
        """The report of a file with this name and content. Raises GraderError if the process has ended."""
        try:
            self._connection.send((name, content))
            answer = self._connection.recv()
        except (EOFError, OSError):
            self.close()
            raise GraderError(f"the grader of this worker ended with code {self._process.wait()}") from None
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Report)
        return answer

    def close(self) -> None:
        """Hang up, and wait for its end."""
        self._connection.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Members:
    """As many members as are needed at the same time."""

    def __init__(self, orders: Orders) -> None:
        """None is started yet."""
        self._orders = orders
        self._idle: list[Member] = []
        self._lock = threading.Lock()

    def grade(self, name: str, content: bytes) -> Report:
        """The report of a file, by a member that has nothing to do, or by a new one."""
        with self._lock:
            member = self._idle.pop() if self._idle else None
        member = member or Member(self._orders)
        try:
            report = member.grade(name, content)
        except BaseException:
            member.close()
            raise
        with self._lock:
            self._idle.append(member)
        return report

    def close(self) -> None:
        """End them all."""
        with self._lock:
            for member in self._idle:
                member.close()
            self._idle.clear()


def _serve(connection: Connection) -> None:
    """The life of a member: orders, then one file after the other."""
    from autograder.cohort import open_pool
    from autograder.course import find_course
    from autograder.topic import load_topic

    parent = os.getppid()

    def orphaned() -> bool:
        if os.getppid() != parent:
            raise SystemExit(1)  # the worker has ended: so does everything below
        return False

    orders: Orders = connection.recv()
    topic = load_topic(find_course(orders.course), orders.topic)
    with tempfile.TemporaryDirectory(prefix="chainrule-member-") as folder:
        secrets = [Path(folder), orders.course]
        isolation, off = orders.isolation, orders.off
        with open_pool(topic, (), secret=orders.secret, isolation=isolation, off=off, secrets=secrets,  # type: ignore[arg-type]
                       many=True) as grade_these:  # fmt: skip
            while True:
                try:
                    name, content = connection.recv()
                except (EOFError, OSError):
                    return
                path = Path(folder) / Path(name).name
                path.write_bytes(content)
                for _, report in grade_these([(0, path)], orphaned):
                    connection.send(report)
                path.unlink()


def main(descriptor: int) -> None:
    """Serve at the end of a pipe. What goes wrong before or beside grading is told there."""
    connection = Connection(descriptor)
    try:
        _serve(connection)
    except ChainruleError as error:
        connection.send(GraderError(str(error)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
