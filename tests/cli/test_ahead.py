"""`chainrule grade` starts anew as an interpreter that becomes the warm server, too."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.cli.ahead import Forked, _code
from autograder.sandbox import processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the command goes on as it is")
root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="reads the memory of others")


def notebook(path, *cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(book, path)
    return path


def grade(folder, path, **environment):
    command = [sys.executable, "-m", "autograder.cli", "grade", "scale", path, "-o", "out"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def holds(pid: int, word: bytes) -> bool:
    """Whether the memory of a process holds a word."""
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, permissions, *_ = line.split()
            if permissions.startswith("rw"):
                start, stop = (int(each, 16) for each in addresses.split("-"))
                memory.seek(start)
                if word in memory.read(stop - start):
                    return True
    return False


@linux
def test_the_command_keeps_its_environment_its_folder_and_its_arguments(tiny_course, tmp_path):
    notebook(tmp_path / "hw.ipynb", "def scale(x, factor): return x * factor")
    running = grade(tmp_path, "hw.ipynb", CHAINRULE_COURSE=str(tiny_course))
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert "of 10 points" in out
    assert (tmp_path / "out" / "hw" / "report.json").is_file()


@linux
@root
@pytest.mark.root
def test_what_the_command_knows_is_nowhere_in_the_memory_of_the_server_and_its_submissions(tiny_course, tmp_path):
    notebook(tmp_path / "hw.ipynb", "import time\ntime.sleep(20)")
    word = secrets.token_hex(16)
    running = grade(tmp_path, "hw.ipynb", CHAINRULE_COURSE=str(tiny_course), SOME_TOKEN=word)
    try:
        below: list[int] = []
        end = time.monotonic() + 60
        while time.monotonic() < end:  # until there is a server, a supervisor, and a submission that stays
            before, below = below, processes.descendants(running.pid)
            if before == below and len(below) >= 3:
                break
            time.sleep(0.5)
        assert len(below) >= 3
        assert holds(running.pid, word.encode())
        assert [pid for pid in below if holds(pid, word.encode())] == []
    finally:
        running.kill()
        running.communicate()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"cells": 1}', '{"cells": [{}]}', "[" * 100_000, '{"cells": [{"cell_type": "code"}]}'],
)
def test_a_file_that_is_no_notebook_is_left_to_the_grader(tmp_path, text):
    (tmp_path / "hw.ipynb").write_text(text)
    assert _code(tmp_path / "hw.ipynb") == ""


def test_so_is_one_that_is_missing(tmp_path):
    assert _code(tmp_path / "none.ipynb") == ""


def test_only_code_is_looked_at(tmp_path):
    path = notebook(tmp_path / "hw.ipynb", "import sklearn", "x = 1")
    book = nbformat.read(path, as_version=4)
    book.cells.append(nbformat.v4.new_markdown_cell("matplotlib"))
    nbformat.write(book, path)
    assert _code(path) == "import sklearn\nx = 1"


@linux
def test_a_forked_process_can_be_waited_for_and_killed():
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    child = Forked(pid)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.05)
    child.kill()
    assert os.WTERMSIG(child.wait(timeout=10)) == 9
