"""Killed at any moment, a class loses at most what was in hand, and the same command goes on."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.gradebook import Gradebook

PROGRAM = Path(__file__).parent / "fake_class.py"
KILLS = int(os.environ.get("CHAINRULE_KILLS", "12"))  # more of them to be surer
STUDENTS = 10 * KILLS


def start(folder, results):
    command = [sys.executable, PROGRAM, folder, results]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_class_that_is_killed_again_and_again_is_graded_in_the_end(tmp_path):
    folder, results = tmp_path / "hw", tmp_path / "results"
    folder.mkdir()
    for number in range(STUDENTS):
        (folder / f"s{number:03}.ipynb").write_text(str(number))
    moments = random.Random(7)
    kept: set[str] = set()
    kills = 0
    for kill in range(10 * KILLS):
        running = start(folder, results)
        said: list[str] = []
        if kills < KILLS:
            if kill % 4 == 0:  # while it begins: the gradebook is made, the folder is read
                time.sleep(moments.uniform(0.0, 0.3))
            else:  # while it grades, and after it said so
                said += [running.stdout.readline() for _ in range(moments.randrange(1, 12))]
                time.sleep(moments.uniform(0.0, 0.01))
            running.kill()
        out, err = running.communicate(timeout=120)
        kept |= {line for line in "".join([*said, out]).split() if line.endswith(".ipynb")}
        if running.returncode == 0:
            break
        assert running.returncode == -9, err
        kills += 1
        if (results / "gradebook.db").is_file():
            with sqlite3.connect(results / "gradebook.db") as database:
                assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            database.close()
            if kept:
                with Gradebook.open(results) as book:
                    assert kept <= {each.submission for each in book.each("topic")}
    assert kills >= KILLS // 2
    with Gradebook.open(results) as book:
        current = book.current("topic")
        gradings = book._connection.execute("SELECT count(*) FROM grading").fetchone()[0]
        per_grading = book._connection.execute("SELECT DISTINCT count(*) FROM verdict GROUP BY grading").fetchall()
    assert len(current) == STUDENTS
    assert {len(list(each.report.checks)) for each in current} == {60}
    assert per_grading == [(60,)]  # no report was kept in part
    assert gradings == STUDENTS  # and none was made again that was kept
    assert len((results / "gradebook.csv").read_text().splitlines()) == STUDENTS + 1
