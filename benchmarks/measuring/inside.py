"""Times inside the grader: latencies of the sandbox, where the time of a submission goes, judging and explaining."""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder import grading
from autograder.checks import Check
from autograder.cohort import grade_files, open_sandbox, trusted_grader, worker_for
from autograder.compare import assert_close
from autograder.errors import CheckFailed
from autograder.grading import Grader, Keys
from autograder.report import FORMATS
from autograder.sandbox.warm import WarmServer
from autograder.submission import Submission
from autograder.submission.worker import Worker
from autograder.topic import Topic


@dataclass(slots=True)
class Stopwatch:
    """Seconds spent in functions, by the name of the stage that each stands for."""

    seconds: Counter[str] = field(default_factory=Counter)

    @contextlib.contextmanager
    def on(self, stages: dict[str, tuple[Any, str]]) -> Iterator[None]:
        """Time these functions, each named as (owner, attribute), until the end of the block."""
        before = {stage: getattr(*place) for stage, place in stages.items()}
        for stage, (owner, attribute) in stages.items():
            setattr(owner, attribute, self._timed(stage, before[stage]))
        try:
            yield
        finally:
            for stage, (owner, attribute) in stages.items():
                setattr(owner, attribute, before[stage])

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[stage] += time.perf_counter() - started

        return timed


def where_time_goes(topic: Topic, notebook: Path, *, runs: int) -> list[tuple[str, float]]:
    """Wall-clock milliseconds of each stage of one submission, with everything warm."""
    grader_stages = {
        "read": (grading, "read_submission"),
        "warm": (WarmServer, "warm"),
        "start": (Worker, "_start"),
        "cells": (Worker, "_run_once"),
        "checks": (Grader, "check_all"),
        "answers": (Submission, "_ask"),
        "sweeps": (Worker, "_sweep"),
        "end": (Worker, "end"),
    }
    watch, report_s = Stopwatch(), []
    with contextlib.ExitStack() as measured:
        seen = 0

        def ready(_path: Path, report: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == 1:  # the first one warms up
                measured.enter_context(watch.on(grader_stages))
                return
            started = time.perf_counter()
            for name in ("text", "html", "json"):
                FORMATS[name].render(report, audience=FORMATS[name].audience)
            report_s.append(time.perf_counter() - started)

        grade_files(topic, [notebook] * (runs + 1), secret=bytes(32), on_report=ready)
    ms = {stage: seconds * 1e3 / runs for stage, seconds in watch.seconds.items()}
    judging = ms["checks"] - ms["answers"] - ms["sweeps"]
    return [
        ("read the notebook", ms["read"]),
        ("ask whether all is warm", ms["warm"]),
        ("fork and confine", ms["start"]),
        ("run the cells", ms["cells"]),
        ("checks: a fork each, and the answers", ms["answers"]),
        ("checks: reference, judging, encoding", judging),
        ("checks: end what they started", ms["sweeps"]),
        ("end the submission", ms["end"]),
        ("write the reports", statistics.mean(report_s) * 1e3),
    ]


def latencies_ms(topic: Topic, *, runs: int) -> dict[str, float]:
    """Median milliseconds from a request to the first cell, and of one call of a student's function."""
    x = np.ones((8, 8))
    first, calls = [], []
    with open_sandbox(many=True) as sandbox:
        for _ in range(runs + 1):
            with worker_for(topic, sandbox) as worker:
                asked = time.monotonic()
                worker.run([(1, "import time; print(time.monotonic())\ndef f(x): return x")])
                with worker.check(seed=0, cpu_s=10) as student:
                    student.f(x)
                    for _ in range(100):
                        started = time.perf_counter()
                        student.f(x)
                        calls.append((time.perf_counter() - started) * 1e3)
                worker.end()
            first.append((float(worker.ending.printed.split()[0]) - asked) * 1e3)
    return {"first cell": statistics.median(first[1:]), "call": statistics.median(calls)}


def judging_ms(*, runs: int = 50) -> dict[str, float]:
    """Median milliseconds of one comparison of 100 x 100 numbers: equal ones, and wrong ones with an explanation."""
    expected = np.random.default_rng(0).normal(size=(100, 100))
    wrong = {"transposed": expected.T.copy(), "unlike": expected + np.random.default_rng(1).normal(size=(100, 100))}
    times: dict[str, list[float]] = {}
    for name, actual in {"equal": expected.copy(), **wrong}.items():
        for _ in range(runs):
            started = time.perf_counter()
            with contextlib.suppress(CheckFailed):
                assert_close(actual, expected, what="f(x)")
            times.setdefault(name, []).append((time.perf_counter() - started) * 1e3)
    return {name: statistics.median(each) for name, each in times.items()}


def recognising_ms(topic: Topic) -> tuple[list[float], list[float]]:
    """Milliseconds to recognise each mistake of a topic at the check that names it: at first, and the next time."""
    grader, keys = trusted_grader(topic), Keys(bytes(32), topic.name)
    assert grader.known is not None
    checks: dict[str, Check] = {check.name: check for question in topic.questions for check in question.checks}
    times: tuple[list[float], list[float]] = ([], [])
    for mistake in topic.mistakes:
        check = checks[mistake.caught_by[0]]
        given: dict[str, Any] = {"reference": grader.reference, "rng": functools.partial(keys.rng, check, 0)}
        said, _ = grader.known.transcript(check, mistake, **given)
        for taken in times:
            started = time.perf_counter()
            grader.known.recognise(check, said, inputs=keys, **given)
            taken.append((time.perf_counter() - started) * 1e3)
    return times
