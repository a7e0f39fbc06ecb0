"""Rounds: each file once for each version of everything, and what was kept stays."""

import pytest

from autograder.gradebook.rounds import grade_round, plan, take_over

TOPIC = "topic"


@pytest.fixture
def files(tmp_path, book):
    """Three files of three students, the last two of them equal."""
    from autograder.intake import open_source, take_in

    folder = tmp_path / "hw"
    for name, content in (("ada", "1"), ("bob", "2"), ("cem", "2")):
        (folder / name).mkdir(parents=True)
        (folder / name / "hw.ipynb").write_text(content)
    intake = take_in(open_source(folder, tmp_path), None)
    book.hand_in(TOPIC, intake.source, intake.handed)
    return folder


def grading(report_of, outcomes="pp", *, fail_at=None):
    def grade(paths):
        for place, _ in enumerate(paths):
            if place == fail_at:
                raise KeyboardInterrupt
            yield place, report_of(outcomes, sha256="")

    return grade


def test_equal_files_of_one_name_are_graded_once(book, files, report_of):
    work = plan(book, TOPIC, "key")
    assert [each.origin for each in work.todo] == ["ada", "bob"]
    assert len(list(grade_round(book, work, grading(report_of)))) == 2
    assert [each.name for each in book.current(TOPIC)] == ["ada", "bob", "cem"]


def test_what_is_done_is_not_done_again(book, files, report_of):
    list(grade_round(book, plan(book, TOPIC, "key"), grading(report_of)))
    work = plan(book, TOPIC, "key")
    assert (work.todo, work.done) == ((), 3)


def test_another_key_is_another_round(book, files, report_of):
    list(grade_round(book, plan(book, TOPIC, "a-b-c"), grading(report_of)))
    work = plan(book, TOPIC, "x-b-c")
    assert len(work.todo) == 2
    assert work.changed == ("topic",)


def test_a_changed_file_is_graded_again_and_no_other(book, files, report_of, tmp_path):
    from autograder.intake import open_source, take_in

    list(grade_round(book, plan(book, TOPIC, "key"), grading(report_of)))
    (files / "bob" / "hw.ipynb").write_text("changed")
    intake = take_in(open_source(files, tmp_path), None)
    book.hand_in(TOPIC, intake.source, intake.handed)
    assert [each.origin for each in plan(book, TOPIC, "key").todo] == ["bob"]


def test_what_was_not_graded_is_tried_again(book, files, report_of):
    list(grade_round(book, plan(book, TOPIC, "key"), grading(report_of, "pn")))
    assert len(plan(book, TOPIC, "key").todo) == 2


def test_what_was_graded_before_an_interruption_is_kept(book, files, report_of):
    with pytest.raises(KeyboardInterrupt):
        list(grade_round(book, plan(book, TOPIC, "key"), grading(report_of, fail_at=1)))
    assert [each.name for each in book.current(TOPIC)] == ["ada"]
    assert [each.origin for each in plan(book, TOPIC, "key").todo] == ["bob"]


def test_a_file_that_is_gone_is_named_and_not_graded(book, files):
    (files / "ada" / "hw.ipynb").unlink()
    assert [each.origin for each in plan(book, TOPIC, "key").gone] == ["ada"]


def test_a_file_that_changed_since_is_named_if_it_is_looked_at(book, files):
    (files / "ada" / "hw.ipynb").write_text("changed")
    assert [each.origin for each in plan(book, TOPIC, "key", look=True).gone] == ["ada"]


def test_what_another_gradebook_has_is_taken_over(book, files, report_of, tmp_path):
    with book.copy_to(tmp_path / "copy.db") as copy:
        list(grade_round(copy, plan(copy, TOPIC, "key"), grading(report_of)))
        assert book.current(TOPIC) == []
        left = take_over(book, plan(book, TOPIC, "key"), copy)
    assert (left.todo, left.done) == ((), 2)
    assert [each.earned for each in book.current(TOPIC)] == [4.0, 4.0, 4.0]
