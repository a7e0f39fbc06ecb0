"""Pages of feedback: one for each student, written when what stands on it changes."""

from html import unescape

import pytest

from autograder.gradebook.feedback import write_pages
from autograder.intake import Student

TOPIC = "topic"


@pytest.fixture
def pages(book, tmp_path):
    """`pages()`: (how many were written, file name -> text) of all pages."""

    def write():
        written = write_pages(book, TOPIC, tmp_path / "feedback")
        return written, {path.name: unescape(path.read_text()) for path in (tmp_path / "feedback").iterdir()}

    return write


def test_each_member_of_a_group_has_a_page(graded, pages):
    graded("ada", "pf", with_="bob")
    written, texts = pages()
    assert written == 2
    assert sorted(texts) == ["Ada ada.html", "Bob bob.html"]


def test_a_page_that_is_right_is_not_written_again(graded, pages):
    graded("ada", "pf")
    pages()
    assert pages()[0] == 0


def test_a_new_grade_is_a_new_page(graded, pages):
    graded("ada", "pf")
    pages()
    graded("ada", "pp", key="another")
    written, texts = pages()
    assert written == 1
    assert "4 of 4 points" in texts["Ada ada.html"]


def test_a_page_that_was_removed_is_written_again(graded, pages, tmp_path):
    graded("ada", "pf")
    pages()
    (tmp_path / "feedback" / "Ada ada.html").unlink()
    assert pages()[0] == 1


def test_what_staff_decided_stands_on_the_page_with_its_reason(book, graded, pages):
    graded("ada", "ff")
    pages()
    book.override(TOPIC, "ada", "check_1_1", points=1.5, reason="<b>nearly</b> right")
    book.override(TOPIC, "*", "check_1_2", points=None, reason="The check was broken.")
    text = pages()[1]["Ada ada.html"]
    assert "Course staff decided: check 1.1 counts 1.5 of 2. <b>nearly</b> right" in text
    assert "check 1.2 does not count. The check was broken." in text
    assert "With this you have 1.5 of 2 points." in text


def test_a_page_says_which_attempt_counts(graded, pages):
    graded("ada", "pp", content="1", origin="1", attempt=1)
    graded("ada", "ff", content="2", origin="2", attempt=2)
    assert "You handed in 2 times; attempt 2 counts." in pages()[1]["Ada ada.html"]


def test_the_page_of_nobody_is_removed(book, graded, pages, handed):
    graded("ada", "pp")
    pages()
    book.hand_in(TOPIC, "ada.ipynb", [])
    assert pages()[1] == {}


def test_names_lead_nowhere_and_are_told_apart(book, graded, pages):
    for number, name in enumerate(["../../etc/passwd", "A/B", "A:B", "a:b"]):
        graded(f"s{number}", "p")
        book.enrol([Student(f"s{number}", name, enrolled=True)])
    names = sorted(pages()[1])
    assert len({name.casefold() for name in names}) == 4
    assert all("/" not in name and not name.startswith(".") for name in names)


def test_a_page_shows_nothing_that_is_for_staff(graded, pages):
    graded("ada", "n")
    assert "OSError" not in pages()[1]["Ada ada.html"]
