"""How many submissions are graded in 24 hours. One too many is answered with the results of the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from autograder.gradescope.metadata import Earlier, Metadata
from autograder.report import words
from autograder.report.gradescope import FORMAT

WINDOW = dt.timedelta(hours=24)
TOP_KEYS = (
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests", "leaderboard",
)  # fmt: skip
TEST_KEYS = (
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
)  # fmt: skip


def one_too_many(metadata: Metadata, per_day: int) -> dict[str, Any] | None:
    """The results to show again, with a sentence that says why; None if this submission is to be graded.

    Counted are earlier submissions that were graded, by the time at which they were handed in. One is graded, too, if
    the earlier results cannot be shown again: the limit is no reason to leave a student with nothing.
    """
    now = metadata.created_at
    if per_day <= 0 or now is None or not metadata.earlier:
        return None
    recent = [at for at in _graded(metadata.earlier, per_day) if at > now - WINDOW]
    before = _ours(metadata.earlier[-1].results)
    if len(recent) < per_day or before is None:
        return None
    again = (recent[-per_day] + WINDOW).astimezone(now.tzinfo)
    sentence = (
        f"This submission was not graded: {words.count(per_day, 'submission')} in 24 hours "
        f"{'is' if per_day == 1 else 'are'}. What you see are the results of an earlier one. The next is graded from "
        f"{again:%d %B %Y, %H:%M} ({again:%Z}) on."
    )
    facts = before["extra_data"]
    earlier_output = facts.get("output_then", before.get("output", ""))
    return before | {
        "output": f"**{sentence}**\n\n{earlier_output}",
        "extra_data": facts | {"shown_again": True, "output_then": earlier_output},
    }


def _graded(earlier: Sequence[Earlier], per_day: int) -> list[dt.datetime]:
    """When those were handed in that were graded: each was held to the same limit at its time."""
    counted: list[dt.datetime] = []
    for each in earlier:
        facts = (_ours(each.results) or {}).get("extra_data", {})
        recent = [at for at in counted if at > each.at - WINDOW]
        if not each.failed and facts.get("graded", True) and not facts.get("shown_again") and len(recent) < per_day:
            counted.append(each.at)
    return counted


def _ours(results: Any) -> dict[str, Any] | None:
    """Results that this program wrote, without what Gradescope may have added; None if they are not."""
    if not isinstance(results, dict) or not isinstance(results.get("extra_data"), dict):
        return None
    tests, score = results.get("tests"), results.get("score")
    if (
        results["extra_data"].get("format") != FORMAT
        or not isinstance(tests, list)
        or not isinstance(score, int | float)
    ):
        return None
    if not all(isinstance(test, dict) for test in tests) or not isinstance(results.get("output", ""), str):
        return None
    kept = {key: results[key] for key in TOP_KEYS if results.get(key) is not None}
    kept["tests"] = [{key: test[key] for key in TEST_KEYS if test.get(key) is not None} for test in tests]
    return kept
