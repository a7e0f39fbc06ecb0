"""What grading anew changed, as the command line says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from autograder.gradebook.changes import Change, State


def tell_changes(before: Mapping[str, State], found: Sequence[Change]) -> None:
    """Print whose grades change, largest losses first, and at which checks."""
    from autograder.gradebook.changes import by_check, in_words
    from autograder.report.escape import one_line
    from autograder.report.words import points

    moved = [
        change for change in found if change.before is None or change.by or change.before.points != change.after.points
    ]
    ups = sum(change.by > 0 for change in moved)
    downs = sum(change.by < 0 for change in moved)
    click.echo(f"{len(moved)} of {len(before)} totals change: {ups} up, {downs} down")
    if moved:
        width = max(len("student"), *(len(one_line(change.name)) for change in moved))
        click.echo(f"  {'student':<{width}}  {'before':>8}  {'after':>8}  {'change':>7}  checks")
        for change in sorted(moved, key=lambda change: change.by):
            old = points(change.before.earned) if change.before else "-"
            at = ", ".join(f"{name} {in_words(then)} -> {in_words(now)}" for name, (then, now) in change.checks.items())
            click.echo(f"  {one_line(change.name):<{width}}  {old:>8}  {points(change.after.earned):>8}  "
                       f"{change.by:>+7.4g}  {at}")  # fmt: skip
    counts = by_check(list(found))
    if counts:
        click.echo("by check:")
        for name, moves in counts.items():
            click.echo(f"  {name}: " + ", ".join(f"{what} ({number})" for what, number in moves.most_common()))
