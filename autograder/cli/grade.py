"""`chainrule grade`: notebooks in, reports out."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.cli.faults import NOT_GRADED
from autograder.cli.options import AT_A_TIME, in_course

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.report import Format
    from autograder.verdict import Report


def _formats(_context: click.Context, _option: click.Parameter, value: str) -> list[Format]:
    from autograder.report import FORMATS

    names = [name.strip() for name in value.split(",") if name.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is no format; there are: {', '.join(FORMATS)}")
    return [FORMATS[name] for name in dict.fromkeys(names)]


def _layers(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> frozenset[str]:
    if not names:
        return frozenset()
    from autograder.sandbox.available import LAYERS

    unknown = sorted(set(names) - set(LAYERS))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)} is no isolation layer; there are: {', '.join(LAYERS)}")
    return frozenset(names)


@click.command(short_help="Grade notebooks, or a whole class.")
@click.argument("topic")
@click.argument(
    "notebooks",
    metavar="FOLDER|ZIP|NOTEBOOK...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to. Default: `out`, with a folder for each notebook; for a class `results`.",
)
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Table of the class (CSV): names, and ids, emails or logins. It is remembered in the gradebook.",
)
@click.option(
    "--attempt",
    type=click.Choice(["last", "best"]),
    help="Which of several attempts counts, from now on. Default: the last.",
)
@click.option(
    "--format",
    "formats",
    default="text,html,json",
    show_default=True,
    callback=_formats,
    help="What to write, separated by commas: text, html, json, gradescope, junit, github, annotations, classroom50.",
)
@click.option(
    "--isolation",
    type=click.Choice(["required", "default", "none"]),
    default="default",
    show_default=True,
    help="`default`: no grading on Linux without the layers that keep a submission from the secrets, a loud warning "
    "elsewhere. `required`: no grading without them anywhere. `none`: for notebooks that you trust.",
)
@click.option(
    "--without",
    metavar="LAYER",
    multiple=True,
    callback=_layers,
    help="Switch one isolation layer off, for diagnosis (see `chainrule doctor` for their names).",
)
@click.option(
    "-j",
    "--jobs",
    type=AT_A_TIME,
    help="Grade this many notebooks at a time. Each needs a processor of its own, and up to 0.5 GiB. Default: 1; for a "
    "class, one for each processor.",
)
@click.option("--dask", metavar="ADDRESS", help="Grade a class on the Dask cluster whose scheduler is at ADDRESS.")
@in_course
def grade(
    course: Course,
    topic: str,
    notebooks: tuple[Path, ...],
    output: Path | None,
    roster: Path | None,
    attempt: Literal["last", "best"] | None,
    formats: list[Format],
    isolation: Literal["required", "default", "none"],
    without: frozenset[str],
    jobs: int | None,
    dask: str | None,
) -> None:
    """Grade notebooks against TOPIC, and write reports.

    Single NOTEBOOKs get a folder of reports each, in OUTPUT/<name of the notebook>/.

    A FOLDER or a ZIP is a class: whatever Gradescope, Canvas or Moodle gives to download, or a file or a folder for each
    student. Results are kept in OUTPUT/gradebook.db; the same command again grades only what is new or has changed.
    Each student gets a page in OUTPUT/feedback/, and all of them a line in OUTPUT/gradebook.csv.

    Every notebook runs in a sandboxed process of its own, where the reference and the hidden checks are out of
    reach. One that cannot be read gets a report that says why; the others go on.

    Ends with code 1 if any check was not graded: such a report is not yet a score.
    """
    from autograder.cli.cohort import Job, ahead, grade_class, grader_of, is_class

    if is_class(notebooks, roster):
        if click.get_current_context().get_parameter_source("formats") is click.core.ParameterSource.COMMANDLINE:
            raise click.BadParameter(
                "is for single notebooks; for a class see `chainrule export`", param_hint="--format"
            )
        job = Job(course, topic, notebooks, roster, output or Path("results"), attempt)
        before = _stay if dask else ahead
        grade_class(job, grader_of(job, isolation, without, jobs, dask), before=before)
        return
    for option, given in (("--attempt", attempt), ("--dask", dask)):
        if given:
            raise click.BadParameter("is for a class: a folder, a zip, or --roster", param_hint=option)
    output = output or Path("out")
    ahead(notebooks[0])
    from autograder.cohort import grade_files
    from autograder.topic import load_topic

    chosen = load_topic(course, topic)
    paths = list(dict.fromkeys(notebooks))
    folders = dict(zip(paths, folder_names(paths), strict=True))

    def write(path: Path, report: Report) -> None:
        for each in formats:
            target = output / folders[path] / each.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(each.render(report, audience=each.audience), encoding="utf-8")

    reports = grade_files(
        chosen,
        paths,
        secret=course.secret(),
        isolation=isolation,
        off=without,
        jobs=jobs or 1,
        on_report=write,
    )
    if len(reports) == 1:
        from autograder.report import text

        click.echo(text.render(reports[0], audience="student", colour=True))
    else:
        for line in summary(list(folders.values()), reports):
            click.echo(line)
    click.echo(f"Reports: {click.format_filename(output)}/")
    for line in missing_layers(reports):
        click.echo(click.style(line, fg="yellow"), err=True)
    if not all(report.graded for report in reports):
        raise SystemExit(NOT_GRADED)


def _stay(_path: Path) -> None:
    """For a process that grades nothing itself."""


def folder_names(notebooks: Sequence[Path]) -> list[str]:
    """A folder for the reports of each notebook: its own name, with its folder's before it where two are the same.

    Students choose these names, so nothing in them can lead out of the folder that they are put in.

    >>> folder_names([Path("hw.ipynb"), Path("ada/hw2.ipynb"), Path("bob/hw2.ipynb"), Path("...ipynb")])
    ['hw', 'ada-hw2', 'bob-hw2', 'submission']
    """
    own = [_tame(path.stem) for path in notebooks]
    count = Counter(name.casefold() for name in own)
    names: list[str] = []
    taken: set[str] = set()
    for path, name in zip(notebooks, own, strict=True):
        wanted = name if count[name.casefold()] == 1 else f"{_tame(path.absolute().parent.name)}-{name}"
        candidates = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
        names.append(next(each for each in candidates if each.casefold() not in taken))
        taken.add(names[-1].casefold())
    return names


def _tame(name: str) -> str:
    return re.sub(r"[^\w.() -]", "_", name).strip(". ")[:100] or "submission"


def summary(names: Sequence[str], reports: Sequence[Report]) -> list[str]:
    """One line for each submission: points, what was not graded, and the questions that lost points."""
    width = max(len("submission"), *map(len, names))
    lines = [f"{'submission':<{width}}  {'points':>10}  lost in"]
    for name, report in zip(names, reports, strict=True):
        waiting = sum(check.earned is None for check in report.checks)
        lost = " ".join(question.id for question in report.questions if question.earned < question.points)
        note = f"{waiting} not graded" if waiting else lost
        lines.append(f"{name:<{width}}  {report.earned:>5g}/{report.points:<4g}  {note}".rstrip())
    return lines


def missing_layers(reports: Sequence[Report]) -> list[str]:
    """One line if isolation layers were not active while some submission ran: who reads a grade should know."""
    inactive = dict.fromkeys(layer.name for report in reports for layer in report.isolation if not layer.active)
    return [f"Isolation layers not active: {', '.join(inactive)} (see `chainrule doctor`)."] if inactive else []
