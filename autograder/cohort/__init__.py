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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from autograder.cohort.pool import Died, Pool
from autograder.errors import GraderError, IsolationError
from autograder.grading import Grader, Keys, grade, not_graded
from autograder.notebook.submission import read_submission
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.sandbox import layers, linux, users
from autograder.sandbox.warm import WarmServer, warm_ups_for
from autograder.submission.worker import MAX_STARTS, Worker, limited
from autograder.topic import Topic
from autograder.verdict import Layer, Report

Policy = Literal["required", "default", "none"]

MANY = 12
"""From so many submissions on, a quarter of a second to make forks cheaper is earned back."""
SERVER_GONE = 70
"""Exit code of a grading process that lost its warm server."""
UNTIL_OVERDUE_S = 120.0
"""Beyond every limit of a submission's own: a grading process that takes this much longer hangs."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A warm server, and how this machine isolates what runs in it."""

    server: WarmServer
    layers: tuple[Layer, ...]
    off: frozenset[str]
    folder: Path
    """Where scratch folders are made: ours, empty, and not in the course."""
    first_slot: int
    """Sandboxes that run on one machine at the same time use other users."""


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
            with users.reserved() as first_slot:
                yield Sandbox(server, probed, off, folder, first_slot)
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
    on_progress: Callable[[Report], None] | None = None,
) -> list[Report]:
    """Grade submitted files, `jobs` at a time; reports in the order of `paths`, told to `on_report` as they are ready.

    `on_progress`, for one file or one job: told of reports on the way, in which what had no turn yet is not graded.
    Raises CourseError before anything is graded, IsolationError if the machine cannot isolate as `isolation` asks.
    """
    tell = on_report or _say_nothing
    if jobs <= 1 or len(paths) <= 1:
        reports = []
        with _ready(topic, paths, isolation, off, (), many=len(paths) >= MANY) as (sandbox, grader):
            for path in paths:
                reports.append(_grade_one(grader, path, secret, sandbox, 0, on_progress))
                tell(path, reports[-1])
        return reports
    found: dict[int, Report] = {}
    for number, report in grade_each(topic, paths, secret=secret, isolation=isolation, off=off, jobs=jobs):
        found[number] = report
        tell(paths[number], report)
    return [found[number] for number in range(len(paths))]


def grade_each(
    topic: Topic,
    paths: Sequence[Path],
    *,
    secret: bytes,
    isolation: Policy = "default",
    off: frozenset[str] = frozenset(),
    jobs: int = 1,
    secrets: Sequence[Path] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, Report]]:
    """Grade submitted files in a pool of `jobs` processes; (place in `paths`, report), as they are ready.

    None is kept here, so a class of any size takes the same memory. Whatever becomes of a grading process costs the
    submission that it was at. `secrets`: what else submissions must not read. Once `stop()` is true, what was begun is
    finished, and the rest is left.

    Raises CourseError before anything is graded, IsolationError if the machine cannot isolate as `isolation` asks.
    """
    with open_pool(
        topic, paths, secret=secret, isolation=isolation, off=off, jobs=jobs, secrets=secrets
    ) as grade_these:
        yield from grade_these(enumerate(paths), stop)


@contextmanager
def open_pool(
    topic: Topic,
    paths: Sequence[Path],
    *,
    secret: bytes,
    isolation: Policy = "default",
    off: frozenset[str] = frozenset(),
    jobs: int = 1,
    secrets: Sequence[Path] = (),
    many: bool = False,
) -> Iterator[Callable[[Iterable[tuple[int, Path]], Callable[[], bool]], Iterator[tuple[int, Report]]]]:
    """A function that grades numbered files in a pool of `jobs` processes, as often as it is called.

    `paths`: those that are known already, which makes ready for them; `many`: more will come. Raises as `grade_each`.
    """
    many = many or len(paths) >= MANY
    with _ready(topic, paths, isolation, off, secrets, many=many) as (sandbox, grader), ExitStack() as servers:
        ours = [sandbox.server]

        def prepare() -> Sandbox:
            """A connection of its own, to a server that lives."""
            with suppress(GraderError):
                return replace(sandbox, server=ours[-1].connect())
            ours.append(servers.enter_context(WarmServer(many=many)))
            return replace(sandbox, server=ours[-1].connect())

        def work(own: Sandbox, slot: int, job: tuple[int, Path]) -> Report:
            report = _grade_one(grader, job[1], secret, own, slot)
            if not report.graded and not own.server.answers():
                os._exit(SERVER_GONE)  # whatever comes next would fail as well: begin anew with another server
            return report

        def grade_these(numbered: Iterable[tuple[int, Path]], stop: Callable[[], bool]) -> Iterator[tuple[int, Report]]:
            for (number, path), result in pool.results(numbered, stop=stop):
                if isinstance(result, Died):
                    yield number, not_graded(topic, path, GraderError(result.cause))
                else:
                    yield number, result

        limits = topic.settings.limits
        limit_s = limits.run_cpu_s * limits.wall_factor * MAX_STARTS + 2 * limits.checks_s + UNTIL_OVERDUE_S
        with Pool(jobs, prepare, work, limit_s=limit_s, release=lambda own: own.server.close()) as pool:
            yield grade_these


@contextmanager
def _ready(
    topic: Topic,
    paths: Sequence[Path],
    isolation: Policy,
    off: frozenset[str],
    secrets: Sequence[Path],
    *,
    many: bool = False,
) -> Iterator[tuple[Sandbox, Grader]]:
    """A warm server, and then everything trusted."""
    others = paths if len(paths) > 1 else ()
    closed = [*_secrets(topic), *others, *secrets]
    with open_sandbox(isolation=isolation, off=off, secrets=closed, many=many) as sandbox:
        _warm_ahead(sandbox.server, paths)
        _load_trusted(topic)
        yield sandbox, trusted_grader(topic)


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


def _grade_one(
    grader: Grader, path: Path, secret: bytes, sandbox: Sandbox, slot: int,
    on_progress: Callable[[Report], None] | None = None,
) -> Report:  # fmt: skip
    try:
        with worker_for(grader.topic, sandbox, slot) as worker:
            keys = Keys(secret, grader.topic.name)
            return grade(grader, path, keys=keys, worker=worker, on_progress=on_progress)
    except IsolationError:
        raise
    except Exception as error:
        return not_graded(grader.topic, path, error)


def _secrets(topic: Topic) -> list[Path]:
    root = topic.course.root
    return [path for path in (root / "reference", root / "solutions", root / ".chainrule") if path.exists()]
