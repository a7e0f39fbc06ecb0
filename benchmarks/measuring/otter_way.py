"""The same notebook and the same checks, graded as otter does it: in a Jupyter kernel of their own, beside the answers.

`write_autograder` makes what `otter run -a` takes. Its test files call `run_check` in the student's kernel: the very
check functions that chainrule runs, public and hidden, with the reference at hand. No sandbox, no second try with right
earlier answers, no hints: otter has nothing of the kind.
"""

from __future__ import annotations

import functools
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from autograder.course import find_course
from autograder.grading import Keys
from autograder.reference import Reference
from autograder.submission.local import LocalSubmission
from autograder.topic import Topic, load_topic

COURSE, TOPIC = "BENCH_COURSE", "BENCH_TOPIC"
"""Environment variables that tell the kernel what to grade."""

TEST_FILE = """\
from measuring.otter_way import run_check
from otter.test_files import test_case

OK_FORMAT = False
name = {question!r}
points = None
"""
TEST_CASE = """

@test_case(points={points}, hidden={hidden}, name={check!r})
def check_{number}(env):
    run_check({check!r}, env)
"""


def write_autograder(topic: Topic, target: Path) -> Path:
    """The zip with one test file for each question."""
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "pdf": False, "show_hidden": True}))
        for question in topic.questions:
            cases = (
                TEST_CASE.format(points=check.points, hidden=check.name not in question.public, check=check.name,
                                 number=number)
                for number, check in enumerate(question.checks)
            )  # fmt: skip
            archive.writestr(f"tests/{question.id}.py", TEST_FILE.format(question=question.id) + "".join(cases))
    return target


def environment(topic: Topic) -> dict[str, str]:
    """What `otter run` must be told."""
    here = str(Path(__file__).resolve().parents[1])
    return {COURSE: str(topic.course.root), TOPIC: topic.name, "PYTHONPATH": here, "OMP_NUM_THREADS": "1"}


def earned(results: Path) -> float:
    """Points in otter's results.json."""
    return float(sum(test.get("score", 0) for test in json.loads(results.read_text())["tests"]))


def run_check(name: str, env: dict[str, Any]) -> None:
    """Run one check on the names of the kernel. Raises what the check raises."""
    topic, reference, keys = _trusted()
    check = next(each for question in topic.questions for each in question.checks if each.name == name)
    for repeat in range(check.repeat):
        check(student=LocalSubmission(env), reference=reference, rng=keys.rng(check, repeat))


@functools.cache
def _trusted() -> tuple[Topic, Reference, Keys]:
    topic = load_topic(find_course(Path(os.environ[COURSE])), os.environ[TOPIC])
    return topic, Reference(topic.module("reference")), Keys(topic.course.secret(), topic.name)
