"""`chainrule verify`: a topic proves its own grader."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import find_course
from autograder.scaffold import scaffold


def verify(course, *options):
    done = CliRunner().invoke(main, ["verify", "scale", "--course", str(course), "--local", *options])
    return done.exit_code, done.stdout, done.stderr


def test_a_good_topic_is_proven(tiny_course):
    code, said, _ = verify(tiny_course)
    assert code == 0
    assert said.endswith("scale: proven\n")


def test_a_check_that_catches_nothing_is_a_fault(tiny_course):
    path = tiny_course / "solutions/scale/mistakes.py"
    text = path.read_text()
    start = text.index('@mistake(\n    of="scale",\n    caught_by="arguments_stay_as_they_are"')
    path.write_text(text[:start] + text[text.index("@mistake", start + 1) :])
    code, said, _ = verify(tiny_course)
    assert code == 1
    assert "arguments_stay_as_they_are" in said
    assert said.endswith("scale: not proven\n")


def test_quiet_says_only_what_came_out(tiny_course):
    assert verify(tiny_course, "--quiet")[2] == ""
    assert verify(tiny_course)[2] != ""


@pytest.mark.slow
def test_a_new_topic_is_proven_in_the_sandbox_too(tmp_path):
    (tmp_path / "course.toml").write_text('title = "New"\n')
    scaffold(find_course(tmp_path), "batch_norm")
    command = [sys.executable, "-m", "autograder.cli", "verify", "batch_norm", "-j2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("batch_norm: proven\n"), done.stdout + done.stderr
    assert done.returncode == 0
