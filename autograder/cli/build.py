"""`chainrule build`: what students download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import in_course

if TYPE_CHECKING:
    from autograder.course import Course


@click.command(short_help="Build what students download.")
@click.argument("topics", metavar="TOPIC...", nargs=-1, required=True)
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
def build(course: Course, topics: tuple[str, ...], output: Path, *, solved: bool) -> None:
    """Build the student package of each TOPIC: a folder, and the same as a zip.

    The package is made from assignments/TOPIC alone, plus recorded answers. It is opened again and searched
    for anything secret before the command says where it lies.
    """
    from autograder.topic import load_topic

    chosen = [load_topic(course, name) for name in topics]
    for topic in chosen:
        topic.validate()
    for topic in chosen:
        if solved:
            import nbformat

            from autograder.notebook.handout import solved as solved_notebook

            path = output / topic.name / f"{topic.name}-solved.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(solved_notebook(topic), path)  # type: ignore[no-untyped-call]
        else:
            from autograder.package.student import build as build_student_package

            path = build_student_package(topic, output)
        click.echo(f"{topic.name}: {click.format_filename(path)}")
