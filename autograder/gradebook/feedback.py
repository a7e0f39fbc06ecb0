"""A page of feedback for each student, written anew when what stands on it changes."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path

from autograder import __version__
from autograder.gradebook.book import Gradebook
from autograder.gradebook.graded import Graded
from autograder.gradebook.values import Override
from autograder.report import words


def write_pages(book: Gradebook, topic: str, folder: Path) -> int:
    """Write the pages that are missing or out of date, and remove those of nobody; returns how many were written."""
    from autograder.report import html

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    known = book.pages(topic)
    decisions = book.overrides(topic)
    taken = {file.casefold() for file, _ in known.values()}
    written = 0
    standings = book.standings(topic)
    for standing in standings:
        mine = [each for each in decisions if each.student in {standing.student, "*"}]
        facts = (standing.grading, standing.attempt, standing.attempts, mine, __version__)
        shows = hashlib.blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        file, before = known.get(standing.student, ("", ""))
        if shows == before and file in there:
            continue
        file = file or _file_name(standing.name, standing.student, taken)
        taken.add(file.casefold())
        graded = book.graded(topic, standing)
        notes = _notes(graded, mine, standing.attempts)
        page = html.render(replace(graded.report, notes=(*graded.report.notes, *notes)), audience="student")
        write_whole(folder / file, page)
        book.keep_page(topic, standing.student, file, shows)
        written += 1
    for student in known.keys() - {standing.student for standing in standings}:
        (folder / known[student][0]).unlink(missing_ok=True)
        book.forget_page(topic, student)
    return written


def _notes(graded: Graded, decisions: list[Override], attempts: int) -> list[str]:
    """What staff decided, and which attempt counts, in words for the student."""
    notes = []
    if attempts > 1:
        notes.append(f"You handed in {attempts} times; attempt {graded.attempt} counts.")
    checks = {check.name: check for check in graded.report.checks}
    reasons = {each.name: each.reason for each in sorted(decisions, key=lambda each: each.student != "*")}
    for name, points in graded.overrides.items():
        if name in checks:
            what = "does not count" if points is None else f"counts {words.share(points, checks[name].points)}"
            notes.append(f"Course staff decided: check {checks[name].number} {what}. {reasons.get(name, '')}".rstrip())
    if any(name in checks for name in graded.overrides):
        so_far = "" if graded.graded else " so far"
        notes.append(f"With this you have {words.points(graded.earned)} of {words.worth(graded.points)}{so_far}.")
    return notes


def _file_name(name: str, student: str, taken: set[str]) -> str:
    """A name for a page that is nobody else's, on any file system."""
    stem = re.sub(r"[^\w.() -]", "_", f"{name} {student}" if student != name else name).strip(". ")[:100] or "student"
    number, file = 1, f"{stem}.html"
    while file.casefold() in taken:
        number += 1
        file = f"{stem} {number}.html"
    return file


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
