"""Which of the files that were handed in is graded. Links are not followed: one could lead to the answers."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UnreadableNotebook
from autograder.notebook.submission import read_submission

MAX_FILES = 5_000
MAX_READ = 20
"""Of several files, so many are looked into."""
BY_THE_WAY = frozenset({"__MACOSX", "autograder", "checks", "tests", "node_modules", "venv", "site-packages"})
"""Folders that came with the handout, or that nobody meant to hand in."""
KINDS = (".ipynb", ".zip", ".py")
"""What may hold answers, the likeliest first."""
NOTHING = "No file was handed in. Upload the notebook (.ipynb)."
ONLY_LINKS = "Only links were handed in, and links are not followed. Upload the notebook (.ipynb) itself."

DEFINED = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)
OPEN = re.compile(r"^\s+raise NotImplementedError\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Choice:
    """The file to grade, or why there is none; and what the student is told of the choice."""

    path: Path | None
    fault: str = ""
    notice: str = ""


def choose(folder: Path, topic: str, names: Collection[str]) -> Choice:
    """The file to grade. Of several notebooks, the one that was made from this topic and answers the most."""
    files, links = _files(folder)
    if not files:
        return Choice(None, ONLY_LINKS if links else NOTHING)
    found = next((some for kind in KINDS if (some := [path for path in files if _is(path, kind)])), files[:1])
    if len(found) == 1:
        return Choice(found[0])
    ranked = sorted(found[:MAX_READ], key=lambda path: _rank(path, folder, topic, names))
    chosen = ranked[0]
    listed = ", ".join(path.relative_to(folder).as_posix() for path in found[:5]) + (", ..." if len(found) > 5 else "")
    kind = {".ipynb": "notebooks", ".zip": "zip archives"}.get(chosen.suffix.lower(), "Python files")
    return Choice(
        chosen,
        notice=f"{len(found)} {kind} were handed in ({listed}). {chosen.relative_to(folder).as_posix()} was graded: of "
        "those, it holds the most answers. If you mean another, hand in that one alone.",
    )


def _rank(path: Path, folder: Path, topic: str, names: Collection[str]) -> tuple[object, ...]:
    """Smaller is better: made from this topic, more answers, the expected name, higher up, first in the alphabet."""
    try:
        notebook = read_submission(path)
    except UnreadableNotebook:
        return (1,)
    source = "\n".join(cell.source for cell in notebook.cells)
    answers = len(set(DEFINED.findall(source)) & set(names)) - len(OPEN.findall(source))
    ours = (notebook.watermark or {}).get("topic") == topic
    place = path.relative_to(folder)
    return (0, not ours, -answers, path.stem.casefold() != topic.casefold(), len(place.parts), place.as_posix())


def _is(path: Path, kind: str) -> bool:
    return path.suffix.lower() == kind


def _files(folder: Path) -> tuple[list[Path], bool]:
    """Regular files, sorted, and whether there are links."""
    found, links = [], False
    for path in _walk(folder):
        mode = path.lstat().st_mode
        links = links or stat.S_ISLNK(mode)
        if stat.S_ISREG(mode):
            found.append(path)
        if len(found) >= MAX_FILES:
            break
    return sorted(found), links


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        yield from (Path(here) / name for name in folders if (Path(here) / name).is_symlink())
        folders[:] = sorted(name for name in folders if name not in BY_THE_WAY and not name.startswith("."))
        yield from (Path(here) / name for name in files if not name.startswith("."))
