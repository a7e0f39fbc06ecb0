"""`chainrule verify`: a topic proves its own grader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autograder.cli.faults import NOT_GRADED
from autograder.cli.options import in_course

if TYPE_CHECKING:
    from autograder.course import Course


@click.command()
@click.argument("topics", metavar="TOPIC...", nargs=-1, required=True)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Repeat with this many sets of inputs."
)
@click.option(
    "--sandboxed/--local",
    default=True,
    show_default=True,
    help="Grade the notebooks in the sandbox as well, or only in this process (quicker).",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Grade this many at a time."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing while at work.")
@in_course
def verify(course: Course, topics: tuple[str, ...], seeds: int, *, sandboxed: bool, jobs: int, quiet: bool) -> None:
    """Let each TOPIC prove its own grader.

    The solution and every accepted answer get full marks, the untouched handout gets none, every mistake
    fails the check that it names, with its hint, and every check is failed by at least one mistake.
    """
    from autograder.topic import load_topic
    from autograder.verify import verify as verify_topic

    proven = True
    for name in topics:
        topic = load_topic(course, name)
        progress = _silent if quiet else _say_on_stderr
        verification = verify_topic(topic, seeds=seeds, sandboxed=sandboxed, jobs=jobs, on_progress=progress)
        for line in verification.lines():
            click.echo(line)
        verdict = click.style("proven", fg="green") if verification.ok else click.style("not proven", fg="red")
        click.echo(f"{name}: {verdict}")
        proven = proven and verification.ok
    if not proven:
        raise SystemExit(NOT_GRADED)


def _say_on_stderr(line: str) -> None:
    click.echo(click.style(line, dim=True), err=True)


def _silent(line: str) -> None:
    pass
