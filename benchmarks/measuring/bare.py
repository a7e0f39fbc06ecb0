"""The same cells and the same calls in one warm process, with no grader: what cannot be saved.

The calls are what the checks ask of the solution, recorded once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograder.course import find_course
from autograder.grading import Keys
from autograder.notebook.submission import read_submission
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.sandbox.warm import clean_environment
from autograder.submission import Submission
from autograder.submission._cells import prepare, run_cells
from autograder.submission._engine import Engine
from autograder.topic import Topic, load_topic


def cpu_per_run_s(topic: Topic, notebook: Path, *, runs: int) -> float:
    """CPU time of the cells and the calls, in a process of its own that has done them once already."""
    command = [sys.executable, "-m", "measuring.bare", topic.course.root, topic.name, notebook, str(runs)]
    environment = {**clean_environment(), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    said = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=True)
    return float(said.stdout.splitlines()[-1])


def recorded_calls(topic: Topic) -> list[dict[str, Any]]:
    """The requests that all checks make of the solution."""
    reference, keys, known = Reference(topic.module("reference")), Keys(bytes(32), topic.name), KnownAnswers(topic)
    calls: list[dict[str, Any]] = []
    for question in topic.questions:
        for check in question.checks:
            for repeat in range(check.repeat):
                student = known.student()
                check(student=_recording(student, calls), reference=reference, rng=keys.rng(check, repeat))
    return calls


def _recording(student: Submission, calls: list[dict[str, Any]]) -> Submission:
    answer: Callable[[dict[str, Any]], dict[str, Any]] = student._answer

    def noted(request: dict[str, Any]) -> dict[str, Any]:
        calls.append(request)
        return answer(request)

    return Submission(noted)


def _run(cells: Sequence[tuple[int, str]], calls: Sequence[dict[str, Any]]) -> None:
    namespace: dict[str, Any] = {}
    prepare(namespace)
    run_cells(list(cells), namespace, 60.0, lambda number: None)
    engine = Engine(namespace)
    for request in calls:
        engine.answer(request)


def main(root: str, name: str, notebook: str, runs: str) -> None:
    """Print the CPU time of one run, in seconds."""
    topic = load_topic(find_course(Path(root)), name)
    cells = [(cell.number, cell.source) for cell in read_submission(Path(notebook)).cells]
    calls = recorded_calls(topic)
    output, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    _run(cells, calls)
    started = time.process_time()
    for _ in range(int(runs)):
        _run(cells, calls)
    taken = (time.process_time() - started) / int(runs)
    sys.stdout.flush()
    os.dup2(output, 1)
    print(taken, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
