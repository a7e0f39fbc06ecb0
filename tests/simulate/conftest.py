"""A simulated class of the tiny topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.simulate import simulate
from autograder.topic import Topic, load_topic

TINY = Path(__file__).parent.parent / "courses" / "tiny"


@pytest.fixture(scope="session")
def topic() -> Topic:
    return load_topic(find_course(TINY), "scale")


@pytest.fixture(scope="session")
def people(topic):
    """Sixty students of seed 3."""
    return simulate(topic, students=60, seed=3)
