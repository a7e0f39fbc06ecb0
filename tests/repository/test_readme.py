"""The commands of README and of other pages do what they say: every console block is run, in order, in a copy of the course."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>.+?) -->\n)?```console\n(?P<text>.*?)```", re.DOTALL)


def console_blocks(page):
    """Each console block as (reason not to run it, or None; list of (command, lines of output shown))."""
    for match in BLOCK.finditer(page):
        steps = []
        for line in match["text"].splitlines():
            if steps and steps[-1][0].endswith("\\"):
                steps[-1] = (steps[-1][0].removesuffix("\\") + line.strip(), [])
            elif line.startswith("$ "):
                steps.append((line.removeprefix("$ "), []))
            else:
                steps[-1][1].append(line)
        yield match["reason"], steps


PAGES = ("README.md", "docs/github.md", "docs/gradescope.md")
PAGE = (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def course(tmp_path):
    """A copy of this repository's course, and a `chainrule` and a `python` on the path."""
    for name in ("assignments", "reference", "solutions"):
        shutil.copytree(REPOSITORY / name, tmp_path / "course" / name)
    shutil.copy(REPOSITORY / "course.toml", tmp_path / "course")
    (tmp_path / "bin").mkdir()
    for name, words in {"chainrule": "-m autograder.cli", "python": ""}.items():
        command = tmp_path / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        command.chmod(0o755)
    return tmp_path / "course"


def shows(output, expected):
    """Whether the output has the expected lines, in this order; `...` stands for any number of lines."""
    lines = iter(line.rstrip() for line in output.splitlines())
    return all(line.rstrip() in lines for line in expected if line.strip() != "...")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs_and_shows_what_it_says(course, page):
    environment = os.environ | {
        "PATH": f"{course.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
    }
    folder = course
    commands = 0
    for reason, steps in console_blocks((REPOSITORY / page).read_text(encoding="utf-8")):
        for command, shown in [] if reason else steps:
            if command.startswith("cd "):
                folder = folder / command.removeprefix("cd ")
                continue
            done = subprocess.run(
                ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
            assert shows(done.stdout, shown), f"$ {command}\n{done.stdout}"
            commands += 1
    assert commands >= 5


def test_the_make_targets_it_names_exist():
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    pages = PAGE + (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^\$ |`|=\S+ )make ([a-z-]+)", pages, re.MULTILINE))
    assert {"demo", "test", "lint"} <= named
    assert named - targets == set()


def test_the_files_it_links_to_exist():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


@pytest.mark.parametrize(
    "output, expected, good",
    [
        ("a\nb\n", ["a", "b"], True),
        ("a\nx\nb\n", ["a", "...", "b"], True),
        ("b\na\n", ["a", "b"], False),
        ("a\n", ["b"], False),
    ],
)
def test_output_is_compared_line_by_line(output, expected, good):
    assert shows(output, expected) is good
