"""What a verdict depends on besides the submission: the topic, the toolkit, and the secret that inputs are drawn from.

Hashed into a key that is quick to form, and does not need anything of it to be loaded.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

from autograder import __version__
from autograder.course import Course

PRESENTATION = {
    "cli", "classreport", "gradebook", "intake", "mutants", "package", "report", "scaffold", "simulate", "statistics",
    "verify",
}  # fmt: skip
"""Parts of the toolkit that no verdict depends on. What is not named here counts."""
LIBRARIES = ("numpy", "torch", "ipython")
PARTS = ("topic", "toolkit", "secret")


def key_of(course: Course, topic: str) -> str:
    """The key of a topic as it is now, in three parts: "topic-toolkit-secret"."""
    secret = hashlib.blake2b(course.secret(), digest_size=6, person=b"fingerprint").hexdigest()
    return f"{_topic(course.root, topic)}-{_toolkit()}-{secret}"


def changed(old: str, new: str) -> list[str]:
    """Which parts of two keys differ: "topic", "toolkit", "secret"."""
    pairs = zip(PARTS, old.split("-"), new.split("-"), strict=False)
    return [part for part, before, now in pairs if before != now]


def _topic(root: Path, topic: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for folder in ("assignments", "reference", "solutions"):
        _add(digest, root / folder / topic, (root / folder / topic).rglob("*"))
    return digest.hexdigest()


def _toolkit() -> str:
    digest = hashlib.blake2b(digest_size=8)
    versions = [__version__, platform.python_version()]
    for name in LIBRARIES:
        try:
            versions.append(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            versions.append("")
    digest.update(repr(versions).encode())
    root = Path(__file__).resolve().parent.parent
    parts = (path for path in root.iterdir() if path.stem not in PRESENTATION)
    files = (file for part in parts for file in ([part] if part.is_file() else part.rglob("*.py")))
    _add(digest, root, (file for file in files if file.suffix == ".py"))
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, root: Path, files: Iterable[Path]) -> None:
    """Names and contents of files, in an order that is the same everywhere."""
    for file in sorted(files):
        hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(root).parts)
        if file.is_file() and not hidden:
            content = hashlib.blake2b(file.read_bytes(), digest_size=16).digest()
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + content)
