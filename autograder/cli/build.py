"""`chainrule build`: what students download, and what other systems run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import in_course

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.topic import Topic

TARGETS = ("student", "gradescope", "github")


def _targets(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    unknown = [name for name in names if name not in TARGETS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'nothing'} is nothing to build for; there are: {', '.join(TARGETS)}"
        )
    return list(dict.fromkeys(names))


@click.command(short_help="Build what students download, and what Gradescope and GitHub run.")
@click.argument("topics", metavar="TOPIC...", nargs=-1, required=True)
@click.option(
    "--for",
    "targets",
    default=",".join(TARGETS),
    show_default=True,
    callback=_targets,
    help="What to build, separated by commas.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist"),
    show_default=True,
    help="Folder to write to.",
)
@click.option("--solved", is_flag=True, help="Write the solved notebook instead. It is for instructors.")
@in_course
def build(course: Course, topics: tuple[str, ...], targets: list[str], output: Path, *, solved: bool) -> None:
    """Build each TOPIC, in OUTPUT/TOPIC/.

    \b
    student     student/ and TOPIC-student.zip: what students download
    gradescope  TOPIC-gradescope.zip: what you upload to Gradescope. It
                holds hidden checks and the course secret
    github      github/, a repository template that runs the public checks
                on each push (GitLab too), and github-private/, a workflow
                for the private repository of your course that grades

    What students get is made from assignments/TOPIC alone, plus recorded answers. It is opened again and searched for
    anything secret before the command says where it lies.
    """  # noqa: D301 - click looks for the control character itself
    from autograder.topic import load_topic

    chosen = [load_topic(course, name) for name in topics]
    for topic in chosen:
        topic.validate()
    for topic in chosen:
        for path in [_solved(topic, output)] if solved else _built(topic, targets, output):
            click.echo(f"{topic.name}: {click.format_filename(path)}")


def _built(topic: Topic, targets: list[str], output: Path) -> Iterator[Path]:
    from autograder.package import ci, gradescope, student

    files = student.package_files(topic) if {"student", "github"} & set(targets) else {}
    for target in targets:
        match target:
            case "student":
                yield student.build(topic, output, files)
            case "gradescope":
                yield gradescope.build(topic, output)
            case "github":
                yield from ci.build(topic, output, files)


def _solved(topic: Topic, output: Path) -> Path:
    import nbformat

    from autograder.notebook.handout import solved

    path = output / topic.name / f"{topic.name}-solved.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(solved(topic), path)  # type: ignore[no-untyped-call]
    return path
