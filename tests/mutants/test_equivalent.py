"""Mutants that a topic lists as equivalent."""

import pytest

from autograder.errors import CourseError
from autograder.mutants import mutants_of
from autograder.mutants.equivalent import listed_as_equivalent, path_of

ENTRY = """\
[[mutant]]
of = "scale"
was = "return x * factor"
becomes = "return factor"
reason = "For the test."
"""


@pytest.fixture
def listed(tiny_topic):
    """listed(toml): ids and reasons of the mutants that it lists."""

    def read(text):
        path_of(tiny_topic).write_text(text)
        found = listed_as_equivalent(tiny_topic, mutants_of(tiny_topic))
        return {name: entry.reason for name, entry in found.items()}

    return read


def test_no_file_lists_nothing(tiny_topic):
    path_of(tiny_topic).unlink(missing_ok=True)
    assert listed_as_equivalent(tiny_topic, mutants_of(tiny_topic)) == {}


def test_an_entry_names_its_mutant_by_the_lines_before_and_after(listed):
    assert listed(ENTRY) == {"scale-4": "For the test."}


def test_lines_above_do_not_matter(listed, tiny_topic):
    path = tiny_topic.path("solution")
    path.write_text(path.read_text().replace("import functools\n", "# one more line\n\nimport functools\n"))
    assert listed(ENTRY) == {"scale-4": "For the test."}


def test_dropped_lines_become_nothing(listed, tiny_topic):
    path = tiny_topic.path("solution")
    path.write_text(path.read_text().replace("    return x * factor", "    x = x + 0\n    return x * factor"))
    assert list(listed('[[mutant]]\nof = "scale"\nwas = "x = x + 0"\nreason = "Adds nothing."\n').values()) == [
        "Adds nothing."
    ]


@pytest.mark.parametrize(
    "text, said",
    [
        (ENTRY.replace("return factor", "return 3"), "there is no mutant of `scale` that makes `return 3`"),
        (ENTRY.replace('of = "scale"', 'of = "scale_backward"'), "there is no mutant of `scale_backward`"),
        (ENTRY.replace("For the test.", ""), "reason"),
        (ENTRY.replace("reason", "because"), "because"),
        ("[[mutants]]\n", "mutants"),
        ("[[mutant]\n", "equivalent_mutants.toml"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(listed, text, said):
    with pytest.raises(CourseError, match=said):
        listed(text)
