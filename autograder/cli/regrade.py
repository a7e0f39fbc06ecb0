"""`chainrule regrade`: grade a class anew after a change, and see first what that changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.cli.options import AT_A_TIME, in_course, in_results

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.gradebook import Gradebook
    from autograder.gradebook.rounds import Round

TRIAL = "regrade.db"
"""Where `--diff` grades: a copy of the gradebook."""


@click.command(short_help="Grade a class anew after a change; --diff: see first.")
@click.argument("topic")
@click.option("--diff", is_flag=True, help="Only show what would change, for whom and by how much; no grade changes.")
@click.option("-j", "--jobs", type=AT_A_TIME, help="Grade this many at a time. Default: one per processor.")
@click.option(
    "--isolation",
    type=click.Choice(["required", "default", "none"]),
    default="default",
    show_default=True,
    help="As for `grade`.",
)
@in_results
@in_course
def regrade(
    course: Course,
    results: Path,
    topic: str,
    diff: bool,
    jobs: int | None,
    isolation: Literal["required", "default", "none"],
) -> None:
    """Grade every submission in the gradebook that was graded with another version of TOPIC, the toolkit or the secret.

    Use `--diff` first: it grades into a copy, and prints whose points would change, by how much and at which check. What
    it graded is taken over when you give the command again without it. Overrides stay as they are.

    The submissions are read from where they were when they were graded.
    """
    from autograder.cli.changes import tell_changes
    from autograder.cli.cohort import (
        Job,
        ahead,
        alone_in,
        going_on_later,
        grader_of,
        run_round,
        still_open,
        write_results,
    )
    from autograder.cli.faults import NOT_GRADED
    from autograder.gradebook import Gradebook
    from autograder.gradebook.changes import changes, state_of
    from autograder.gradebook.fingerprint import key_of
    from autograder.gradebook.rounds import plan

    job = Job(course, topic, (), None, results, None)
    grade = grader_of(job, isolation, frozenset(), jobs)
    with going_on_later(), Gradebook.open(results) as book, alone_in(results):
        work = plan(book, topic, key_of(course, topic), look=True)
        if work.todo:
            ahead(work.todo[0].path)
        tell_plan(work)
        before = state_of(book, topic)
        target = _trial(book, work, results / TRIAL) if diff else book
        try:
            left = plan(target, topic, work.key, look=True) if diff else _taken_over(book, work, results / TRIAL)
            if left.todo:
                run_round(target, left, grade, kind="regrade")
            if work.todo:
                tell_changes(before, list(changes(before, state_of(target, topic))))
            unfinished = still_open(target, topic)
        finally:
            if diff:
                target.close()
        if diff and work.todo:
            click.echo("No grade was changed. The same command without --diff takes this over.")
        elif not diff:
            (results / TRIAL).unlink(missing_ok=True)
            write_results(book, topic, results)
        if unfinished:
            raise SystemExit(NOT_GRADED)


def _trial(book: Gradebook, work: Round, path: Path) -> Gradebook:
    """A copy of the gradebook to grade in, with what an earlier trial graded already."""
    from autograder.gradebook import Gradebook
    from autograder.gradebook.rounds import take_over

    earlier = path.with_name(f"earlier-{path.name}")
    if path.exists():
        path.replace(earlier)
    trial = book.copy_to(path)
    if earlier.exists():
        with Gradebook.open(earlier) as old:
            take_over(trial, work, old)
        earlier.unlink()
    return trial


def _taken_over(book: Gradebook, work: Round, path: Path) -> Round:
    from autograder.gradebook import Gradebook
    from autograder.gradebook.rounds import take_over

    if not path.exists():
        return work
    with Gradebook.open(path) as trial:
        return take_over(book, work, trial)


def tell_plan(work: Round) -> None:
    """Say how much there is to do, and why."""
    from autograder.report.words import count

    if not work.todo:
        click.echo("Nothing to grade anew: topic, toolkit and secret are what they were.")
    else:
        why = f": changed since: {', '.join(work.changed)}" if work.changed else ""
        click.echo(f"{count(len(work.todo), 'submission')} to be graded anew{why}")
    for submission in work.gone:
        click.echo(f"  {submission.origin}: its file is gone or was changed, so it keeps its grade")
