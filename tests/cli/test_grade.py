"""`chainrule grade`: notebooks in, reports out."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.cli.grade import folder_names, summary
from autograder.report import FORMATS
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report


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
