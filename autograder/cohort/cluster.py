"""A class on a Dask cluster: the same graders, on machines that share nothing but the network.

Everything that a worker needs is sent to it: the topic, the secret, and one submission after the other. Each worker keeps graders
in processes of their own (`member`); students' code runs below those. A worker that is lost costs nothing: Dask gives
what it had in hand to another.
"""

from __future__ import annotations

import io
import queue
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.cohort.member import Members, Orders
from autograder.errors import CourseError, GraderError
from autograder.grading import not_graded
from autograder.topic import Topic
from autograder.verdict import Report
from autograder.version import toolkit

IN_HAND = 3
"""Submissions sent ahead for each thread of the cluster: enough to keep it busy, few to lose."""
CONNECT_S = 30
LOOK_EVERY_S = 0.2


class Grading:
    """What each worker of the cluster gets, once: a plugin of Dask's, also for workers that join later."""

    def __init__(
        self, bundle: bytes, topic: str, secret: bytes, isolation: str, off: frozenset[str], toolkit: str
    ) -> None:
        """`bundle`: an archive of the parts of the topic; `toolkit`: hash of the toolkit that the workers must have, too."""
        self.name = f"chainrule-{topic}"
        self._bundle, self._topic, self._secret = bundle, topic, secret
        self._isolation, self._off, self._toolkit = isolation, off, toolkit
        self._folder: Path | None = None
        self._members: Members | None = None

    def setup(self, worker: Any) -> None:  # noqa: ARG002 - Dask passes it
        """On the worker: unpack the topic."""
        self._folder = Path(tempfile.mkdtemp(prefix="chainrule-worker-"))
        with zipfile.ZipFile(io.BytesIO(self._bundle)) as archive:
            archive.extractall(self._folder)
        orders = Orders(self._folder, self._topic, self._secret, self._isolation, self._off)
        self._members = Members(orders)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - Dask passes it
        """On the worker: end the graders, and forget the topic."""
        if self._members is not None:
            self._members.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def grade(self, name: str, content: bytes) -> Report:
        """On the worker: the report of one file. Raises GraderError if the worker has another toolkit."""
        if toolkit() != self._toolkit:
            raise GraderError("a worker of the cluster has another version of Chainrule or of its libraries installed")
        assert self._members is not None
        return self._members.grade(name, content)


def grade_on_cluster(
    address: str,
    topic: Topic,
    paths: Sequence[Path],
    *,
    secret: bytes,
    isolation: str = "default",
    off: frozenset[str] = frozenset(),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, Report]]:
    """Grade submitted files on the cluster whose scheduler is at `address`; (place in `paths`, report), as they are ready.

    Raises CourseError if Dask is not installed or nobody answers, GraderError if a worker's toolkit is another.
    """
    topic.validate()
    client = _connect(address)
    plugin = Grading(bundle_of(topic), topic.name, secret, isolation, off, toolkit())
    try:
        client.register_plugin(_as_plugin(plugin), name=plugin.name)
        yield from _results(client, plugin.name, topic, paths, stop)
    finally:
        client.unregister_worker_plugin(plugin.name)
        client.close()


def _results(
    client: Any, plugin: str, topic: Topic, paths: Sequence[Path], stop: Callable[[], bool]
) -> Iterator[tuple[int, Report]]:
    from distributed import KilledWorker

    waiting = iter(enumerate(paths))
    in_hand: dict[Any, int] = {}
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def send() -> None:
        place, path = next(waiting, (0, None))
        if path is not None and not stop():
            future = client.submit(_grade_there, plugin, path.name, path.read_bytes(), pure=False, retries=1)
            in_hand[future] = place
            future.add_done_callback(ready.put)

    for _ in range(IN_HAND * max(1, sum(client.nthreads().values()))):
        send()
    while in_hand:
        if stop():
            client.cancel(list(in_hand))  # what a worker is at goes on there, and is not waited for
            return
        try:
            future = ready.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            continue
        place = in_hand.pop(future)
        try:
            report = future.result()
        except KilledWorker as error:
            report = not_graded(topic, paths[place], error)
        future.release()
        send()
        yield place, report


def _grade_there(plugin: str, name: str, content: bytes) -> Report:
    """On the worker."""
    from distributed import get_worker

    grading: Grading = get_worker().plugins[plugin].grading
    return grading.grade(name, content)


def _as_plugin(grading: Grading) -> Any:
    from distributed import WorkerPlugin

    class Plugin(WorkerPlugin):  # type: ignore[misc]
        """Hands what Dask calls on to `Grading`."""

        def __init__(self, grading: Grading) -> None:
            self.grading = grading

        def setup(self, worker: Any) -> None:
            self.grading.setup(worker)

        def teardown(self, worker: Any) -> None:
            self.grading.teardown(worker)

    return Plugin(grading)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise CourseError("--dask needs Dask: pip install 'chainrule[dask]', here and on every worker") from None
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None


def bundle_of(topic: Topic) -> bytes:
    """An archive of what grading a topic needs: its three folders, and `course.toml`."""
    root = topic.course.root
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(root / "course.toml", "course.toml")
        for part in ("assignments", "reference", "solutions"):
            for path in sorted((root / part / topic.name).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(root))
    return text.getvalue()
