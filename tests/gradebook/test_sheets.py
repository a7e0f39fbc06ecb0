"""Exports: written, read back as the other system reads them, and never a quiet zero."""

import csv
import io

import pytest

from autograder.errors import CourseError
from autograder.gradebook.sheets import SHEETS, Wanted, grades_of
from autograder.gradebook.sheets.overview import overview
from autograder.intake import Student, read_roster
from autograder.intake.tables import read_table, write_table

TOPIC = "topic"
ROSTER = [
    Student("ada", "Ada Lovelace", "ada@x.edu", "101", "alove", "7001", "501", "Mon", enrolled=True),
    Student("bob", "=cmd()", "bob@x.edu", "102", "bob", "7002", "502", enrolled=True),
    Student("cem", "Cem", "cem@x.edu", "103", "cem", "7003", "503", enrolled=True),
    Student("dora", "Dora", "dora@x.edu", "104", "dora", "7004", "504", enrolled=True),
]
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Other (11),A topic (12345),Final Score
    Points Possible,,,,,5,20,(read only)
"Lovelace, Ada",7001,101,alove,Mon,5,3,77
=cmd(),7002,102,bob,,,,
Cem,7003,103,cem,,,1,
Dora,7004,104,dora,,,2,
Newcomer,7999,,,,4,9,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 501,Ada Lovelace,ada@x.edu,Submitted,,100.00,Yes,Monday,-,
Participant 502,=cmd(),bob@x.edu,Submitted,12,100.00,No,Monday,-,kept
Participant 503,Cem,cem@x.edu,Submitted,7,100.00,Yes,Monday,-,kept too
Participant 504,Dora,dora@x.edu,No submission,,100.00,Yes,-,-,
"""


@pytest.fixture
def grades(book, graded):
    """Ada 6 of 8 points in two questions; Bob 4 of the 4 that are not excused; Cem not graded; Dora handed in nothing."""
    graded("ada", "pp", "pf")
    graded("bob", "pp", "ff")
    graded("cem", "pp", "pn")
    for check in ("check_2_1", "check_2_2"):
        book.override(TOPIC, "bob", check, points=None, reason="was ill")
    book.enrol(ROSTER)
    return grades_of(book, TOPIC)


@pytest.fixture
def filled(grades, tmp_path):
    """`filled("canvas", sheet)`: (rows by name, remarks) of the export, as a program reads it."""

    def fill(kind, sheet="", column="", by=0):
        wanted = Wanted(column=column)
        if sheet:
            (tmp_path / "sheet.csv").write_text(sheet)
            wanted = Wanted(read_table(tmp_path / "sheet.csv"), column)
        found = SHEETS[kind](grades, wanted)
        rows = list(csv.DictReader(io.StringIO(write_table(found.rows))))
        return {list(row.values())[by]: row for row in rows}, found.remarks

    return fill


def test_canvas_gets_back_its_sheet_with_one_column(filled):
    rows, remarks = filled("canvas", CANVAS)
    assert list(rows["Lovelace, Ada"]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "A topic (12345)"]
    assert {name: row["A topic (12345)"] for name, row in rows.items()} == {
        "Points Possible": "20", "Lovelace, Ada": "15", "'=cmd()": "20", "Cem": "1", "Dora": "2", "Newcomer": "9",
    }  # fmt: skip
    assert remarks == ["grades are scaled from 8 points to the 20 of `A topic (12345)`"]


def test_a_column_is_found_by_its_id_or_its_title(filled):
    for column in ("12345", "a TOPIC", "A topic (12345)"):
        assert filled("canvas", CANVAS, column)[0]["Lovelace, Ada"]["A topic (12345)"] == "15"


def test_a_column_that_is_not_there_is_an_error(filled):
    with pytest.raises(CourseError, match="has no column `Homework 9`"):
        filled("canvas", CANVAS, "Homework 9")


def test_without_a_fitting_column_canvas_is_told_to_make_one(filled):
    rows, remarks = filled("canvas", CANVAS.replace("A topic (12345)", "Homework (9)"))
    assert rows["Lovelace, Ada"]["A topic"] == "6"
    assert "no column is called `A topic`: importing the file makes a new assignment" in remarks[0]


def test_without_a_sheet_canvas_gets_one_by_id(filled):
    rows, _ = filled("canvas")
    assert rows["Ada Lovelace"]["ID"] == "7001"
    assert {name: row["A topic"] for name, row in rows.items()} == {
        "    Points Possible": "8", "Ada Lovelace": "6", "'=cmd()": "8", "Cem": "", "Dora": "",
    }  # fmt: skip


def test_who_is_excused_from_everything_is_excused(book, grades, tmp_path):
    for check in ("check_1_1", "check_1_2", "check_2_1", "check_2_2"):
        book.override(TOPIC, "ada", check, points=None, reason="was ill")
    rows = SHEETS["canvas"](grades_of(book, TOPIC), Wanted()).rows
    assert [row[-1] for row in rows if row[0] == "Ada Lovelace"] == ["EX"]


def test_another_table_is_not_canvas(filled):
    with pytest.raises(CourseError, match="is not Canvas's gradebook"):
        filled("canvas", "a,b\n1,2\n")


def test_moodle_gets_back_its_worksheet_with_grades_and_feedback(filled):
    rows, remarks = filled("moodle", MOODLE)
    assert {name: (row["Grade"], row["Feedback comments"]) for name, row in rows.items()} == {
        "Participant 501": ("75", "q1 4 of 4, q2 2 of 4"),
        "Participant 502": ("12", "kept"),
        "Participant 503": ("7", "kept too"),
        "Participant 504": ("", ""),
    }
    assert rows["Participant 501"]["Last modified (submission)"] == "Monday"
    assert remarks == ["=cmd(): Moodle says that this grade cannot be changed; left as it is",
                       "grades are scaled from 8 points to 100"]  # fmt: skip


def test_moodle_needs_its_worksheet(filled):
    with pytest.raises(CourseError, match="Moodle takes back its own grading worksheet only"):
        filled("moodle")
    with pytest.raises(CourseError, match="it has no column `Identifier`"):
        filled("moodle", "Grade,name\n1,Ada\n")


def test_gradescope_has_a_column_for_each_question(filled):
    rows, _ = filled("gradescope", by=2)
    ada = rows["101"]
    assert (ada["First Name"], ada["Last Name"], ada["Total Score"], ada["Max Points"]) == ("Ada", "Lovelace", "6", "8")
    assert (ada["1: Title 1 (4.0 pts)"], ada["2: Title 2 (4.0 pts)"]) == ("4", "2")
    assert {row["SID"]: (row["Status"], row["Total Score"]) for row in rows.values()} == {
        "101": ("Graded", "6"), "102": ("Graded", "4"), "103": ("Ungraded", ""), "104": ("Missing", ""),
    }  # fmt: skip


def test_gradescopes_own_sheet_is_matched_by_sid_and_then_by_email(filled):
    sheet = "Name,SID,Email,Total Score\nLovelace Ada,101,,\nWhoever,,BOB@x.edu,\nNew,999,new@x.edu,\n"
    rows, remarks = filled("gradescope", sheet, by=3)
    assert {email: row["Total Score"] for email, row in rows.items()} == {"": "6", "BOB@x.edu": "4", "new@x.edu": ""}
    assert remarks == ["New has no grade here"]


def test_a_grade_that_has_no_row_is_said(filled):
    _, remarks = filled("canvas", CANVAS.replace('"Lovelace, Ada",7001,101,alove', '"Eve",1,1,e'))
    assert "Ada Lovelace has a grade, and no row in sheet.csv" in remarks


def test_the_plain_table_can_be_read_as_a_roster(grades, tmp_path):
    (tmp_path / "plain.csv").write_text(write_table(SHEETS["csv"](grades, Wanted()).rows))
    students = {student.name: student for student in read_roster(tmp_path / "plain.csv")}
    assert list(students) == ["=cmd()", "Ada Lovelace", "Cem", "Dora"]
    ada = students["Ada Lovelace"]
    assert (ada.email, ada.number, ada.username, ada.canvas_id, ada.moodle_id) == (
        "ada@x.edu", "101", "alove", "7001", "501",
    )  # fmt: skip


def test_the_overview_has_everybody_and_every_topic(book, grades):
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(overview(book)))}
    assert {name: (row["topic"], row["topic of"], row["topic status"]) for name, row in rows.items()} == {
        "Ada Lovelace": ("6", "8", "graded"),
        "'=cmd()": ("4", "4", "graded"),
        "Cem": ("", "8", "not graded"),
        "Dora": ("", "", "no submission"),
    }
    assert (rows["Ada Lovelace"]["topic q1"], rows["Cem"]["topic q1"]) == ("4", "")
