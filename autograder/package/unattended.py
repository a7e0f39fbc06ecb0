"""The public checks of a saved notebook, without a student at the keyboard: for a CI system, or a terminal.

The notebook's cells run in this process, like those of a kernel, and then the checks. That is advice for whoever owns the
notebook and everything around it, and never a score.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import __version__
from autograder.checks import Check
from autograder.errors import UnreadableNotebook
from autograder.package.hand_in import find_notebook
from autograder.package.saved import SavedNotebook
from autograder.package.session import UNATTENDED, Session
from autograder.report.github import Place
from autograder.submission._cells import cpu_clock, prepare, run_cells
from autograder.submission._engine import CpuTimeUp
from autograder.verdict import CellProblem, CheckResult, Outcome, QuestionResult, Report

CELL_CPU_S = 120.0
RUN_CPU_S = 600.0
CHECK_CPU_S = 60.0
"""Of one public check, with all its repeats. A machine of a CI system is slow; an endless loop ends all the same."""
ONLY_PUBLIC = "These are the public checks. The grader runs more checks than these."


@dataclass(frozen=True, slots=True)
class Checked:
    """What the public checks found in a saved notebook."""

    report: Report
    places: Mapping[str, Place]
    """Where the answer to each question begins in the notebook's file, by the question's id."""


def checked(package: Path, notebook: Path | None) -> Checked:
    """Run a notebook and the public checks of the student package in the folder `package`.

    Without `notebook` it is the only one of the topic in the working directory, or else in the package. Paths in the result
    are relative to the working directory. Raises UnreadableNotebook if there is none, or it cannot be read.
    """
    session = Session.read(_topic_in(package), package, {})
    found = find_notebook(session, _given_or_here(session.topic, notebook))
    if found.path is None:
        raise UnreadableNotebook(found.fault)
    saved = SavedNotebook.read(Path(found.path))
    if not saved.code:
        raise UnreadableNotebook(f"{found.path} cannot be read as a notebook with code in it.")
    problems = _run(session, saved)
    questions = tuple(
        QuestionResult(question["id"], question["title"], tuple(
            _judged(session, check) for check in session.checks if check.question == question["id"]
        ))
        for question in session.manifest["questions"]
    )  # fmt: skip
    path = Path(found.path).as_posix()
    report = Report(
        topic=session.topic,
        title=f"{session.manifest['title']}, public checks",
        submission=path,
        sha256=hashlib.sha256(Path(found.path).read_bytes()).hexdigest(),
        questions=questions,
        cells=tuple(problems),
        notes=(ONLY_PUBLIC,),
        versions={"chainrule": __version__, "python": platform.python_version()},
    )
    return Checked(report, _places(session, saved, path))


def _topic_in(package: Path) -> str:
    names = [path.stem for path in sorted((package / "checks").glob("*.json")) if path.stem != "recorded"]
    if len(names) != 1:
        raise UnreadableNotebook(f"{package} is not the folder of a student package: it has no checks of one topic.")
    return names[0]


def _given_or_here(topic: str, notebook: Path | None) -> str | None:
    if notebook is not None:
        return str(notebook)
    here = [path.name for path in sorted(Path.cwd().glob("*.ipynb")) if SavedNotebook.read(path).topic == topic]
    return here[0] if len(here) == 1 else None


def _run(session: Session, saved: SavedNotebook) -> list[CellProblem]:
    """Run the cells with the package as working directory, where `data/` is. What they print is dropped."""
    prepare(session.namespace)
    session.namespace[UNATTENDED] = True
    with contextlib.chdir(session.folder), _silence():
        found = run_cells(saved.code, session.namespace, CELL_CPU_S, RUN_CPU_S, lambda number: None)
    return [CellProblem(**problem) for problem in found]


def _judged(session: Session, check: Check) -> CheckResult:
    try:
        with contextlib.chdir(session.folder), _silence(), cpu_clock(CHECK_CPU_S):
            result = session.run(check)
            marks = session.marks.get(check.name)
            return replace(result, message=f"{result.message}\n{marks}") if marks else result
    except CpuTimeUp:
        message = f"This check was stopped after {CHECK_CPU_S:g} s of CPU time. Is there a loop that does not end?"
    except BaseException as error:  # noqa: BLE001 - the student's code may have changed whatever is called here
        message = f"This check could not be finished: {type(error).__name__}."
    return session.result(check, Outcome.FAILED, message)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    os.environ.setdefault("MPLBACKEND", "Agg")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _places(session: Session, saved: SavedNotebook, path: str) -> dict[str, Place]:
    places = {}
    for question in session.manifest["questions"]:
        lines = [line for name in question["names"] if (line := saved.line_of(name)) is not None]
        if lines:
            places[question["id"]] = Place(path, lines[0])
    return places
