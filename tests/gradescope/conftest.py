"""`/autograder` elsewhere: the zip of the tiny course unpacked, a submission beside it, and the real run_autograder."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.course import find_course
from autograder.package.gradescope import build
from autograder.topic import load_topic

REPOSITORY = Path(__file__).parent.parent.parent
SCHEMA = json.loads(files("autograder.report").joinpath("schemas/gradescope-results.schema.json").read_text())
RIGHT = """
def scale(x, factor):
    return x * factor


def scale_backward(dout, x, factor):
    return dout * factor, (dout * x).sum(axis=0)
"""
LIMITS = "\n[limits]\ncell_cpu_s = 1\ncheck_cpu_s = 0.5\n"
METADATA: dict[str, Any] = {
    "id": 1,
    "created_at": "2026-09-01T12:00:00.000000-07:00",
    "assignment": {"due_date": "2026-09-02T23:00:00.000000-07:00", "title": "Scaling columns", "total_points": "10.0"},
    "submission_method": "upload",
    "users": [{"email": "ada@example.com", "id": 1, "name": "Ada"}],
    "previous_submissions": [],
}


def notebook(*cells: str) -> str:
    """A notebook with these code cells."""
    code = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for number, cell in enumerate(cells)
    ]  # fmt: skip
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@dataclass
class Container:
    """One folder laid out as Gradescope does, and what a run in it left."""

    root: Path

    @property
    def topic_toml(self) -> Path:
        return self.root / "source" / "course" / "assignments" / "scale" / "topic.toml"

    def set(self, toml: str) -> None:
        """More settings of the topic."""
        with self.topic_toml.open("a") as file:
            file.write(toml)

    def hand_in(self, **named: str) -> None:
        for name, content in named.items():
            path = self.root / "submission" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "CHAINRULE_ROOT": str(self.root), "CHAINRULE_PYTHON": sys.executable}
        command = ["sh", str(self.root / "source" / "run_autograder")]
        return subprocess.Popen(
            command, env=environment, cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self) -> Ran:
        process = self.start()
        said, _ = process.communicate(timeout=120)
        return Ran(self, process.returncode, said, self.results())

    def results(self) -> dict[str, Any]:
        """What Gradescope would read, held against the schema."""
        found: dict[str, Any] = json.loads((self.root / "results" / "results.json").read_text(encoding="utf-8"))
        jsonschema.validate(found, SCHEMA)
        return found


@dataclass
class Ran:
    """What one run left."""

    container: Container
    code: int
    said: str
    results: dict[str, Any]

    @property
    def outcomes(self) -> dict[str, str]:
        return {test["extra_data"]["check"]: test["extra_data"]["outcome"] for test in self.results["tests"]}


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the tiny course, unpacked: read-only."""
    folder = tmp_path_factory.mktemp("gradescope")
    shutil.copytree(REPOSITORY / "tests/courses/tiny", folder / "course",
                    ignore=shutil.ignore_patterns("__pycache__", ".chainrule"))  # fmt: skip
    archive = build(load_topic(find_course(folder / "course"), "scale"), folder / "dist")
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder / "source")
    return folder / "source"


@pytest.fixture(scope="session")
def new_container(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Container]:
    """`new_container(metadata=...)`: a container with nothing handed in yet."""

    def make(metadata: object = METADATA) -> Container:
        root = tmp_path_factory.mktemp("autograder")
        shutil.copytree(unpacked, root / "source")
        (root / "submission").mkdir()
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        (root / "submission_metadata.json").write_text(text)
        return Container(root)

    return make


@pytest.fixture(scope="session")
def attack() -> Callable[[str, dict[str, str]], str]:
    """`attack("read/secrets_by_path", targets)`: one of the attacks as a notebook."""
    spec = importlib.util.spec_from_file_location("attack_notebooks", REPOSITORY / "tests/attacks/notebooks.py")
    assert spec is not None and spec.loader is not None
    notebooks = sys.modules["attack_notebooks"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebooks)

    def make(name: str, targets: dict[str, str]) -> str:
        found = notebooks.read(REPOSITORY / "tests/attacks" / f"{name}.py")
        prelude = (REPOSITORY / "tests/attacks/prelude.py").read_text(encoding="utf-8")
        told = f"TARGETS, TOKEN = {targets!r}, 'token'\n"
        return notebook(prelude, told, *found.cells)

    return make


def wait_for(happened: Callable[[], object], *, seconds: float = 60.0) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def processes(word: str, below: int) -> Sequence[int]:
    """Processes below that one whose command line has the word."""
    from autograder.sandbox.processes import descendants

    found = []
    for pid in descendants(below):
        try:
            if word in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(pid)
        except OSError:
            continue
    return found
