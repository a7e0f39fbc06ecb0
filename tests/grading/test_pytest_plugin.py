"""Checks as pytest items, in a process of pytest's own."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest

from autograder.course import find_course
from autograder.notebook.handout import with_answers
from autograder.topic import Topic

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tiny_course, tmp_path):
    """`run(sources)`: pytest on the tiny topic's checks, with a submission in which these names are replaced."""

    def pytest_on(sources, *options):
        topic = Topic(find_course(tiny_course), "scale")
        notebook = tmp_path / "hw.ipynb"
        nbformat.write(with_answers(topic, sources), notebook)
        files = ["assignments/scale/checks.py", "reference/scale/hidden.py"]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *files, *options]
        return subprocess.run(
            [*command, "--submission", str(notebook)],
            cwd=tiny_course,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return pytest_on


def test_every_check_is_an_item_and_right_answers_pass_it(run):
    done = run({})
    assert "5 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_failed_check_shows_its_sentence_and_no_traceback(run):
    done = run({"scale": "def scale(x, factor):\n    return x + factor\n"}, "-k", "tall_matrix_is_scaled")
    assert "1 failed" in done.stdout
    assert "failed: scale is right for a tall random matrix." in done.stdout
    assert "Traceback" not in done.stdout
    assert "grading.py" not in done.stdout


def test_without_a_submission_nothing_is_collected(tiny_course):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "assignments"]
    done = subprocess.run(command, cwd=tiny_course, capture_output=True, text=True, timeout=300, check=False)
    assert "collected 0 items" in done.stdout
