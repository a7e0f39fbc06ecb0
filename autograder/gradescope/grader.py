"""The process that grades, and that may be killed at any moment: it leaves what it found on the way.

Its parent (`harness`) reads that, and writes the results.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec

from autograder.errors import UnreadableNotebook
from autograder.gradescope.budget import container_mib, deadline_s, fitted
from autograder.gradescope.place import Place, replace_file
from autograder.report import json as own_format
from autograder.verdict import Report

FINAL, PARTIAL = "final.json", "partial.json"


def grade_into(folder: Path, place: Place, path: Path | None, fault: str = "") -> None:
    """Grade one file, or say of every check why there is none, and leave the reports in `folder`.

    Raises CourseError if the topic is broken, IsolationError if submissions cannot be isolated here.
    """
    from autograder.cohort import grade_files
    from autograder.grading import unreadable

    topic = place.topic()
    settings = topic.settings
    limits = fitted(
        settings.limits, time_s=deadline_s(settings.gradescope.time_limit_min), container_mib=container_mib()
    )
    topic.settings = msgspec.structs.replace(settings, limits=limits)
    if path is None:
        report = replace(unreadable(topic, Path(), UnreadableNotebook(fault)), submission="")
    else:
        (report,) = grade_files(
            topic, [path], secret=topic.course.secret(), on_progress=lambda partial: leave(folder / PARTIAL, partial)
        )
    leave(folder / FINAL, report)


def leave(path: Path, report: Report) -> None:
    """Write a report that `found` reads back."""
    replace_file(path, own_format.render(report, audience="staff"))


def found(folder: Path, blank: Path) -> tuple[Report, bool]:
    """The latest report that was left, and whether it is the final one; `blank` holds the one to begin with."""
    for name in (FINAL, PARTIAL):
        if (folder / name).is_file():
            return own_format.load((folder / name).read_text(encoding="utf-8")), name == FINAL
    return own_format.load(blank.read_text(encoding="utf-8")), False


def fingerprint(secret: bytes) -> str:
    """Sixteen digits that tell one course secret from another and give nothing of it away."""
    return hashlib.blake2b(secret, digest_size=8, person=b"fingerprint").hexdigest()
