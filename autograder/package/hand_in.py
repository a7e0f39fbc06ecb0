"""The file that a student hands in: the saved notebook, in a zip, after a look at what may be amiss."""

from __future__ import annotations

import inspect
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.package.saved import SavedNotebook
from autograder.package.session import Session
from autograder.package.shown import AllShown, Told

CELLS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Found:
    """The student's notebook, relative to the working directory if it is in it, or why it cannot be told."""

    path: str | None
    fault: str = ""


def hand_in(session: Session, checked: AllShown, notebook: str | None = None) -> Told:
    """Write `<topic>-hand-in.zip` beside the notebook, and say what may be amiss."""
    found = find_notebook(session, notebook)
    if found.path is None:
        return Told(found.fault)
    target = f"{session.topic}-hand-in.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(found.path, Path(found.path).name)
    return told(session, found.path, checked, target)


def find_notebook(session: Session, given: str | None = None) -> Found:
    """The file of the notebook that is running, whatever its name."""
    if given is not None:
        return Found(given) if Path(given).is_file() else Found(None, f"There is no file {given!r} here.")
    told = [session.namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")]
    for path in told:
        if isinstance(path, str) and path.endswith(".ipynb") and Path(path).is_file():
            return Found(_short(path))
    places = {Path.cwd(), session.folder, session.started_in}
    there = sorted({path.resolve() for place in places for path in place.glob("*.ipynb")})
    ours = [path for path in there if SavedNotebook.read(path).topic == session.topic] or there
    if len(ours) == 1:
        return Found(_short(str(ours[0])))
    if not ours:
        return Found(
            None, "The notebook's file cannot be seen from here: download it (File > Download) and hand in that."
        )
    names = ", ".join(path.name for path in ours)
    return Found(None, f'Which notebook is it? There are {names}: say it, as in grader.export("{ours[0].name}").')


def told(session: Session, notebook: str, checked: AllShown, target: str) -> Told:
    """What to hand in, after a word about failed checks, cells that raised, and answers that are not in the saved notebook."""
    lines, saved = [], SavedNotebook.read(Path(notebook))
    failing = [shown.result.id for shown in checked.questions if not shown.passed]
    if failing:
        lines.append(f"Not all public checks pass: {', '.join(failing)}. You can hand in all the same.")
    if saved.raised:
        shown = [f"code cell {each.cell} ({each.exception})" for each in saved.raised[:CELLS_NAMED]]
        more = [f"{len(saved.raised) - CELLS_NAMED} more"] if len(saved.raised) > CELLS_NAMED else []
        lines.append(f"In the saved notebook, these cells raised: {', '.join([*shown, *more])}. "
                     "A cell that raises does not stop the grader, but what it should have defined is missing.")  # fmt: skip
    unsaved = _unsaved(session, saved)
    if unsaved:
        names = ", ".join(f"`{name}`" for name in unsaved)
        lines.append(f"{target} is not up to date: the saved notebook does not have {names} as it ran last. "
                     "Save the notebook, and run this cell again.")  # fmt: skip
    else:
        lines.append(f"Hand in {target}")
    return Told("\n".join(lines), "" if unsaved else target)


def _short(path: str) -> str:
    return os.path.relpath(path) if Path(path).resolve().is_relative_to(Path.cwd()) else path


def _unsaved(session: Session, notebook: SavedNotebook) -> list[str]:
    saved = "\n".join(line.rstrip() for _, source in notebook.code for line in source.splitlines())
    names = [name for question in session.manifest["questions"] for name in question["names"]]
    return [name for name in names if (source := _source(session.namespace.get(name))) and source not in saved]


def _source(value: Any) -> str:
    try:
        return "\n".join(line.rstrip() for line in inspect.getsource(value).strip().splitlines())
    except (OSError, TypeError):  # made by other means than `def`, or not there
        return ""
