"""What is handed in in the box: a perfect, a wrong, a hostile and an endless notebook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from autograder.notebook.handout import solved, source_of, with_answers
from autograder.topic import Topic

REPOSITORY = Path(__file__).resolve().parent.parent
MISTAKE = "derivative_not_averaged"
HANGS = "sigmoid"
"""Nearly every cell and every other answer call it."""
SOURCE = "/autograder/source"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out."""

    points: tuple[float, float]
    says: str = ""
    """A piece of the results."""


SUBMISSIONS = {
    "perfect": Expected((100, 100)),
    "wrong": Expected((85, 99), says="dz is N times too large"),
    "hostile": Expected((0, 0)),
    "endless": Expected((85, 95), says="took too long"),
}


def write(name: str, folder: Path, topic: Topic) -> None:
    """Lay out `submission`, and the metadata beside it, as Gradescope does."""
    (folder / "submission").mkdir(parents=True)
    notebook = {"perfect": solved, "wrong": _wrong, "hostile": _hostile, "endless": _endless}[name](topic)
    nbformat.write(notebook, folder / "submission" / f"{name}.ipynb")  # type: ignore[no-untyped-call]
    (folder / "results").mkdir()
    (folder / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")


def _wrong(topic: Topic) -> Any:
    mistake = next(each for each in topic.mistakes if each.id == MISTAKE)
    return with_answers(topic, {mistake.of: source_of(mistake, topic)})


def _hostile(topic: Topic) -> Any:
    notebook = jupytext.read(REPOSITORY / "demo" / "hostile.py")
    course = f"{SOURCE}/course"
    secrets = [
        f"{course}/{topic.path(part).relative_to(topic.course.root)}" for part in ("hidden", "reference", "solution")
    ]
    secrets += [f"{course}/.chainrule/secret", f"{SOURCE}/blank.json", "/autograder/submission_metadata.json"]
    targets = ["/autograder/results/results.json", "/autograder/results/owned", "/autograder/owned"]
    knows = f"NAMES = {list(topic.names)!r}\nSECRETS = {secrets!r}\nTARGETS = {targets!r}\n"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(knows))  # type: ignore[no-untyped-call]
    notebook.metadata.pop("jupytext", None)
    return notebook


def _endless(topic: Topic) -> Any:
    """A cell that never ends, and an answer that never ends; the other answers are right."""
    notebook = with_answers(topic, {HANGS: f"def {HANGS}(*arguments):\n    while True:\n        pass\n"})
    notebook.cells.insert(3, nbformat.v4.new_code_cell("while True:\n    pass"))  # type: ignore[no-untyped-call]
    return notebook


METADATA = {
    "id": 123456,
    "created_at": "2026-09-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2026-09-02T23:00:00.000000-07:00", "group_size": None, "group_submission": False, "id": 25828,
        "course_id": 1234, "late_due_date": None, "release_date": "2026-08-25T00:00:00.000000-07:00",
        "title": "Logistic regression", "total_points": "100.0",
    },
    "submission_method": "upload",
    "users": [{"email": "ada@example.com", "id": 1, "name": "Ada"}],
    "previous_submissions": [],
}  # fmt: skip
