"""Every topic of the course proves its own grader, and its notebooks run in a real kernel.

`chainrule verify` is the list of what is held; here it runs over all topics beside the tests. `make verify` does the same
in the sandbox, too, which takes longer.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course import find_course
from autograder.package.student import build
from autograder.topic import Topic
from autograder.verify import verify

pytestmark = pytest.mark.slow

COURSE = find_course(Path(__file__).parents[2])


@pytest.fixture(params=COURSE.topics())
def topic(request):
    return Topic(COURSE, request.param)


@pytest.fixture
def package(topic, tmp_path):
    """The student package, unpacked far from the course."""
    with zipfile.ZipFile(build(topic, tmp_path / "dist")) as archive:
        archive.extractall(tmp_path / "downloads")
    return tmp_path / "downloads" / topic.name


def errors(notebook):
    return [
        (output.ename, output.evalue)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]


def test_a_topic_proves_its_own_grader(topic):
    found = verify(topic, jobs=2, sandboxed=False)
    assert found.faults == []


def test_the_handout_runs_and_asks_for_what_is_not_written(topic, package, execute):
    notebook = nbformat.read(package / f"{topic.name}.ipynb", as_version=4)
    ran = execute(notebook, package, without=("otter",))
    kinds = [kind for kind, _ in errors(ran)]
    assert kinds[:1] == ["NotImplementedError"]
    assert set(kinds) <= {"NotImplementedError", "NameError"}  # a name that a cell before would have made
    assert "Public checks: 0 of" in str([cell.get("outputs") for cell in ran.cells])


def test_the_solved_notebook_runs_from_top_to_bottom_and_passes_every_public_check(topic, package, execute):
    from autograder.notebook.handout import solved

    ran = execute(solved(topic), package, without=("otter",))
    assert errors(ran) == []
    points = sum(check.points for check in topic.public_checks)
    assert f"Public checks: {points:g} of {points:g} points." in str([cell.get("outputs") for cell in ran.cells])
