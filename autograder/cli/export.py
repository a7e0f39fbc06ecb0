"""`chainrule export`: grades for Canvas, Moodle, Gradescope, or a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import in_results


@click.command(short_help="Write grades for Canvas, Moodle, Gradescope or a spreadsheet.")
@click.argument("topic")
@click.option("--to", "kind", type=click.Choice(["canvas", "moodle", "gradescope", "csv"]), required=True,
              help="Which shape to write.")  # fmt: skip
@click.option(
    "--sheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The sheet that was downloaded there, to be filled in. Moodle takes no other; for Canvas it is the surest way.",
)
@click.option("--column", default="", help="Column of the sheet for the grade: its heading, title or id.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write. Default: RESULTS/TOPIC-<to>.csv.")  # fmt: skip
@in_results
def export(results: Path, topic: str, kind: str, sheet: Path | None, column: str, output: Path | None) -> None:
    """Write the grades of TOPIC in the shape that another system reads.

    A student without a score (nothing handed in, or not graded) gets an empty cell, never a zero. Points are scaled to
    the maximum that the sheet says; what is excused counts neither way.
    """
    from autograder.gradebook import Gradebook
    from autograder.gradebook.feedback import write_whole
    from autograder.gradebook.lines import Status
    from autograder.gradebook.sheets import SHEETS, Wanted, grades_of
    from autograder.intake.tables import read_table, write_table

    with Gradebook.open(results) as book:
        grades = grades_of(book, topic)
    if not any(line.standing for line in grades.lines):
        raise click.BadParameter(f"the gradebook has no grade in `{topic}`", param_hint="TOPIC")
    filled = SHEETS[kind](grades, Wanted(read_table(sheet) if sheet else None, column))
    output = output or results / f"{topic}-{kind}.csv"
    write_whole(output, write_table(filled.rows, delimiter=filled.delimiter))
    for remark in filled.remarks:
        click.echo(remark, err=True)
    scores = sum(line.earned is not None for line in grades.lines)
    waiting = sum(line.status in {Status.NOT_GRADED, Status.WAITING} for line in grades.lines)
    missing = sum(line.status is Status.MISSING for line in grades.lines)
    click.echo(f"{scores} grades; left empty: {missing} without a submission, {waiting} not graded")
    click.echo(f"Written: {click.format_filename(output)}")
