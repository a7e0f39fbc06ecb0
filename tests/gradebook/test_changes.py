"""What grading anew changes, and what a verdict depends on."""

from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.gradebook.changes import by_check, changes, state_of
from autograder.gradebook.fingerprint import changed, key_of

TOPIC = "topic"


def test_only_grades_that_are_not_what_they_were_are_named(book, graded):
    graded("ada", "pf")
    graded("bob", "pp")
    before = state_of(book, TOPIC)
    graded("ada", "pp", key="another")
    graded("bob", "pp", key="another")
    (change,) = changes(before, state_of(book, TOPIC))
    assert (change.name, change.by, change.checks) == ("Ada", 2.0, {"check_1_2": ((0.0, 2.0), (2.0, 2.0))})


def test_a_change_that_an_override_hides_moves_no_total(book, graded):
    graded("ada", "pf")
    book.override(TOPIC, "ada", "check_1_2", points=1, reason="half")
    before = state_of(book, TOPIC)
    graded("ada", "pp", key="another")
    (change,) = changes(before, state_of(book, TOPIC))
    assert change.by == 0.0


def test_moves_are_counted_by_check(book, graded):
    for student in ("ada", "bob", "cem"):
        graded(student, "pf")
    before = state_of(book, TOPIC)
    graded("ada", "pp", key="another")
    graded("bob", "pp", key="another")
    graded("cem", "nf", "p", key="another")
    assert by_check(list(changes(before, state_of(book, TOPIC)))) == {
        "check_1_2": {"0 -> 2": 2}, "check_1_1": {"2 -> not graded": 1}, "check_2_1": {"none -> 2": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    "file, parts",
    [
        ("assignments/scale/checks.py", ["topic"]),
        ("assignments/scale/data/new.csv", ["topic"]),
        ("reference/scale/hidden.py", ["topic"]),
        ("solutions/scale/mistakes.py", ["topic"]),
        (".chainrule/secret", ["secret"]),
        ("assignments/scale/.hidden", []),
        ("assignments/other/checks.py", []),
    ],
)
def test_what_a_verdict_depends_on_is_in_the_key(tiny_course, file, parts):
    course = find_course(tiny_course)
    before = key_of(course, "scale")
    path = tiny_course / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("ab" * 32 if "secret" in file else "# changed")
    assert changed(before, key_of(course, "scale")) == parts


def test_the_key_does_not_tell_the_secret(tiny_course):
    course = find_course(tiny_course)
    assert course.secret().hex()[:12] not in key_of(course, "scale")


def test_the_toolkit_is_in_the_key(tiny_course, monkeypatch):
    from autograder import version

    course = find_course(tiny_course)
    before = key_of(course, "scale")
    monkeypatch.setattr(version, "__version__", "another")
    assert changed(before, key_of(course, "scale")) == ["toolkit"]


def test_every_part_that_is_said_to_be_presentation_exists(repository):
    from autograder.version import PRESENTATION

    missing = {name for name in PRESENTATION if not any(Path(repository / "autograder").glob(f"{name}*"))}
    assert missing == set()
