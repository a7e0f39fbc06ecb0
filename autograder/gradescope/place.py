"""The folder `/autograder`, as Gradescope lays it out, and who may look into what."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, find_course
from autograder.errors import CourseError
from autograder.topic import Topic, load_topic


@dataclass(frozen=True, slots=True)
class Place:
    """A root folder with `source`, `submission`, `results` and `submission_metadata.json`."""

    root: Path

    @property
    def source(self) -> Path:
        """The unpacked zip."""
        return self.root / "source"

    @property
    def submission(self) -> Path:
        """What was handed in."""
        return self.root / "submission"

    @property
    def metadata(self) -> Path:
        """Who handed it in, and when."""
        return self.root / "submission_metadata.json"

    @property
    def results(self) -> Path:
        """What Gradescope reads at the end."""
        return self.root / "results" / "results.json"

    def topic(self) -> Topic:
        """The one topic that the zip was made for. Raises CourseError if there is none, or more."""
        course = find_course(self.source / "course")
        return load_topic(course, _only_topic(course))

    def close(self) -> list[str]:
        """Close everything but the topic's public data to the users that submissions run as. Returns what went wrong.

        Where a container has neither Landlock nor namespaces, file modes alone keep a submission from the answers.
        """
        faults: list[str] = []
        self.results.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.source, self.submission, self.results.parent, self.metadata):
            if path.exists():
                _change(path, 0o700 if path.is_dir() else 0o600, faults)
        course = self.source / "course"
        secrets = [course / name for name in ("reference", "solutions", ".chainrule")]
        for path in secrets:
            if path.exists():
                _change(path, 0o700, faults)
        for data in sorted(course.glob("assignments/*/data")):
            for above in (self.source, course, course / "assignments", data.parent):
                _change(above, 0o711, faults)
            _open_tree(data, faults)
        if any(course.glob("assignments/*/data")):
            for path in sorted(self.source.iterdir()):
                if path.is_file():
                    _change(path, 0o700 if os.access(path, os.X_OK) else 0o600, faults)
        return faults

    def write(self, text: str) -> None:
        """Write the results, whole or not at all."""
        replace_file(self.results, text)


def replace_file(path: Path, text: str) -> None:
    """Write a text file such that whoever looks sees all of the old or all of the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)  # the folder is closed
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _only_topic(course: Course) -> str:
    topics = course.topics()
    if len(topics) != 1:
        raise CourseError(f"expected one topic, found {', '.join(topics) or 'none'}", path=course.root / "assignments")
    return topics[0]


def _open_tree(folder: Path, faults: list[str]) -> None:
    _change(folder, 0o755, faults)
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink():
            _change(path, 0o755 if path.is_dir() else 0o644, faults)


def _change(path: Path, mode: int, faults: list[str]) -> None:
    try:
        path.chmod(mode)
    except OSError as error:
        faults.append(f"{path}: {error.strerror}")
