"""`chainrule grade`: notebooks in, reports out."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.cli.grade import folder_names, summary
from autograder.course import find_course
from autograder.notebook.handout import solved, source_of, with_answers
from autograder.report import FORMATS
from autograder.topic import load_topic
from autograder.verdict import CheckResult, Layer, Outcome, QuestionResult, Report


@pytest.mark.parametrize(
    "paths, names",
    [
        (["hw.ipynb"], ["hw"]),
        (["hw.ipynb", "other/quiz.ipynb"], ["hw", "quiz"]),
        (["ada/hw.ipynb", "bob/hw.ipynb"], ["ada-hw", "bob-hw"]),
        (["x/ada/hw.ipynb", "y/ada/hw.ipynb"], ["ada-hw", "ada-hw-2"]),
        (["a/HW.ipynb", "b/hw.ipynb"], ["a-HW", "b-hw"]),  # one folder on a Mac
        (["...ipynb"], ["submission"]),
        (["a\nb.ipynb"], ["a_b"]),
    ],
)
def test_each_notebook_has_a_folder_of_its_own(paths, names):
    assert folder_names([Path(path) for path in paths]) == names


@given(st.lists(st.text(min_size=1, max_size=5).filter(lambda name: "/" not in name and "\0" not in name)))
def test_no_file_name_leads_out_of_the_folder_or_into_another(names):
    folders = folder_names([Path("/submissions") / f"{name}.ipynb" for name in names])
    assert len({folder.casefold() for folder in folders}) == len(names)
    assert all("/" not in folder and folder not in {"", ".", ".."} for folder in folders)


def report_of(*outcomes):
    checks = tuple(
        CheckResult(f"q{number}", f"check_{number}", f"{number}.1", "A claim.", True, 2.5, outcome)
        for number, outcome in enumerate(outcomes, start=1)
    )
    questions = tuple(QuestionResult(check.question, "A title", (check,)) for check in checks)
    return Report("topic", "Topic", "hw.ipynb", "", questions)


def test_the_summary_has_a_line_for_each_submission():
    reports = [
        report_of(Outcome.PASSED, Outcome.PASSED),
        report_of(Outcome.FAILED, Outcome.PASSED),
        report_of(Outcome.NOT_GRADED, Outcome.PASSED),
    ]
    assert summary(["ada", "bob", "chandrasekhar"], reports) == [
        "submission         points  lost in",
        "ada                5/5",
        "bob              2.5/5     q1",
        "chandrasekhar    2.5/5     1 not graded",
    ]


def refusal(*options):
    done = CliRunner().invoke(main, ["grade", "scale", __file__, *options])
    assert done.exit_code == 2
    return done.stderr


def test_an_unknown_format_is_bad_usage():
    assert "pdf is no format; there are: text, html, json" in refusal("--format", "text,pdf")


def test_no_format_is_bad_usage():
    assert "nothing is no format" in refusal("--format", ",")


def test_an_unknown_layer_is_bad_usage():
    assert "moat is no isolation layer; there are: uid, limits" in refusal("--without", "moat")


def test_a_missing_notebook_is_bad_usage():
    done = CliRunner().invoke(main, ["grade", "scale", "nowhere.ipynb"])
    assert done.exit_code == 2
    assert "'nowhere.ipynb' does not exist" in done.stderr


def test_help_names_every_format():
    listed = CliRunner().invoke(main, ["grade", "--help"]).output
    assert [name for name in FORMATS if name not in listed] == []


def grade_made_up(monkeypatch, tiny_course, *reports):
    """Grade one notebook for each of these reports, without running any."""
    from autograder import cohort

    def grade_files(topic, paths, *, on_report, **_):
        for path, report in zip(paths, reports, strict=True):
            on_report(path, report)
        return list(reports)

    monkeypatch.setattr(cohort, "grade_files", grade_files)
    notebooks = []
    for number in range(len(reports)):
        notebooks.append(tiny_course / f"hw{number}.ipynb")
        notebooks[-1].touch()
    options = ["--course", str(tiny_course), "-o", str(tiny_course / "out"), "--format", "gradescope,junit"]
    return CliRunner().invoke(main, ["grade", "scale", *map(str, notebooks), *options])


def test_a_check_that_was_not_graded_ends_with_code_1(monkeypatch, tiny_course):
    done = grade_made_up(monkeypatch, tiny_course, report_of(Outcome.PASSED), report_of(Outcome.NOT_GRADED))
    assert done.exit_code == 1
    assert "hw1             0/2.5   1 not graded" in done.stdout


def test_lost_points_are_no_error(monkeypatch, tiny_course):
    assert grade_made_up(monkeypatch, tiny_course, report_of(Outcome.FAILED)).exit_code == 0


def test_the_formats_asked_for_are_written_and_no_others(monkeypatch, tiny_course):
    grade_made_up(monkeypatch, tiny_course, report_of(Outcome.PASSED))
    assert {path.name for path in (tiny_course / "out" / "hw0").iterdir()} == {"results.json", "junit.xml"}


def test_one_notebook_is_shown_as_the_student_reads_it(monkeypatch, tiny_course):
    done = grade_made_up(monkeypatch, tiny_course, report_of(Outcome.PASSED))
    assert "A claim." in done.stdout


def test_a_layer_that_was_not_active_is_said(monkeypatch, tiny_course):
    report = replace(report_of(Outcome.PASSED), isolation=(Layer("uid", False), Layer("seccomp", True)))
    done = grade_made_up(monkeypatch, tiny_course, report)
    assert done.stderr == "Isolation layers not active: uid (see `chainrule doctor`).\n"


@pytest.mark.slow
def test_notebooks_are_graded_in_the_sandbox_and_a_bad_file_stops_no_other(tiny_course):
    topic = load_topic(find_course(tiny_course), "scale")
    mistake = next(each for each in topic.mistakes if each.id == "scale_around_one")
    nbformat.write(solved(topic), tiny_course / "ada.ipynb")
    (tiny_course / "bob.ipynb").write_bytes(b"%PDF-1.7")
    nbformat.write(with_answers(topic, {mistake.of: source_of(mistake, topic)}), tiny_course / "cem.ipynb")
    command = [sys.executable, "-m", "autograder.cli", "grade", "scale", "ada.ipynb", "bob.ipynb", "cem.ipynb", "-j2"]
    done = subprocess.run(command, cwd=tiny_course, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "submission      points  lost in",
        "ada            10/10",
        "bob             0/10    q1 q2",
        "cem             6/10    q1",
        "Reports: out/",
    ]
    assert done.returncode == 0
    assert "bob.ipynb" in (tiny_course / "out/bob/report.txt").read_text()
    shown = " ".join((tiny_course / "out/cem/report.txt").read_text().replace("│", "").split())
    assert mistake.hint in shown
