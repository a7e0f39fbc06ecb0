"""The public checks in a namespace: what a student reads in each case."""

import shutil
import zipfile

import nbformat
import numpy as np
import pytest

from autograder.errors import CheckFailed, GraderError
from autograder.package import session as session_module
from autograder.package.hand_in import find_notebook, hand_in
from autograder.package.session import LightGrader, Session, holds
from autograder.package.shown import Told
from autograder.verdict import Outcome


@pytest.fixture
def package(built, tmp_path, monkeypatch):
    """A copy of the package, as working directory."""
    folder = tmp_path / "student"
    shutil.copytree(built[1].parent / "student", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def grader(built, package):
    """The light grader of a notebook that defines these names."""

    def grader(**names):
        return LightGrader(Session.read("scale", package, names))

    return grader


def right(x, factor):
    return x * factor


def test_a_passed_question_says_so(grader):
    shown = grader(scale=right).check("q1")
    assert shown.passed
    assert repr(shown) == (
        "q1 Scale the columns: 1 of 1 public check passed.\n"
        "  ✓ scale gives [[10, 200], [30, 400]] in the worked example."
    )


def test_a_wrong_answer_is_explained(grader):
    shown = grader(scale=lambda x, factor: x + factor).check("q1")
    assert "scale(x, factor): 4 of 4 elements differ" in repr(shown)
    assert not shown.passed


def test_a_name_that_is_missing_is_told(grader):
    assert "`scale` is not defined. Did its cell run?" in repr(grader().check("q1"))


def test_an_exception_of_the_students_is_told_without_our_traceback(grader):
    def scale(x, factor):
        return x.nothing

    shown = repr(grader(scale=scale).check("q1"))
    assert "`scale` raised AttributeError" in shown
    assert "File" not in shown


def test_a_wrong_signature_is_told_with_that_of_the_handout(grader):
    shown = repr(grader(scale=lambda x: x).check("q1"))
    assert "It should be `scale(x, factor)`." in shown


def test_an_answer_that_trips_the_check_costs_the_check_and_nothing_else(grader):
    shown = grader(scale_backward=lambda dout, x, factor: None).check("q2")
    (result,) = shown.result.checks
    assert result.outcome is Outcome.FAILED
    assert result.message.startswith("What `scale_backward` returned is not what the handout asks for (")


def test_an_untouched_stub_is_not_attempted(grader):
    def scale(x, factor):
        raise NotImplementedError("q1: write scale")

    shown = grader(scale=scale).check("q1")
    assert not shown.attempted
    assert repr(shown) == "q1 Scale the columns: not attempted yet (`scale` is not written)."


def test_a_question_that_does_not_exist_is_told(grader):
    assert repr(grader().check("q7")) == "There is no question 'q7'; there are q1, q2."


def test_what_was_not_recorded_is_not_judged(grader):
    made = grader(scale_backward=lambda dout, x, factor: (dout * factor, (dout * x).sum(0)))
    made._session.answers.asked.clear()
    (result,) = made.check("q2").result.checks
    assert result.outcome is Outcome.NOT_GRADED
    assert result.message.startswith(
        "Not checked here: the right value of `scale` at these numbers is not in this package"
    )


def test_points_are_counted_over_all_questions(grader):
    assert repr(grader(scale=right).check_all()).endswith(
        "Public checks: 2 of 4 points. The grader runs more checks than these."
    )


def test_text_of_a_students_exception_is_escaped_in_html(grader):
    def scale(x, factor):
        raise ValueError("<script>alert(1)</script>")

    page = grader(scale=scale).check("q1")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_random_state_of_the_student_is_left_alone(grader):
    np.random.seed(1)  # noqa: NPY002 - the generator that students use
    expected = np.random.RandomState(1).random()
    grader(scale=right).check_all()
    assert np.random.random() == expected  # noqa: NPY002


def test_a_package_without_its_checks_is_our_fault(package):
    (package / "checks" / "checks.py").unlink()
    with pytest.raises(GraderError, match="the checks of scale cannot be read"):
        Session.read("scale", package, {})


class TestOtterTestFiles:
    @pytest.fixture(autouse=True)
    def started(self, grader, monkeypatch):
        monkeypatch.setitem(session_module._sessions, "scale", grader()._session)

    def test_a_claim_that_holds_raises_nothing(self):
        holds("scale", "worked_example_is_right", {"scale": right})

    def test_a_claim_that_does_not_hold_raises_with_our_message(self):
        with pytest.raises(CheckFailed, match=r"^scale\(x, factor\): 4 of 4 elements differ"):
            holds("scale", "worked_example_is_right", {"scale": lambda x, factor: x + factor})


class TestHandingIn:
    def test_the_one_notebook_is_found_whatever_its_name(self, grader, package):
        (package / "scale.ipynb").rename(package / "done by me.ipynb")
        assert find_notebook(grader()._session).path == "done by me.ipynb"

    def test_a_notebook_of_something_else_is_passed_over(self, grader, package):
        (package / "other.ipynb").write_text('{"cells": [], "metadata": {}}')
        assert find_notebook(grader()._session).path == "scale.ipynb"

    def test_of_two_copies_the_student_must_name_one(self, grader, package):
        shutil.copy(package / "scale.ipynb", package / "copy.ipynb")
        told = grader(scale=right).export()
        assert repr(told) == (
            'Which notebook is it? There are copy.ipynb, scale.ipynb: say it, as in grader.export("copy.ipynb").'
        )

    def test_the_notebook_that_is_named_is_taken(self, grader, package):
        shutil.copy(package / "scale.ipynb", package / "copy.ipynb")
        grader(scale=right).export("copy.ipynb")
        with zipfile.ZipFile("scale-hand-in.zip") as archive:
            assert archive.namelist() == ["copy.ipynb"]

    def test_without_a_file_the_student_is_told_to_download(self, grader, package):
        (package / "scale.ipynb").unlink()
        assert "download it (File > Download)" in repr(grader().export())

    def test_a_name_that_is_no_file_is_told(self, grader):
        assert repr(grader().export("mine.ipynb")) == "There is no file 'mine.ipynb' here."

    def test_failing_questions_are_named_but_may_be_handed_in(self, grader):
        made = grader(scale=right)
        told = hand_in(made._session, made.check_all())
        assert repr(told).startswith("Not all public checks pass: q2. You can hand in all the same.\n")

    def test_cells_that_raised_in_the_saved_notebook_are_named(self, grader, package):
        notebook = nbformat.read(package / "scale.ipynb", as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell in code[:7]:
            cell.outputs = [nbformat.v4.new_output("error", ename="NameError", evalue="", traceback=[])]
        nbformat.write(notebook, package / "scale.ipynb")
        assert (
            "In the saved notebook, these cells raised: code cell 1 (NameError), code cell 2 (NameError), code cell 3 "
            "(NameError), code cell 4 (NameError), code cell 5 (NameError), 2 more. A cell that raises does not stop the grader"
        ) in repr(grader(scale=right).export())

    def test_a_notebook_whose_cells_all_ran_is_not_spoken_of(self, grader):
        assert "raised" not in repr(grader(scale=right).export())

    def test_the_file_to_hand_in_is_a_link(self):
        page = Told("Hand in a-hand-in.zip", "a-hand-in.zip")._repr_html_()
        assert '<a href="a-hand-in.zip" download="a-hand-in.zip"' in page


def test_names_between_backticks_are_code_in_html(grader):
    page = grader().check("q1")._repr_html_()
    assert "`scale` is not defined" in page  # messages keep their columns, as text
    assert Told("Save `scale` <now>")._repr_html_() == "<p>Save <code>scale</code> &lt;now&gt;</p>"
