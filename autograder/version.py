"""Which toolkit grades: its source and the libraries that numbers come from, hashed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

from autograder import __version__

PRESENTATION = {
    "cli", "classreport", "gradebook", "gradescope", "intake", "mutants", "package", "report", "scaffold", "simulate",
    "statistics", "verify",
}  # fmt: skip
"""Parts of the toolkit that no verdict depends on. What is not named here counts."""
LIBRARIES = ("numpy", "torch", "ipython")


def toolkit() -> str:
    """A hash of everything in the toolkit that a verdict may depend on, and of the versions of its libraries."""
    digest = hashlib.blake2b(digest_size=8)
    versions = [__version__, platform.python_version()]
    for name in LIBRARIES:
        try:
            versions.append(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            versions.append("")
    digest.update(repr(versions).encode())
    root = Path(__file__).resolve().parent
    parts = (path for path in root.iterdir() if path.stem not in PRESENTATION)
    files = (file for part in parts for file in ([part] if part.is_file() else part.rglob("*.py")))
    add_files(digest, root, (file for file in files if file.suffix == ".py"))
    return digest.hexdigest()


def add_files(digest: hashlib.blake2b, root: Path, files: Iterable[Path]) -> None:
    """Add names and contents of files to a hash, in an order that is the same everywhere."""
    for file in sorted(files):
        hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(root).parts)
        if file.is_file() and not hidden:
            content = hashlib.blake2b(file.read_bytes(), digest_size=16).digest()
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + content)
