"""What a student sees after `grader.check`: as text in a terminal, as HTML in a notebook. All text is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.verdict import CheckResult, Outcome, QuestionResult

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_GRADED: "?"}
CODE = re.compile(r"`([^`\n]+)`")
COLOURS = {Outcome.PASSED: "#2e7d32", Outcome.FAILED: "#c62828", Outcome.NOT_GRADED: "#8d6e00"}


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One sentence. A file named in `link` can be downloaded by a click."""

    text: str
    link: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        text = _prose(self.text).replace("\n", "<br>")
        if self.link:
            name = html.escape(self.link, quote=True)
            text = text.replace(name, f'<a href="{name}" download="{name}" target="_blank">{name}</a>', 1)
        return f"<p>{text}</p>"


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """The public checks of one question."""

    result: QuestionResult
    not_written: tuple[str, ...] = ()
    """Names that are still as the handout left them."""
    drawings: Mapping[str, str] = field(default_factory=dict)
    """Below a failed check, HTML that shows where an array is wrong."""

    @property
    def passed(self) -> bool:
        """Whether every public check passed."""
        return all(check.outcome is Outcome.PASSED for check in self.result.checks)

    @property
    def attempted(self) -> bool:
        """Whether anything but an untouched stub was found."""
        return not self.not_written

    @property
    def headline(self) -> str:
        """One line for the question."""
        title = f"{self.result.id} {self.result.title}"
        if not self.attempted:
            names = ", ".join(f"`{name}`" for name in self.not_written)
            verb = "is" if len(self.not_written) == 1 else "are"
            return f"{title}: not attempted yet ({names} {verb} not written)."
        passed = sum(check.outcome is Outcome.PASSED for check in self.result.checks)
        total = len(self.result.checks)
        counted = f"{passed} of {total} public check{'' if total == 1 else 's'} passed"
        return f"{title}: {counted}." if self.passed else f"{title}: {counted}"

    def __repr__(self) -> str:
        return "\n".join([self.headline, *(_lines(check) for check in self.result.checks if self.attempted)])

    def _repr_html_(self) -> str:
        items = "".join(
            _item(check, self.drawings.get(check.name, "")) for check in self.result.checks if self.attempted
        )
        headline = _prose(self.headline)
        return f'<div><p><b>{headline}</b></p><ul style="list-style: none; padding-left: 1em">{items}</ul></div>'


@dataclass(frozen=True, slots=True, repr=False)
class AllShown:
    """The public checks of every question."""

    questions: Sequence[Shown]

    @property
    def headline(self) -> str:
        """One line for the topic."""
        earned = sum(shown.result.earned for shown in self.questions)
        total = sum(shown.result.points for shown in self.questions)
        return f"Public checks: {earned:g} of {total:g} points. The grader runs more checks than these."

    def __repr__(self) -> str:
        return "\n\n".join([*map(repr, self.questions), self.headline])

    def _repr_html_(self) -> str:
        return "".join(shown._repr_html_() for shown in self.questions) + f"<p>{html.escape(self.headline)}</p>"


def explanation(check: CheckResult) -> str:
    """Message and hint, one below the other."""
    return "\n".join(part for part in (check.message, f"Hint: {check.hint}" if check.hint else "") if part)


def _lines(check: CheckResult) -> str:
    text = explanation(check)
    below = "".join(f"\n      {line}" for line in text.split("\n")) if text else ""
    return f"  {MARKS[check.outcome]} {check.claim}{below}"


def _item(check: CheckResult, drawing: str) -> str:
    mark = f'<span style="color: {COLOURS[check.outcome]}; font-weight: bold">{MARKS[check.outcome]}</span>'
    text = explanation(check)
    style = "margin: 0 0 0.5em 1.3em; white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere"
    below = f'<pre style="{style}">{html.escape(text)}</pre>' if text else ""
    return f"<li>{mark} {_prose(check.claim)}{below}{drawing}</li>"


def _prose(text: str) -> str:
    """Escaped, with `code` between backticks as code."""
    return CODE.sub(r"<code>\1</code>", html.escape(text))
