"""Where the files of a class lie, as different systems hand them to an instructor, and the sheet that each wants filled in.

Gradescope, Canvas and Moodle keep the last attempt of each student; a plain folder has all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.simulate import Attempt, Student
    from autograder.topic import Topic

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of a student, and where it lies in the folder of submissions."""

    student: Student
    attempt: Attempt
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How one system lays out what it was handed."""

    place: Callable[[Sequence[Student]], Iterator[Placed]]
    sheet: Callable[[Sequence[Student], Topic], Iterator[Row]] | None = None
    """Rows of the sheet that grades are filled into, the header first."""
    more: Callable[[Sequence[Placed]], Mapping[str, str]] | None = None
    """Other files that lie beside the submissions, by name."""


def _plain(students: Sequence[Student]) -> Iterator[Placed]:
    for student in students:
        for attempt in student.attempts:
            name, dot, suffix = attempt.file.name.partition(".")
            number = f"_attempt{attempt.number}" if len(student.attempts) > 1 else ""
            yield Placed(student, attempt, f"{student.person.username}_{name}{number}{dot}{suffix}")


def _canvas(students: Sequence[Student]) -> Iterator[Placed]:
    for place, (student, attempt) in enumerate(_last(students), start=1):
        given, _, family = student.person.name.rpartition(" ")
        name = re.sub(r"[^\w-]", "", f"{family}{given}").lower()[:80] or "student"
        late = "LATE_" if attempt.late else ""
        yield Placed(student, attempt, f"{name}_{late}{student.person.canvas_id}_{90_000 + place}_{attempt.file.name}")


def _canvas_sheet(students: Sequence[Student], topic: Topic) -> Iterator[Row]:
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{topic.title} (77001)"]
    yield ["    Points Possible", "", "", "", "", f"{topic.points:g}"]
    for person in (student.person for student in students):
        given, _, family = person.name.rpartition(" ")
        shown = f"{family}, {given}" if given else family
        yield [shown, person.canvas_id, person.number, person.username, person.section, ""]


def _moodle(students: Sequence[Student]) -> Iterator[Placed]:
    for student, attempt in _last(students):
        name = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", student.person.name)
        folder = f"{name}_{student.person.moodle_id}_assignsubmission_file"
        yield Placed(student, attempt, f"{folder}/{attempt.file.name}")


def _moodle_sheet(students: Sequence[Student], topic: Topic) -> Iterator[Row]:
    yield [
        "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
        "Last modified (submission)", "Last modified (grade)", "Feedback comments",
    ]  # fmt: skip
    for student in students:
        person, last = student.person, student.attempts[-1:]
        status = "Submitted for grading" if last else "No submission"
        at = f"{last[0].at:%A, %d %B %Y, %H:%M}" if last else "-"
        yield [
            f"Participant {person.moodle_id}", person.name, person.email, status, "", f"{topic.points:.2f}", "Yes", at, "-", "",
        ]  # fmt: skip


def _gradescope(students: Sequence[Student]) -> Iterator[Placed]:
    """Who hands in together has the same attempt, and so the same folder."""
    numbers: dict[int, int] = {}
    for student, attempt in _last(students):
        number = numbers.setdefault(id(attempt), 5_000_000 + len(numbers))
        yield Placed(student, attempt, f"submission_{number}/{attempt.file.name}")


def _gradescope_metadata(placed: Sequence[Placed]) -> Mapping[str, str]:
    """Gradescope writes YAML whose keys are Ruby symbols. JSON's strings are YAML's, too."""
    lines = ["---"]
    for folder in dict.fromkeys(each.path.partition("/")[0] for each in placed):
        here = [each for each in placed if each.path.startswith(f"{folder}/")]
        lines += [f"{folder}:", "  :submitters:"]
        for person in (each.student.person for each in here):
            lines.append(f"  - :name: {json.dumps(person.name, ensure_ascii=False)}")
            lines += [f"    :sid: '{person.number}'", f"    :email: {person.email}"]
        at = here[0].attempt.at
        lines += [f"  :created_at: {at:%Y-%m-%d %H:%M:%S.000000000 Z}", "  :score: 0.0", "  :status: processed"]
        lines += ["  :results: {}", "  :history:" if len(here[0].student.attempts) > 1 else "  :history: []"]
        for earlier in here[0].student.attempts[:-1]:
            lines += [f"  - :id: {6_000_000 + len(lines)}", f"    :created_at: {earlier.at:%Y-%m-%d %H:%M:%S.000000000 Z}",
                      "    :score: 0.0", "    :status: processed"]  # fmt: skip
    return {"submission_metadata.yml": "\n".join(lines) + "\n"}


def _gradescope_sheet(students: Sequence[Student], topic: Topic) -> Iterator[Row]:
    yield [
        "First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission ID",
        "Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count",
    ]  # fmt: skip
    numbers = {each.student.person.number: each.path for each in _gradescope(students)}
    for student in students:
        person, last = student.person, student.attempts[-1:]
        given, _, family = person.name.rpartition(" ")
        start = [given, family, person.number, person.email, person.section, ""]
        if last:
            submission = numbers[person.number].partition("/")[0].removeprefix("submission_")
            late = "24:00:00" if last[0].late else "00:00:00"
            yield [*start, f"{topic.points:.1f}", "Ungraded", submission, f"{last[0].at:%Y-%m-%d %H:%M:%S %z}", late, "",
                   len(student.attempts)]  # fmt: skip
        else:
            yield [*start, f"{topic.points:.1f}", "Missing", "", "", "", "", ""]


def _last(students: Sequence[Student]) -> Iterator[tuple[Student, Attempt]]:
    for student in students:
        if student.attempts:
            yield student, student.attempts[-1]


LAYOUTS: Mapping[str, Layout] = {
    "plain": Layout(_plain),
    "gradescope": Layout(_gradescope, _gradescope_sheet, _gradescope_metadata),
    "canvas": Layout(_canvas, _canvas_sheet),
    "moodle": Layout(_moodle, _moodle_sheet),
}
