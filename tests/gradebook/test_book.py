"""The gradebook: what is written comes back, all of it is kept, and what counts is chosen when it is read."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.gradebook import EVERYBODY, Gradebook
from autograder.intake import HandedIn, Student
from autograder.verdict import CellProblem, CheckResult, Layer, Outcome, QuestionResult, Report

TOPIC = "topic"
TEXT = st.text(max_size=20) | st.sampled_from(["\0", "\ud800", "a\udfffb", "'; DROP TABLE grading; --", "ñ\u2028"])
NUMBER = st.floats(0, 100, allow_nan=False)
CHECK = st.builds(
    CheckResult, question=st.just("q"), name=st.sampled_from(["a", "b", "c"]), number=st.just("1.1"), claim=TEXT,
    public=st.booleans(), points=NUMBER, outcome=st.sampled_from(Outcome), message=TEXT, hint=st.none() | TEXT,
    detail=TEXT, mistake=st.none() | TEXT, follow_through=st.booleans(), seconds=NUMBER,
)  # fmt: skip
REPORT = st.builds(
    Report, topic=st.just(TOPIC), title=TEXT, submission=st.just("hw.ipynb"), sha256=st.sampled_from(["", "ab" * 32]),
    questions=st.lists(st.lists(CHECK, min_size=1, max_size=3), max_size=3).map(
        lambda found: tuple(QuestionResult(f"q{place}", "t\ud800", tuple(checks)) for place, checks in enumerate(found))
    ),
    cells=st.lists(st.builds(CellProblem, st.integers(1, 9), TEXT, TEXT, st.none() | st.integers(1, 99))).map(tuple),
    notes=st.lists(TEXT).map(tuple),
    isolation=st.lists(st.builds(Layer, TEXT, st.booleans(), TEXT)).map(tuple),
    stdout=TEXT, versions=st.dictionaries(TEXT, TEXT, max_size=3), seconds=NUMBER,
)  # fmt: skip


def named(report):
    """The report, with the question of each check as its result says."""
    from dataclasses import replace

    questions = tuple(
        replace(question, checks=tuple(replace(check, question=question.id) for check in question.checks))
        for question in report.questions
    )
    return replace(report, questions=questions)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(report=REPORT)
def test_a_report_comes_back_as_it_was(tmp_path, report):
    report = named(report)
    (tmp_path / "gradebook.db").unlink(missing_ok=True)
    with Gradebook.create(tmp_path) as book:
        student = Student("ada", "Ada")
        book.record(TOPIC, HandedIn("ada", Path("hw.ipynb"), "ab", (student,)), report)
        (graded,) = book.current(TOPIC)
    assert graded.report == report


def test_a_gradebook_is_found_in_its_folder_and_by_its_file(tmp_path):
    Gradebook.create(tmp_path).close()
    for path in (tmp_path, tmp_path / "gradebook.db"):
        with Gradebook.open(path) as book:
            assert book.topics() == []


def test_where_there_is_none_it_says_how_to_make_one(tmp_path):
    with pytest.raises(CourseError, match=r"gradebook\.db: there is no gradebook; `chainrule grade TOPIC FOLDER`"):
        Gradebook.open(tmp_path)


def test_another_file_is_no_gradebook(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"no database, but long enough to be looked at" * 99)
    with pytest.raises(CourseError, match="cannot be read as a gradebook"):
        Gradebook.create(tmp_path)


def test_another_database_is_no_gradebook(tmp_path):
    with sqlite3.connect(tmp_path / "gradebook.db") as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(CourseError, match="is a database, but not a gradebook"):
        Gradebook.create(tmp_path)


def test_a_gradebook_of_a_later_format_is_left_alone(tmp_path):
    Gradebook.create(tmp_path).close()
    with sqlite3.connect(tmp_path / "gradebook.db") as other:
        other.execute("PRAGMA user_version = 9")
    other.close()
    with pytest.raises(CourseError, match="format 9, and this Chainrule reads format 1"):
        Gradebook.open(tmp_path)


def test_every_grading_is_kept_and_the_latest_counts(book, graded):
    graded("ada", "pp")
    graded("ada", "pf", key="after the change")
    (ada,) = book.current(TOPIC)
    assert (ada.earned, ada.points) == (2.0, 4.0)
    assert book.report(TOPIC, "key", *next(iter(book.keys(TOPIC)))).earned == 4.0


def test_the_last_attempt_counts_unless_the_best_is_chosen(book, graded):
    graded("ada", "pp", content="1", origin="1", attempt=1)
    graded("ada", "ff", content="2", origin="2", attempt=2)
    (last,) = book.current(TOPIC)
    assert (last.attempt, last.earned) == (2, 0.0)
    book.choose(TOPIC, "best")
    (best,) = book.current(TOPIC)
    assert (best.attempt, best.earned) == (1, 4.0)


def test_of_equally_good_attempts_the_last_counts(book, graded):
    graded("ada", "pf", content="1", origin="1", attempt=1)
    graded("ada", "fp", content="2", origin="2", attempt=2)
    book.choose(TOPIC, "best")
    assert book.current(TOPIC)[0].attempt == 2


def test_every_member_of_a_group_gets_the_grade(book, graded):
    graded("ada", "pf", with_="bob")
    assert [(each.name, each.earned) for each in book.current(TOPIC)] == [("Ada", 2.0), ("Bob", 2.0)]


def test_what_is_no_longer_in_its_source_does_not_count(book, graded, handed):
    graded("ada", "pp")
    book.hand_in(TOPIC, "ada.ipynb", [handed("bob")])
    assert book.current(TOPIC) == []
    assert [each.origin for each in book.submissions(TOPIC)] == ["bob.ipynb"]


def test_another_source_takes_nothing_away(book, graded):
    graded("ada", "pp")
    graded("bob", "ff")
    assert [each.student for each in book.current(TOPIC)] == ["ada", "bob"]


def test_a_changed_file_has_no_grade_until_it_is_graded(book, graded, handed):
    graded("ada", "pp")
    book.hand_in(TOPIC, "ada.ipynb", [handed("ada", "changed")])
    assert book.current(TOPIC) == []


def test_what_staff_decide_stands_beside_what_was_computed(book, graded):
    graded("ada", "ff")
    book.override(TOPIC, "ada", "check_1_1", points=1.5, reason="nearly")
    (ada,) = book.current(TOPIC)
    assert (ada.earned, ada.points, ada.report.earned) == (1.5, 4.0, 0.0)


def test_what_is_excused_counts_neither_way(book, graded):
    graded("ada", "fp")
    book.override(TOPIC, "ada", "check_1_1", points=None, reason="broken")
    (ada,) = book.current(TOPIC)
    assert (ada.earned, ada.points) == (2.0, 2.0)


def test_a_decision_survives_grading_anew(book, graded):
    graded("ada", "ff")
    book.override(TOPIC, "ada", "check_1_1", points=2, reason="right")
    graded("ada", "ff", key="another")
    assert book.current(TOPIC)[0].earned == 2.0


def test_ones_own_decision_comes_before_everybodys(book, graded):
    graded("ada", "ff")
    graded("bob", "ff")
    book.override(TOPIC, EVERYBODY, "check_1_1", points=None, reason="broken")
    book.override(TOPIC, "bob", "check_1_1", points=1, reason="but this was good")
    assert [(each.earned, each.points) for each in book.current(TOPIC)] == [(0.0, 2.0), (1.0, 4.0)]


def test_a_decision_can_be_taken_back(book, graded):
    graded("ada", "ff")
    book.override(TOPIC, "ada", "check_1_1", points=2, reason="right")
    book.withdraw_override(TOPIC, "ada", "check_1_1")
    assert book.overrides(TOPIC) == []
    assert book.current(TOPIC)[0].earned == 0.0


def test_a_check_that_was_not_graded_is_no_score_until_staff_decide(book, graded):
    graded("ada", "pn")
    assert not book.current(TOPIC)[0].graded
    book.override(TOPIC, "ada", "check_1_2", points=0, reason="looked at it")
    assert book.current(TOPIC)[0].graded


def test_causes_are_told_once(book, graded):
    graded("ada", "nn")
    (standing,) = book.standings(TOPIC)
    assert book.causes(standing.grading) == ["OSError: no room"]


def test_the_roster_adds_to_what_is_known_and_takes_nothing(book, handed):
    book.hand_in(TOPIC, "folder", [handed("ada")])
    book.enrol([Student("ada", "Ada Lovelace", number="101", enrolled=True)])
    (ada,) = book.students()
    assert (ada.name, ada.number, ada.enrolled) == ("Ada Lovelace", "101", True)


def test_who_gets_a_number_keeps_what_was_decided_and_graded(book, graded):
    book.enrol([Student("ada", "Ada", enrolled=True), Student("bob", "Bob", enrolled=True)])
    graded("ada", "ff")
    book.override(TOPIC, "ada", "check_1_1", points=1, reason="nearly")
    book.enrol([Student("101", "Ada", username="ada", number="101", enrolled=True)])
    (ada,) = book.current(TOPIC)
    assert (ada.student, ada.earned) == ("101", 1.0)
    assert [student.student for student in book.students()] == ["101", "bob"]


def test_two_of_one_name_do_not_take_over_what_a_third_had_under_it(book, graded):
    graded("kim", "ff")
    book.enrol([Student(number, "kim", number=number, enrolled=True) for number in ("1", "2")])
    assert [each.student for each in book.current(TOPIC)] == ["kim"]


def test_who_left_the_roster_is_no_longer_on_it(book):
    book.enrol([Student("ada", "Ada", enrolled=True), Student("bob", "Bob", enrolled=True)])
    book.enrol([Student("bob", "Bob", enrolled=True)])
    assert [student.student for student in book.students() if student.enrolled] == ["bob"]


def test_a_message_that_many_get_is_kept_once(book, graded):
    for number in range(5):
        graded(f"student {number}", "ff")
    with sqlite3.connect(book.path) as connection:
        count = connection.execute("SELECT count(*) FROM message WHERE text = 'a message'").fetchone()
    connection.close()
    assert count == (1,)
