"""All verdicts of a class as arrays: students in rows, checks in columns. Reports pass by one at a time and are not kept."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autograder.report.escape import one_line, plain
from autograder.verdict import CheckResult, Outcome, Report

BLANK = re.compile(r"`[^`]+` is not (?:written yet\.|defined\. Did its cell run\?)")
"""What a check says where there is no answer: the stub was left as it was, or the name does not exist."""


class Entry(Protocol):
    """What is asked of a student's grade: see `autograder.gradebook.Graded`."""

    @property
    def report(self) -> Report:
        """The report that counts."""

    @property
    def overrides(self) -> Mapping[str, float | None]:
        """Points that staff gave instead, by the name of the check; None: excused."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A check that somebody was asked."""

    question: str
    title: str
    """Of the question."""
    name: str
    number: str
    claim: str
    public: bool
    points: float


@dataclass(slots=True)
class Seen:
    """One kind of failure, and who had it."""

    students: set[int] = field(default_factory=set)
    """Their rows."""
    hint: str = ""
    checks: set[str] = field(default_factory=set)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(number of the check, message) -> how many students read it."""


@dataclass(slots=True)
class Sheet:
    """A class, in the order in which its reports came; only submissions that could be read."""

    topic: str = ""
    title: str = ""
    handed_in: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    """Why files could not be read -> how many."""
    asked: dict[str, Asked] = field(default_factory=dict)
    sets: set[frozenset[str]] = field(default_factory=set)
    """The different sets of checks that students were asked."""
    rows: list[dict[str, Mark]] = field(default_factory=list)
    mistakes: defaultdict[tuple[str, str], Seen] = field(default_factory=lambda: defaultdict(Seen))
    """(question, id of a recognised mistake) -> who made it."""
    others: defaultdict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))
    """Name of a check -> who failed it without a mistake that is known."""
    causes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Name of a check -> why it was not graded."""

    @property
    def checks(self) -> list[Asked]:
        """Everything that was asked, in the order of the topic."""
        return sorted(self.asked.values(), key=lambda each: [int(part) for part in re.findall(r"\d+", each.number)])

    def column(self, name: str, what: str) -> NDArray[np.float64]:
        """One field of a check's marks, as a number for each student; nan where there is none."""
        nothing = Mark(np.nan, np.nan, np.nan, ungraded=False, out=True, excused=False, follow_through=False)
        return np.array([float(getattr(row.get(name, nothing), what)) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Mark:
    """What one student has for one check."""

    share: float
    """Of the check's points: 1 if it passed; nan if it was not graded, or is excused."""
    blank: float
    """1 if there was no answer; nan if it was not graded."""
    seconds: float
    ungraded: bool
    out: bool
    """Whether it does not count for this student: excused, or never asked."""
    excused: bool
    follow_through: bool


def sheet_of(entries: Iterable[Entry]) -> Sheet:
    """The verdicts of a class, with overrides applied."""
    sheet = Sheet()
    for entry in entries:
        report = entry.report
        sheet.topic, sheet.title = sheet.topic or one_line(report.topic), one_line(report.title)
        sheet.handed_in += 1
        by_hand = any(points is not None for points in entry.overrides.values())
        if not report.sha256 and report.graded and not by_hand:
            sheet.unreadable[_why_unreadable(report)] += 1
            continue
        _add(sheet, report, entry.overrides)
    return sheet


def _add(sheet: Sheet, report: Report, overrides: Mapping[str, float | None]) -> None:
    student = len(sheet.rows)
    row: dict[str, Mark] = {}
    for question in report.questions:
        known = any(check.mistake for check in question.checks)
        for check in question.checks:
            sheet.asked[check.name] = Asked(
                one_line(question.id),
                one_line(question.title),
                one_line(check.name),
                one_line(check.number),
                one_line(check.claim),
                check.public, check.points,
            )  # fmt: skip
            row[check.name] = mark = _mark(check, overrides)
            if mark.ungraded:
                sheet.causes[check.name][one_line(check.detail.strip().split("\n")[0] or check.message)[:200]] += 1
            if check.outcome is not Outcome.FAILED or mark.excused:
                continue
            if check.mistake:
                _see(sheet.mistakes[one_line(question.id), one_line(check.mistake)], student, check)
            elif not known and not mark.blank:
                _see(sheet.others[check.name], student, check)
    sheet.rows.append(row)
    sheet.sets.add(frozenset(row))


def _mark(check: CheckResult, overrides: Mapping[str, float | None]) -> Mark:
    given = overrides.get(check.name)
    excused = check.name in overrides and given is None
    share = {Outcome.PASSED: 1.0, Outcome.FAILED: 0.0, Outcome.NOT_GRADED: np.nan}[check.outcome]
    if excused:
        share = np.nan
    elif given is not None and check.points:
        share = given / check.points
    blank = np.nan if np.isnan(share) else float(check.outcome is Outcome.FAILED and is_blank(check))
    ungraded = check.outcome is Outcome.NOT_GRADED and check.name not in overrides
    return Mark(share, blank, check.seconds, ungraded, excused, excused, check.follow_through)


def is_blank(check: CheckResult) -> bool:
    """Whether a check failed because there is no answer at all."""
    return BLANK.fullmatch(check.message) is not None


def _see(seen: Seen, student: int, check: CheckResult) -> None:
    seen.students.add(student)
    seen.checks.add(one_line(check.number))
    seen.hint = seen.hint or plain(check.hint or "")
    seen.messages[one_line(check.number), plain(check.message)] += 1


def _why_unreadable(report: Report) -> str:
    """The reason, without names of files, which students chose, and without places, which differ from file to file."""
    reason = next(iter(report.notes), "it could not be read.").removeprefix(f"{report.submission}: ")
    reason = re.sub(r" at line \d+, column \d+| \(.*\)", "", reason)
    return one_line(re.sub(r"\bbyte \d+", "a byte", reason))[:200]
