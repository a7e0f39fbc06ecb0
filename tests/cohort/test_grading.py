"""A class in the pool: whatever becomes of a grading process or of the warm server, everybody else is graded."""

import os
import shutil
import signal
import sys

import nbformat
import pytest

from autograder import cohort
from autograder.cohort import grade_each, grade_files
from autograder.course import find_course
from autograder.notebook.handout import solved
from autograder.sandbox.warm import WarmServer
from autograder.topic import load_topic

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kills processes as Linux lets it"),
]


@pytest.fixture
def topic(tiny_course):
    return load_topic(find_course(tiny_course), "scale")


@pytest.fixture
def notebooks(topic, tmp_path):
    """Six right answers; "crash" and "server" among their names do what their names say when they are graded."""
    nbformat.write(solved(topic), tmp_path / "a.ipynb")
    paths = [tmp_path / f"{name}.ipynb" for name in ("a", "b", "crash", "c", "server", "d")]
    for path in paths[1:]:
        shutil.copy(paths[0], path)
    return paths


@pytest.fixture
def _accidents(monkeypatch):
    connect, grade_one = WarmServer.connect, cohort._grade_one

    def connected(self):
        other = connect(self)
        other.pid_there = self.pid
        return other

    def with_accidents(grader, path, secret, sandbox, slot):
        if path.stem == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if path.stem == "server":
            os.kill(sandbox.server.pid_there, signal.SIGKILL)
        return grade_one(grader, path, secret, sandbox, slot)

    monkeypatch.setattr(WarmServer, "connect", connected)
    monkeypatch.setattr(cohort, "_grade_one", with_accidents)


@pytest.mark.usefixtures("_accidents")
def test_an_accident_costs_the_submission_that_it_happens_at(topic, notebooks):
    reports = dict(grade_each(topic, notebooks, secret=bytes(32), jobs=2))
    found = {notebooks[place].stem: report for place, report in reports.items()}
    assert {name: report.earned for name, report in found.items() if report.graded} == dict.fromkeys("abcd", 10.0)
    causes = {name: next(report.checks).detail for name, report in found.items() if not report.graded}
    assert causes == {
        "crash": "GraderError: the grading process was ended by SIGKILL",
        "server": "GraderError: the grading process ended with code 70",
    }


def test_reports_stand_in_the_order_of_the_files(topic, notebooks):
    told = []
    reports = grade_files(topic, notebooks, secret=bytes(32), jobs=2, on_report=lambda path, report: told.append(path))
    assert [report.submission for report in reports] == [path.name for path in notebooks]
    assert sorted(told) == sorted(notebooks)
