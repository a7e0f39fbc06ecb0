"""The tiny course, copied so that nothing is written into the tests."""

import shutil
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.topic import load_topic

TINY = Path(__file__).parent.parent / "courses" / "tiny"


@pytest.fixture
def course(tmp_path):
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__", ".chainrule"))
    return find_course(tmp_path / "course")


@pytest.fixture
def topic(course):
    return load_topic(course, "scale")
