"""`results.json` for Gradescope.

Gradescope has no word for "not graded". Such a check is a test without `score`, `max_score` and `status`, which is shown as
information, with the words "NOT GRADED" in its name. The top-level `score` is always there, although it is the sum that
Gradescope would form itself: without it, a file in which one test has no score is refused, and the student would read "the
autograder failed" in place of everything that was graded. So the number counts what was graded, and the first
line above all tests says that it is not final and how much is missing.

Nothing in the file tells what hidden checks found before Gradescope shows them: the text above the tests counts public
points only, and there is no `execution_time`, which a submission could use to carry a hidden input out.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/ (January 2025).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import fitted, markdown, shortened
from autograder.verdict import CellProblem, CheckResult, Outcome, Report

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]

MAX_FILE_BYTES = 1_000_000
MAX_OUTPUT_BYTES = 10_000
_RESERVED_BYTES = 60_000  # for what stands outside the tests
_TEST_BYTES = 1_500  # name, tags, ... of one test
_NAME_CHARACTERS = 300
_ENTRIES = 20

_SHOWN = {
    "hidden": "Their results stay hidden, so Gradescope shows no total here.",
    "after_due_date": "Their results are shown after the due date.",
    "after_published": "Their results are shown when grades are published.",
}


def render(
    report: Report, *, audience: Audience = "student", public: Visibility = "visible",
    hidden: Visibility = "after_published",
) -> str:  # fmt: skip
    """The file that Gradescope reads after a run, under 1 MB, with every output under 10 kB.

    `public` and `hidden` say when Gradescope shows the checks of either kind. Students read this file, whatever the
    audience asked for.
    """
    del audience
    layers = {layer.name: layer.active for layer in seen_by(report, "staff").isolation}
    report = seen_by(report, "student")
    checks = list(report.checks)
    visible = [check for check in checks if _visibility(check, public, hidden) == "visible"]
    limit = min(MAX_OUTPUT_BYTES, (MAX_FILE_BYTES - _RESERVED_BYTES) // max(len(checks), 1) - _TEST_BYTES)
    results = {
        "score": _number(report.earned),
        "output": _output(report, visible, hidden),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "format": "chainrule/gradescope/v1",
            "topic": report.topic,
            "sha256": report.sha256,
            "graded": report.graded,
            "points_not_graded": _number(sum(check.points for check in checks if check.earned is None)),
            "versions": report.versions,
            "isolation": layers,
        },
        "tests": [_test(check, _visibility(check, public, hidden), max(limit, 100)) for check in checks],
    }
    return json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _test(check: CheckResult, visibility: Visibility, limit: int) -> dict[str, Any]:
    graded = check.earned is not None
    name = shortened(check.claim, characters=_NAME_CHARACTERS).replace("\n", " ")
    test: dict[str, Any] = {
        "number": check.number,
        "name": name if graded else f"NOT GRADED: {name}",
        "name_format": "text",
        "output": fitted(words.cause(check), lambda text: _test_output(check, text, limit), size=_size, limit=limit),
        "output_format": "md",
        "tags": _tags(check),
        "visibility": visibility,
        "extra_data": {"question": check.question, "check": check.name, "outcome": str(check.outcome)},
    }
    if check.earned is not None:
        test |= {
            "score": _number(check.earned),
            "max_score": _number(check.points),
            "status": "passed" if check.outcome is Outcome.PASSED else "failed",
        }
    return test


def _test_output(check: CheckResult, message: str, limit: int) -> str:
    paragraphs = [markdown(message)]
    if check.outcome is Outcome.NOT_GRADED:
        value = words.worth(check.points)
        paragraphs.insert(0, f"**Not graded.** The {value} of this check are neither earned nor lost.")
    if check.follow_through:
        paragraphs.append(f"*{words.FOLLOW_THROUGH.capitalize()}.*")
    if check.hint:
        paragraphs.append(f"**Hint:** {markdown(shortened(check.hint, characters=limit // 6))}")
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _output(report: Report, visible: Sequence[CheckResult], hidden: Visibility) -> str:
    """Markdown above the tests: what is missing first, then points that may be known now, cells and notes."""
    blocks = []
    warning = words.not_graded(report.checks)
    if warning:
        blocks.append(f"**{markdown(warning)}**")
    everything = list(report.checks)
    earned = sum(check.earned or 0.0 for check in visible)
    if len(visible) == len(everything):
        blocks.append(f"{words.total(report)}.")
    else:
        rest = report.points - sum(check.points for check in visible)
        now = f"Checks that you can see now: {words.share(earned, report.points - rest)} points. " if visible else ""
        more = words.count(len(everything) - len(visible), "hidden check")
        blocks.append(f"{now}There are {more} worth {words.worth(rest)}. {_SHOWN.get(hidden, '')}".rstrip())
    if report.cells:
        blocks.append("**Cells that did not run to their end**")
        blocks.append(_list([_cell(cell) for cell in report.cells]))
    if report.notes:
        blocks.append(_list([markdown(shortened(note, characters=600), indent="  ") for note in report.notes]))
    return "\n\n".join(blocks)


def _list(items: list[str]) -> str:
    """A Markdown list of at most 20 items and 4 kB, the last of which says what is missing."""
    shown: list[str] = []
    for item in items[:_ENTRIES]:
        if _size("\n".join([*shown, item])) > 4_000:
            break
        shown.append(f"- {item}")
    if len(shown) < len(items):
        shown.append(f"- and {len(items) - len(shown)} more")
    return "\n".join(shown)


def _cell(cell: CellProblem) -> str:
    message = shortened(cell.message, characters=500, lines=8)
    return markdown(f"{words.place(cell)}\n{message}", indent="  ")


def _tags(check: CheckResult) -> list[str]:
    tags = [check.question]
    if check.outcome is Outcome.NOT_GRADED:
        tags.append("not graded")
    if check.follow_through:
        tags.append("follow-through")
    return tags


def _visibility(check: CheckResult, public: Visibility, hidden: Visibility) -> Visibility:
    return public if check.public else hidden


def _number(value: float) -> float | int:
    """Points as a JSON number, without the dust of adding binary fractions."""
    value = round(value, 6)
    return int(value) if value == int(value) else value


def _size(text: str) -> int:
    """Bytes of a text as it stands in the file, quotes and escapes included."""
    return len(json.dumps(text, ensure_ascii=False).encode())
