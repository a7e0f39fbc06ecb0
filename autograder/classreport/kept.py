"""Reports that lie in a folder as JSON, one for each notebook: a class without a gradebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError
from autograder.report import json
from autograder.verdict import Report


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it was written: nobody changed a verdict."""

    report: Report
    overrides: Mapping[str, float | None] = field(default_factory=dict)


def kept_reports(folder: Path, topic: str | None = None) -> Iterator[Kept]:
    """The reports below a folder, in the order of their paths, read one at a time.

    Raises CourseError if there is none, one cannot be read, or they are of several topics and none is chosen.
    """
    found: set[str] = set()
    kept = 0
    for path in sorted(folder.glob("*/report.json")):
        try:
            report = json.load(path.read_text(encoding="utf-8"))
        except (CourseError, UnicodeDecodeError) as error:
            raise CourseError(str(error), path=path) from None
        found.add(report.topic)
        if topic is None and len(found) > 1:
            raise CourseError(f"holds several topics; choose one with --topic: {', '.join(sorted(found))}", path=folder)
        if topic in {None, report.topic}:
            kept += 1
            yield Kept(report)
    if not kept:
        what = f"report of {topic}" if topic else "gradebook and no report.json"
        raise CourseError(f"holds no {what}; `chainrule grade` writes them", path=folder)
