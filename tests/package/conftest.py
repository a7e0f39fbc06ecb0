"""The tiny course, copied so that nothing is written into the tests; and its package, built once."""

import shutil
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.package.student import build
from autograder.topic import load_topic

TINY = Path(__file__).parent.parent / "courses" / "tiny"


def copy_of_tiny(folder):
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__", ".chainrule"))
    return load_topic(find_course(folder), "scale")


@pytest.fixture
def topic(tmp_path):
    return copy_of_tiny(tmp_path / "course")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """(topic, zip): treat both as read-only."""
    folder = tmp_path_factory.mktemp("built")
    topic = copy_of_tiny(folder / "course")
    return topic, build(topic, folder / "dist")
