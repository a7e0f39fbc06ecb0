"""The student package as files."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.errors import CourseError
from autograder.package import toolkit
from autograder.package.student import build, package_files

OPENED = """\
import sys
from pathlib import Path
from autograder.course import find_course
from autograder.package.student import package_files, zipped
from autograder.topic import load_topic

opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in {"open", "exec"} else None)
topic = load_topic(find_course(Path(sys.argv[1])), "scale")
zipped(package_files(topic), root="scale")
opened = [path for path in opened if path.endswith(".py") and sys.argv[1] in path]
print("\\n".join(sorted({Path(path).name for path in opened})))
"""


def names(archive):
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def test_the_folder_and_the_zip_hold_the_same_files(built):
    archive = built[1]
    folder = archive.parent / "student"
    with zipfile.ZipFile(archive) as opened:
        zipped = {name: opened.read(name) for name in opened.namelist()}
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert zipped == {f"scale/{name}": content for name, content in files.items()}


@pytest.mark.parametrize(
    "name",
    [
        "scale.ipynb",
        "README.md",
        "requirements.txt",
        "data/people.csv",
        "checks/checks.py",
        "checks/recorded.json",
        "checks/recorded.npz",
        "checks/scale.json",
        "tests/q1.py",
        "tests/q2.py",
        "autograder/compare/__init__.py",
    ],
)
def test_it_has_what_a_student_needs(built, name):
    assert f"scale/{name}" in names(built[1])


def test_nothing_else_of_the_toolkit_travels(built):
    parts = {name.split("/")[2].removesuffix(".py") for name in names(built[1]) if name.startswith("scale/autograder/")}
    assert parts - {"__init__"} <= toolkit.SHIPPED
    assert not any("leaks" in name or "student.py" in name or "_child" in name for name in names(built[1]))


def test_the_same_topic_gives_the_same_bytes(built, tmp_path):
    topic, archive = built
    assert build(topic, tmp_path).read_bytes() == archive.read_bytes()


def test_a_second_build_leaves_nothing_of_the_first(topic, tmp_path):
    build(topic, tmp_path)
    (topic.folder / "data" / "people.csv").rename(topic.folder / "data" / "persons.csv")
    archive = build(topic, tmp_path)
    assert not (archive.parent / "student" / "data" / "people.csv").exists()


def test_building_never_opens_hidden_checks_or_mistakes(topic):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OPENED, str(topic.course.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["checks.py", "reference.py", "solution.py"]


def test_the_notebook_is_valid(built):
    with zipfile.ZipFile(built[1]) as opened:
        nbformat.validate(nbformat.reads(opened.read("scale/scale.ipynb").decode(), as_version=4))


def test_run_all_goes_on_after_a_cell_that_raises(built):
    with zipfile.ZipFile(built[1]) as opened:
        notebook = nbformat.reads(opened.read("scale/scale.ipynb").decode(), as_version=4)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells if cell.cell_type == "code"]
    assert tags == [["raises-exception"]] * len(tags)


def test_the_manifest_says_how_the_names_are_called(built):
    with zipfile.ZipFile(built[1]) as opened:
        manifest = json.loads(opened.read("scale/checks/scale.json"))
    assert manifest["signatures"] == {"scale": "scale(x, factor)", "scale_backward": "scale_backward(dout, x, factor)"}
    assert [question["id"] for question in manifest["questions"]] == ["q1", "q2"]


def test_no_mark_of_the_template_is_left_in_the_readme(built):
    with zipfile.ZipFile(built[1]) as opened:
        readme = opened.read("scale/README.md").decode()
    assert readme.startswith("# Scaling columns\n")
    assert not [line for line in readme.split("\n") if "@" in line]


def test_otters_test_files_are_ascii(topic):
    path = topic.path("checks")
    path.write_text(
        path.read_text(encoding="utf-8").replace("The gradients with respect to", "The ∂L/∂ of"), encoding="utf-8"
    )
    assert package_files(topic)["tests/q2.py"].isascii()


def test_a_public_check_that_imports_what_must_not_travel_is_refused(topic):
    path = topic.path("checks")
    path.write_text("from autograder.topic import load_topic\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CourseError, match=r"checks\.py: imports autograder\.topic, which students do not get"):
        package_files(topic)


def test_a_public_file_with_the_name_of_one_of_ours_is_refused(topic):
    (topic.folder / "README.md").write_text("Mine.")
    with pytest.raises(CourseError, match=r"README\.md: has the name of a file of the student package"):
        package_files(topic)


def test_a_build_that_fails_writes_nothing(topic, tmp_path):
    (topic.folder / "README.md").write_text("Mine.")
    with pytest.raises(CourseError):
        build(topic, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_the_toolkit_follows_imports_inside_functions_but_not_those_for_types():
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from autograder import topic\ndef f():\n    from autograder import verdict\n"
    assert list(toolkit.needed([(Path("x.py"), source)])) == ["autograder/__init__.py", "autograder/verdict.py"]
