"""The tiny course, to be broken in one place, and what verifying it says."""

import pytest

from autograder.course import find_course
from autograder.topic import load_topic
from autograder.verify import verify


@pytest.fixture
def change(tiny_course):
    """change(file, old, new): edit a file of the topic `scale`, as in "solutions/mistakes.py"."""

    def edit(file, old, new):
        part, name = file.split("/")
        path = tiny_course / part / "scale" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


@pytest.fixture
def add(tiny_course):
    """add(file, text): write at the end of a file of the topic `scale`."""

    def append(file, text):
        part, name = file.split("/")
        path = tiny_course / part / "scale" / name
        path.write_text(path.read_text() + "\n\n" + text)

    return append


@pytest.fixture
def verified(tiny_course):
    """verified(...): what is found in this process; `sandboxed=True` for the sandbox as well."""

    def run(*, sandboxed=False, **options):
        return verify(load_topic(find_course(tiny_course), "scale"), sandboxed=sandboxed, **options)

    return run


@pytest.fixture
def quick(tiny_course):
    """Half a second of CPU for each check, so that a loop without end ends soon."""
    path = tiny_course / "assignments/scale/topic.toml"
    path.write_text(path.read_text() + "\n[limits]\ncheck_cpu_s = 0.5\nwall_factor = 2.0\n")
