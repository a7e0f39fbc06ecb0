"""A report to read in a terminal: a line for each check that passed, a reason and a hint for each that did not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import shortened, unmarked
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_GRADED: "yellow"}
_BAR = "│ "


def render(report: Report, *, audience: Audience = "student", colour: bool = False, width: int = 80) -> str:
    """The report as text of about `width` columns, with ANSI colours only if asked for."""
    return _Page(seen_by(report, audience), staff=audience == "staff", colour=colour, width=max(width, 40)).text()


class _Page:
    def __init__(self, report: Report, *, staff: bool, colour: bool, width: int) -> None:
        self.report = report
        self.staff = staff
        self.colour = colour
        self.width = width

    def text(self) -> str:
        return unmarked("\n".join(line.rstrip() for line in self._lines()) + "\n")

    def _lines(self) -> Iterator[str]:
        report = self.report
        yield from self._two_columns("", report.title or report.topic, report.submission, colour="", bold=True)
        for question in report.questions:
            yield ""
            yield from self._question(question)
        yield from self._section("Cells that did not run to their end",
                                 [f"{words.place(cell)}\n{cell.message}" for cell in report.cells])  # fmt: skip
        yield from self._section("Notes", list(report.notes))
        if self.staff:
            yield from self._about_the_run()
        yield ""
        total, tally = words.total(report), words.tally(report.checks)
        one_line = len(total) + len(tally) + 3 <= self.width
        yield self._paint(total, bold=True) + (f"   {tally}" if one_line else "")
        if not one_line:
            yield tally
        warning = words.not_graded(report.checks)
        if warning:
            yield from (self._paint(line, "yellow", bold=True) for line in textwrap.wrap(warning, self.width))

    def _question(self, question: QuestionResult) -> Iterator[str]:
        if question.graded:
            colour = "green" if question.earned >= question.points else "red"
        else:
            colour = "yellow"
        yield from self._two_columns(f"{question.id}  ", question.title, words.of_question(question), colour, bold=True)
        for check in question.checks:
            yield from self._check(check)

    def _check(self, check: CheckResult) -> Iterator[str]:
        mark = f"  {words.MARKS[check.outcome]} {check.number}  "
        yield from self._two_columns(
            mark, check.claim, words.share(check.earned, check.points), _COLOURS[check.outcome]
        )
        indent = "      "
        if check.follow_through:
            yield from self._block(words.FOLLOW_THROUGH, indent)
        yield from self._block(words.cause(check), indent + _BAR)
        if check.hint:
            yield from self._block(f"Hint: {check.hint}", indent + _BAR, colour="cyan")
        if check.mistake:
            yield from self._block(f"mistake: {check.mistake}", indent)
        if check.detail and check.detail != check.message:
            yield from self._block("for staff:", indent)
            yield from self._block(check.detail, indent + _BAR)
        if self.staff and (check.outcome is not Outcome.PASSED or check.seconds >= 1):
            yield from self._block(f"took {check.seconds:.2f} s", indent)

    def _about_the_run(self) -> Iterator[str]:
        report = self.report
        layers = [words.layer(layer) for layer in report.isolation]
        yield from self._section("Isolation", layers)
        yield from self._section(
            "Versions", [", ".join(f"{name} {number}" for name, number in report.versions.items())]
        )
        yield from self._section("What the notebook printed", [report.stdout.rstrip()])
        if report.seconds:
            yield from ("", f"Graded in {report.seconds:.1f} s.")

    def _section(self, title: str, entries: list[str]) -> Iterator[str]:
        entries = [entry for entry in entries if entry.strip()]
        if not entries:
            return
        yield ""
        yield self._paint(title, bold=True)
        for entry in entries:
            yield from self._block(entry, "  " + _BAR)

    def _two_columns(self, start: str, left: str, right: str, colour: str, *, bold: bool = False) -> Iterator[str]:
        """`start` and `left`, wrapped, with `right` at the end of the first line."""
        right = shortened(right, characters=self.width // 2).replace("\n", " ")
        room = self.width - len(start) - len(right) - 2
        first, *rest = textwrap.wrap(left, max(room, 20)) or [""]
        gap = " " * max(self.width - len(start) - len(first) - len(right), 2)
        yield self._paint(start, colour, bold=bold) + self._paint(first, bold=bold) + gap + self._paint(right, colour)
        yield from (" " * len(start) + self._paint(line, bold=bold) for line in rest)

    def _block(self, text: str, prefix: str, *, colour: str = "") -> Iterator[str]:
        if not text.strip():
            return
        room = self.width - len(prefix)
        for line in shortened(text, characters=4000, lines=60).expandtabs(4).split("\n"):
            indent = " " * min(len(line) - len(line.lstrip()), room // 2)
            wrapped = textwrap.wrap(line.strip(), room, initial_indent=indent, subsequent_indent=indent)
            yield from (prefix + self._paint(piece, colour) for piece in wrapped or [""])

    def _paint(self, text: str, colour: str = "", *, bold: bool = False) -> str:
        if not self.colour or not (colour or bold):
            return text
        import click

        return click.style(text, fg=colour or None, bold=bold or None)
