"""The part of the toolkit that a set of files needs, found by following their imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import autograder
from autograder.errors import CourseError

ROOT = Path(autograder.__file__).parent
SHIPPED = frozenset({"checks", "compare", "diagnose", "errors", "inputs", "package", "report", "submission", "verdict"})
"""What may travel with a student. Nothing of these reads a course, a reference or a solution."""


def needed(sources: Iterable[tuple[Path, str]]) -> dict[str, bytes]:
    """The toolkit's files that these sources import, however indirectly: {"autograder/errors.py": b"..."}.

    Raises CourseError, naming the file, if it imports a part of the toolkit that must not travel.
    """
    found: dict[str, bytes] = {}
    pending = list(sources)
    while pending:
        path, source = pending.pop()
        for module in _imported(source, path):
            for file in _files(module, path):
                name = (Path("autograder") / file.relative_to(ROOT)).as_posix()
                if name not in found:
                    found[name] = file.read_bytes()
                    pending.append((file, found[name].decode("utf-8")))
    return dict(sorted(found.items()))


def _imported(source: str, path: Path) -> Iterator[str]:
    """Dotted names of the toolkit's modules, or of what is in them."""
    tree = ast.parse(source, str(path))
    for_types = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
                 and node.test.id == "TYPE_CHECKING" for inner in ast.walk(node)}  # fmt: skip
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "autograder")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(module: str, asked_by: Path) -> Iterator[Path]:
    """The files that importing this dotted name runs."""
    parts = module.split(".")[1:]
    if (
        parts
        and (ROOT / parts[0]).with_suffix(".py").is_file() | (ROOT / parts[0]).is_dir()
        and parts[0] not in SHIPPED
    ):
        raise CourseError(f"imports autograder.{parts[0]}, which students do not get", path=asked_by)
    yield ROOT / "__init__.py"
    for depth in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[:depth])
        if (place / "__init__.py").is_file():
            yield place / "__init__.py"
        elif place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")
