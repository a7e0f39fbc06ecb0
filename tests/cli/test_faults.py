"""Errors of ours are one line on stderr and an exit code."""

import click
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.cli.faults import FaultsInOneLine
from autograder.errors import CourseError, GraderError, IsolationError


def run_and_raise(error):
    @click.group(cls=FaultsInOneLine)
    def group():
        pass

    @group.command()
    def fail():
        raise error

    return CliRunner().invoke(group, ["fail"])


@pytest.mark.parametrize(
    "error, code",
    [
        (CourseError("points do not add up", path="topic.toml", key="q2"), 2),
        (IsolationError("Landlock is missing"), 1),
        (GraderError("the server is gone"), 1),
    ],
)
def test_the_code_says_whose_fault_it_is(error, code):
    assert run_and_raise(error).exit_code == code


def test_a_bad_course_is_one_line_on_stderr():
    done = run_and_raise(CourseError("points\n  do not add up", path="topic.toml", key="q2"))
    assert done.stderr == "Error: topic.toml: q2: points do not add up\n"
    assert done.stdout == ""


def test_a_fault_in_our_code_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        raise run_and_raise(ZeroDivisionError()).exception


def test_a_folder_without_a_course_is_a_bad_course(tmp_path):
    done = CliRunner().invoke(main, ["list", "--course", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr == f"Error: no course.toml in {tmp_path}; name the course with --course\n"


def test_an_unknown_topic_is_a_bad_course(tiny_course):
    done = CliRunner().invoke(main, ["build", "scales", "--course", str(tiny_course)])
    assert done.exit_code == 2
    assert done.stderr == f"Error: there is no topic `scales` in {tiny_course}; there are: scale\n"


def test_an_unknown_option_is_bad_usage():
    assert CliRunner().invoke(main, ["list", "--colour"]).exit_code == 2
