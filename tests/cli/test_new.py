"""`chainrule new`: the folders of a new topic."""

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.scaffold import scaffold
from autograder.topic import load_topic

FILES = {
    "assignments/batch_norm/topic.toml",
    "assignments/batch_norm/notebook.md",
    "assignments/batch_norm/checks.py",
    "reference/batch_norm/reference.py",
    "reference/batch_norm/hidden.py",
    "solutions/batch_norm/solution.py",
    "solutions/batch_norm/accepted.py",
    "solutions/batch_norm/mistakes.py",
    "solutions/batch_norm/equivalent_mutants.toml",
}


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course.toml").write_text('title = "Empty"\n')
    return find_course(tmp_path)


def test_it_makes_three_folders(course):
    written = scaffold(course, "batch_norm")
    assert {path.relative_to(course.root).as_posix() for path in written} == FILES
    assert all(path.is_file() for path in written)


def test_the_title_comes_from_the_name(course):
    scaffold(course, "batch_norm")
    assert load_topic(course, "batch_norm").title == "Batch norm"


def test_the_title_can_be_given(course):
    scaffold(course, "batch_norm", title="Batch normalisation, 100 % by hand")
    assert load_topic(course, "batch_norm").title == "Batch normalisation, 100 % by hand"


def test_no_placeholder_is_left(course):
    for path in scaffold(course, "batch_norm"):
        text = path.read_text(encoding="utf-8")
        assert "@TOPIC@" not in text
        assert "@TITLE@" not in text


def test_what_it_makes_is_valid(course):
    scaffold(course, "batch_norm")
    load_topic(course, "batch_norm").validate()


@pytest.mark.parametrize("name", ["batch-norm", "2d_conv", "", "class", "BatchNorm", "../up", "_private", "a b", "a.b"])
def test_what_is_no_name_is_refused(course, name):
    with pytest.raises(CourseError, match="cannot name a topic"):
        scaffold(course, name)


@pytest.mark.parametrize("title", ["", "  ", "two\nlines", 'a "quoted" one', "back\\slash", "bell\x07"])
def test_what_is_no_title_is_refused(course, title):
    with pytest.raises(CourseError, match="one line of text"):
        scaffold(course, "batch_norm", title=title)


@pytest.mark.parametrize("part", ["assignments", "reference", "solutions"])
def test_what_is_there_is_never_overwritten(course, part):
    (course.root / part / "batch_norm").mkdir(parents=True)
    with pytest.raises(CourseError, match="is there already"):
        scaffold(course, "batch_norm")
    assert [path for path in course.root.rglob("*") if path.is_file()] == [course.root / "course.toml"]


def test_the_command_says_what_it_made_and_how_to_go_on(course):
    done = CliRunner().invoke(main, ["new", "batch_norm", "--course", str(course.root)])
    assert done.exit_code == 0
    assert all(path in done.output for path in FILES)
    assert "chainrule verify batch_norm" in done.output
