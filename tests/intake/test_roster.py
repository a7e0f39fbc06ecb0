"""Rosters: as people type them, and as Canvas, Moodle and Gradescope save them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.intake import read_roster
from autograder.intake.tables import cell, read_table, shown_name, write_table


@pytest.fixture
def roster(tmp_path):
    """`roster(text)`: the students of such a file."""

    def read(text, encoding="utf-8"):
        (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
        return read_roster(tmp_path / "roster.csv")

    return read


@pytest.mark.parametrize(
    "text, key, name, email",
    [
        ("name\nAda", "Ada", "Ada", ""),
        ("Email\nada@x.edu", "ada@x.edu", "ada@x.edu", "ada@x.edu"),
        ("First Name,Last Name,SID,Email\nAda,Lovelace,101,ada@x.edu", "101", "Ada Lovelace", "ada@x.edu"),
        ("Surname;First name;E-Mail Address\nLovelace;Ada;ada@x.edu", "ada@x.edu", "Ada Lovelace", "ada@x.edu"),
        ("student_id\tfull-name\n007\tAda", "007", "Ada", ""),
        ("\ufeffNAME , id\n Ada , 5 ", "5", "Ada", ""),
        (('Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Lovelace, Ada",70,101,ada,1\n'
         '"Student, Test",71,,t,1'), "101", "Lovelace, Ada", ""),
        ("Identifier,Full name,Email address\nParticipant 501,Ada,ada@x.edu", "ada@x.edu", "Ada", "ada@x.edu"),
        ("name,,\nAda,,\n,,\n", "Ada", "Ada", ""),
    ],
)  # fmt: skip
def test_columns_may_be_called_as_people_call_them(roster, text, key, name, email):
    (student,) = roster(text)
    assert (student.student, student.name, student.email, student.enrolled) == (key, name, email, True)


def test_moodles_participants_and_canvas_ids_are_kept(roster):
    assert roster("Identifier,Full name\nParticipant 501,Ada")[0].moodle_id == "501"
    assert roster("Student,ID,Section\nAda,70,1")[0].canvas_id == "70"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_are_read_in_the_encodings_that_spreadsheets_write(roster, encoding):
    assert roster("name\nZoë", encoding)[0].name == "Zoë"


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "is empty; its first line must name the columns"),
        ("colour,size\nred,1", ("has no column that names students; it needs one of: name, email, student id, username; "
         "it has: colour, size")),
        ("name", "names no student below its header"),
        ("name,section\nAda,1\n,2", "line 3: this row names nobody"),
        ("id,name\n1,Ada\n1,Bob", "line 3: `1` stands in line 2 too"),
        ("name\nA\0da", "is not text; save the table as CSV"),
    ],
)  # fmt: skip
def test_a_roster_that_cannot_be_used_is_told_why(roster, text, message):
    with pytest.raises(CourseError) as caught:
        roster(text)
    assert message in str(caught.value)
    assert "roster.csv" in str(caught.value)


@pytest.mark.parametrize("text", ["=cmd()", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    "value, text", [(-2.5, "-2.5"), ("-1.5", "-1.5"), (0.0, "0"), (-0.0, "0"), (1 / 3, "0.3333"), (None, "")]
)
def test_numbers_stay_numbers(value, text):
    assert cell(value) == text


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1).map(str.strip)
                         .filter(lambda text: text and not text.startswith(("'", "\ufeff"))), min_size=2, max_size=2),
                min_size=1))  # fmt: skip
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tables") / "x.csv"
    path.write_text(write_table([["name", "email"], *rows]), encoding="utf-8")
    assert read_table(path).rows == rows


def test_the_apostrophe_is_taken_off_again():
    assert shown_name(cell("=cmd()")) == "=cmd()"
