"""A report in the formats of those who read it: students, staff, Gradescope, CI.

::

    FORMATS["html"].render(report)  # for whom the format is made
    FORMATS["text"].render(report, audience="staff")  # with values, causes, durations and layers

Every format shows every check, and shows a check that was not graded apart from one that failed. A format's module is
imported when it first renders, so that `--help` and a student's machine do without what only one format needs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from autograder.report.audience import Audience, seen_by
from autograder.verdict import Report

__all__ = ["FORMATS", "Audience", "Format", "seen_by"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report down."""

    name: str
    """What is asked for, as in `--format html`."""
    filename: str
    """The file it is written to, beside the other formats of the same submission."""
    audience: Audience
    """Who reads it unless said otherwise."""
    summary: str
    """What it is for, in a few words."""
    function: str = "render"
    module: str = ""
    """Of this package; the format's own name by default."""

    def render(self, report: Report, *, audience: Audience | None = None) -> str:
        """The whole file as text, to be encoded as UTF-8.

        Raises CourseError if the format needs something that only its surroundings know and they do not say it.
        """
        module = importlib.import_module(f"{__name__}.{self.module or self.name}")
        text: str = getattr(module, self.function)(report, audience=audience or self.audience)
        return text


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            Format("text", "report.txt", "student", "to read in a terminal"),
            Format("html", "report.html", "student", "one page to open in a browser, or to print"),
            Format("json", "report.json", "staff", "everything, for programs; can be read back"),
            Format("gradescope", "results.json", "student", "what Gradescope's autograder must write"),
            Format("junit", "junit.xml", "staff", "test results for CI systems"),
            Format("github", "summary.md", "student", "a job summary for GitHub Actions, in Markdown"),
            Format("annotations", "annotations.txt", "student", "workflow commands that mark lines on GitHub",
                   function="annotate", module="github"),
            Format("classroom50", "result.json", "student", "Classroom 50's result, for GitHub classrooms"),
        )
    }
)  # fmt: skip
