"""What is taken off for late work. Gradescope knows the due date and takes nothing off by itself."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from autograder.gradescope.metadata import Metadata
from autograder.report import words
from autograder.topic import GradescopeSettings

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """Per cent of the points, and what the student is told."""

    percent: float = 0.0
    sentence: str = ""


def lateness(metadata: Metadata, settings: GradescopeSettings) -> Lateness:
    """By the time at which it was handed in, never by the time of the run: a rerun changes nothing."""
    if settings.late_percent_per_day <= 0:
        return Lateness()
    if metadata.fault:
        return Lateness(0.0, f"Whether this is late could not be told, so nothing is taken off: {metadata.fault}.")
    if metadata.created_at is None or metadata.due is None:
        return Lateness()
    late = metadata.created_at - metadata.due
    if late <= dt.timedelta(minutes=settings.late_grace_min):
        return Lateness()
    percent = min(settings.late_percent_per_day * math.ceil(late / DAY), settings.late_most_percent)
    return Lateness(
        percent,
        f"Handed in {duration(late)} after the due date: {words.points(percent)} % is taken off, so the score is less "
        "than the sum of the checks.",
    )


def duration(span: dt.timedelta) -> str:
    """A time in the two largest units that matter: "1 day 3 hours", "35 minutes"."""
    minutes = max(1, int(span.total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    first = next(place for place, (number, _) in enumerate(parts) if number)
    return " ".join(words.count(number, unit) for number, unit in parts[first : first + 2] if number)
