"""`chainrule simulate`: a class that does not exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import in_course

if TYPE_CHECKING:
    from autograder.course import Course

LAYOUTS = ("plain", "gradescope", "canvas", "moodle")


@click.command(short_help="Make up a class, to try a topic on.")
@click.argument("topic")
@click.option("--students", type=click.IntRange(1, 20_000), default=30, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another number, another class.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; must not be there yet, or be empty.  [default: simulated/TOPIC]",
)
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="plain",
    show_default=True,
    help="Lay the files out as this system's download does; its sheet for grades is written, too.",
)
@click.option("--roster/--no-roster", default=True, show_default=True, help="Also write a roster.csv.")
@click.option("--tame", is_flag=True, help="No damaged and no hostile files.")
@in_course
def simulate(
    course: Course,
    topic: str,
    students: int,
    seed: int,
    output: Path | None,
    layout: str,
    *,
    roster: bool,
    tame: bool,
) -> None:
    """Make up a class that hands in TOPIC: to see what grading it is like, before real students do.

    Right answers in many ways, typical mistakes in realistic shares, blanks, people who hand in twice or not at
    all; files damaged on their way, and a few that attack the grader. What each student did stands in key.csv.
    The same topic and seed make the same class.
    """
    from autograder.simulate import in_pairs
    from autograder.simulate import simulate as simulate_class
    from autograder.simulate.folder import write
    from autograder.topic import load_topic

    chosen = load_topic(course, topic)
    chosen.validate()
    people = simulate_class(chosen, students=students, seed=seed, tame=tame)
    if layout == "gradescope":
        people = in_pairs(people)
    written = write(people, chosen, output or Path("simulated") / chosen.name, layout=layout, roster=roster)
    absent = sum(not student.attempts for student in people)
    click.echo(f"{written.files} files of {students - absent} students; {absent} handed in nothing.")
    click.echo(f"  submissions  {click.format_filename(written.submissions)}/")
    for what, path in (("roster", written.roster), ("for grades", written.sheet), ("the truth", written.key)):
        if path is not None:
            click.echo(f"  {what:<11}  {click.format_filename(path)}")
