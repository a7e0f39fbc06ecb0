"""`chainrule build`: what students download."""

import nbformat
import pytest
from click.testing import CliRunner

from autograder.cli import main


def build(course, *arguments):
    return CliRunner().invoke(
        main, ["build", *arguments, "--course", str(course), "-o", str(course / "dist")], catch_exceptions=False
    )


def test_the_solved_notebook_holds_the_solution(tiny_course):
    done = build(tiny_course, "scale", "--solved")
    path = tiny_course / "dist/scale/scale-solved.ipynb"
    assert done.stdout == f"scale: {path}\n"
    assert any("return x * factor" in cell.source for cell in nbformat.read(path, as_version=4).cells)


def test_the_student_package_is_a_folder_and_a_zip(tiny_course):
    done = build(tiny_course, "scale")
    assert done.exit_code == 0
    assert (tiny_course / "dist/scale/student").is_dir()
    assert (tiny_course / "dist/scale/scale-student.zip").is_file()


def test_everything_is_built_unless_said_otherwise(tiny_course):
    done = build(tiny_course, "scale")
    folder = tiny_course / "dist" / "scale"
    names = ["scale-student.zip", "scale-gradescope.zip", "github", "github-private"]
    assert done.stdout.splitlines() == [f"scale: {folder / name}" for name in names]
    assert {path.name for path in folder.iterdir()} == {"student", *names}


def test_only_what_is_asked_for_is_built(tiny_course):
    assert build(tiny_course, "scale", "--for", "github").exit_code == 0
    assert {path.name for path in (tiny_course / "dist" / "scale").iterdir()} == {"github", "github-private"}


@pytest.mark.parametrize(
    "value, said",
    [("moodle", "moodle is nothing to build for; there are: student, gradescope, github"), (" , ", "nothing")],
)
def test_an_unknown_target_is_refused_before_anything_is_built(tiny_course, value, said):
    done = build(tiny_course, "scale", "--for", value)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tiny_course / "dist").exists()


@pytest.mark.parametrize("options", [[], ["--solved"]])
def test_nothing_is_built_if_one_topic_is_broken(tiny_course, options):
    path = tiny_course / "assignments/scale/topic.toml"
    path.write_text(path.read_text().replace("points = 5", "points = 6", 1))
    done = build(tiny_course, "scale", *options)
    assert done.exit_code == 2
    assert "q1 is worth 6 points, but its checks add up to 5" in done.stderr
    assert not (tiny_course / "dist").exists()
