"""The tiny course, copied so that nothing is written into the tests; its package and its repositories, built once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.course import find_course
from autograder.package import ci
from autograder.package.student import build
from autograder.topic import load_topic

TINY = Path(__file__).parent.parent / "courses" / "tiny"


def copy_of_tiny(folder):
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__", ".chainrule"))
    return load_topic(find_course(folder), "scale")


@pytest.fixture
def topic(tmp_path):
    return copy_of_tiny(tmp_path / "course")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """(topic, zip): treat both as read-only."""
    folder = tmp_path_factory.mktemp("built")
    topic = copy_of_tiny(folder / "course")
    return topic, build(topic, folder / "dist")


@pytest.fixture(scope="session")
def repositories(built, tmp_path_factory):
    """(template for students, addition to the course's private repository): treat both as read-only."""
    return ci.build(built[0], tmp_path_factory.mktemp("repositories"))


@pytest.fixture(scope="session")
def run_steps(tmp_path_factory):
    """`run_steps(workflow, folder)`: what a runner does with the `run:` steps of a workflow's only job.

    Steps that install are left out, and so are those whose `if:` is not in `conditions`. `secrets` are put in, `commands`
    are what other names than `python` stand for. The result is (exit code of the first step that fails or 0, output of
    all steps, job summary).
    """

    def run(workflow, folder, *, secrets=None, conditions=(), commands=None):
        place = tmp_path_factory.mktemp("runner")
        summary = place / "summary.md"
        summary.touch()
        for name, words in {"python": [sys.executable], **(commands or {})}.items():
            (place / name).write_text(f'#!/bin/sh\nexec {" ".join(words)} "$@"\n')
            (place / name).chmod(0o755)
        (job,) = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()
        assert job["defaults"]["run"]["shell"] == "bash"
        output = ""
        for step in job["steps"]:
            script = step.get("run", "")
            if not script or "pip install" in script or step.get("if", "") not in ("", *conditions):
                continue
            given = {**job.get("env", {}), **step.get("env", {})}
            for name, value in (secrets or {}).items():
                given = {key: text.replace(f"${{{{ secrets.{name} }}}}", value) for key, text in given.items()}
            runner = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "HOME": str(place)}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                cwd=folder,
                env={"PATH": f"{place}:{os.environ['PATH']}", **runner, **given},
                capture_output=True,
                text=True,
                check=False,
            )
            output += done.stdout + done.stderr
            if done.returncode:
                break
        return done.returncode, output, summary.read_text(encoding="utf-8")

    return run
