"""A student opens the package in JupyterLab, types an answer, runs everything, and hands in."""

from __future__ import annotations

import re
import subprocess

import pytest

from autograder.notebook.handout import solved
from autograder.notebook.submission import read_submission


def cell(page, source):
    """The first code cell whose source contains this text."""
    return page.locator(".jp-Notebook .jp-CodeCell", has=page.locator(".jp-InputArea", has_text=source)).first


def output(page, source):
    return cell(page, source).locator(".jp-OutputArea-output").last


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def picture_of(page, where, place, name):
    where.scroll_into_view_if_needed()
    page.screenshot(path=place / name)


@pytest.fixture(scope="module")
def answer(topic):
    """A right answer to the first question, as the cell that a student leaves behind."""
    return next(each.source for each in solved(topic).cells if "def sdpa_forward(" in each.source)


@pytest.fixture(scope="module")
def ran(page, answer, place):
    """The page, after a student has typed the answer and run all cells. Nothing is saved yet."""
    stub = cell(page, "def sdpa_forward(")
    stub.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(answer)
    run_all(page)
    try:
        output(page, "grader.export()").wait_for()
    finally:
        page.screenshot(path=place / "ran.png")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    return page


def test_a_right_answer_passes_its_public_checks(ran, place):
    shown = output(ran, 'grader.check("q1")')
    picture_of(ran, shown, place, "passed.png")
    text = shown.inner_text()
    assert re.match(r"q1 Scaled dot-product attention: (\d) of \1 public checks passed\.", text), text
    assert "✗" not in text


def test_a_wrong_answer_shows_the_claim_and_what_is_amiss(ran, place):
    shown = output(ran, 'grader.check("q2")')
    picture_of(ran, shown, place, "failed.png")
    text = shown.inner_text()
    assert "✗ dQ and dK say how your own output changes when Q and K change a little." in text
    assert "dQ is not the gradient of your own sdpa_forward" in text
    assert "Traceback" not in text


def test_a_cell_that_raises_does_not_stop_those_below_it(ran, place):
    """The experiment with the function that is not written yet raises, and everything after it runs."""
    assert "q9: write attention_cost" in output(ran, "costs = [attention_cost(").inner_text()
    shown = output(ran, 'grader.check("q9")')
    picture_of(ran, shown, place, "not_attempted.png")
    assert "not attempted yet (attention_cost is not written)." in shown.inner_text()
    assert output(ran, 'grader.check("q10")').inner_text().startswith("q10 A memory of digits: 1 of 2")


@pytest.fixture(scope="module")
def unsaved(ran, place):
    """What `grader.export()` says before the notebook is saved."""
    shown = output(ran, "grader.export()")
    picture_of(ran, shown, place, "unsaved.png")
    return shown.inner_text()


def test_an_answer_that_is_not_saved_is_told_before_it_is_handed_in(unsaved):
    assert "is not up to date: the saved notebook does not have sdpa_forward as it ran last." in unsaved
    assert "Save the notebook, and run this cell again." in unsaved


@pytest.fixture(scope="module")
def handed_in(ran, unsaved, homework, place):
    """The zip, after the student has saved and run the last cell again."""
    cell(ran, "grader.export()").locator(".cm-content").click()
    ran.keyboard.press("Control+s")
    ran.locator(".lm-TabBar-tab.jp-mod-dirty").wait_for(state="detached")
    ran.keyboard.press("Shift+Enter")
    output(ran, "grader.export()").get_by_text("Hand in attention-hand-in.zip").wait_for()
    picture_of(ran, output(ran, "grader.export()"), place, "handed_in.png")
    return homework / "attention-hand-in.zip"


def test_what_is_handed_in_holds_the_answer_that_was_typed(handed_in, answer):
    assert answer in [each.source for each in read_submission(handed_in).cells]


def test_the_package_ran_without_this_repository(environment, homework):
    script = "import importlib.util as u; print(u.find_spec('autograder'), u.find_spec('otter'))"
    done = subprocess.run(
        [environment / "bin" / "python", "-c", script], cwd=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "None None"
