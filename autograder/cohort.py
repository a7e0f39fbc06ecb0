"""Many submissions: one warm server, a few grading processes, each submission in a sandbox of its own.

The server is started before anything secret is read. Each grading process has its own connection to it, and its own
user for the submissions that it runs, so that two that run at the same time cannot touch each other.
"""

from __future__ import annotations

import ast
import gc
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from autograder.errors import IsolationError
from autograder.grading import Grader, Keys, grade, not_graded
from autograder.notebook.submission import read_submission
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.sandbox import layers, linux
from autograder.sandbox.warm import WarmServer, warm_ups_for
from autograder.submission.worker import Worker, limited
from autograder.topic import Topic
from autograder.verdict import Layer, Report

Policy = Literal["required", "default", "none"]

MANY = 12
"""From so many submissions on, a quarter of a second to make forks cheaper is earned back."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A warm server, and how this machine isolates what runs in it."""

    server: WarmServer
    layers: tuple[Layer, ...]
    off: frozenset[str]
    folder: Path
    """Where scratch folders are made: ours, empty, and not in the course."""
    first_slot: int
    """Sandboxes that run on one machine at the same time use other users, in all likelihood."""


@contextmanager
def open_sandbox(
    *,
    isolation: Policy = "default",
    off: frozenset[str] = frozenset(),
    secrets: Sequence[Path] = (),
    many: bool = False,
) -> Iterator[Sandbox]:
    """Start a warm server on this machine, and clean up at the end. `secrets`: what submissions must not read.

    `many`: it pays to make the server ready for a whole class. Raises IsolationError if `isolation` asks for layers that are missing here. `off` switches layers off by name.
    """
    if sys.platform == "win32":
        raise IsolationError("grading needs fork and process limits, which Windows lacks; use WSL or Docker")
    with WarmServer(many=many) as server:
        probed = layers.probe(off=off)
        warning = layers.required(isolation, probed, secrets=secrets)
        if warning:
            print(warning, file=sys.stderr)
        if sys.platform == "linux":
            linux.set_dumpable(False)  # from here on this process holds secrets
        folder = Path(tempfile.mkdtemp(prefix="chainrule-"))
        folder.chmod(0o711)
        try:
            yield Sandbox(server, probed, off, folder, (os.getpid() % 80) * 64)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def grade_files(
    topic: Topic,
    paths: Sequence[Path],
    *,
    secret: bytes,
    isolation: Policy = "default",
    off: frozenset[str] = frozenset(),
    jobs: int = 1,
    on_report: Callable[[Path, Report], None] | None = None,
) -> list[Report]:
    """Grade submitted files, `jobs` at a time; reports in the order of `paths`, told to `on_report` as they are ready.

    Raises CourseError before anything is graded, IsolationError if the machine cannot isolate as `isolation` asks.
    """
    others = paths if len(paths) > 1 else ()
    secrets = [*_secrets(topic), *others]
    with open_sandbox(isolation=isolation, off=off, secrets=secrets, many=len(paths) >= MANY) as sandbox:
        _warm_ahead(sandbox.server, paths)
        _load_trusted(topic)
        grader = trusted_grader(topic)
        tell = on_report or _say_nothing
        if jobs <= 1 or len(paths) <= 1:
            reports = []
            for path in paths:
                reports.append(_grade_one(grader, path, secret, sandbox, 0))
                tell(path, reports[-1])
            return reports
        return _grade_in_pool(grader, paths, secret, sandbox, jobs, tell)


def _say_nothing(path: Path, report: Report) -> None:
    """For callers who wait for the end."""


def trusted_grader(topic: Topic) -> Grader:
    """The reference and the known answers of a topic, for grading in this process."""
    known = KnownAnswers(topic) if topic.path("solution").is_file() else None
    return Grader(topic, Reference(topic.module("reference")), known)


def _warm_ahead(server: WarmServer, paths: Sequence[Path]) -> None:
    """Let the server import what the first notebook does while we are busy; those of classmates are alike."""
    with suppress(Exception):  # one that cannot be read gets its report later
        server.warm_ahead(warm_ups_for("\n".join(cell.source for cell in read_submission(paths[0]).cells)))


def _load_trusted(topic: Topic) -> None:
    """Read all that is needed once, before the processes of the pool are forked."""
    gc.disable()  # nothing of an import is garbage, and looking for it takes a tenth of the time
    try:
        import torch

        torch.set_num_threads(1)
        topic.validate()
        _ = topic.signatures
        for name in sorted(_imported_later(topic)):
            with suppress(Exception):  # the check that needs it will say so
                importlib.import_module(name)
    finally:
        gc.enable()
    gc.freeze()


def _imported_later(topic: Topic) -> set[str]:
    """Modules that checks import when they run, in each process of the pool anew if nobody did before."""
    names = set()
    for part in ("checks", "hidden"):
        for node in ast.walk(ast.parse(topic.path(part).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return names


@contextmanager
def worker_for(topic: Topic, sandbox: Sandbox, slot: int = 0) -> Iterator[Worker]:
    """A worker for one submission to `topic`, with a scratch folder of its own; killed and cleaned up at the end.

    Raises IsolationError if submissions could read the topic's secrets.
    """
    data = topic.data_folder if topic.data_folder.is_dir() else None
    scratch = Path(tempfile.mkdtemp(dir=sandbox.folder))
    try:
        confinement = layers.plan(
            sandbox.layers,
            scratch=scratch,
            slot=sandbox.first_slot + slot,
            readable=[data] if data else [],
            off=sandbox.off,
            secrets=_secrets(topic),
        )
        limits = topic.settings.limits
        with Worker(sandbox.server, limited(confinement, limits), limits, topic.signatures, data=data) as worker:
            yield worker
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _grade_one(grader: Grader, path: Path, secret: bytes, sandbox: Sandbox, slot: int) -> Report:
    try:
        with worker_for(grader.topic, sandbox, slot) as worker:
            return grade(grader, path, keys=Keys(secret, grader.topic.name), worker=worker)
    except IsolationError:
        raise
    except Exception as error:
        return not_graded(grader.topic, path, error)


def _secrets(topic: Topic) -> list[Path]:
    root = topic.course.root
    return [path for path in (root / "reference", root / "solutions", root / ".chainrule") if path.exists()]


@dataclass(slots=True)
class _Pool:
    """What each process of the pool works with: set before the fork in the parent, kept after it in the child."""

    grader: Grader
    secret: bytes
    sandbox: Sandbox
    slot: int = 0


_pool: _Pool | None = None


def _join_pool(connections: list[WarmServer], slots: object) -> None:
    assert _pool is not None
    _pool.slot = slots.get()  # type: ignore[attr-defined]
    sandbox = _pool.sandbox
    _pool.sandbox = replace(sandbox, server=connections[_pool.slot])


def _grade_in_process(path: Path) -> Report:
    assert _pool is not None
    return _grade_one(_pool.grader, path, _pool.secret, _pool.sandbox, _pool.slot)


def _grade_in_pool(
    grader: Grader,
    paths: Sequence[Path],
    secret: bytes,
    sandbox: Sandbox,
    jobs: int,
    tell: Callable[[Path, Report], None],
) -> list[Report]:
    import multiprocessing

    global _pool
    context = multiprocessing.get_context("fork")
    connections = [sandbox.server.connect() for _ in range(jobs)]
    slots = context.Queue()
    for slot in range(jobs):
        slots.put(slot)
    _pool = _Pool(grader, secret, sandbox)
    reports: dict[int, Report] = {}
    try:
        with ProcessPoolExecutor(jobs, context, initializer=_join_pool, initargs=(connections, slots)) as executor:
            futures = {executor.submit(_grade_in_process, path): number for number, path in enumerate(paths)}
            for future in as_completed(futures):
                number = futures[future]
                try:
                    reports[number] = future.result()
                except BrokenProcessPool as error:
                    reports[number] = not_graded(grader.topic, paths[number], error)
                tell(paths[number], reports[number])
    finally:
        _pool = None
        for connection in connections:
            connection.close()
    return [reports[number] for number in range(len(paths))]
