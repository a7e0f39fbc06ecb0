"""The demo ends well, and its hostile notebook attacks in earnest."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.course import find_course
from autograder.topic import load_topic

REPOSITORY = Path(__file__).parent.parent.parent


def load_demo():
    spec = importlib.util.spec_from_file_location("chainrule_demo", REPOSITORY / "demo" / "run.py")
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    return demo


@pytest.mark.slow
def test_the_demo_ends_well(tmp_path):
    for name in ("assignments", "reference", "solutions", "demo"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("out", "__pycache__"))
    shutil.copy(REPOSITORY / "course.toml", tmp_path)
    done = subprocess.run(
        [sys.executable, "demo/run.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Where to look" in done.stdout


def hostile_report(course, *options):
    """Grade the hostile notebook against the tiny course; returns its report and what it got."""
    demo = load_demo()
    demo.OUT = course
    topic = load_topic(find_course(course), "scale")
    topic.course.secret()
    notebook = jupytext.read(REPOSITORY / "demo" / "hostile.py")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(demo.what_the_hostile_one_knows(topic)))
    nbformat.write(notebook, course / "hostile.ipynb")
    command = [sys.executable, "-m", "autograder.cli", "grade", "scale", "hostile.ipynb", "--format", "json", *options]
    subprocess.run(command, cwd=course, capture_output=True, check=True)
    report = json.loads((course / "out/hostile/report.json").read_text())
    return report, demo.loot_of(report)


@pytest.mark.slow
def test_the_hostile_notebook_gets_nothing(tiny_course):
    report, loot = hostile_report(tiny_course)
    assert (report["earned"], loot) == (0, [])


@pytest.mark.slow
def test_its_attempts_would_work_where_nothing_stopped_them(tiny_course):
    from autograder.sandbox.available import LAYERS

    _, loot = hostile_report(tiny_course, "--isolation", "none", *(f"--without={layer}" for layer in LAYERS))
    deeds = {each.partition(":")[0] for each in loot}
    assert {"open_the_secrets", "ask_a_shell", "see_the_parents_files", "write_a_result", "listen"} <= deeds
