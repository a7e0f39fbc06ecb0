"""A simulated class, graded and reported as an instructor would: the report finds what the key says."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TINY = Path(__file__).parent.parent / "courses" / "tiny"
STUDENTS = 36


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder in which a class was simulated, graded and reported."""
    folder = tmp_path_factory.mktemp("truth")
    course = shutil.copytree(TINY, folder / "course")

    def chainrule(*arguments):
        command = [sys.executable, "-m", "autograder.cli", *arguments]
        environment = os.environ | {"CHAINRULE_COURSE": str(course)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    chainrule("simulate", "scale", "--students", str(STUDENTS), "--seed", "5", "-o", "class")
    chainrule("grade", "scale", "class/submissions", "--roster", "class/roster.csv", "-o", "results", "-j", "2")
    chainrule("report", "results", "--csv", "tables")
    return folder


@pytest.fixture(scope="module")
def key(graded):
    """What the last attempt of each student holds, if there is one."""
    return [row for row in rows(graded / "class" / "key.csv") if row["file"] and row["attempt"] == row["of"]]


@pytest.fixture(scope="module")
def read(key):
    """Those whose file can be read."""
    return [row for row in key if row["readable"] == "yes"]


def test_the_class_has_damage_mistakes_and_harm(key):
    assert {row["hostile"] for row in key} == {"", "exit"}  # a loop would take a minute
    assert len({row["damage"] for row in key}) > 2
    assert len({row["scale"] for row in key}) > 4


def test_the_report_counts_everybody(graded, key, read):
    totals = {row["what"]: row["value"] for row in rows(graded / "tables" / "totals.csv")}
    assert (int(totals["handed_in"]), int(totals["read"]), int(totals["waiting"])) == (len(key), len(read), 0)


def test_the_report_finds_every_mistake_in_scale(graded, read):
    made = Counter(row["scale"].partition(":")[2] for row in read if row["scale"].startswith("mistake:"))
    found = {
        row["id"]: int(row["students"]) for row in rows(graded / "tables" / "mistakes.csv") if row["question"] == "q1"
    }
    assert made and found == made


def test_the_report_finds_a_mistake_wherever_what_it_builds_on_is_right(graded, read):
    mistake = "mistake:factor_gradient_averaged"
    right = sum(row["scale_backward"] == mistake and row["scale"].startswith(("solution", "accepted")) for row in read)
    every = sum(row["scale_backward"] == mistake for row in read)
    found = {
        row["id"]: int(row["students"]) for row in rows(graded / "tables" / "mistakes.csv") if row["question"] == "q2"
    }
    assert 0 < right <= found["factor_gradient_averaged"] <= every


def test_the_report_counts_blanks(graded, read):
    questions = {row["id"]: row for row in rows(graded / "tables" / "questions.csv")}
    assert int(questions["q1"]["blanks"]) == sum(row["scale"] == "blank" for row in read) > 0
    assert int(questions["q2"]["blanks"]) == sum(row["scale_backward"] == "blank" for row in read) > 0


def test_right_answers_have_all_points_however_they_are_written(graded, read):
    questions = {row["id"]: row for row in rows(graded / "tables" / "questions.csv")}
    right = sum(row["scale"].startswith(("solution", "accepted")) for row in read)
    assert int(questions["q1"]["full"]) == right
