"""`chainrule verify`: a topic proves its own grader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import click

from autograder.cli.faults import BAD_COURSE, NOT_GRADED
from autograder.cli.options import AT_A_TIME, in_course

if TYPE_CHECKING:
    from autograder.course import Course


@click.command(short_help="Let a topic prove its own grader.")
@click.argument("topics", metavar="TOPIC...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every topic of the course.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Try with this many sets of inputs. A right answer that fails once is a defect of the check.",
)
@click.option("--mutants", is_flag=True, help="Also make small wrong changes of the solution: 95 % must be noticed.")
@click.option("--local", "where", flag_value="local", help="Only beside the command, which is quicker.")
@click.option(
    "--sandbox", "where", flag_value="sandbox", help="Only as notebooks in the sandbox. Without either: both."
)
@click.option(
    "-j",
    "--jobs",
    type=AT_A_TIME,
    default=None,
    help="Try this many answers at a time.  [default: one for each processor]",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing while at work.")
@in_course
def verify(
    course: Course,
    topics: tuple[str, ...],
    *,
    every: bool,
    seeds: int,
    mutants: bool,
    where: Literal["local", "sandbox"] | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Let each TOPIC prove its own grader.

    The solution and every accepted answer get full marks, the untouched handout gets none, every mistake fails
    the check that it names, with its hint, and every check is failed by at least one mistake. The student
    package holds no secret.

    Prints which check fails which mistake (X: it is named to), what is worth a look, and every fault.
    """
    from autograder.errors import CourseError
    from autograder.topic import load_topic
    from autograder.verify import verify as verify_topic

    if every == bool(topics):
        raise click.UsageError("give topics, or --all" if not every else "give topics or --all, not both")
    names = course.topics() if every else list(dict.fromkeys(topics))
    code = 0
    for name in names:
        try:
            verification = verify_topic(
                load_topic(course, name),
                seeds=seeds,
                local=where != "sandbox",
                sandboxed=where != "local",
                mutants=mutants,
                jobs=jobs or _processors(),
                on_progress=_silent if quiet else _say_on_stderr,
            )
        except CourseError as error:
            if len(names) == 1:
                raise
            click.echo(f"FAULT {' '.join(str(error).split())}")
            click.echo(f"{name}: {click.style('not proven', fg='red')}")
            code = BAD_COURSE
            continue
        for line in verification.lines():
            click.echo(line)
        verdict = click.style("proven", fg="green") if verification.ok else click.style("not proven", fg="red")
        click.echo(f"{name}: {verdict}")
        code = code or (0 if verification.ok else NOT_GRADED)
    if code:
        raise SystemExit(code)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say_on_stderr(line: str) -> None:
    click.echo(click.style(line, dim=True), err=True)


def _silent(line: str) -> None:
    pass
