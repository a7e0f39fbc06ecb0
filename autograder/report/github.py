"""GitHub Actions: a job summary in Markdown, and annotations at the lines of the student's functions.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (commands, their limits)
and its toolkit's `command.ts` (what has to be escaped).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import fenced, markdown, shortened, unmarked
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

_ICONS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.NOT_GRADED: "⚠️"}
_MAX_BYTES = 1_000_000  # GitHub drops a summary of more than 1 MiB


@dataclass(frozen=True, slots=True)
class Place:
    """Where an annotation is shown: a file of the repository, and a line counted from 1."""

    file: str
    line: int | None = None


def render(report: Report, *, audience: Audience = "student") -> str:
    """The job summary: to be appended to the file named by `GITHUB_STEP_SUMMARY`. Under 1 MB."""
    report = seen_by(report, audience)
    characters = 4000
    while (
        len((text := "\n".join(_summary(report, characters, audience)) + "\n").encode()) > _MAX_BYTES
        and characters > 100
    ):
        characters //= 2
    return text


def annotate(report: Report, *, audience: Audience = "student", places: Mapping[str, Place] | None = None) -> str:
    """Workflow commands, one a line, to be printed: what failed, what was not graded, and the points.

    GitHub shows at most 10 errors and 10 warnings of a step, so there is one for each question and each cell, not for each
    check. `places` says where a question's answer stands (by the question's id); without it the submission is named.
    """
    report = seen_by(report, audience)
    whole_file = Place(report.submission)
    lines = []
    for question in report.questions:
        where = (places or {}).get(question.id, whole_file)
        failed = [check for check in question.checks if check.outcome is Outcome.FAILED]
        missing = [check for check in question.checks if check.outcome is Outcome.NOT_GRADED]
        title = f"{question.id} {question.title}: {words.of_question(question)}"
        if failed:
            lines.append(_command("error", "\n".join(_said(check) for check in failed), where, title))
        if missing:
            lines.append(
                _command("warning", "\n".join(_said(check) for check in missing), where, f"{title} (not graded)")
            )
    for cell in report.cells:
        message = shortened(cell.message, characters=1000)
        lines.append(
            _command("warning", f"{words.place(cell)}\n{message}", whole_file, "A cell did not run to its end")
        )
    warning = words.not_graded(report.checks)
    closing = f"{words.total(report)}: {words.tally(report.checks)}." + (f" {warning}" if warning else "")
    lines.append(_command("notice", closing, whole_file, report.title or report.topic))
    return "\n".join(lines) + "\n"


def _said(check: CheckResult) -> str:
    said = [f"{check.number} {check.claim}", shortened(words.cause(check), characters=1000)]
    if check.hint:
        said.append(f"Hint: {check.hint}")
    return "\n".join(part for part in said if part)


def _command(kind: str, message: str, place: Place, title: str) -> str:
    properties = {"file": place.file, "line": "" if place.line is None else str(place.line), "title": title}
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{kind}{given and f' {given}'}::{_data(message)}"


def _data(text: str) -> str:
    return unmarked(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summary(report: Report, characters: int, audience: Audience) -> Iterator[str]:
    yield f"## {markdown(report.title or report.topic)}: {words.total(report)}"
    yield ""
    yield f"{markdown(report.submission)} · {words.tally(report.checks)}"
    warning = words.not_graded(report.checks)
    if warning:
        yield from ("", "> [!CAUTION]", f"> {markdown(warning)}")
    for question in report.questions:
        yield from _question(question, characters, staff=audience == "staff")
    if report.cells:
        yield from ("", "### Cells that did not run to their end", "")
        for cell in report.cells:
            message = shortened(cell.message, characters=min(characters, 1000))
            yield "- " + markdown(f"{words.place(cell)}\n{message}", indent="  ")
    if report.notes:
        yield from ("", "### Notes", "")
        yield from (f"- {markdown(note, indent='  ')}" for note in report.notes)
    yield from _staff(report, characters)


def _question(question: QuestionResult, characters: int, *, staff: bool) -> Iterator[str]:
    yield from ("", f"### {markdown(f'{question.id} {question.title}')}: {words.of_question(question)}", "")
    for check in question.checks:
        line = f"- {_ICONS[check.outcome]} **{markdown(check.number)}** {markdown(check.claim)}"
        if check.outcome is not Outcome.PASSED:
            line += f" **({words.share(check.earned, check.points)})**"
        if check.follow_through:
            line += f" *({words.FOLLOW_THROUGH})*"
        yield line
        message = markdown(shortened(words.cause(check), characters=characters), indent="  ")
        if message:
            yield from ("", f"  {message}")
        if check.hint:
            yield from ("", f"  **Hint:** {markdown(check.hint, indent='  ')}")
        about = [f"mistake {check.mistake}"] if check.mistake else []
        if check.seconds and staff:
            about.append(f"{check.seconds:.2f} s")
        if about:
            yield from ("", f"  {markdown(', '.join(about))}")
        if check.detail:
            detail = fenced(shortened(check.detail, characters=characters))
            yield from ("", *(f"  {line}" for line in detail.split("\n")))
        if message or check.hint or about or check.detail:
            yield ""


def _staff(report: Report, characters: int) -> Iterator[str]:
    if report.isolation:
        yield from ("", "### Isolation", "")
        for layer in report.isolation:
            yield f"- {markdown(words.layer(layer), indent='  ')}"
    if report.stdout:
        yield from (
            "",
            "### What the notebook printed",
            "",
            fenced(shortened(report.stdout.rstrip(), characters=characters)),
        )
