"""Downloads of Gradescope, Canvas and Moodle, folders and archives: whose each file is, and nothing is dropped."""

import os
import zipfile
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.intake import Student, apart, open_source, take_in
from autograder.intake.sources import holds_many

ADA = Student("101", "Ada Lovelace", "ada@x.edu", "101", "alovelace", "7001", "501", enrolled=True)
BOB = Student("102", "Bob Byrne", "bob@x.edu", "102", "bbyrne", "7002", "502", enrolled=True)
ZOE = Student("103", "O'Hara, Zoë Anne", "zoe@x.edu", "103", "zohara", "7003", "503", enrolled=True)
ROSTER = [ADA, BOB, ZOE]

METADATA = """---
submission_900:
  :submitters:
  - :name: Ada Lovelace
    :sid: '101'
    :email: ada@x.edu
  - :name: Somebody Else
    :sid: '102'
    :email: other@x.edu
  :created_at: 2026-06-01 14:32:05.365935000 Z
  :score: 8.0
  :history:
  - :id: 5
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_901:
  :submitters:
  - :name: Nobody Known
    :sid:
    :email: nobody@y.edu
  :created_at: 2026-06-01 14:32:05 Z
submission_902:
  :submitters:
  - :name: Zoë O'Hara
    :email: ZOE@x.edu
"""


@pytest.fixture
def layout(tmp_path):
    """`layout({"place": "content"}, zipped)`: what is taken in from such a folder, or from an archive of it."""

    def make(files: dict[str, str], *, zipped: bool = False, roster=ROSTER):
        folder = tmp_path / "download"
        for place, content in files.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        source = folder
        if zipped:
            source = tmp_path / "download.zip"
            with zipfile.ZipFile(source, "w") as archive:
                for path in sorted(folder.rglob("*")):
                    if path.is_file():
                        archive.write(path, path.relative_to(folder))
        return take_in(open_source(source, tmp_path / "unpacked"), roster)

    return make


def owners(intake):
    """origin -> names of its students."""
    return {each.origin: [student.name for student in each.students] for each in intake.handed}


def aside(intake):
    return {each.origin: each.why for each in intake.aside}


@pytest.mark.parametrize("zipped", [False, True])
def test_gradescope_names_the_members_of_a_group(layout, zipped):
    intake = layout(
        {
            "submission_metadata.yml": METADATA,
            "submission_900/hw.ipynb": "1",
            "submission_900/tests/q1.py": "",
            "submission_901/hw.ipynb": "2",
        },
        zipped=zipped,
    )
    assert owners(intake) == {
        "submission_900": ["Ada Lovelace", "Bob Byrne"],
        "submission_901": ["Nobody Known"],
    }
    first, second = intake.handed
    assert (first.attempt, first.handed_in, first.note) == (2, "2026-06-01T14:32:05+00:00", "")
    assert second.note == "Nobody Known is not on the roster"
    assert aside(intake) == {"submission_902": "holds no file that can be graded"}


def test_a_name_that_is_no_text_is_no_name(layout):
    metadata = "submission_1:\n  :submitters:\n  - :name: [a, b]\n    :email: {}\n"
    (found,) = layout({"submission_metadata.yml": metadata, "submission_1/hw.ipynb": "1"}).handed
    assert found.note == "submission_1 is not on the roster"


def test_gradescope_inside_one_more_folder_is_found(layout):
    intake = layout({"assignment_5_export/submission_metadata.yml": METADATA,
                     "assignment_5_export/submission_902/hw.ipynb": "1"}, zipped=True)  # fmt: skip
    assert owners(intake) == {"submission_902": ["O'Hara, Zoë Anne"]}


def test_broken_metadata_is_said(layout):
    with pytest.raises(CourseError, match=r"submission_metadata\.yml: cannot be read as YAML"):
        layout({"submission_metadata.yml": "a: [", "submission_1/hw.ipynb": ""})


def test_metadata_that_is_something_else_is_said(layout):
    with pytest.raises(CourseError, match="does not say who handed in what"):
        layout({"submission_metadata.yml": "- 1", "submission_1/hw.ipynb": ""})


@pytest.mark.parametrize("zipped", [False, True])
def test_canvas_says_the_user_and_whether_it_was_late(layout, zipped):
    intake = layout(
        {
            "lovelaceada_7001_5551_hw.ipynb": "1",
            "byrnebob_LATE_7002_5552_hw_1.ipynb": "2",
            "newcomer_7999_5553_hw.ipynb": "3",
        },
        zipped=zipped,
    )
    assert owners(intake) == {
        "byrnebob_7002": ["Bob Byrne"], "lovelaceada_7001": ["Ada Lovelace"], "newcomer_7999": ["newcomer"],
    }  # fmt: skip
    assert [each.late for each in intake.handed] == [True, False, False]


def test_canvas_is_matched_by_name_where_the_roster_has_no_ids(layout):
    roster = [Student("Ada Lovelace", "Ada Lovelace"), Student("x", "O'Hara, Zoë Anne")]
    intake = layout({"lovelaceada_1_1_hw.ipynb": "", "oharazoeanne_2_2_hw.ipynb": ""}, roster=roster)
    assert list(owners(intake).values()) == [["Ada Lovelace"], ["O'Hara, Zoë Anne"]]


def test_canvas_numbers_later_attempts(layout):
    intake = layout({"lovelaceada_7001_5551_hw.ipynb": "1", "lovelaceada_7001_5559_hw-1.ipynb": "2"})
    assert sorted((each.attempt, each.path.name) for each in intake.handed) == [
        (1, "lovelaceada_7001_5551_hw.ipynb"), (2, "lovelaceada_7001_5559_hw-1.ipynb"),
    ]  # fmt: skip


def test_a_student_who_hands_in_a_notebook_and_a_picture_hands_in_the_notebook(layout):
    intake = layout({"lovelaceada_7001_1_a.png": "x", "lovelaceada_7001_2_hw.ipynb": "1"})
    assert [each.path.name for each in intake.handed] == ["lovelaceada_7001_2_hw.ipynb"]


def test_who_hands_in_something_else_hands_in_something(layout):
    intake = layout({"lovelaceada_7001_1_essay.pdf": "%PDF"})
    assert [each.path.name for each in intake.handed] == ["lovelaceada_7001_1_essay.pdf"]


@pytest.mark.parametrize("zipped", [False, True])
def test_moodle_names_the_participant(layout, zipped):
    intake = layout(
        {
            "Ada Lovelace_501_assignsubmission_file/hw.ipynb": "1",
            "Zoë Anne O'Hara_503_assignsubmission_file_/sub/hw.ipynb": "2",
            "Bob Byrne_502_assignsubmission_onlinetext/onlinetext.html": "3",
        },
        zipped=zipped,
    )
    assert owners(intake) == {
        "Ada Lovelace_501": ["Ada Lovelace"], "Zoë Anne O'Hara_503": ["O'Hara, Zoë Anne"],
    }  # fmt: skip
    assert "is text that was typed in, not a file" in aside(intake).values()


def test_moodle_without_folders(layout):
    intake = layout(
        {"Ada Lovelace_501_assignsubmission_file_hw.ipynb": "1", "Bob Byrne_502_assignsubmission_file_hw.ipynb": ""}
    )
    assert list(owners(intake).values()) == [["Ada Lovelace"], ["Bob Byrne"]]


@pytest.mark.parametrize(
    "place, owner",
    [
        ("ada@x.edu.ipynb", "Ada Lovelace"),
        ("101.ipynb", "Ada Lovelace"),
        ("hw1_alovelace.ipynb", "Ada Lovelace"),
        ("Lovelace Ada - hw1 final.ipynb", "Ada Lovelace"),
        ("ADA_LOVELACE/hw.ipynb", "Ada Lovelace"),
        ("zoe-anne-ohara.ipynb", "O'Hara, Zoë Anne"),
        ("7002_hw.ipynb", "Bob Byrne"),
        ("bob (1).ipynb", "Bob Byrne"),
        ("bbyrne_attempt2.ipynb", "Bob Byrne"),
    ],
)
def test_names_of_files_and_folders_are_held_against_the_roster(layout, place, owner):
    (found,) = layout({place: "1"}).handed
    assert ([student.name for student in found.students], found.note) == ([owner], "")


def test_a_name_that_fits_two_is_nobodys(layout):
    (found,) = layout({"ada_and_bob.ipynb": "1"}).handed
    assert found.note == "ada_and_bob fits Ada Lovelace and Bob Byrne"
    assert found.students[0].enrolled is False


def test_two_students_of_one_name_are_told_apart_by_number_alone(layout):
    roster = [Student("1", "Kim Lee", number="1"), Student("2", "Kim Lee", number="2")]
    first, second = layout({"Kim Lee.ipynb": "a", "lee_2.ipynb": "b"}, roster=roster).handed
    assert (first.note, second.students[0].student) == ("Kim Lee fits Kim Lee and Kim Lee", "2")


def test_without_a_roster_files_are_believed(layout):
    intake = layout({"ada.ipynb": "1", "team/bob/hw.ipynb": "2"}, roster=None)
    assert list(owners(intake).values()) == [["ada"], ["team"]]
    assert intake.unmatched == []


def test_attempts_are_told_apart(layout):
    intake = layout({"ada.ipynb": "1", "ada_attempt2.ipynb": "2", "bob/v1/hw.ipynb": "3", "bob/v3/hw.ipynb": "4"})
    assert [(each.students[0].name, each.attempt) for each in intake.handed] == [
        ("Ada Lovelace", None), ("Ada Lovelace", 2), ("Bob Byrne", 1), ("Bob Byrne", 3),
    ]  # fmt: skip


def test_of_two_notebooks_at_once_the_one_that_is_called_like_the_others_is_taken(layout):
    intake = layout({"ada/hw.ipynb": "1", "ada/a-scratch.ipynb": "2", "bob/hw.ipynb": "3"})
    assert [each.path.name for each in intake.handed] == ["hw.ipynb", "hw.ipynb"]
    assert aside(intake) == {"ada/a-scratch.ipynb": "is another notebook; hw.ipynb of the same submission was taken"}


def test_an_empty_file_is_handed_in_only_where_there_is_nothing_else(layout):
    intake = layout({"ada/hw.ipynb": "", "ada/hw2.ipynb": "2", "bob/hw.ipynb": ""})
    assert [each.path.name for each in intake.handed] == ["hw2.ipynb", "hw.ipynb"]
    assert "is empty" in aside(intake)["ada/hw.ipynb"]


@pytest.mark.parametrize("zipped", [False, True])
def test_what_nobody_meant_to_hand_in_is_passed_over(layout, zipped):
    intake = layout(
        {
            "__MACOSX/._ada.ipynb": "x", "ada.ipynb": "1", ".ipynb_checkpoints/ada-checkpoint.ipynb": "x",
            ".DS_Store": "x", "bob/.ipynb_checkpoints/hw-checkpoint.ipynb": "x", "bob/hw.ipynb": "2",
            "bob/autograder/checks.py": "x",
        },
        zipped=zipped,
    )  # fmt: skip
    assert list(owners(intake).values()) == [["Ada Lovelace"], ["Bob Byrne"]]
    assert intake.aside == []


def test_what_is_no_notebook_is_set_aside_unless_it_is_all_that_a_student_handed_in(layout):
    intake = layout({"README.md": "x", "roster.csv": "x", "ada.ipynb": "1", "ada.pdf": "2", "bob.docx": "3"})
    assert list(owners(intake)) == ["ada.ipynb", "bob.docx"]
    assert aside(intake) == dict.fromkeys(["README.md", "ada.pdf", "roster.csv"], "is no notebook")


def test_a_folder_around_everything_is_seen_through(layout):
    assert list(owners(layout({"hw1/ada.ipynb": "1", "hw1/bob.ipynb": "2"}, zipped=True))) == ["ada.ipynb", "bob.ipynb"]


def test_a_link_is_not_followed(layout, tmp_path):
    (tmp_path / "download").mkdir()
    (tmp_path / "secret.ipynb").write_text("secret")
    os.symlink(tmp_path / "secret.ipynb", tmp_path / "download" / "ada.ipynb")
    os.symlink(tmp_path, tmp_path / "download" / "bob")
    intake = layout({"cem.ipynb": "1"})
    assert list(owners(intake)) == ["cem.ipynb"]
    assert aside(intake)["ada.ipynb"] == "is a symbolic link"
    assert aside(intake)["bob"] == "is a symbolic link"


def test_what_is_no_file_is_set_aside(layout, tmp_path):
    (tmp_path / "download").mkdir()
    os.mkfifo(tmp_path / "download" / "ada.ipynb")
    assert aside(layout({"bob.ipynb": "1"}))["ada.ipynb"] == "is no regular file"


def test_the_same_place_in_two_sources_is_two_files(tmp_path):
    intakes = []
    for section in ("monday", "tuesday"):
        (tmp_path / section).mkdir()
        (tmp_path / section / "ada.ipynb").write_text(section)
        intakes.append(take_in(open_source(tmp_path / section, tmp_path), None))
    apart(intakes)
    assert [each.origin for intake in intakes for each in intake.handed] == ["monday/ada.ipynb", "tuesday/ada.ipynb"]


@pytest.mark.parametrize(
    "names, many",
    [
        (["hw.ipynb"], False),
        (["hw.ipynb", "tests/q1.py", "data/x.csv"], False),
        (["hw.ipynb", "__MACOSX/hw.ipynb"], False),
        (["a.ipynb", "b.ipynb"], True),
        (["submission_metadata.yml", "submission_1/hw.ipynb"], True),
        (["ada_1_2_hw.ipynb"], True),
        (["Ada_1_assignsubmission_file/hw.ipynb"], True),
    ],
)
def test_an_archive_of_a_class_is_told_from_one_of_a_student(tmp_path, names, many):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "1")
    assert holds_many(tmp_path / "x.zip") is many


def test_a_notebook_is_no_archive(tmp_path):
    (tmp_path / "hw.ipynb").write_text("PK")
    assert not holds_many(Path(tmp_path / "hw.ipynb"))
