"""`results.json` for Gradescope.

Gradescope has no word for "not graded". Such a check is a test without `score`, `max_score` and `status`, which is shown as
information, with the words "NOT GRADED" in its name. The top-level `score` is always there, although it is the sum that
Gradescope would form itself: without it, a file in which one test has no score is refused, and the student would read "the
autograder failed" in place of everything that was graded. So the number counts what was graded, and the first
line above all tests says that it is not final, how much is missing, and what to do.

Extra credit is a test with `max_score` 0: it adds to the score and not to what can be reached.

Nothing in the file tells what hidden checks found before Gradescope shows them: the text above the tests counts public
points only, and there is no `execution_time`, which a submission could use to carry a hidden input out.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/ (January 2025).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.report import words
from autograder.report.audience import Audience, seen_by
from autograder.report.escape import fitted, markdown, shortened
from autograder.topic import Visibility
from autograder.verdict import CellProblem, CheckResult, Outcome, Report

FORMAT = "chainrule/gradescope/v1"
"""What `extra_data` says of itself."""
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
_RERUN = (
    "Until then, Gradescope takes the points of what was graded for the score. Course staff: choose “Rerun Autograder” for "
    "this submission; if it ends the same way, the output of the run, which you alone see, says why."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a submission beside its checks."""

    notices: tuple[str, ...] = ()
    """Sentences for the student, above everything but the warning that the score is not final."""
    late_percent: float = 0.0
    """Taken off the score."""
    extra_credit: frozenset[str] = frozenset()
    """Questions whose points come on top."""
    leaderboard: bool = False
    """Whether to rank submissions, by the points of the checks that students see at once."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For `extra_data`."""


def render(
    report: Report, *, audience: Audience = "student", public: Visibility = "visible",
    hidden: Visibility = "after_published", terms: Terms | None = None,
) -> str:  # fmt: skip
    """The file that Gradescope reads after a run, under 1 MB, with every output under 10 kB.

    `public` and `hidden` say when Gradescope shows the checks of either kind. Students read this file, whatever the
    audience asked for.
    """
    del audience
    terms = terms or Terms()
    layers = {layer.name: layer.active for layer in seen_by(report, "staff").isolation}
    report = seen_by(report, "student")
    checks = list(report.checks)
    visible = [check for check in checks if _visibility(check, public, hidden) == "visible"]
    limit = min(MAX_OUTPUT_BYTES, (MAX_FILE_BYTES - _RESERVED_BYTES) // max(len(checks), 1) - _TEST_BYTES)
    results: dict[str, Any] = {
        "score": _number(report.earned * (1 - terms.late_percent / 100)),
        "output": _output(report, visible, hidden, terms),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "format": FORMAT,
            "topic": report.topic,
            "sha256": report.sha256,
            "graded": report.graded,
            "points_not_graded": _number(sum(check.points for check in checks if check.earned is None)),
            "versions": report.versions,
            "isolation": layers,
            **terms.facts,
        },
        "tests": [_test(check, _visibility(check, public, hidden), max(limit, 100), terms) for check in checks],
    }
    if terms.leaderboard:
        value = _number(sum(check.earned or 0.0 for check in visible))
        results["leaderboard"] = [{"name": "Points", "value": value, "order": "desc"}]
    return json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _test(check: CheckResult, visibility: Visibility, limit: int, terms: Terms) -> dict[str, Any]:
    on_top = check.question in terms.extra_credit
    graded = check.earned is not None
    name = shortened(check.claim, characters=_NAME_CHARACTERS).replace("\n", " ")
    test: dict[str, Any] = {
        "number": check.number,
        "name": name if graded else f"NOT GRADED: {name}",
        "name_format": "text",
        "output": fitted(words.cause(check), lambda text: _test_output(check, text, limit), size=_size, limit=limit),
        "output_format": "md",
        "tags": _tags(check, on_top=on_top),
        "visibility": visibility,
        "extra_data": {"question": check.question, "check": check.name, "outcome": str(check.outcome)},
    }
    if check.earned is not None:
        test |= {
            "score": _number(check.earned),
            "max_score": 0 if on_top else _number(check.points),
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


def _output(report: Report, visible: Sequence[CheckResult], hidden: Visibility, terms: Terms) -> str:
    """Markdown above the tests: what is missing first, then points that may be known now, cells and notes."""
    blocks = []
    warning = words.not_graded(report.checks)
    if warning:
        blocks += [f"**{markdown(warning)}**", markdown(_RERUN)]
    blocks += _short([markdown(shortened(notice, characters=400)) for notice in terms.notices], 1_400)
    blocks.append(_points(report, visible, hidden, terms))
    if report.cells:
        blocks.append("**Cells that did not run to their end**")
        blocks.append(_list([_cell(cell) for cell in report.cells]))
    if report.notes:
        blocks.append(_list([markdown(shortened(note, characters=600), indent="  ") for note in report.notes]))
    return "\n\n".join(blocks)


def _points(report: Report, visible: Sequence[CheckResult], hidden: Visibility, terms: Terms) -> str:
    """Points that may be known now, and what is still to come."""
    sentences = []
    everything = list(report.checks)
    regular, on_top = _split(visible, terms)
    if len(visible) == len(everything):
        so_far = "" if report.graded else " so far"
        sentences.append(f"{_earned(regular)} of {words.worth(_worth(regular))}{so_far}.")
    elif regular:
        sentences.append(f"Checks that you can see now: {_earned(regular)} of {words.points(_worth(regular))} points.")
    if on_top:
        sentences.append(f"Extra credit: {_earned(on_top)} of {words.worth(_worth(on_top))}, on top of the others.")
    if len(visible) < len(everything):
        unseen, more_on_top = _split([check for check in everything if check not in visible], terms)
        count = words.count(len(unseen) + len(more_on_top), "hidden check")
        extra = f" and {words.worth(_worth(more_on_top))} of extra credit" if more_on_top else ""
        sentences.append(f"There are {count} worth {words.worth(_worth(unseen))}{extra}. {_SHOWN.get(hidden, '')}")
    return " ".join(sentences).rstrip()


def _split(checks: Sequence[CheckResult], terms: Terms) -> tuple[list[CheckResult], list[CheckResult]]:
    """Those that count towards what can be reached, and those that come on top."""
    on_top = [check for check in checks if check.question in terms.extra_credit]
    return [check for check in checks if check.question not in terms.extra_credit], on_top


def _earned(checks: Sequence[CheckResult]) -> str:
    return words.points(sum(check.earned or 0.0 for check in checks))


def _worth(checks: Sequence[CheckResult]) -> float:
    return sum(check.points for check in checks)


def _list(items: list[str]) -> str:
    """A Markdown list of at most 20 items and 3.6 kB, the last of which says what is missing."""
    shown = _short([f"- {item}" for item in items[:_ENTRIES]], 3_600)
    if len(shown) < len(items):
        shown.append(f"- and {len(items) - len(shown)} more")
    return "\n".join(shown)


def _short(items: list[str], limit: int) -> list[str]:
    """As many of the first items as there is room for, in bytes."""
    shown: list[str] = []
    for item in items:
        if _size("\n\n".join([*shown, item])) > limit:
            break
        shown.append(item)
    return shown


def _cell(cell: CellProblem) -> str:
    message = shortened(cell.message, characters=500, lines=8)
    return markdown(f"{words.place(cell)}\n{message}", indent="  ")


def _tags(check: CheckResult, *, on_top: bool) -> list[str]:
    tags = [check.question]
    if check.outcome is Outcome.NOT_GRADED:
        tags.append("not graded")
    if check.follow_through:
        tags.append("follow-through")
    if on_top:
        tags.append("extra credit")
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
