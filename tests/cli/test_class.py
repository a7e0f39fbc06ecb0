"""`chainrule grade FOLDER` and what follows it: one small class, graded in earnest."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course import find_course
from autograder.gradebook import Gradebook
from autograder.notebook.handout import handout, solved, source_of, with_answers
from autograder.topic import load_topic

TINY = Path(__file__).parent.parent / "courses" / "tiny"
ROSTER = """Name,Email,Student ID
Ada Lovelace,ada@x.edu,101
=cmd(),bob@x.edu,102
Cem Ay,cem@x.edu,103
Dora Mar,dora@x.edu,104
Eve Ng,eve@x.edu,105
"""
HOSTILE = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="nothing is graded there"),
    pytest.mark.xdist_group("class"),
]


def chainrule(folder, *arguments, code=0, **environment):
    """Run a command in a course; returns (stdout, stderr). `code`: how it must end."""
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """A course with a class that was graded once; (folder, what the command said). Tests work on copies."""
    folder = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(TINY, folder)
    topic = load_topic(find_course(folder), "scale")
    mistake = next(each for each in topic.mistakes if each.id == "scale_around_one")
    hw = folder / "hw"
    hw.mkdir()
    right = solved(topic)
    nbformat.write(right, hw / "ada.ipynb")
    nbformat.write(with_answers(topic, {mistake.of: source_of(mistake, topic)}), hw / "102_attempt1.ipynb")
    nbformat.write(handout(topic), hw / "102_attempt2.ipynb")
    (hw / "cem.ipynb").write_text('{"cells": [')
    right.cells.insert(1, nbformat.v4.new_code_cell(HOSTILE))
    nbformat.write(right, hw / "stranger.ipynb")
    (hw / "notes.txt").write_text("not a notebook")
    (folder / "roster.csv").write_text(ROSTER)
    out, _ = chainrule(folder, "grade", "scale", "hw", "--roster", "roster.csv", "-j", "2")
    return folder, out


@pytest.fixture
def course(graded_class, tmp_path):
    """A copy of the graded class, in the same place as far as the gradebook can tell, for one test to change."""
    folder, _ = graded_class
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def table(path):
    with path.open(newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_everybody_has_a_line(graded_class):
    rows = table(graded_class[0] / "results" / "gradebook.csv")
    assert {name: (row["on roster"], row["scale"], row["scale status"]) for name, row in rows.items()} == {
        "Ada Lovelace": ("yes", "10", "graded"),
        "'=cmd()": ("yes", "0", "graded"),
        "Cem Ay": ("yes", "0", "unreadable"),
        "Dora Mar": ("yes", "", "no submission"),
        "Eve Ng": ("yes", "", "no submission"),
        "stranger": ("no", "10", "graded"),
    }


def test_the_command_says_whom_to_look_at(graded_class):
    out = graded_class[1]
    for line in (
        "5 submissions; 0 graded before, 5 to be graded",
        "  stranger.ipynb: stranger is not on the roster",
        "  notes.txt: is no notebook",
        "unreadable: 1",
        "no submission: 2",
        "  Dora Mar",
    ):
        assert line in out.splitlines()


def test_each_student_has_a_page_that_others_on_the_machine_cannot_read(graded_class):
    folder = graded_class[0] / "results"
    assert sorted(path.name for path in (folder / "feedback" / "scale").iterdir()) == [
        "Ada Lovelace 101.html", "Cem Ay 103.html", "_cmd() 102.html", "stranger.html",
    ]  # fmt: skip
    assert folder.stat().st_mode & 0o077 == 0


def test_an_unchanged_class_is_not_graded_again_and_torch_is_not_even_there(course, tmp_path):
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "torch.py").write_text("raise RuntimeError('torch is not needed')")
    out, _ = chainrule(course, "grade", "scale", "hw", PYTHONPATH=str(tmp_path / "without"))
    assert out.startswith("5 submissions; 5 graded before, 0 to be graded\n")


def test_what_is_new_or_changed_is_graded_and_nothing_else(course):
    shutil.copy(course / "hw" / "ada.ipynb", course / "hw" / "dora.ipynb")
    shutil.copy(course / "hw" / "ada.ipynb", course / "hw" / "102_attempt2.ipynb")
    out, _ = chainrule(course, "grade", "scale", "hw")
    assert out.startswith("6 submissions; 4 graded before, 2 to be graded\n")
    rows = table(course / "results" / "gradebook.csv")
    assert (rows["Dora Mar"]["scale"], rows["'=cmd()"]["scale"]) == ("10", "10")


def test_the_best_attempt_counts_if_that_is_chosen(course):
    chainrule(course, "grade", "scale", "hw", "--attempt", "best")
    assert table(course / "results" / "gradebook.csv")["'=cmd()"]["scale"] == "6"


def test_an_archive_is_graded_like_the_folder_in_it(course):
    with zipfile.ZipFile(course / "hw.zip", "w") as archive:
        for path in (course / "hw").iterdir():
            archive.write(path, path.relative_to(course))
    out, _ = chainrule(course, "grade", "scale", "hw.zip")
    assert out.startswith("5 submissions; 5 graded before, 0 to be graded\n")


def test_regrade_shows_what_would_change_and_then_changes_it(course):
    checks = course / "assignments" / "scale" / "checks.py"
    checks.write_text(checks.read_text().replace("np.array([[10.0, 200.0]", "np.array([[11.0, 200.0]"))
    before = table(course / "results" / "gradebook.csv")
    out, _ = chainrule(course, "regrade", "scale", "--diff")
    said = out.splitlines()
    assert said[0] == "5 submissions to be graded anew: changed since: topic"
    assert "2 of 4 totals change: 0 up, 2 down" in said
    assert "  worked_example_is_right: 2 -> 0 (2)" in said
    assert said[-1] == "No grade was changed. The same command without --diff takes this over."
    assert table(course / "results" / "gradebook.csv") == before
    with Gradebook.open(course / "results") as book:
        assert [each.earned for each in book.current("scale") if each.name == "Ada Lovelace"] == [10.0]
    out, err = chainrule(course, "regrade", "scale")
    assert "2 of 4 totals change: 0 up, 2 down" in out
    assert "grading" not in err  # what the first command graded was taken over
    assert table(course / "results" / "gradebook.csv")["Ada Lovelace"]["scale"] == "8"
    assert "Nothing to grade anew" in chainrule(course, "regrade", "scale")[0]


def test_a_changed_topic_is_graded_anew_and_what_that_changed_is_said(course):
    checks = course / "assignments" / "scale" / "checks.py"
    checks.write_text(checks.read_text().replace("np.array([[10.0, 200.0]", "np.array([[11.0, 200.0]"))
    out, _ = chainrule(course, "grade", "scale", "hw")
    assert "changed since some were graded: topic (`chainrule regrade --diff` shows first what that changes)" in out
    assert "2 of 4 totals change: 0 up, 2 down" in out


def test_single_notebooks_with_a_roster_are_a_class(course):
    out, _ = chainrule(course, "grade", "scale", "hw/ada.ipynb", "--roster", "roster.csv", "-o", "few")
    assert out.startswith("1 submission; 0 graded before, 1 to be graded\n")
    assert table(course / "few" / "gradebook.csv")["Ada Lovelace"]["scale"] == "10"


@pytest.mark.parametrize("option", [["--attempt", "best"], ["--dask", "tcp://nowhere:1"]])
def test_what_is_for_a_class_is_refused_for_a_notebook(graded_class, option):
    _, err = chainrule(graded_class[0], "grade", "scale", "hw/ada.ipynb", *option, code=2)
    assert "is for a class: a folder, a zip, or --roster" in " ".join(err.split())


def test_overrides_are_listed_counted_and_taken_back(course):
    chainrule(course, "override", "scale", "Cem Ay", "1.1", "--points", "1.5", "--reason", "showed it in person")
    chainrule(course, "override", "scale", "everybody", "q2", "--excuse", "--reason", "was never taught")
    rows = table(course / "results" / "gradebook.csv")
    assert (rows["Cem Ay"]["scale"], rows["Cem Ay"]["scale of"]) == ("1.5", "5")
    assert rows["Ada Lovelace"]["scale of"] == "5"
    out, _ = chainrule(course, "override", "scale")
    assert "Cem Ay: 1.1 worked_example_is_right: 1.5 points; showed it in person" in out
    page = (course / "results" / "feedback" / "scale" / "Cem Ay 103.html").read_text()
    assert "showed it in person" in page
    chainrule(course, "override", "scale", "103", "1.1", "--remove")
    assert table(course / "results" / "gradebook.csv")["Cem Ay"]["scale"] == "0"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["Nobody", "1.1", "--excuse", "--reason", "x"], "`Nobody` is nobody in this gradebook"),
        (
            ["101", "7.7", "--excuse", "--reason", "x"],
            "`7.7` is no check of scale; there are: 1.1 worked_example_is_right",
        ),
        (["101", "1.1", "--excuse"], "an override needs a reason"),
        (["101", "1.1", "--reason", "x"], "name a STUDENT and a CHECK, and one of --points, --excuse and --remove"),
        (["101", "1.1", "--points", "3", "--reason", "x"], "no more than it is worth: 1.1 is worth 2"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(graded_class, arguments, message):
    _, err = chainrule(graded_class[0], "override", "scale", *arguments, code=2)
    assert message in " ".join(err.split())


def test_grades_go_out_and_say_what_is_empty(course):
    out, _ = chainrule(course, "export", "scale", "--to", "canvas")
    assert "4 grades; left empty: 2 without a submission, 0 not graded" in out
    with (course / "results" / "scale-canvas.csv").open(newline="") as file:
        rows = {row["Student"]: row["Scaling columns"] for row in csv.DictReader(file)}
    assert (rows["Ada Lovelace"], rows["Dora Mar"]) == ("10", "")


def test_a_topic_without_grades_cannot_go_out(graded_class):
    _, err = chainrule(graded_class[0], "export", "attention", "--to", "csv", code=2)
    assert "the gradebook has no grade in `attention`" in err


def test_a_format_for_single_notebooks_is_refused_for_a_class(graded_class):
    _, err = chainrule(graded_class[0], "grade", "scale", "hw", "--format", "junit", code=2)
    assert "is for single notebooks; for a class see `chainrule export`" in " ".join(err.split())


def test_two_cannot_grade_into_one_folder_at_once(course):
    from autograder.cli.cohort import alone_in

    with alone_in(course / "results"):
        _, err = chainrule(course, "grade", "scale", "hw", code=1)
    assert f"process {os.getpid()} is grading into results/ right now" in err


def slow_class(folder, count):
    """A class whose notebooks take half a second each."""
    topic = load_topic(find_course(folder), "scale")
    (folder / "slow").mkdir()
    for number in range(count):
        book = solved(topic)
        book.cells.insert(0, nbformat.v4.new_code_cell(f"import time; time.sleep(0.5)  # {number}"))
        nbformat.write(book, folder / "slow" / f"s{number}.ipynb")


def begun(folder, count):
    """`chainrule grade slow`, once it has kept `count` reports."""
    command = [sys.executable, "-m", "autograder.cli", "grade", "scale", "slow", "-o", "slow-results", "-j", "2"]
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while time.monotonic() < end and kept(folder) < count:
        time.sleep(0.05)
    return running


def kept(folder):
    if not (folder / "slow-results" / "gradebook.db").is_file():
        return 0
    try:
        with Gradebook.open(folder / "slow-results") as book:
            return len(book.keys("scale"))
    except Exception:  # it is just being made
        return 0


def test_ctrl_c_finishes_what_is_in_hand_and_says_how_to_go_on(course):
    slow_class(course, 8)
    running = begun(course, 2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 130
    done = kept(course)
    assert 2 <= done < 8
    assert f"Interrupted: {done} of 8 were graded, and are kept. The same command goes on from there." in err
    out, _ = chainrule(course, "grade", "scale", "slow", "-o", "slow-results", "-j", "2")
    assert out.startswith(f"8 submissions; {done} graded before, {8 - done} to be graded\n")
    assert "8 students have a score: mean 10" in out


def test_ctrl_c_before_anything_is_graded_says_so(graded_class, monkeypatch):
    from click.testing import CliRunner

    from autograder import intake
    from autograder.cli import main

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(intake, "take_in", interrupted)
    folder = str(graded_class[0])
    done = CliRunner().invoke(main, ["grade", "scale", f"{folder}/hw", "--course", folder, "-o", f"{folder}/results"])
    assert done.exit_code == 130
    assert done.stderr == "\nInterrupted. What was graded is kept. The same command goes on from there.\n"


def test_killed_in_earnest_it_goes_on_and_leaves_no_process(course):
    slow_class(course, 6)
    running = begun(course, 2)
    from autograder.sandbox import processes

    below = processes.descendants(running.pid) if sys.platform == "linux" else []
    running.kill()
    running.communicate(timeout=60)
    done = kept(course)
    assert done >= 2
    out, _ = chainrule(course, "grade", "scale", "slow", "-o", "slow-results", "-j", "2")
    assert out.startswith(f"6 submissions; {done} graded before, {6 - done} to be graded\n")
    assert [pid for pid in below if _runs(pid)] == []


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in b"ZX"
    except OSError:
        return False
