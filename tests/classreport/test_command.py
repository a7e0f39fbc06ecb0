"""`chainrule report`: what a class understood."""

from __future__ import annotations

import sys

from click.testing import CliRunner

from autograder.cli import main
from autograder.gradebook import Gradebook
from autograder.gradebook.book import handed_in_alone
from autograder.report import FORMATS

from .conftest import student, unreadable


def keep(folder, *entries):
    """Write reports as `chainrule grade` does without a gradebook."""
    for number, entry in enumerate(entries):
        target = folder / f"hw{number}" / "report.json"
        target.parent.mkdir(parents=True)
        target.write_text(FORMATS["json"].render(entry.report), encoding="utf-8")
    return folder


def reported(*arguments):
    done = CliRunner().invoke(main, ["report", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def refused(*arguments):
    done = CliRunner().invoke(main, ["report", *map(str, arguments)])
    assert done.exit_code == 2
    return done.output


def test_reports_in_a_folder_become_a_page_beside_them(tmp_path):
    keep(tmp_path / "out", student("PP", "P"), student("PF", "F"))
    assert reported(tmp_path / "out") == [
        "A topic: 2 submissions",
        "median 2.0, mean 2.0 of 3 points, alpha 1.00",
        f"Report: {tmp_path}/out/report.html",
    ]
    assert "<h1>A topic</h1>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_page_and_the_tables_go_where_they_are_asked_to(tmp_path):
    keep(tmp_path / "out", student("P"))
    reported(tmp_path / "out", "-o", tmp_path / "new" / "page.html", "--csv", tmp_path / "tables")
    assert (tmp_path / "new" / "page.html").is_file()
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        "totals.csv", "distribution.csv", "questions.csv", "checks.csv", "mistakes.csv", "other_failures.csv", "suspects.csv",
    }  # fmt: skip


def test_suspects_and_the_most_frequent_mistake_are_told_at_once(tmp_path):
    mistake = {"1.1": {"mistake": "no_mean"}}
    keep(tmp_path / "out", *(student("FF", changes=mistake) for _ in range(5)))
    lines = reported(tmp_path / "out")
    assert "most frequent mistake: q1 no_mean, 5 of 5" in lines
    assert "look at 1.2 check_1_2: Nobody passes: 5 tried." in lines


def test_files_that_cannot_be_read_are_told_at_once(tmp_path):
    keep(tmp_path / "out", student("P"), unreadable("is empty.", "F"))
    assert reported(tmp_path / "out")[0] == "A topic: 2 submissions, without 1 that could not be read"


def test_the_results_are_looked_for_where_grade_puts_them(tmp_path, monkeypatch):
    keep(tmp_path / "results", student("P"))
    monkeypatch.chdir(tmp_path)
    assert reported()[-1] == "Report: results/report.html"


def test_a_gradebook_is_read_with_what_staff_decided(tmp_path):
    with Gradebook.create(tmp_path / "gradebook.db") as book:
        for name in ("ada", "bob"):
            entry = student("PF", file=f"{name}.ipynb")
            handed = handed_in_alone(name, name.title(), tmp_path / f"{name}.ipynb", name.encode())
            book.record("topic", handed, entry.report)
        book.override("topic", "ada", "check_1_2", points=1.0, reason="a right answer that nobody thought of")
    assert reported(tmp_path)[1].startswith("median 1.5, mean 1.5 of 2 points")
    assert "Ada" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_folder_without_results_is_refused(tmp_path):
    assert "holds no gradebook and no report.json" in refused(tmp_path)


def test_a_topic_that_is_not_there_is_refused(tmp_path):
    keep(tmp_path / "out", student("P"))
    assert "holds no report of attention" in refused(tmp_path / "out", "--topic", "attention")


def test_a_file_that_is_no_report_is_named(tmp_path):
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "report.json").write_text("{}")
    assert f"{tmp_path}/hw/report.json: format: not a report" in refused(tmp_path)


def test_several_topics_are_one_too_many(tmp_path):
    from dataclasses import replace

    other = student("P")
    other.report = replace(other.report, topic="attention")
    keep(tmp_path / "out", student("P"), other)
    assert "holds several topics; choose one with --topic: attention, topic" in refused(tmp_path / "out")


def test_several_topics_of_a_gradebook_are_one_too_many(tmp_path):
    from dataclasses import replace

    with Gradebook.create(tmp_path / "gradebook.db") as book:
        for topic in ("attention", "topic"):
            handed = handed_in_alone("ada", "Ada", tmp_path / f"{topic}.ipynb", topic.encode())
            book.record(topic, handed, replace(student("P").report, topic=topic))
    assert "choose one with --topic: attention, topic" in refused(tmp_path)
    assert "holds nothing of lstm; it has: attention, topic" in refused(tmp_path, "--topic", "lstm")


def test_without_matplotlib_the_page_has_its_tables(tmp_path, monkeypatch):
    keep(tmp_path / "out", student("P"))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "The page has no pictures: matplotlib is missing" in " ".join(reported(tmp_path / "out"))
    source = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<svg" not in source and "Question 1" in source
