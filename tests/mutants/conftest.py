"""The tiny topic."""

import pytest

from autograder.course import find_course
from autograder.topic import load_topic


@pytest.fixture
def tiny_topic(tiny_course):
    return load_topic(find_course(tiny_course), "scale")
