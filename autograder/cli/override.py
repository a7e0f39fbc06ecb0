"""`chainrule override`: what staff decide about a check, beside what was computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import in_results

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook
    from autograder.gradebook.values import Asked

EVERYBODY = {"everybody", "everyone", "all", "*"}


@click.command(short_help="Give points by hand, or excuse a check.")
@click.argument("topic")
@click.argument("student", required=False)
@click.argument("check", required=False)
@click.option("--points", type=click.FloatRange(min=0), help="Points that CHECK gives, whatever was computed.")
@click.option("--excuse", is_flag=True, help="CHECK counts neither as earned nor as lost.")
@click.option("--remove", is_flag=True, help="Let what was computed count again.")
@click.option("--reason", default="", help="Why; the student reads it, and so does whoever asks in a year.")
@in_results
def override(
    results: Path,
    topic: str,
    student: str | None,
    check: str | None,
    points: float | None,
    excuse: bool,
    remove: bool,
    reason: str,
) -> None:
    """Decide what CHECK of TOPIC counts for STUDENT, or list what was decided.

    STUDENT is a name, an id, an email or a login as the gradebook has it, or `everybody`. CHECK is a check's name or number
    (2.1), or a question (q2) to excuse as a whole. Decisions are kept apart from what is computed, stay when the class
    is graded anew, and stand on the student's page with their reason.
    """
    from autograder.cli.cohort import alone_in, write_results
    from autograder.gradebook import Gradebook

    with Gradebook.open(results) as book:
        if student is None:
            _list(book, topic)
            return
        ways = (points is not None) + excuse + remove
        if check is None or ways != 1:
            raise click.UsageError("name a STUDENT and a CHECK, and one of --points, --excuse and --remove")
        if not remove and not reason.strip():
            raise click.BadParameter("an override needs a reason", param_hint="--reason")
        who = _student(book, student)
        checks = _checks(book, topic, check)
        if points is not None and (len(checks) > 1 or points > checks[0].points):
            worth = f"{checks[0].number} is worth {checks[0].points:g}" if len(checks) == 1 else "name one check"
            raise click.BadParameter(
                f"points are for one check, and no more than it is worth: {worth}", param_hint="--points"
            )
        with alone_in(results):
            for each in checks:
                if remove:
                    book.withdraw_override(topic, who, each.name, reason=reason)
                else:
                    book.override(topic, who, each.name, points=points, reason=reason)
            write_results(book, topic, results)
        what = "computed again" if remove else "excused" if excuse else f"{points:g} of {checks[0].points:g}"
        click.echo(f"{student}: {', '.join(each.number for each in checks)} {what}")


def _list(book: Gradebook, topic: str) -> None:
    from autograder.report.escape import one_line

    names = {student.student: student.name for student in book.students()}
    numbers = {asked.name: asked.number for asked in book.asked(topic)}
    found = book.overrides(topic)
    if not found:
        click.echo("nothing was decided by hand")
    for each in found:
        who = names.get(each.student, "everybody" if each.student == "*" else each.student)
        what = "excused" if each.points is None else f"{each.points:g} points"
        number = numbers.get(each.name, "no longer asked")
        click.echo(one_line(f"{who}: {number} {each.name}: {what}; {each.reason} ({each.at[:10]})"))


def _student(book: Gradebook, said: str) -> str:
    """The key of a student. Raises click.BadParameter unless exactly one fits."""
    from autograder.intake.layouts import Claim
    from autograder.intake.matching import Matcher

    if said.casefold() in EVERYBODY:
        return "*"
    students = book.students()
    if any(student.student == said for student in students):
        return said
    match = Matcher(students).match(Claim(words=said))
    if match.doubt:
        why = match.doubt if match.doubt.startswith("fits") else "is nobody in this gradebook"
        raise click.BadParameter(f"`{said}` {why}", param_hint="STUDENT")
    return match.student.student


def _checks(book: Gradebook, topic: str, said: str) -> list[Asked]:
    """The checks that are meant. Raises click.BadParameter if there is none."""
    asked = book.asked(topic)
    found = [each for each in asked if said in {each.name, each.number}]
    found = found or [each for each in asked if each.question == said]
    if not found:
        known = ", ".join(f"{each.number} {each.name}" for each in asked) or "none yet: grade the topic first"
        raise click.BadParameter(f"`{said}` is no check of {topic}; there are: {known}", param_hint="CHECK")
    return found
