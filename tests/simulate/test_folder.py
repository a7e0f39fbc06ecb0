"""A simulated class on disk, as each system hands it out."""

import csv
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.errors import CourseError
from autograder.simulate import in_pairs
from autograder.simulate.folder import write
from autograder.simulate.layouts import LAYOUTS


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def people(people):
    """The class, but its second student is not on the roster."""
    return [people[0], replace(people[1], enrolled=False), *people[2:]]


@pytest.fixture(scope="module", params=list(LAYOUTS))
def written(request, topic, people, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "class"
    return request.param, write(in_pairs(people), topic, folder, layout=request.param)


def test_the_key_names_every_file(written):
    _, found = written
    assert {row["file"] for row in rows(found.key) if row["file"]} == files(found.submissions) - {
        "submission_metadata.yml"
    }


def test_the_key_has_everybody(written, people):
    _, found = written
    assert {row["student"] for row in rows(found.key)} == {each.person.number for each in people}


def test_the_roster_has_everybody_who_is_enrolled(written, people):
    _, found = written
    numbers = [row["Student ID"] for row in rows(found.roster)]
    assert numbers[:2] == ["20260001", "20260003"] and len(numbers) == len(people) - 1


def test_a_name_is_written_as_it_was_chosen(written, people):
    _, found = written
    assert [row["Name"] for row in rows(found.roster)] == [each.person.name for each in people if each.enrolled]


PATTERNS = {
    "plain": r"[a-z]{2}\d{3}_scale(_attempt[12])?\.(ipynb|ipynb\.json|py|zip)",
    "gradescope": r"submission_5\d{6}/scale\.(ipynb|ipynb\.json|py|zip)|submission_metadata\.yml",
    "canvas": r"[\w-]+_(LATE_)?4\d{3}_9\d{4}_scale(-1)?\.(ipynb|ipynb\.json|py|zip)",
    "moodle": r"[^/]+_700\d{3}_assignsubmission_file/scale\.(ipynb|ipynb\.json|py|zip)",
}


def test_files_lie_as_the_system_lays_them(written):
    layout, found = written
    assert [each for each in files(found.submissions) if not re.fullmatch(PATTERNS[layout], each)] == []


def test_only_a_plain_folder_keeps_earlier_attempts(written):
    layout, found = written
    attempts = [row for row in rows(found.key) if row["of"] == "2"]
    assert {row["attempt"] for row in attempts} == ({"1", "2"} if layout == "plain" else {"2"})


def test_gradescope_names_who_handed_in_together(topic, people, tmp_path):
    found = write(in_pairs(people), topic, tmp_path / "class", layout="gradescope")
    text = (found.submissions / "submission_metadata.yml").read_text()
    parts = re.split(r"^submission_", text, flags=re.MULTILINE)[1:]
    pairs = [re.findall(r":sid: '(\d+)'", part) for part in parts if part.count(":sid:") == 2]
    assert pairs == [["20260029", "20260030"], ["20260059", "20260060"]]


HEADERS = {
    "gradescope": ["First Name", "Last Name", "SID", "Email"],
    "canvas": ["Student", "ID", "SIS User ID", "SIS Login ID"],
    "moodle": ["Identifier", "Full name", "Email address", "Status"],
}


def test_the_sheet_for_grades_is_the_systems_own(written):
    layout, found = written
    if layout == "plain":
        assert found.sheet is None
    else:
        assert list(rows(found.sheet)[0])[:4] == HEADERS[layout]


def test_what_is_there_already_is_not_written_over(topic, people, tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(CourseError, match="is there already, and is not empty"):
        write(people, topic, tmp_path)


def test_no_other_user_may_look(topic, people, tmp_path):
    write(people[:2], topic, tmp_path / "class")
    assert (tmp_path / "class").stat().st_mode & 0o077 == 0


def test_the_command_says_where_everything_lies(tiny_course, tmp_path):
    command = [
        "simulate",
        "scale",
        "--course",
        str(tiny_course),
        "--students",
        "5",
        "--seed",
        "2",
        "-o",
        str(tmp_path / "x"),
    ]
    done = CliRunner().invoke(main, [*command, "--no-roster"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "5 files of 5 students; 0 handed in nothing.",
        f"  submissions  {tmp_path}/x/submissions/",
        f"  the truth    {tmp_path}/x/key.csv",
    ]


def test_the_command_knows_every_layout():
    layout = next(each for each in main.commands["simulate"].params if each.name == "layout")
    assert list(layout.type.choices) == list(LAYOUTS)
